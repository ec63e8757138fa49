import type { ProtocolToken } from "../../netfilter/packet.ts";
import type { PortSide, TcpFlag } from "../foreign.ts";
import type { Match } from "../rule.ts";
import { allOf, type MatchPart, type MatchReader } from "./match-part.ts";
import type { Option } from "./options.ts";
import { readPortRange } from "./values.ts";

/** The module of a protocol with ports: itself, then each of its options. */
export const portProtocol =
  (protocol: ProtocolToken): MatchReader =>
  ({ options, start, head }) => {
    const parts: MatchPart[] = [{ match: { kind: "protocol", protocol }, start, end: head }];
    for (const option of options) {
      const match = readProtocolOption(protocol, option);
      if (match === undefined) return undefined;
      parts.push({ match, start: option.start, end: option.end });
    }
    return parts;
  };

function readProtocolOption(protocol: ProtocolToken, option: Option): Match | undefined {
  const { name, negated, values } = option;
  const value = values.length === 1 ? values[0]?.text : undefined;
  if (name === "--tcp-flags" && protocol === "tcp") return readFlags(option);
  if (name === "--syn" && protocol === "tcp") return { kind: "tcp-flags", mask: synMask, set: ["SYN"], negated };
  const side = sides.get(name);
  const range = value === undefined ? undefined : readPortRange(value);
  if (side === undefined || range === undefined) return undefined;
  const [first, last] = range;
  if (side === "destination" && first === last && !negated) return { kind: "dport", port: first };
  return { kind: "port-range", side, first, last, negated };
}

const sides: ReadonlyMap<string, PortSide> = new Map([
  ["--sport", "source"],
  ["--source-port", "source"],
  ["--dport", "destination"],
  ["--destination-port", "destination"],
]);

function readFlags({ values: [mask, set], negated }: Option): Match | undefined {
  const masked = mask && flagsIn(mask.text);
  const up = set && flagsIn(set.text);
  return masked && up ? { kind: "tcp-flags", mask: masked, set: up, negated } : undefined;
}

const flags = ["FIN", "SYN", "RST", "PSH", "ACK", "URG"] as const satisfies readonly TcpFlag[];
const synMask = ["FIN", "SYN", "RST", "ACK"] as const satisfies readonly TcpFlag[];

function flagsIn(text: string): readonly TcpFlag[] | undefined {
  if (text === "NONE") return [];
  if (text === "ALL") return flags;
  return allOf(text.split(","), (word) => flags.find((flag) => flag === word));
}
