import { list, type Message, message, plural, quote } from "../core/base/message.ts";
import { findNearest } from "../core/base/text.ts";
import type { Resolution } from "../core/cluster/resolution.ts";
import { scopeName } from "../core/cluster/scope.ts";
import type { ServiceManifest } from "../core/manifest/model.ts";
import { type Call, optionOf } from "./call.ts";
import { CallError } from "./call-error.ts";
import type { Workspace } from "./load.ts";

/** Every Service that the call names the texts of, in every scope that it lives in; of `--scope` alone if that is given. */
export function resolutionsIn(call: Call, workspace: Workspace): readonly Resolution[] {
  return inScope(call, answersIn(workspace));
}

/**
 * The Services of a name, in every scope; at least one.
 * @param reference `[NAMESPACE/]SERVICE`; without a namespace, those of any
 */
export function findService(call: Call, workspace: Workspace, reference: string): readonly Resolution[] {
  const answers = answersIn(workspace);
  const found = answers.filter(({ service }) => isNamed(service, reference));
  if (found.length === 0) {
    throw new CallError(
      unknown(
        reference,
        answers.map(({ service }) => service),
      ),
    );
  }
  return inScope(call, found);
}

const answersIn = (workspace: Workspace): readonly Resolution[] =>
  servicesIn(workspace).flatMap(workspace.cluster.placed);

/** The one Service of a name, for an answer that can only be about one. */
export function findOneService(call: Call, workspace: Workspace, reference: string): Resolution {
  const [first, ...others] = findService(call, workspace, reference);
  if (first && others.length === 0) return first;
  throw new CallError(ambiguous(reference, first ? [first, ...others] : others));
}

/** The Services in the texts that a call names. */
export const servicesIn = ({ cluster, subjects }: Workspace): readonly ServiceManifest[] =>
  subjects.flatMap((uri) => {
    const manifests = cluster.snapshot.files.get(uri)?.manifests ?? [];
    return manifests.filter((manifest) => manifest.type === "Service");
  });

function isNamed({ namespace, name }: ServiceManifest, reference: string): boolean {
  return reference === name.value || reference === `${namespace.value}/${name.value}`;
}

function inScope(call: Call, resolutions: readonly Resolution[]): readonly Resolution[] {
  const wanted = optionOf(call, "scope");
  if (wanted === undefined) return resolutions;
  const found = resolutions.filter(({ scope }) => scopeName(scope) === wanted);
  if (found.length > 0) return found;
  const names = [...new Set(resolutions.map(({ scope }) => scopeName(scope)))];
  const known = plural(names.length, message`the only scope is`, message`the scopes are`);
  throw new CallError(message`there is no scope ${quote(wanted)} here; ${known} ${shortList(names)}`);
}

function unknown(reference: string, services: readonly ServiceManifest[]): Message {
  const names = [
    ...new Set(services.flatMap(({ namespace, name }) => [name.value, `${namespace.value}/${name.value}`])),
  ];
  const nearest = findNearest(reference, names);
  if (services.length === 0) return message`there is no Service ${quote(reference)}, nor any other`;
  if (nearest !== undefined) return message`there is no Service ${quote(reference)}; did you mean ${quote(nearest)}?`;
  const elsewhere = services.find(({ name }) => name.value === reference.slice(reference.indexOf("/") + 1));
  if (elsewhere)
    return message`there is no Service ${quote(reference)}; did you mean ${quote(`${elsewhere.namespace.value}/${elsewhere.name.value}`)}?`;
  const distinct = [...new Set(services.map(({ name }) => name.value))];
  const known = plural(distinct.length, message`the only one is`, message`there are`);
  return message`there is no Service ${quote(reference)}; ${known} ${shortList(distinct)}`;
}

function ambiguous(reference: string, found: readonly Resolution[]): Message {
  const namespaces = [...new Set(found.map(({ service }) => `${service.namespace.value}/${service.name.value}`))];
  if (namespaces.length > 1)
    return message`several Services are called ${quote(reference)}; name one of ${shortList(namespaces)}`;
  const scopes = [...new Set(found.map(({ scope }) => scopeName(scope)))];
  return message`Service ${quote(reference)} is in several scopes; choose one of ${shortList(scopes)} with ${"--scope"}`;
}

/** The first few of many names. */
function shortList(names: readonly string[]): Message {
  const distinct = [...new Set(names)].sort();
  const shown = list(distinct.slice(0, MOST_NAMED).map(quote), "comma");
  const rest = distinct.length - MOST_NAMED;
  return rest > 0 ? message`${shown} and ${rest} more` : message`${shown}`;
}

const MOST_NAMED = 8;
