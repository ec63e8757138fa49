/**
 * Matches that Kubernetes does not write, but that stand beside its rules on real nodes: of network plugins, container
 * runtimes, service meshes and administrators.
 */
export type ForeignMatch =
  /** A name, or a prefix that ends in `+`. */
  | { readonly kind: "out-interface"; readonly name: string; readonly negated: boolean }
  /** `-f`: all fragments of a packet but the first. */
  | { readonly kind: "fragment"; readonly negated: boolean }
  /** `--sport`, and `--dport` where it is a range or negated. */
  | {
      readonly kind: "port-range";
      readonly side: PortSide;
      readonly first: number;
      readonly last: number;
      readonly negated: boolean;
    }
  /** `-m multiport` */
  | {
      readonly kind: "multiport";
      readonly side: PortSide | "either";
      readonly ranges: readonly PortRange[];
      readonly negated: boolean;
    }
  /** Of the flags in the mask, exactly those of the set are up. */
  | {
      readonly kind: "tcp-flags";
      readonly mask: readonly TcpFlag[];
      readonly set: readonly TcpFlag[];
      readonly negated: boolean;
    }
  /** `-m icmp --icmp-type`; the type as it is written: `8`, `3/4`, `any`. */
  | {
      readonly kind: "icmp-type";
      readonly module: "icmp" | "icmp6" | "ipv6-icmp";
      readonly type: string;
      readonly negated: boolean;
    }
  /** The mark of the connection. */
  | { readonly kind: "connmark"; readonly value: number; readonly mask: number; readonly negated: boolean }
  /** Holds until a rate is used up: `3/min`. `undefined` is the usual burst of five. */
  | { readonly kind: "limit"; readonly rate: string; readonly burst: number | undefined }
  /** Holds for one packet in every so many, in turn. */
  | { readonly kind: "statistic-nth"; readonly every: number; readonly packet: number }
  /** A module, or options of one, of which nothing more is known than their text. No module has what belongs to none. */
  | { readonly kind: "other"; readonly module: string; readonly text: string };

/** Whose port a match is about. */
export type PortSide = "source" | "destination";

/** Both ends belong to it. */
export type PortRange = readonly [first: number, last: number];

/** A flag of TCP by the name that iptables has for it. */
export type TcpFlag = "FIN" | "SYN" | "RST" | "PSH" | "ACK" | "URG";

/** Targets that Kubernetes does not write. */
export type ForeignTarget =
  /** Like a jump, but the chain returns to where the present one would. */
  | { readonly kind: "goto"; readonly chain: string }
  /** REJECT with another answer than the usual one. */
  | { readonly kind: "reject-with"; readonly answer: string }
  /** DNAT that leaves the port as it is. */
  | { readonly kind: "dnat-address"; readonly ip: string }
  /** `port` is `undefined` where it stays, as far as possible. */
  | { readonly kind: "snat"; readonly ip: string; readonly port: number | undefined; readonly randomFully: boolean }
  /** To the node itself; `undefined` leaves the port as it is. */
  | { readonly kind: "redirect"; readonly port: number | undefined }
  /** Every address of a block to its counterpart in another one. */
  | { readonly kind: "netmap"; readonly block: string }
  /** Clears the mask's bits of the connection's mark and xors the value. */
  | { readonly kind: "connmark-set"; readonly value: number; readonly mask: number }
  /** Copies the mark between packet and connection, as far as the masks reach. */
  | {
      readonly kind: "connmark-save" | "connmark-restore";
      readonly packetMask: number;
      readonly connectionMask: number;
    }
  /** Keeps the packet from connection tracking, and so from the nat table. */
  | { readonly kind: "notrack"; readonly written: "NOTRACK" | "CT" }
  /** A target, or options of one, of which nothing more is known than name and text. */
  | { readonly kind: "other"; readonly name: string; readonly text: string };
