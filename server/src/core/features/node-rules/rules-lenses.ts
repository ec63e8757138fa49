import { message } from "../../base/message.ts";
import type { RulesText } from "../../cluster/iptables/reading/read-rules.ts";
import type { Lens } from "../lens.ts";

/** What can be done with the rules of a node, above the first of them. */
export function findRulesLenses({ uri, captures }: RulesText): readonly Lens[] {
  const [first] = captures;
  if (first === undefined) return [];
  return [
    { range: first.range, title: message`Simulate request`, action: { kind: "simulate-in-rules", rules: uri } },
    { range: first.range, title: message`Compare with the manifests`, action: { kind: "compare-rules", rules: uri } },
  ];
}
