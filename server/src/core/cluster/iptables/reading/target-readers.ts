import { parseIP } from "../../../base/ip.ts";
import type { Target } from "../rule.ts";
import type { Option, TargetOptions } from "./options.ts";
import { ALL_BITS, readBlock, readMark, readNumber, readPort } from "./values.ts";

/**
 * What a rule does. A bare name that is no target that comes with iptables is a chain; a target whose options are not all
 * understood keeps them as text.
 * @param text the text that the offsets are of
 */
export function readTarget(text: string, { how, name, options }: TargetOptions): Target {
  if (name === undefined) return { kind: "other", name: "", text: "" };
  if (how === "goto") return { kind: "goto", chain: name.text };
  const read = readers.get(name.text)?.(options);
  if (read !== undefined) return read;
  if (options.length === 0 && !extensions.has(name.text) && !readers.has(name.text)) {
    return { kind: "jump", chain: name.text };
  }
  const words = options.map((option) => text.slice(option.start, option.end).replace(/\s+/g, " "));
  return { kind: "other", name: name.text, text: words.join(" ") };
}

type Reader = (options: readonly Option[]) => Target | undefined;

/** A target without options. */
const bare =
  (target: Target): Reader =>
  (options) =>
    options.length === 0 ? target : undefined;

/** The text of an option's values, empty for a switch; `undefined` without the option. */
function textOf(options: readonly Option[], ...names: readonly string[]): string | undefined {
  const option = options.find(({ name }) => names.includes(name));
  return option === undefined || option.negated ? undefined : option.values.map(({ text }) => text).join(" ");
}

/** Whether there are no other options than these, and each at most once. */
const hasOnly = (options: readonly Option[], ...names: readonly string[]): boolean =>
  new Set(options.map(({ name }) => name)).size === options.length &&
  options.every(({ name, negated }) => names.includes(name) && !negated);

function readReject(options: readonly Option[]): Target | undefined {
  const answer = textOf(options, "--reject-with");
  if (!hasOnly(options, "--reject-with")) return undefined;
  const isUsual = answer === undefined || /^(?:icmp6?-port-unreachable|icmp6?-port-unreach|port-unreach)$/.test(answer);
  return isUsual ? { kind: "reject" } : { kind: "reject-with", answer };
}

function readMarkTarget(options: readonly Option[]): Target | undefined {
  const [option, ...others] = options;
  if (option === undefined || option.negated || others.length > 0) return undefined;
  const value = option.values.map(({ text }) => text).join(" ");
  const mark = readMark(value);
  const bits = readNumber(value);
  switch (option.name) {
    case "--set-xmark":
      return mark && { kind: "mark", how: "set", ...mark };
    case "--set-mark":
      return mark && { kind: "mark", how: "set", value: mark.value, mask: (mark.value | mark.mask) >>> 0 };
    case "--or-mark":
      return bits === undefined ? undefined : { kind: "mark", how: "or", value: bits, mask: bits };
    case "--xor-mark":
      return bits === undefined ? undefined : { kind: "mark", how: "xor", value: bits, mask: 0 };
    case "--and-mark":
      return bits === undefined ? undefined : { kind: "mark", how: "set", value: 0, mask: ~bits >>> 0 };
    default:
      return undefined;
  }
}

function readConnmark(options: readonly Option[]): Target | undefined {
  const set = readMark(textOf(options, "--set-xmark") ?? "");
  if (set !== undefined) return hasOnly(options, "--set-xmark") ? { kind: "connmark-set", ...set } : undefined;
  const plain = readMark(textOf(options, "--set-mark") ?? "");
  if (plain !== undefined) {
    const mask = (plain.value | plain.mask) >>> 0;
    return hasOnly(options, "--set-mark") ? { kind: "connmark-set", value: plain.value, mask } : undefined;
  }
  if (!hasOnly(options, "--save-mark", "--restore-mark", "--nfmask", "--ctmask", "--mask")) return undefined;
  const whole = textOf(options, "--mask");
  const packetMask = readNumber(textOf(options, "--nfmask") ?? whole ?? String(ALL_BITS));
  const connectionMask = readNumber(textOf(options, "--ctmask") ?? whole ?? String(ALL_BITS));
  if (packetMask === undefined || connectionMask === undefined) return undefined;
  if (textOf(options, "--save-mark") === "") return { kind: "connmark-save", packetMask, connectionMask };
  return textOf(options, "--restore-mark") === ""
    ? { kind: "connmark-restore", packetMask, connectionMask }
    : undefined;
}

