import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { type DocumentUri, documentUri } from "../../src/core/base/source.ts";
import { createCluster } from "../../src/core/cluster/cluster.ts";
import type { ServiceManifest } from "../../src/core/manifest/model.ts";
import type { RuleId } from "../../src/core/rules/index.ts";
import { checkFile, type Report } from "../../src/core/rules/run.ts";
import { defaultSettings } from "../../src/core/settings/settings.ts";
import type { Snapshot } from "../../src/core/workspace/snapshot.ts";
import { WorkspaceStore } from "../../src/core/workspace/store.ts";
import { repository } from "../harness/files.ts";

/**
 * Real workspaces with answers, in a folder beside the repository. Nothing here is needed to build or to test Portolan:
 * without the folder its tests are skipped.
 */
export const corpusFolder = process.env["PORTOLAN_CORPUS"] ?? join(repository, "..", "shared", "corpus");

/** Why tests over the corpus are skipped; `false` where it is there. */
export const skipped: string | false = existsSync(join(corpusFolder, "labels.jsonl"))
  ? false
  : "there is no corpus beside the repository";

/** What is true of one Service. */
export interface ServiceLabel {
  readonly repo: string;
  readonly file: string;
  readonly nameLine: number;
  readonly name: string;
  readonly kind: "plain" | "kustomize" | "helm";
  readonly ring: string;
  readonly verdict: string;
  readonly must: readonly Code[];
  readonly may: readonly Code[];
  readonly reason: string;
}

/** A mistake from the history of a repository. */
export interface HistoryCase {
  readonly id: string;
  readonly service: string;
  readonly file: string;
  readonly before: Code;
  readonly verdict: "bug" | "benign";
  readonly reason: string;
}

/** An injected fault. */
export interface Mutation {
  readonly id: string;
  readonly repo: string;
  readonly kind: string;
  readonly scope: string;
  readonly service: string;
  readonly file: string;
  readonly line: number;
  readonly edits: readonly {
    readonly file: string;
    readonly line: number;
    readonly before: string;
    readonly after: string;
  }[];
  readonly expect: Code;
  readonly matchesElsewhere: boolean;
}

export type Code = "orphan" | "named-port-missing" | "numeric-port-undeclared";

/** The rule that reports what the corpus calls by a code. */
export const ruleOfCode: Readonly<Record<Code, RuleId>> = {
  orphan: "orphan-service",
  "named-port-missing": "unresolved-target-port",
  "numeric-port-undeclared": "undeclared-target-port",
};

/** The records of one of the corpus' tables. */
export const readTable = <Row>(name: string): readonly Row[] =>
  readFileSync(join(corpusFolder, name), "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Row);

export type Texts = ReadonlyMap<string, string>;

/** The manifests of a folder by their path in it. */
export function readTexts(folder: string): Texts {
  return new Map(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(?:ya?ml|json)$|^Kustomization$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => [relative(folder, path).replaceAll("\\", "/"), readFileSync(path, "utf8")]),
  );
}

const ROOT = "file:///corpus";

export const uriIn = (path: string): DocumentUri => documentUri(`${ROOT}/${path}`);
export const pathIn = (uri: DocumentUri): string => uri.slice(ROOT.length + 1);

/** A store over some texts as one workspace. */
export function storeOf(texts: Texts): WorkspaceStore {
  const store = new WorkspaceStore([ROOT]);
  store.apply([...texts].map(([path, text]) => [uriIn(path), text] as const));
  return store;
}

/** Everything that all rules say about some files of a workspace; about all of them unless some are named. */
export function checkAll(snapshot: Snapshot, paths?: Iterable<string>): readonly Report[] {
  const cluster = createCluster(snapshot, () => defaultSettings);
  const uris = paths ? [...paths].map(uriIn) : [...snapshot.files.entries()].map(([uri]) => uri).sort();
  return uris.flatMap((uri) => checkFile(cluster, uri).reports);
}

/** Where something stands, as the tables count: lines from 1. */
export function lineOf(snapshot: Snapshot, { uri, start }: Report["range"]): number {
  const text = snapshot.files.get(uri)?.text ?? "";
  let line = 1;
  for (let feed = text.indexOf("\n"); feed >= 0 && feed < start; feed = text.indexOf("\n", feed + 1)) line += 1;
  return line;
}

export const isLoud = ({ severity }: Report): boolean => severity === "warning" || severity === "error";

/** The Service that a report is about. */
export const serviceOf = ({ object }: Report): ServiceManifest | undefined =>
  object?.type === "Service" ? object : undefined;
