import type { DocumentUri } from "../base/source.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { Scope } from "../cluster/scope.ts";
import { scopeAt } from "../cluster/scope.ts";
import type { Manifest, ParsedFile } from "../manifest/model.ts";
import { type Severity, severities } from "../settings/severity.ts";
import { folderOf } from "../workspace/folders.ts";
import { type RuleId, rules } from "./index.ts";
import type { Finding, Rule } from "./rule.ts";

/** A finding with what the runner knows of it. */
export interface Report extends Finding {
  readonly rule: RuleId;
  readonly severity: Severity;
  /** The object it is about; `undefined` for a finding about a text as such. */
  readonly object: Manifest | undefined;
  readonly scope: Scope;
}

/** What checking one file came to. */
export interface FileReport {
  readonly uri: DocumentUri;
  /** In the order of the text. */
  readonly reports: readonly Report[];
  /** Rules that failed; what the others found counts all the same. */
  readonly defects: readonly RuleDefect[];
}

/** A rule that broke its word not to throw, and what it threw. */
export interface RuleDefect {
  readonly rule: RuleId;
  readonly error: unknown;
}

/** Checks one file under all rules, with the severities of its settings. A file that is not there has no findings. */
export function checkFile(cluster: Cluster, uri: DocumentUri): FileReport {
  const file = cluster.snapshot.files.get(uri);
  if (file === undefined) return { uri, reports: [], defects: [] };
  const run: Run = { cluster, file, chosen: cluster.settingsAt(uri).rules, reports: [], defects: [] };
  if (file.problems.length > 0) for (const rule of rulesOn.File) checkSubject(run, rule, file, undefined);
  for (const manifest of file.manifests) {
    if (manifest.stale) continue;
    for (const rule of rulesOn[manifest.type]) checkSubject(run, rule, manifest, manifest);
  }
  const { reports, defects } = run;
  reports.sort((a, b) => a.range.start - b.range.start || a.range.end - b.range.end);
  return { uri, reports, defects };
}

interface Run {
  readonly cluster: Cluster;
  readonly file: ParsedFile;
  readonly chosen: ReadonlyMap<string, Severity | "off">;
  readonly reports: Report[];
  readonly defects: RuleDefect[];
}

const listRules = (...on: readonly Rule["on"][]): readonly Rule[] =>
  (rules as readonly Rule[]).filter((rule) => on.includes(rule.on));

/** The rules that look at each type of manifest, and at whole files. */
const rulesOn: Readonly<Record<Manifest["type"] | "File", readonly Rule[]>> = {
  File: listRules("File"),
  Service: listRules("Object", "Service"),
  Workload: listRules("Object", "Workload"),
  Endpoints: listRules("Object", "Endpoints"),
  NetworkPolicy: listRules("Object", "NetworkPolicy"),
  Node: listRules("Object", "Node"),
  Other: listRules("Object", "Other"),
};

function checkSubject(
  { cluster, file, chosen, reports, defects }: Run,
  rule: Rule,
  subject: ParsedFile | Manifest,
  object: Manifest | undefined,
): void {
  const severity = chosen.get(rule.id) ?? rule.severity;
  if (severity === "off") return;
  try {
    // The table above pairs rules with subjects of the type that they look at.
    for (const finding of rule.check(subject as never, cluster)) {
      if (isSuppressed(file, rule.id, finding, object)) continue;
      reports.push({
        ...finding,
        rule: rule.id as RuleId,
        severity: finding.atMost ? milder(severity, finding.atMost) : severity,
        object,
        scope: object?.type === "Service" ? scopeOf(cluster, object) : scopeOfFile(cluster, file),
      });
    }
  } catch (error) {
    defects.push({ rule: rule.id as RuleId, error });
  }
}

const scopeOfFile = ({ snapshot }: Cluster, { uri }: ParsedFile): Scope => scopeAt(snapshot, uri, folderOf(uri));

const scopeOf = (cluster: Cluster, service: Extract<Manifest, { readonly type: "Service" }>): Scope =>
  cluster.resolve(service)[0]?.scope ?? scopeAt(cluster.snapshot, service.range.uri, folderOf(service.range.uri));

const milder = (a: Severity, b: Severity): Severity => (severities.indexOf(a) < severities.indexOf(b) ? a : b);

/** Told by name to keep silent: by a comment at the place, or by an annotation of the object. */
const isSuppressed = (file: ParsedFile, rule: string, { range }: Finding, object: Manifest | undefined): boolean =>
  namesRule(COMMENT, linesAround(file.text, range.start), rule) ||
  (object !== undefined && namesRule(ANNOTATION, file.text.slice(object.range.start, object.range.end), rule));

/** `# portolan-ignore orphan-service: reason` */
const COMMENT = /#\s*portolan-ignore[ \t]([\w, \t-]+)(?::|\r?$)/gm;
/** `portolan.dev/ignore: "orphan-service: reason"` */
const ANNOTATION = /portolan\.dev\/ignore["']?\s*:\s*["']?(\w[\w, \t-]*)(?:[:"']|\r?$)/gm;

const namesRule = (form: RegExp, text: string, rule: string): boolean =>
  [...text.matchAll(form)].some(([, ids]) => ids?.split(/[\s,]+/).includes(rule));

/** The line of an offset and the one above it. */
function linesAround(text: string, offset: number): string {
  const lineStart = text.lastIndexOf("\n", offset - 1) + 1;
  const above = text.lastIndexOf("\n", lineStart - 2) + 1;
  const lineEnd = text.indexOf("\n", offset);
  return text.slice(lineStart === 0 ? 0 : above, lineEnd < 0 ? undefined : lineEnd);
}
