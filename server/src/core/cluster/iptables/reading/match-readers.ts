import { parseIP } from "../../../base/ip.ts";
import type { CtState, ProtocolToken } from "../../netfilter/packet.ts";
import type { PortSide } from "../foreign.ts";
import { protocolNumbers } from "../listing.ts";
import type { Match } from "../rule.ts";
import { allOf, type MatchPart, type MatchReader } from "./match-part.ts";
import type { Instance, Option } from "./options.ts";
import { portProtocol } from "./protocol-options.ts";
import { readCount, readMark, readPort, readPortRange, readProbability } from "./values.ts";

/**
 * The matches of one use of a module. One whose options are not all understood is a match of the kind `other`, which
 * keeps them as text: nothing is known of it, so nothing is assumed.
 * @param text the text that the offsets are of
 */
export function readInstance(text: string, instance: Instance): readonly MatchPart[] {
  const read = readers.get(instance.module)?.(instance);
  if (read !== undefined) return read;
  const { module, options, start, end } = instance;
  const words = options.map((option) => text.slice(option.start, option.end).replace(/\s+/g, " "));
  return [{ match: { kind: "other", module, text: words.join(" ") }, start, end }];
}

/** A module with one option that matters, alone. */
const single =
  (names: readonly string[], read: (value: string, option: Option) => Match | undefined): MatchReader =>
  ({ options: [option, ...others], start, end }) => {
    if (option === undefined || others.length > 0 || !names.includes(option.name)) return undefined;
    const match = read(option.values.map(({ text }) => text).join(" "), option);
    return match && [{ match, start, end }];
  };

/** The value of the only option of a name; `undefined` where it is missing, repeated or negated. */
function plainValue({ options }: Instance, name: string): string | undefined {
  const found = options.filter((option) => option.name === name);
  const [option] = found;
  return option !== undefined && found.length === 1 && !option.negated && option.values.length === 1
    ? option.values[0]?.text
    : undefined;
}

/** Whether a module has just these options. */
const hasJust = ({ options }: Instance, ...names: readonly string[]): boolean =>
  options.length === names.length && names.every((name) => options.some((option) => option.name === name));

const ctStates: ReadonlySet<string> = new Set<CtState>([
  ...(["NEW", "ESTABLISHED", "RELATED", "INVALID", "UNTRACKED", "SNAT", "DNAT"] as const),
]);

const readStates = (text: string): readonly CtState[] | undefined =>
  allOf(text.split(","), (word) => (ctStates.has(word) ? (word as CtState) : undefined));

const icmp = (module: "icmp" | "icmp6" | "ipv6-icmp"): MatchReader =>
  single(["--icmp-type", "--icmpv6-type"], (type, { negated }) => ({ kind: "icmp-type", module, type, negated }));

const multiportSides: ReadonlyMap<string, PortSide | "either"> = new Map([
  ["--sports", "source"],
  ["--source-ports", "source"],
  ["--sport", "source"],
  ["--dports", "destination"],
  ["--destination-ports", "destination"],
  ["--dport", "destination"],
  ["--ports", "either"],
  ["--port", "either"],
]);

