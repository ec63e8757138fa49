import { groupBy } from "../../base/group-by.ts";
import { contains, type Family, parseCidr } from "../../base/ip.ts";
import { oncePer } from "../../base/once.ts";
import type { SourceRange } from "../../base/source.ts";
import type { Endpoint, ServicePort } from "../kube-proxy/proxy-input.ts";
import type { ProtocolToken } from "./packet.ts";

/** A set of the kernel's, which a rule of iptables looks packets up in. */
export interface IpSet {
  readonly name: string;
  readonly type: SetType;
  readonly family: Family;
  /** What kube-proxy writes beside the rules that use the set; the set itself carries no comment. */
  readonly comment: string;
  /** Distinct by {@link entryText}, in the order in which `ipset -sorted` prints them. */
  readonly entries: readonly SetEntry[];
}

/** What an entry consists of, in ipset's words. */
export type SetType = "hash:ip" | "hash:ip,port" | "hash:ip,port,ip" | "hash:ip,port,net" | "bitmap:port";

/** One member of a set: the parts that its type has. */
export interface SetEntry {
  /** Canonical text. */
  readonly ip?: string;
  readonly protocol?: ProtocolToken;
  readonly port?: number;
  /** The address or block of the other side, canonical. A block of one address is written without its length. */
  readonly other?: string;
  /** The service port, and the endpoint, for which kube-proxy added it. Several may share an entry: the first. */
  readonly cause: SetCause;
}

/** What an entry is there for. */
export interface SetCause {
  readonly port: ServicePort;
  readonly endpoint?: Endpoint;
  /** The YAML behind it. */
  readonly because: SourceRange | undefined;
}

/** `10.96.0.1,tcp:443,10.244.0.5`, as ipset reads and prints it. */
export function entryText({ ip, protocol, port, other }: Omit<SetEntry, "cause">): string {
  const service = protocol === undefined ? port : `${protocol}:${port}`;
  return [ip, service, other].filter((part) => part !== undefined).join(",");
}

/** The part of a packet that sets look at. */
export interface SetQuery {
  readonly protocol: ProtocolToken;
  readonly source: string;
  readonly destination: string;
  /** The destination port. */
  readonly port: number;
}

/**
 * The first entry of a set that holds a packet, `undefined` where none does.
 * @param directions which side of the packet each part of an entry is compared with: `dst,dst,src`. kube-proxy asks for
 * destination ports alone; a source port is held by nothing here.
 */
export function findInSet(set: IpSet | undefined, directions: string, packet: SetQuery): SetEntry | undefined {
  if (set === undefined) return undefined;
  const sides = directions.split(",");
  const addressOf = (side: string | undefined): string => (side === "src" ? packet.source : packet.destination);
  const portSide = set.type === "bitmap:port" ? 0 : 1;
  if (set.type !== "hash:ip" && sides[portSide] !== "dst") return undefined;
  // A set of ports has no addresses to look for.
  const sought = set.type === "bitmap:port" ? packet.port : addressOf(sides[0]);
  return entriesBy(set)
    .get(sought)
    ?.find(
      ({ ip, protocol, port, other }) =>
        (ip === undefined || ip === addressOf(sides[0])) &&
        (protocol === undefined || protocol === packet.protocol) &&
        (port === undefined || port === packet.port) &&
        (other === undefined || isWithin(addressOf(sides[2]), other)),
    );
}

/** The entries of a set by the first part that they have, in their order. */
const entriesBy: (set: IpSet) => ReadonlyMap<string | number | undefined, readonly SetEntry[]> = oncePer(
  ({ entries }) => groupBy(entries, ({ ip, port }) => ip ?? port),
);

function isWithin(address: string, block: string): boolean {
  if (!block.includes("/")) return address === block;
  const parsed = parseCidr(block);
  return parsed !== undefined && contains(parsed, address);
}
