import { list, message, quote } from "../core/base/message.ts";
import { type DocumentUri, documentUri } from "../core/base/source.ts";
import { findNearest } from "../core/base/text.ts";
import { type Scope, scopeAt, scopeName } from "../core/cluster/scope.ts";
import { folderOf } from "../core/workspace/folders.ts";
import { type Call, notice, optionOf } from "./call.ts";
import { CallError } from "./call-error.ts";
import { servicesIn } from "./find-service.ts";
import type { Workspace } from "./load.ts";

/** The folder of the scope that the call keeps to; `undefined` without `--scope`. */
export function scopeFolder(call: Call, workspace: Workspace): string | undefined {
  const wanted = optionOf(call, "scope");
  if (wanted === undefined) return undefined;
  const scopes = scopesIn(workspace);
  const folder = scopes.get(wanted);
  if (folder !== undefined) return folder;
  const names = [...scopes.keys()].sort();
  const nearest = findNearest(wanted, names);
  throw new CallError(
    nearest === undefined
      ? message`there is no scope ${quote(wanted)}; there are ${list(names.slice(0, MOST_NAMED).map(quote), "comma")}`
      : message`there is no scope ${quote(wanted)}; did you mean ${quote(nearest)}?`,
  );
}

const MOST_NAMED = 8;

/**
 * Where to look at the whole workspace from: its root, or the scope that the call keeps to. What is seen from there
 * leaves out namesakes that lie elsewhere, and says so.
 */
export function viewpoint(call: Call, workspace: Workspace): DocumentUri {
  const { cluster } = workspace;
  const chosen = scopeFolder(call, workspace);
  const from = documentUri(`${chosen ?? cluster.snapshot.roots[0] ?? ""}/`);
  const { hidden } = cluster.viewFrom(from);
  if (chosen === undefined && hidden.length > 0) {
    const names = [...new Set(hidden.map((service) => service.name.value))].slice(0, 3).map(quote);
    notice(
      call,
      message`of Services that stand in several places, such as ${list(names)}, one is looked at; ${"--scope"} chooses`,
    );
  }
  return from;
}

/** The scope of a text by itself. */
export const scopeOfText = ({ cluster }: Workspace, uri: DocumentUri): string =>
  scopeName(scopeAt(cluster.snapshot, uri, folderOf(uri)));

/** Every scope that a Service or a text of the call is in, with its folder. */
function scopesIn(workspace: Workspace): ReadonlyMap<string, string> {
  const { cluster, subjects } = workspace;
  const ofServices = servicesIn(workspace).flatMap((service) =>
    cluster.resolve(service).map(({ scope }) => entryOf(scope)),
  );
  const ofTexts = subjects.map((uri) => entryOf(scopeAt(cluster.snapshot, uri, folderOf(uri))));
  return new Map([...ofTexts, ...ofServices]);
}

const entryOf = (scope: Scope): readonly [name: string, folder: string] => [scopeName(scope), scope.folder];
