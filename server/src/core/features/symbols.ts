import type { SourceRange } from "../base/source.ts";
import { compareManifests } from "../cluster/manifests.ts";
import type { Manifest, ParsedFile } from "../manifest/model.ts";
import type { Snapshot } from "../workspace/snapshot.ts";
import { portText } from "./naming.ts";

/** A thing with a name, in an outline or in the answer to a search. */
export interface SymbolEntry {
  readonly kind: "service" | "workload" | "object" | "port" | "container" | "table" | "chain";
  readonly name: string;
  /** What it is; empty where that goes without saying. */
  readonly detail: string;
  /** All of it. */
  readonly range: SourceRange;
  /** Its name, or what stands for it. */
  readonly selection: SourceRange;
  readonly children: readonly SymbolEntry[];
}

/** The objects of a file, with the ports of Services and the containers of workloads. */
export const outline = (file: ParsedFile): readonly SymbolEntry[] => file.manifests.map(symbolOf);

/** Answers to one search are not read beyond this. */
const MOST_FOUND = 256;

/** Services and workloads whose `namespace/name` holds the letters of a query in their order; the shortest names first. */
export function findSymbols({ index }: Snapshot, query: string): readonly SymbolEntry[] {
  const found: Manifest[] = [];
  for (const byName of [index.servicesByName, index.workloadsByName]) {
    for (const [, manifests] of byName.entries()) {
      for (const manifest of manifests) if (holdsLetters(qualifiedName(manifest), query)) found.push(manifest);
    }
  }
  return found.sort(byLength).slice(0, MOST_FOUND).map(symbolOf);
}

const qualifiedName = ({ namespace, name }: Manifest): string => `${namespace.value}/${name.value}`;

function byLength(a: Manifest, b: Manifest): number {
  const [one, other] = [qualifiedName(a), qualifiedName(b)];
  if (one === other) return compareManifests(a, b);
  return a.name.value.length - b.name.value.length || (one < other ? -1 : 1);
}

function holdsLetters(text: string, query: string): boolean {
  const letters = text.toLowerCase();
  let from = 0;
  for (const letter of query.toLowerCase().replace(/\s+/g, "")) {
    from = letters.indexOf(letter, from) + 1;
    if (from === 0) return false;
  }
  return true;
}

function symbolOf(manifest: Manifest): SymbolEntry {
  const { kind, name, namespace, range } = manifest;
  return {
    kind: manifest.type === "Service" ? "service" : manifest.type === "Workload" ? "workload" : "object",
    name: name.value || kind.value,
    detail: namespace.origin === "written" ? `${kind.value} · ${namespace.value}` : kind.value,
    range,
    // An outline wants the name inside of the thing; a merged one may stand elsewhere.
    selection: isInside(name.range, range) && name.value !== "" ? name.range : { ...range, end: range.start },
    children: childrenOf(manifest).filter((child) => isInside(child.range, range)),
  };
}

const isInside = (inner: SourceRange, outer: SourceRange): boolean =>
  inner.uri === outer.uri && inner.start >= outer.start && inner.end <= outer.end;

function childrenOf(manifest: Manifest): readonly SymbolEntry[] {
  if (manifest.type === "Service") {
    return manifest.ports.map((port) => leaf("port", portText(port), `→ ${port.targetPort.value}`, port.port.range));
  }
  if (manifest.type !== "Workload") return [];
  return manifest.template.containers.map(({ name, role }) =>
    leaf("container", name.value || role, role === "main" ? "" : role, name.range),
  );
}

const leaf = (kind: SymbolEntry["kind"], name: string, detail: string, range: SourceRange): SymbolEntry => ({
  kind,
  name,
  detail,
  range,
  selection: range,
  children: [],
});
