import * as vscode from "vscode";
import { isServiceReference, type ServiceReference } from "../../server/src/lsp/protocol.ts";
import { manifestLanguages, rulesLanguage } from "./client.ts";

/** A Service of a document, as the lenses above it tell: the server alone knows where Services are. */
export interface DocumentService {
  readonly reference: ServiceReference;
  readonly line: number;
  /** Its cluster DNS name, where it has one. */
  readonly dnsName: string | undefined;
}

/** Whether manifests can be written in a document. */
export const isManifest = ({ languageId, uri }: vscode.TextDocument): boolean =>
  uri.scheme !== "portolan" && manifestLanguages.some((language) => language === languageId);

/** Whether a document holds the rules of a real node. */
export const holdsRules = ({ languageId, uri }: vscode.TextDocument): boolean =>
  uri.scheme !== "portolan" && languageId === rulesLanguage;

/** The Services of an open document, from top to bottom. */
export async function servicesOf(uri: vscode.Uri): Promise<readonly DocumentService[]> {
  const lenses =
    (await vscode.commands.executeCommand<vscode.CodeLens[] | undefined>(
      "vscode.executeCodeLensProvider",
      uri,
      1000,
    )) ?? [];
  const names = new Map(
    lenses.flatMap(({ command, range }) =>
      command?.command === "portolan.copyDnsName" ? [[range.start.line, String(command.arguments?.[0])] as const] : [],
    ),
  );
  return lenses
    .flatMap(({ command, range }): DocumentService[] => {
      const reference: unknown = command?.command === "portolan.showEndpoints" ? command.arguments?.[0] : undefined;
      const line = range.start.line;
      return isServiceReference(reference) ? [{ reference, line, dnsName: names.get(line) }] : [];
    })
    .sort((a, b) => a.line - b.line);
}

/** The Service in whose YAML document a line lies: the only one there, or the nearest one above. */
export function serviceAt(
  services: readonly DocumentService[],
  document: vscode.TextDocument,
  line: number,
): DocumentService | undefined {
  const [start, end] = yamlDocumentAround(document, line);
  const inside = services.filter((service) => start <= service.line && service.line < end);
  return inside.findLast((service) => service.line <= line) ?? (inside.length === 1 ? inside[0] : undefined);
}

/** The Service under the cursor, else one that is chosen from the active document; says so where there is none. */
export async function chooseService(title: string): Promise<DocumentService | undefined> {
  const editor = vscode.window.activeTextEditor;
  const manifest = editor !== undefined && isManifest(editor.document) ? editor : firstManifest();
  const services = manifest === undefined ? [] : await servicesOf(manifest.document.uri);
  if (manifest === undefined || services.length === 0) {
    vscode.window.showInformationMessage(vscode.l10n.t("Open a file that defines a Service first"));
    return undefined;
  }
  const current = serviceAt(services, manifest.document, manifest.selection.active.line);
  if (current !== undefined || services.length === 1) return current ?? services[0];
  return pickService(services, title);
}

async function pickService(services: readonly DocumentService[], title: string): Promise<DocumentService | undefined> {
  const items = services.map((service) => ({
    label: service.reference.name,
    description: service.reference.namespace,
    service,
  }));
  const placeHolder = vscode.l10n.t("Which Service?");
  return (await vscode.window.showQuickPick(items, { title, placeHolder, matchOnDescription: true }))?.service;
}

const firstManifest = (): vscode.TextEditor | undefined =>
  vscode.window.visibleTextEditors.find(({ document }) => isManifest(document));

/** The lines `[start, end)` between two separators. */
function yamlDocumentAround(document: vscode.TextDocument, line: number): readonly [number, number] {
  const separates = (at: number): boolean => /^---(\s|$)/.test(document.lineAt(at).text);
  let start = line;
  while (start > 0 && !separates(start)) start -= 1;
  let end = line + 1;
  while (end < document.lineCount && !separates(end)) end += 1;
  return [start, end];
}
