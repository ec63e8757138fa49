import {
  type CodeAction,
  CodeActionKind,
  type CodeLens,
  type Diagnostic,
  DiagnosticSeverity,
  type DocumentSymbol,
  type Hover,
  type Location,
  MarkupKind,
  type Range,
  SymbolKind,
  type TextEdit,
  type WorkspaceSymbol,
} from "vscode-languageserver";
import { TextDocument } from "vscode-languageserver-textdocument";
import { type Bundle, type Message, render } from "../core/base/message.ts";
import type { DocumentUri, SourceRange } from "../core/base/source.ts";
import type { Action } from "../core/features/actions.ts";
import type { Hover as HoverFacts } from "../core/features/hover.ts";
import type { Lens, LensAction } from "../core/features/lens.ts";
import { renderMarkdown, renderPlain } from "../core/features/markdown.ts";
import type { RulesComplaint } from "../core/features/node-rules/rules-checks.ts";
import type { SymbolEntry } from "../core/features/symbols.ts";
import type { ParsedFile, Problem, ServiceManifest } from "../core/manifest/model.ts";
import { documentationOf } from "../core/rules/index.ts";
import type { Related } from "../core/rules/rule.ts";
import type { Report } from "../core/rules/run.ts";
import type { SettingsProblem } from "../core/settings/settings.ts";
import type { Severity } from "../core/settings/severity.ts";
import type { Snapshot } from "../core/workspace/snapshot.ts";
import type { ClientAbilities } from "./abilities.ts";
import type { LensCommand, ServiceReference } from "./protocol.ts";

/** What conversion depends on besides the facts. */
export interface Converter {
  readonly bundle: Bundle;
  /** The address of a page of the documentation; `undefined` where nobody knows one. */
  readonly documentation: ((page: string) => string) | undefined;
  readonly client: ClientAbilities;
  readonly snapshot: Snapshot;
  /** The URI by which the editor knows a text. */
  readonly uriOf: (key: DocumentUri) => string;
  /** An open text that is no part of the workspace, such as the rules of a node. */
  readonly otherText: (key: DocumentUri) => TextDocument | undefined;
}

const source = "portolan";

/** A finding as the editor lists it. `undefined` where its text is gone. */
export function diagnosticOf(converter: Converter, report: Report): Diagnostic | undefined {
  const range = rangeOf(converter, report.range);
  const { documentation, client } = converter;
  const isLinked = documentation !== undefined && client.codeDescription;
  return (
    range && {
      range,
      severity: severities[report.severity],
      code: report.rule,
      ...(isLinked ? { codeDescription: { href: documentation(documentationOf(report.rule)) } } : {}),
      source,
      message: render(report.message, converter.bundle),
      ...relatedOf(converter, report.related),
    }
  );
}

/** A complaint about a text, or about settings, as the editor lists it. */
export function complaintOf(
  converter: Converter,
  problem: Problem | SettingsProblem,
  severity: Severity,
): Diagnostic | undefined {
  const range = rangeOf(converter, problem.range);
  const code = "code" in problem ? problem.code : "settings";
  const message = render(problem.message, converter.bundle);
  return range && { range, severity: severities[severity], code, source, message };
}

/** A complaint about rules as the editor lists it. */
export function rulesDiagnosticOf(converter: Converter, complaint: RulesComplaint): Diagnostic | undefined {
  const { code, severity, message } = complaint;
  const range = rangeOf(converter, complaint.range);
  return range && { range, severity: severities[severity], code, source, message: render(message, converter.bundle) };
}

const severities: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
};

function relatedOf(converter: Converter, related: readonly Related[]): Pick<Diagnostic, "relatedInformation"> {
  if (!converter.client.relatedInformation || related.length === 0) return {};
  const relatedInformation = related.flatMap(({ range, message }) => {
    const place = rangeOf(converter, range);
    const uri = converter.uriOf(range.uri);
    return place ? [{ location: { uri, range: place }, message: render(message, converter.bundle) }] : [];
  });
  return { relatedInformation };
}

/** A hover in the form that the editor shows. */
export function hoverOf(converter: Converter, { range, prose }: HoverFacts): Hover {
  const { bundle, client } = converter;
  const place = rangeOf(converter, range);
  const value = client.markdown
    ? renderMarkdown(prose, bundle, (target) => linkTo(converter, target))
    : renderPlain(prose, bundle);
  const contents = { kind: client.markdown ? MarkupKind.Markdown : MarkupKind.PlainText, value };
  return place ? { contents, range: place } : { contents };
}

/** A place as an address that editors open: `#L12,5`, both counted from 1. Only files have one. */
function linkTo(converter: Converter, target: SourceRange): string | undefined {
  const range = rangeOf(converter, target);
  if (range === undefined || !target.uri.startsWith("file:")) return undefined;
  return `${converter.uriOf(target.uri)}#L${range.start.line + 1},${range.start.character + 1}`;
}