/** `10.0.0.1:80`, `[fd00::1]:80`, or an address alone; not a range of either. */
function readPlace(text: string): { readonly ip: string; readonly port: number | undefined } | undefined {
  const colon = text.lastIndexOf(":");
  const isBracketed = text.startsWith("[");
  // An IPv6 address has a port only in brackets, and an IPv4 address has no other colon.
  if (colon < 0 || (!isBracketed && text.indexOf(":") !== colon)) {
    const bare = parseIP(text);
    return bare === undefined ? undefined : { ip: bare, port: undefined };
  }
  const host = text.slice(0, colon);
  const ip = parseIP(isBracketed && host.endsWith("]") ? host.slice(1, -1) : host);
  const port = readPort(text.slice(colon + 1));
  return ip === undefined || port === undefined || isBracketed !== ip.includes(":") ? undefined : { ip, port };
}

function readDnat(options: readonly Option[]): Target | undefined {
  const place = readPlace(textOf(options, "--to-destination", "--to") ?? "");
  if (place === undefined || !hasOnly(options, "--to-destination", "--to")) return undefined;
  const { ip, port } = place;
  return port === undefined ? { kind: "dnat-address", ip } : { kind: "dnat", ip, port };
}

function readSnat(options: readonly Option[]): Target | undefined {
  const place = readPlace(textOf(options, "--to-source", "--to") ?? "");
  if (place === undefined || !hasOnly(options, "--to-source", "--to", "--random-fully")) return undefined;
  return { kind: "snat", ...place, randomFully: textOf(options, "--random-fully") === "" };
}

function readRedirect(options: readonly Option[]): Target | undefined {
  const ports = textOf(options, "--to-ports", "--to-port");
  if (ports === undefined) return options.length === 0 ? { kind: "redirect", port: undefined } : undefined;
  const port = readPort(ports);
  return port !== undefined && hasOnly(options, "--to-ports", "--to-port") ? { kind: "redirect", port } : undefined;
}

function readMasquerade(options: readonly Option[]): Target | undefined {
  if (options.length === 0) return { kind: "masquerade", randomFully: false };
  const isRandom = hasOnly(options, "--random-fully") && textOf(options, "--random-fully") === "";
  return isRandom ? { kind: "masquerade", randomFully: true } : undefined;
}

const readers: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ["ACCEPT", bare({ kind: "accept" })],
  ["DROP", bare({ kind: "drop" })],
  ["RETURN", bare({ kind: "return" })],
  ["REJECT", readReject],
  ["MARK", readMarkTarget],
  ["CONNMARK", readConnmark],
  ["MASQUERADE", readMasquerade],
  ["DNAT", readDnat],
  ["SNAT", readSnat],
  ["REDIRECT", readRedirect],
  [
    "NETMAP",
    (options) => {
      const block = readBlock(textOf(options, "--to") ?? "");
      return block !== undefined && hasOnly(options, "--to") ? { kind: "netmap", block } : undefined;
    },
  ],
  ["NOTRACK", bare({ kind: "notrack", written: "NOTRACK" })],
  [
    "CT",
    (options) =>
      hasOnly(options, "--notrack") && options.length === 1 ? { kind: "notrack", written: "CT" } : undefined,
  ],
]);

/** The other targets that come with iptables; no chain can have one of these names. */
const extensions: ReadonlySet<string> = new Set([
  ...["AUDIT", "CHECKSUM", "CLASSIFY", "CLUSTERIP", "CONNSECMARK", "DNPT", "DSCP", "ECN", "HL", "HMARK", "IDLETIMER"],
  ...["LED", "LOG", "MIRROR", "NFLOG", "NFQUEUE", "QUEUE", "RATEEST", "SAME", "SECMARK", "SET", "SNPT", "SYNPROXY"],
  ...["TCPMSS", "TCPOPTSTRIP", "TEE", "TOS", "TPROXY", "TRACE", "TTL", "ULOG"],
]);
