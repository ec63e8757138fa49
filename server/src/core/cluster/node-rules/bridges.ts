import { formatCidr, parseCidr } from "../../base/ip.ts";
import { oncePer } from "../../base/once.ts";
import type { Rule } from "../iptables/rule.ts";
import { isNetwork } from "../netfilter/addresses.ts";
import type { Bridge } from "../netfilter/packet.ts";
import type { NodeRules } from "./node-rules.ts";

/**
 * The bridges of a node that serve one network each, as its rules tell: `-s 172.17.0.0/16 ! -o docker0 -j MASQUERADE`.
 * Only bridges whose name tells that a program made them for containers or virtual machines: what a rule asks of any
 * other interface may be an administrator's wish. One that stands beside several networks is left out.
 */
export const bridgesOf: (rules: NodeRules) => readonly Bridge[] = oncePer(({ ruleSet }) => {
  const found = new Map<string, Bridge[]>();
  for (const { others } of ruleSet.tables.values()) {
    // kube-proxy's own chains ask for no bridge and its network together.
    for (const { rules } of others) {
      for (const rule of rules) {
        const bridge = bridgeIn(rule);
        if (bridge !== undefined) found.set(bridge.name, [...(found.get(bridge.name) ?? []), bridge]);
      }
    }
  }
  return [...found.values()].flatMap((told) => {
    const [first, ...others] = new Set(told.map(({ network }) => formatCidr(network)));
    const bridge = told.find(({ isWhole }) => isWhole) ?? told[0];
    return first === undefined || others.length > 0 || bridge === undefined ? [] : [bridge];
  });
});

const madeByPrograms =
  /^(?:docker(?:\d+|_gwbridge)|br-[0-9a-f]{12}|virbr\d+|(?:cni-)?podman\d+|cni\d+|cbr0|lxdbr\d+|lxcbr\d+)$/;

function bridgeIn({ matches, target }: Rule): Bridge | undefined {
  let name: string | undefined;
  let block: string | undefined;
  let isWhole = false;
  for (const match of matches) {
    switch (match.kind) {
      case "in-interface":
      case "out-interface":
        // What a network sends anywhere but to itself gets another address: so Docker and libvirt serve theirs.
        if (match.negated && (match.kind === "in-interface" || target.kind !== "masquerade")) return undefined;
        isWhole = match.negated;
        if (name !== undefined && name !== match.name) return undefined;
        name = match.name;
        break;
      case "source":
      case "destination":
        if (match.negated || block !== undefined) return undefined;
        block = match.block;
        break;
      default:
        break;
    }
  }
  if (name === undefined || block === undefined || !madeByPrograms.test(name) || !isNetwork(block)) {
    return undefined;
  }
  const network = parseCidr(block);
  return network && { name, network, isWhole };
}
