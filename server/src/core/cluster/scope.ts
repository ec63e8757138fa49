import { type DocumentUri, documentUri } from "../base/source.ts";
import { builtInKinds } from "../manifest/api-groups.ts";
import type { ParsedFile } from "../manifest/model.ts";
import { workloadKinds } from "../manifest/workload-kinds.ts";
import { folderOf, readablePath, wholePath } from "../workspace/folders.ts";
import { answerOnce } from "../workspace/reads.ts";
import { filesIn, foldersUpwards, rootOf, type Snapshot } from "../workspace/snapshot.ts";

/** Documents that are applied together. Only within one scope does a Service meet pods. */
export interface Scope {
  readonly kind: "plain" | "kustomize" | "helm";
  /** The folder that holds it; the file, where variants lie side by side. */
  readonly folder: string;
  /** Its path from the root of the workspace, as people write it; `.` for the whole of it. */
  readonly path: string;
  /**
   * Why something that is not seen here may be there all the same; `undefined` for a closed scope, where an absence
   * can be reported.
   */
  readonly open: OpenReason | undefined;
}

/** What keeps a scope from being complete, the gravest first. */
const openReasons = ["kustomization", "chart", "template", "unreadable", "custom-resource"] as const;
export type OpenReason = (typeof openReasons)[number];

/** Whether everything that is applied together can be seen here, so that an absence means something. */
export const isClosed = ({ open }: Scope): boolean => open === undefined;

/**
 * Whether an absence can be spoken of at all: an operator may make pods of a custom resource, but that is a guess, while
 * kustomizations, charts and what cannot be read may hold anything.
 */
export const seesAbsence = ({ open }: Scope): boolean => open === undefined || open === "custom-resource";

/** The name by which settings, the command line and JSON know a scope: `plain:shop`. */
export const scopeName = (scope: Scope): string => `${scope.kind}:${scope.path}`;

/** The scope that a text belongs to, looking from a folder that holds what it needs. */
export function scopeAt(snapshot: Snapshot, uri: DocumentUri, folder: string): Scope {
  const scope = findTerritory(snapshot, uri) ?? { kind: "plain", folder, open: findOpening(snapshot, folderOf(uri)) };
  return { ...scope, path: readablePath(scope.folder, rootOf(snapshot, uri)) };
}

/** The kustomization or chart that a text belongs to: the nearest one upwards. */
function findTerritory(snapshot: Snapshot, uri: DocumentUri): Omit<Scope, "path"> | undefined {
  for (const { folder, kustomization } of landmarksFrom(snapshot, uri)) {
    if (kustomization === undefined) return { kind: "helm", folder, open: "chart" };
    // It bears on the files beside it, and on those further down that it names.
    if (folderOf(uri) === folder || isNamedIn(kustomization, folder, uri))
      return { kind: "kustomize", folder, open: "kustomization" };
  }
  return undefined;
}

/** A folder that is named takes in nothing: it has a kustomization of its own, or nothing can be built. */
const isNamedIn = ({ names }: ParsedFile, folder: string, uri: DocumentUri): boolean =>
  names.has(readablePath(uri, folder)) || names.has(wholePath(uri));

/** A folder with a kustomization, or where that is `undefined` with a chart. */
interface Landmark {
  readonly folder: string;
  readonly kustomization: ParsedFile | undefined;
}

/** What a snapshot's folders were found to be. Looking takes long where there are thousands of them. */
const surveys = new WeakMap<Snapshot, Map<string, readonly Landmark[]>>();

/** The landmarks from a text's folder up to its root, nearest ones first. */
function* landmarksFrom(snapshot: Snapshot, uri: DocumentUri): Generator<Landmark> {
  const landmarks = surveys.get(snapshot) ?? new Map<string, readonly Landmark[]>();
  surveys.set(snapshot, landmarks);
  for (const folder of foldersUpwards(snapshot, uri)) {
    const known = landmarks.get(folder) ?? landmarksIn(snapshot, folder);
    landmarks.set(folder, known);
    yield* known;
  }
}

function landmarksIn(snapshot: Snapshot, folder: string): readonly Landmark[] {
  const fileAt = (name: string): ParsedFile | undefined => snapshot.files.get(documentUri(`${folder}/${name}`));
  const kustomizations = ["kustomization.yaml", "kustomization.yml", "Kustomization"].flatMap((name) => {
    const kustomization = fileAt(name);
    return kustomization?.role === "kustomization" ? [{ folder, kustomization }] : [];
  });
  const isChart = fileAt("Chart.yaml")?.role === "chart";
  return isChart ? [...kustomizations, { folder, kustomization: undefined }] : kustomizations;
}

/** What in a Service's own folder keeps it from being complete. */
const findOpening = answerOnce((snapshot: Snapshot, folder: string): OpenReason | undefined => {
  const reasons = new Set<OpenReason>();
  for (const file of filesIn(snapshot, folder)) {
    for (const { opaque, start, end } of file.parts) {
      if (opaque && mayHoldPods(file.text.slice(start, end))) reasons.add(opaque);
    }
    if (file.manifests.some((manifest) => manifest.type === "Other" && manifest.custom)) reasons.add("custom-resource");
  }
  return openReasons.find((reason) => reasons.has(reason));
});

/** Whether a document that cannot be read may make pods: all that it says of itself is its kinds. */
function mayHoldPods(text: string): boolean {
  const kinds = [...text.matchAll(/\bkind["']?:[ \t]*["']?([^\s"',}#]*)/g)].map(([, kind]) => kind ?? "");
  return kinds.length === 0 || kinds.some((kind) => !podlessKinds.includes(kind));
}

const podlessKinds = builtInKinds.filter(
  (kind) => kind !== "List" && !workloadKinds.some((known) => known.kind === kind && !known.foreign),
);
