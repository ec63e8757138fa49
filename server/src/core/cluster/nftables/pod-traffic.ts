import { detectPodTraffic } from "../kube-proxy/pod-traffic.ts";
import type { ProxyInput } from "../kube-proxy/proxy-input.ts";
import { checksAfterDnat } from "./releases.ts";
import { address, type NegatableMatch } from "./statements.ts";

/** The match that holds for traffic of pods, `undefined` where no detector is configured. */
export function matchPodTraffic(input: ProxyInput): NegatableMatch | undefined {
  const traffic = detectPodTraffic(input);
  switch (traffic?.by) {
    case "block":
      return address("source", traffic.block);
    case "interface": {
      const by = checksAfterDnat(input.config.release) ? "iifname" : "iif";
      return { kind: "in-interface", by, name: traffic.name, negated: false };
    }
    // Up to 1.33 kube-proxy means the same and says it wrongly.
    case "interface-prefix":
      return { kind: "in-interface", by: "iifname", name: `${traffic.prefix}*`, negated: false };
    case undefined:
      return undefined;
  }
}
