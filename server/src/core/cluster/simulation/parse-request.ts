import { parseIP } from "../../base/ip.ts";
import { type Message, message, quote } from "../../base/message.ts";
import type { ProtocolToken } from "../netfilter/packet.ts";
import type { RequestDestination, RequestError, RequestSource, TypedRequest, VariableDestination } from "./request.ts";
import { schemes } from "./schemes.ts";

/** Reads both ends of a request. */
export function parseRequest(
  source: string,
  destination: string,
  protocol?: ProtocolToken,
): TypedRequest | RequestError {
  const from = parseSource(source);
  if ("error" in from) return from;
  const to = parseDestination(destination);
  return "error" in to ? to : { source: from, destination: to, protocol };
}

/** Reads `pod:[NAMESPACE/]NAME`, `KIND/[NAMESPACE/]NAME`, `node:NAME` or `external[:IP]`. Total. */
export function parseSource(text: string): RequestSource | RequestError {
  const trimmed = text.trim();
  const external = /^external(?::(.*))?$/i.exec(trimmed);
  if (external) return parseExternal(text, external[1]);
  const node = /^node:(\S+)$/i.exec(trimmed)?.[1];
  if (node !== undefined && NAME.test(node)) return { kind: "node", name: node };
  const [kind = "", ...path] = trimmed.replace(/^pod:/i, "Pod/").split("/");
  const [name = "", namespace] = [...path].reverse();
  const wellFormed = /^[a-z][a-z0-9]*$/i.test(kind) && path.length >= 1 && path.length <= 2;
  if (!wellFormed || ![name, namespace ?? name].every((part) => NAME.test(part))) return { error: noSource(text) };
  return { kind: "workload", workloadKind: kindNamed(kind), namespace, name };
}

/**
 * Reads `HOST[:PORT]` or a URL; HOST is a DNS name, an address or the name of a node. Variables may stand anywhere in it:
 * `$NAME` and `${NAME}` as in a shell, `$(NAME)` as in a manifest. Total.
 */
