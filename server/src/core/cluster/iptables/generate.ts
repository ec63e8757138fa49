import { generateCurrentRules } from "./current-era.ts";
import type { ProxyInput } from "./proxy-input.ts";
import type { RuleSet } from "./rule.ts";

/**
 * The rules that kube-proxy in iptables mode writes on one node for one address family, with the jumps from the
 * built-in chains. Deterministic, and independent of the order of Services. Text and structure follow the release in
 * the configuration; where another release's text stands in, {@link RuleSet.notes} says so.
 * @see https://github.com/kubernetes/kubernetes/blob/master/pkg/proxy/iptables/proxier.go `syncProxyRules`
 */
export function generateRules(input: ProxyInput): RuleSet {
  return generateCurrentRules(input);
}