const readers: ReadonlyMap<string, MatchReader> = new Map<string, MatchReader>([
  ["tcp", portProtocol("tcp")],
  ["udp", portProtocol("udp")],
  ["sctp", portProtocol("sctp")],
  ["icmp", icmp("icmp")],
  ["icmp6", icmp("icmp6")],
  ["icmpv6", icmp("icmp6")],
  ["ipv6-icmp", icmp("ipv6-icmp")],
  ["comment", single(["--comment"], (text, { negated }) => (negated ? undefined : { kind: "comment", text }))],
  [
    "multiport",
    single([...multiportSides.keys()], (text, { name, negated }) => {
      const side = multiportSides.get(name);
      const ranges = allOf(text.split(","), readPortRange);
      return side && ranges && { kind: "multiport", side, ranges, negated };
    }),
  ],
  [
    "mark",
    single(["--mark"], (text, { negated }) => {
      const mark = readMark(text);
      return mark && { kind: "mark", ...mark, negated };
    }),
  ],
  [
    "connmark",
    single(["--mark"], (text, { negated }) => {
      const mark = readMark(text);
      return mark && { kind: "connmark", ...mark, negated };
    }),
  ],
  [
    "conntrack",
    single(["--ctstate"], (text, { negated }) => {
      const states = readStates(text);
      return states && { kind: "ctstate", states, negated };
    }),
  ],
  [
    "state",
    single(["--state"], (text, { negated }) => {
      const states = readStates(text);
      return states && { kind: "state", states, negated };
    }),
  ],
  [
    "addrtype",
    single(["--src-type", "--dst-type"], (type, { name, negated }) =>
      type === "LOCAL" ? { kind: "addrtype-local", side: name === "--src-type" ? "src" : "dst", negated } : undefined,
    ),
  ],
  [
    "set",
    single(["--match-set", "--set"], (_, { values: [set, directions], negated }) =>
      set && directions ? { kind: "set", set: set.text, directions: directions.text, negated } : undefined,
    ),
  ],
  [
    "limit",
    (instance) => {
      const rate = plainValue(instance, "--limit");
      const burst = plainValue(instance, "--limit-burst");
      const count = burst === undefined ? undefined : readCount(burst);
      const isWhole = burst === undefined ? hasJust(instance, "--limit") : count !== undefined && has2(instance);
      const { start, end } = instance;
      return rate !== undefined && isWhole ? [{ match: { kind: "limit", rate, burst: count }, start, end }] : undefined;
    },
  ],
  ["ipvs", readIpvs],
  ["statistic", readStatistic],
  ["recent", readRecent],
  ["nfacct", single(["--nfacct-name"], (name, { negated }) => (negated ? undefined : { kind: "nfacct", name }))],
  [
    "physdev",
    single(["--physdev-is-in"], (value, { negated }) =>
      value === "" ? { kind: "physdev-is-in", negated } : undefined,
    ),
  ],
]);

const has2 = (instance: Instance): boolean => hasJust(instance, "--limit", "--limit-burst");

function readStatistic(instance: Instance): readonly MatchPart[] | undefined {
  const { start, end } = instance;
  const mode = plainValue(instance, "--mode");
  if (mode === "random" && hasJust(instance, "--mode", "--probability")) {
    const chance = readProbability(plainValue(instance, "--probability") ?? "");
    return chance && [{ match: { kind: "statistic", ...chance }, start, end }];
  }
  if (mode !== "nth") return undefined;
  const every = readCount(plainValue(instance, "--every") ?? "");
  const packet = readCount(plainValue(instance, "--packet") ?? "0");
  const isWhole = hasJust(instance, "--mode", "--every", "--packet") || hasJust(instance, "--mode", "--every");
  if (!isWhole || !every || packet === undefined || packet >= every) return undefined;
  return [{ match: { kind: "statistic-nth", every, packet }, start, end }];
}

function readIpvs(instance: Instance): readonly MatchPart[] | undefined {
  const { start, end } = instance;
  const protocol = protocolsOfIpvs.get(plainValue(instance, "--vproto") ?? "");
  const address = parseIP(plainValue(instance, "--vaddr") ?? "");
  const port = readPort(plainValue(instance, "--vport") ?? "");
  const isWhole = hasJust(instance, "--vproto", "--vaddr", "--vport");
  if (!isWhole || protocol === undefined || address === undefined || port === undefined) return undefined;
  return [{ match: { kind: "ipvs", address, protocol, port }, start, end }];
}

const protocolsOfIpvs: ReadonlyMap<string, ProtocolToken> = new Map([
  ...(["tcp", "udp", "sctp"] as const).map((name) => [name, name] as const),
  ...(["tcp", "udp", "sctp"] as const).map((name) => [protocolNumbers[name], name] as const),
]);

/** The two uses that session affinity makes of the module; the mask of a whole address and the side go without saying. */
function readRecent(instance: Instance): readonly MatchPart[] | undefined {
  const { options, start, end } = instance;
  const list = plainValue(instance, "--name");
  const mask = plainValue(instance, "--mask");
  const isWholeMask = mask === undefined || mask === "255.255.255.255" || /^(?:ffff:){7}ffff$/.test(mask);
  const rest = options.filter(({ name }) => !["--name", "--mask", "--rsource"].includes(name));
  if (list === undefined || !isWholeMask || options.some(({ negated }) => negated)) return undefined;
  const names = rest.map(({ name }) => name).sort();
  if (names.join() === "--set") return [{ match: { kind: "recent-set", list }, start, end }];
  const seconds = readCount(plainValue(instance, "--seconds") ?? "");
  if (names.join() !== "--rcheck,--reap,--seconds" || seconds === undefined) return undefined;
  return [{ match: { kind: "recent-check", list, seconds }, start, end }];
}