export function parseDestination(text: string): RequestDestination | VariableDestination | RequestError {
  const head =
    /^\s*(?:[a-z][a-z0-9+.:-]*:\/\/)?[^/?#]*/i
      .exec(text)?.[0]
      .trim()
      .replace(/^(.*:\/\/)?.*@/, "$1") ?? "";
  if (!head.includes("$")) return parsePlain(text);
  const variables = [...head.matchAll(VARIABLE)].map(variableName);
  return head.replace(VARIABLE, "").includes("$") ? { error: noDestination(text) } : { text: head, variables };
}

/**
 * Puts values in the place of variables.
 * @param read what each of them holds
 */
export function fillIn(
  { text }: VariableDestination,
  read: (name: string) => string,
): RequestDestination | RequestError {
  for (const match of text.matchAll(VARIABLE)) {
    const isBare = text[match.index - 1] !== "[" && text[match.index + match[0].length] === ":";
    if (isBare && parseIP(read(variableName(match)))?.includes(":")) return { error: noBrackets(match[0]) };
  }
  const filled = parsePlain(text.replace(VARIABLE, (...match) => read(variableName(match))));
  return "error" in filled ? filled : { ...filled, typed: text };
}

const VARIABLE = /\$\{([a-z_]\w*)\}|\$\(([a-z_]\w*)\)|\$([a-z_]\w*)/gi;

const variableName = ([, braced, parenthesized, bare]: readonly (string | number | undefined)[]): string =>
  String(braced ?? parenthesized ?? bare ?? "");

function parsePlain(text: string): RequestDestination | RequestError {
  const trimmed = text.trim().replace(/^jdbc:/i, "");
  const url = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)/i.exec(trimmed);
  const scheme = url?.[1]?.toLowerCase();
  const known = scheme === undefined ? undefined : schemes.get(scheme);
  if (scheme !== undefined && known === undefined) return { error: noScheme(scheme) };
  const authority = url ? (url[2] ?? "").replace(/^.*@/, "") : trimmed.replace(/^([^/?#]+)[/?#].*$/, "$1");
  const place = splitAuthority(authority);
  if (place === undefined) return { error: noDestination(text) };
  // `http://web:` is a URL with the port of its scheme.
  const written = url && place.port === "" ? undefined : place.port;
  const port = written === undefined ? undefined : parsePort(written);
  if (written === "") return { error: emptyPort(text) };
  if (written !== undefined && port === undefined) return { error: noPort(written) };
  return { host: place.host, port, schemePort: known?.port, scheme, protocol: known?.protocol, typed: undefined };
}

function parseExternal(text: string, address: string | undefined): RequestSource | RequestError {
  if (address === undefined) return { kind: "external", ip: undefined };
  const ip = parseIP(address.replace(/^\[(.*)\]$/, "$1"));
  return ip === undefined ? { error: noSource(text) } : { kind: "external", ip };
}

/** `host:port`, `[v6]:port`, a bare host or a bare address. */
function splitAuthority(text: string): { readonly host: string; readonly port: string | undefined } | undefined {
  const bare = parseIP(text);
  if (bare !== undefined) return { host: bare, port: undefined };
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(text);
  if (bracketed) {
    const ip = parseIP(bracketed[1] ?? "");
    return ip?.includes(":") ? { host: ip, port: bracketed[2] } : undefined;
  }
  const [host = "", port, ...rest] = text.split(":");
  return rest.length === 0 && isHost(host) ? { host, port } : undefined;
}

const isHost = (text: string): boolean =>
  text.length <= 253 && /^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?$/i.test(text);

function parsePort(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65535 ? port : undefined;
}

/** Names of objects, as far as it matters here: no separators of a request, nothing that cannot be shown. */
const NAME = /^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/i;

/** kubectl's short names, and the plurals that it takes as well. */
const kindNamed = (text: string): string => {
  const kind = text.toLowerCase();
  return kinds.get(kind) ?? kinds.get(kind.replace(/s$/, "")) ?? text;
};

const kinds: ReadonlyMap<string, string> = new Map([
  ["po", "Pod"],
  ["pod", "Pod"],
  ["deploy", "Deployment"],
  ["deployment", "Deployment"],
  ["ds", "DaemonSet"],
  ["daemonset", "DaemonSet"],
  ["rs", "ReplicaSet"],
  ["replicaset", "ReplicaSet"],
  ["sts", "StatefulSet"],
  ["statefulset", "StatefulSet"],
  ["rc", "ReplicationController"],
  ["replicationcontroller", "ReplicationController"],
  ["job", "Job"],
  ["cj", "CronJob"],
  ["cronjob", "CronJob"],
]);

const noSource = (text: string): Message =>
  message`${shortened(text)} is no source: write pod:[NAMESPACE/]NAME, KIND/[NAMESPACE/]NAME, node:NAME or external[:IP]`;

const noDestination = (text: string): Message =>
  message`${shortened(text)} is no destination: write HOST[:PORT] or a URL, where HOST is a DNS name, an IP address, the name of a node or a variable such as ${"$WEB_SERVICE_HOST"}`;

const emptyPort = (text: string): Message =>
  message`${shortened(text)} has no port behind its colon: write a number from 1 to 65535 there, or leave the colon out`;

const noPort = (text: string): Message => message`${shortened(text)} is no port: write a number from 1 to 65535`;

const noBrackets = (variable: string): Message =>
  message`${variable} holds an IPv6 address, which needs brackets before a port: write ${`[${variable}]:PORT`}`;

const noScheme = (scheme: string): Message =>
  message`the scheme ${shortened(scheme)} has no port of its own here: write HOST:PORT, or a scheme such as http, https, redis or postgres`;

/** A value of the user's on one line. */
const shortened = (text: string) => {
  const line = text.replace(/\s+/g, " ");
  return quote(line.length > 80 ? `${line.slice(0, 80)}…` : line);
};
