import { list, message, quote } from "../core/base/message.ts";
import { type DocumentUri, documentUri } from "../core/base/source.ts";
import { findNearest } from "../core/base/text.ts";
import { type Scope, scopeAt, scopeName } from "../core/cluster/scope.ts";
import type { ServiceManifest } from "../core/manifest/model.ts";
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
 * leaves out namesakes that lie elsewhere; {@link tellHidden} says so.
 */
export const viewpoint = (call: Call, workspace: Workspace): DocumentUri =>
  documentUri(`${scopeFolder(call, workspace) ?? workspace.cluster.snapshot.roots[0] ?? ""}/`);

/** Tells which Services are left out in what is seen from a viewpoint, unless the call has chosen a scope itself. */
export function tellHidden(call: Call, workspace: Workspace, from: DocumentUri): void {
  if (optionOf(call, "scope") !== undefined) return;
  const { hidden, services } = workspace.cluster.viewFrom(from);
  const shown = new Map(services.map((service) => [nameIn(service), service]));
  // What stands beside a namesake is hidden with it, and has no counterpart.
  const pairs = hidden.flatMap((service) => {
    const instead = shown.get(nameIn(service));
    return instead ? [{ service, instead }] : [];
  });
  const [first] = pairs;
  if (first === undefined) return;
  const scopeOf = ({ range }: ServiceManifest): string => scopeOfText(workspace, range.uri);
  const canChoose = pairs.some(({ service, instead }) => scopeOf(instead) !== scopeOf(service));
  const count = new Set(pairs.map(({ instead }) => instead)).size;
  const name = quote(nameIn(first.instead));
  if (count > 1) {
    const said = message`${count} Services stand in several places, such as ${name}; one of each is looked at`;
    notice(call, canChoose ? message`${said}, and ${"--scope"} chooses others` : said);
    return;
  }
  const place = workspace.pathOf(first.instead.range.uri);
  const said = message`several Services are called ${name}; the one in ${place} is looked at`;
  notice(call, canChoose ? message`${said}, and ${"--scope"} chooses another` : said);
}

const nameIn = ({ namespace, name }: ServiceManifest): string => `${namespace.value}/${name.value}`;

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
