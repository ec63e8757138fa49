import type { DocumentUri } from "../base/source.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { Scope } from "../cluster/scope.ts";
import { scopeAt } from "../cluster/scope.ts";
import type { Manifest, ParsedFile } from "../manifest/model.ts";
import { folderOf } from "../workspace/folders.ts";
import { type RuleId, rules } from "./index.ts";
import { type Finding, type Rule, type Severity, severities } from "./rule.ts";

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
  /**
   * Nothing but what the file's Services met can change the answer: there is nothing to report, and everything was
   * found nearby. Otherwise any change around it may.
   */
  readonly settled: boolean;
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
  if (file === undefined) return { uri, reports: [], settled: true, defects: [] };
  const chosen = cluster.settingsAt(uri).rules;
  const reports: Report[] = [];
  const defects: RuleDefect[] = [];
  for (const rule of rules as readonly Rule[]) {
    const severity = chosen.get(rule.id) ?? rule.severity;
    if (severity === "off") continue;
    try {
      reports.push(...checkRule(cluster, file, rule, severity));
    } catch (error) {
      defects.push({ rule: rule.id as RuleId, error });
    }
  }
  reports.sort((a, b) => a.range.start - b.range.start || a.range.end - b.range.end);
  return { uri, reports, settled: reports.length === 0 && !climbed(cluster, file), defects };
}

function* checkRule(cluster: Cluster, file: ParsedFile, rule: Rule, severity: Severity): Generator<Report> {
  const { uri } = file;
  for (const [subject, object] of subjectsOf(rule, file)) {
    for (const finding of rule.check(subject as never, cluster)) {
      if (isSuppressed(file, rule.id, finding, object)) continue;
      yield {
        ...finding,
        rule: rule.id as RuleId,
        severity: finding.atMost ? milder(severity, finding.atMost) : severity,
        object,
        scope: object?.type === "Service" ? scopeOf(cluster, object) : scopeAt(cluster.snapshot, uri, folderOf(uri)),
      };
    }
  }
}

function* subjectsOf(rule: Rule, file: ParsedFile): Generator<readonly [ParsedFile | Manifest, Manifest | undefined]> {
  if (rule.on === "File") {
    yield [file, undefined];
    return;
  }
  for (const manifest of file.manifests) {
    if (!manifest.stale && (rule.on === "Object" || rule.on === manifest.type)) yield [manifest, manifest];
  }
}

const scopeOf = (cluster: Cluster, service: Extract<Manifest, { readonly type: "Service" }>): Scope =>
  cluster.resolve(service)[0]?.scope ?? scopeAt(cluster.snapshot, service.range.uri, folderOf(service.range.uri));

const climbed = (cluster: Cluster, file: ParsedFile): boolean =>
  file.manifests.some(
    (manifest) => manifest.type === "Service" && cluster.resolve(manifest).some(({ reach }) => reach?.climbed),
  );

const milder = (a: Severity, b: Severity): Severity => (severities.indexOf(a) < severities.indexOf(b) ? a : b);

/** Told by name to keep silent: by a comment at the place, or by an annotation of the object. */
const isSuppressed = (file: ParsedFile, rule: string, { range }: Finding, object: Manifest | undefined): boolean =>
  namesRule(COMMENT, linesAround(file.text, range.start), rule) ||
  (object !== undefined && namesRule(ANNOTATION, file.text.slice(object.range.start, object.range.end), rule));

/** `# portolan-ignore orphan-service: reason` */
const COMMENT = /#\s*portolan-ignore[ \t]+([\w, -]+?)[ \t]*(?::|\r?$)/gm;
/** `portolan.dev/ignore: "orphan-service: reason"` */
const ANNOTATION = /portolan\.dev\/ignore["']?\s*:\s*["']?([\w, -]+?)[ \t]*(?:[:"']|\r?$)/gm;

const namesRule = (form: RegExp, text: string, rule: string): boolean =>
  [...text.matchAll(form)].some(([, ids]) => ids?.split(/[\s,]+/).includes(rule));

/** The line of an offset and the one above it. */
function linesAround(text: string, offset: number): string {
  const lineStart = text.lastIndexOf("\n", offset - 1) + 1;
  const above = text.lastIndexOf("\n", lineStart - 2) + 1;
  const lineEnd = text.indexOf("\n", offset);
  return text.slice(lineStart === 0 ? 0 : above, lineEnd < 0 ? undefined : lineEnd);
}