/** A lens with the command of the client's that it runs. */
export function lensOf(converter: Converter, lens: Lens): CodeLens | undefined {
  const range = rangeOf(converter, { ...lens.range, end: lens.range.start });
  const title = typeof lens.title === "string" ? lens.title : render(lens.title, converter.bundle);
  const [command, argument] = commandOf(converter, lens.action);
  return range && { range, command: { title, command, arguments: [argument] } };
}

function commandOf(converter: Converter, action: LensAction): readonly [command: LensCommand, argument: unknown] {
  switch (action.kind) {
    case "show-endpoints":
      return ["portolan.showEndpoints", referenceTo(converter, action.service)];
    case "simulate":
      return ["portolan.simulateRequest", { service: referenceTo(converter, action.service) }];
    case "iptables":
      return ["portolan.showIptables", referenceTo(converter, action.service)];
    case "copy-dns":
      return ["portolan.copyDnsName", action.name];
    case "open-services":
      return ["portolan.openServices", action.services.map((service) => referenceTo(converter, service))];
    case "simulate-in-rules":
      return ["portolan.simulateRequest", { uri: converter.uriOf(action.rules) }];
    case "compare-rules":
      return ["portolan.compareRules", { uri: converter.uriOf(action.rules) }];
  }
}

const referenceTo = ({ uriOf }: Converter, { range, namespace, name }: ServiceManifest): ServiceReference => ({
  uri: uriOf(range.uri),
  namespace: namespace.value,
  name: name.value,
});

/** A fix as the editor offers it, tied to the diagnostic that it mends. */
export function actionOf(converter: Converter, action: Action): CodeAction | undefined {
  const changes: Record<string, TextEdit[]> = {};
  for (const { range, newText } of action.edits) {
    const place = rangeOf(converter, range);
    if (place === undefined) return undefined;
    const uri = converter.uriOf(range.uri);
    changes[uri] = [...(changes[uri] ?? []), { range: place, newText }];
  }
  const diagnostic = diagnosticOf(converter, action.report);
  return {
    title: render(action.title, converter.bundle),
    kind: CodeActionKind.QuickFix,
    ...(diagnostic ? { diagnostics: [diagnostic] } : {}),
    ...(action.preferred ? { isPreferred: true } : {}),
    edit: { changes },
  };
}

/** An object as the outline of its text shows it. */
export function outlineOf(converter: Converter, symbol: SymbolEntry): DocumentSymbol | undefined {
  const range = rangeOf(converter, symbol.range);
  const selectionRange = rangeOf(converter, symbol.selection);
  if (range === undefined || selectionRange === undefined) return undefined;
  const { name, detail, kind } = symbol;
  const children = symbol.children.flatMap((child) => outlineOf(converter, child) ?? []);
  return { name, detail, kind: symbolKinds[kind], range, selectionRange, children };
}

/** An object as a search of the workspace shows it. */
export function symbolOf(
  converter: Converter,
  { name, detail, kind, selection }: SymbolEntry,
): WorkspaceSymbol | undefined {
  const range = rangeOf(converter, selection);
  const uri = converter.uriOf(selection.uri);
  return range && { name, kind: symbolKinds[kind], containerName: detail, location: { uri, range } };
}

const symbolKinds: Readonly<Record<SymbolEntry["kind"], SymbolKind>> = {
  service: SymbolKind.Interface,
  workload: SymbolKind.Class,
  object: SymbolKind.Object,
  port: SymbolKind.Field,
  container: SymbolKind.Module,
  table: SymbolKind.Namespace,
  chain: SymbolKind.Function,
};

/** A place in a text as the editor goes to it; `undefined` where its text is gone. */
export function locationOf(converter: Converter, target: SourceRange): Location | undefined {
  const range = rangeOf(converter, target);
  return range && { uri: converter.uriOf(target.uri), range };
}

/** Words in the editor's language. */
export const say = ({ bundle }: Converter, said: Message): string => render(said, bundle);

/** Lines and columns of a range; `undefined` where its text is gone. */
export function rangeOf({ snapshot, otherText }: Converter, { uri, start, end }: SourceRange): Range | undefined {
  const file = snapshot.files.get(uri);
  const lines = file ? linesOf(file) : otherText(uri);
  if (lines === undefined) return undefined;
  return { start: lines.positionAt(start), end: lines.positionAt(end) };
}

/** Where the lines of a file begin, found once for each of its texts. */
export function linesOf(file: ParsedFile): TextDocument {
  const known = lines.get(file);
  if (known) return known;
  const found = TextDocument.create(file.uri, "yaml", 0, file.text);
  lines.set(file, found);
  return found;
}

const lines = new WeakMap<ParsedFile, TextDocument>();
