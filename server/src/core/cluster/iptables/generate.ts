import { type Message, message } from "../../base/message.ts";
import { isFrom, type ProxyInput, type Release } from "../kube-proxy/proxy-input.ts";
import { generateCurrentRules } from "./current-era.ts";
import { generateHistoricRules } from "./historic-era.ts";
import type { RuleSet } from "./rule.ts";
import { generateTransitionalRules } from "./transitional-era.ts";

/**
 * The rules that kube-proxy in iptables mode writes on one node for one address family, with the jumps from the
 * built-in chains. Deterministic, and independent of the order of Services. Text and structure follow the release in
 * the configuration; where another release's text stands in, {@link RuleSet.notes} says so.
 * @see https://github.com/kubernetes/kubernetes/blob/master/pkg/proxy/iptables/proxier.go `syncProxyRules`
 */
export function generateRules(input: ProxyInput): RuleSet {
  const { release } = input.config;
  return { ...generateEra(input), notes: noteRelease(release) };
}

function generateEra(input: ProxyInput): RuleSet {
  const { release } = input.config;
  if (isFrom(release, 25)) return generateCurrentRules(input);
  return isFrom(release, 24) ? generateTransitionalRules(input) : generateHistoricRules(input);
}

/** Says how sure the text is: exact from 1.26, and where an older release's own source was read. */
function noteRelease(release: Release): readonly Message[] {
  const version = `${release.major}.${release.minor}`;
  if (isFrom(release, 26)) return [];
  if (isFrom(release, 25)) {
    return [message`these are the rules of Kubernetes 1.26; those of ${version} may differ in the order of lines`];
  }
  if (!isFrom(release, 2)) {
    return [
      message`these are the rules of Kubernetes 1.2; ${version} marked packets for masquerading without the chain KUBE-MARK-MASQ`,
    ];
  }
  if (READ.includes(release.minor)) return [];
  return [message`rules of Kubernetes ${version} as its neighbouring releases suggest; details may differ`];
}

/** Minor releases before 1.25 whose rules are known from their own source or listings. */
const READ: readonly number[] = [2, 7, 8, 17, 22, 23, 24];
