import { list, message, quote } from "../core/base/message.ts";
import { type DocumentUri, documentUri } from "../core/base/source.ts";
import { findNearest } from "../core/base/text.ts";
import { type Scope, scopeAt, scopeName } from "../core/cluster/scope.ts";
import { nearestResolutions } from "../core/cluster/seen-services.ts";
import type { ServiceManifest } from "../core/manifest/model.ts";
import { folderOf } from "../core/workspace/folders.ts";
import { type Call, notice, optionOf } from "./call.ts";
import { CallError } from "./call-error.ts";
import { servicesIn } from "./find-service.ts";
import type { Workspace } from "./load.ts";

/** The folder, or the file, of the scope that the call keeps to; `undefined` without `--scope`. */
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
export function viewpoint(call: Call, workspace: Workspace): DocumentUri {
  const { files, roots } = workspace.cluster.snapshot;
  const place = scopeFolder(call, workspace) ?? roots[0] ?? "";
  const isFile = files.get(documentUri(place)) !== undefined;
  return documentUri(isFile ? place : `${place}/`);
}

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
    const said = message`${count} Services are defined more than once, such as ${name}; one of each is looked at`;
    notice(call, canChoose ? message`${said}, and ${"--scope"} chooses others` : said);
    return;
  }
  const place = workspace.pathOf(first.instead.range.uri);
  const said = message`several Services are called ${name}; the one in ${place} is looked at`;
  notice(call, canChoose ? message`${said}, and ${"--scope"} chooses another` : said);
}

/** Tells which Services are seen in one of several scopes that lie equally near, unless the call has chosen one itself. */
export function tellScopes(call: Call, { cluster }: Workspace, from: DocumentUri): void {
  if (optionOf(call, "scope") !== undefined) return;
  const { services, resolutionOf } = cluster.viewFrom(from);
  const several = services.filter((service) => {
    const nearest = nearestResolutions(from, cluster.placed(service));
    return new Set(nearest.map(({ scope }) => scopeName(scope))).size > 1;
  });
  const [first, ...others] = several;
  if (first === undefined) return;
  const name = quote(nameIn(first));
  const shown = resolutionOf(first);
  const scope = quote(shown ? scopeName(shown.scope) : "");
  notice(
    call,
    others.length > 0
      ? message`${several.length} Services are in several scopes, such as ${name}, of which ${scope} is looked at; ${"--scope"} chooses others`
      : message`Service ${name} is in several scopes, of which ${scope} is looked at; ${"--scope"} chooses another`,
  );
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
