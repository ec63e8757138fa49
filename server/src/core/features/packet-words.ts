import { cut } from "../base/cut.ts";
import { type Message, message } from "../base/message.ts";
import type { End, Ends, Passing } from "../cluster/simulation/ends.ts";
import type { Reply } from "../cluster/simulation/reply.ts";
import type { ReachedEndpoint } from "../cluster/simulation/trace.ts";
import type { Wire } from "../cluster/simulation/wire.ts";
import { addressText, indented, markOf } from "./layout.ts";
import type { Line, Piece } from "./page.ts";

/** `10.0.0.7:* → 10.96.0.10:80`: whence and where a packet goes. An asterisk is the port that the client's kernel picks. */
export const endsText = ({ source, destination }: Ends): string => `${endText(source)} → ${endText(destination)}`;

/** A packet as it comes and, where something changes it, as it goes. */
export const passingText = ({ before, after }: Passing): string =>
  after === undefined ? endsText(before) : `${endsText(before)}  ⇒  ${endsText(after)}`;

/** Packets below the words about them. */
export function packetLines(level: number, packets: readonly Passing[] | undefined): readonly Line[] {
  const { shown, more } = cut(packets ?? [], MOST_PACKETS);
  return [
    ...shown.map((packet): Line => indented(level, { text: passingText(packet), role: "faint" })),
    ...(more > 0 ? [indented(level, { text: message`and ${more} more`, role: "faint" })] : []),
  ];
}

/** The packet behind the heading over what it passes; nothing where there are several. */
export function packetPieces(packets: readonly Passing[] | undefined): readonly Piece[] {
  const [only, ...others] = packets ?? [];
  if (only === undefined || others.length > 0) return [];
  return [{ text: "   " }, { text: endsText(only.before), role: "faint" }];
}

/** Nobody reads more. */
const MOST_PACKETS = 3;

function endText({ address, port }: End): string {
  const shown = address.ip.includes(":") ? `${markOf(address.origin)}[${address.ip}]` : addressText(address);
  return `${shown}:${port ?? "*"}`;
}

/** What carries a packet between two nodes. */
export function describeWire(wire: Wire): Message {
  switch (wire.kind) {
    case "vxlan": {
      const { source, destination } = wire.outer;
      const outer = `${addressText(source.address)} → ${endText(destination)}`;
      return message`wrapped in UDP ${outer}; the packet within stays as it is`;
    }
    case "route": {
      const block = `${markOf(wire.block.origin)}${wire.block.text}`;
      return message`the route to ${block} goes by ${addressText(wire.gateway)}`;
    }
  }
}

/** How the answer comes back, and what the client takes for its sender. */
export function describeReply({ route }: ReachedEndpoint, { undoneBy, memory, balanced }: Reply): Message {
  const nodes = undoneBy.join(", ");
  if (nodes === "") {
    return route === "same-pod"
      ? message`the answer never leaves the pod either`
      : message`the answer comes back as it is: no address was changed`;
  }
  if (balanced) {
    const keeper = memory === "ipvs" ? "IPVS" : memory;
    return message`${keeper} on ${nodes} puts the addresses back, and the load balancer hands the answer on in the connection that it took`;
  }
  switch (memory) {
    case "conntrack":
      return message`conntrack on ${nodes} puts the addresses back: to the client the answer comes from what it called`;
    case "ipvs":
      return message`IPVS on ${nodes} puts the addresses back: to the client the answer comes from what it called`;
    case "kube-proxy":
      return message`kube-proxy on ${nodes} hands the answer on: to the client it comes from what it called`;
  }
}

/** What it takes for the answer to come by the nodes that know the connection; nothing where it has no other way. */
export function describeNeeds({ needs, packets }: Reply): Message | undefined {
  switch (needs) {
    case "nothing":
      return undefined;
    case "bridge-calls": {
      const isIPv6 = packets[0]?.before.source.address.ip.includes(":") ?? false;
      const setting = isIPv6 ? "net.bridge.bridge-nf-call-ip6tables=1" : "net.bridge.bridge-nf-call-iptables=1";
      return message`client and endpoint hang on one bridge: without ${setting} the answer passes conntrack by`;
    }
    case "masquerade":
      return message`the answer comes by there only if the network plugin put a node's address in the place of the client's`;
  }
}
