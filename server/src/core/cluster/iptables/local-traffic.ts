import { detectPodTraffic } from "../kube-proxy/pod-traffic.ts";
import type { ProxyInput } from "../kube-proxy/proxy-input.ts";
import type { NegatableMatch } from "./matches.ts";

/** The match that holds for traffic of pods, `undefined` where no detector is configured. */
export function matchPodTraffic(input: ProxyInput): NegatableMatch | undefined {
  const traffic = detectPodTraffic(input);
  switch (traffic?.by) {
    case "block":
      return { kind: "source", block: traffic.block, negated: false };
    case "interface":
      return { kind: "in-interface", name: traffic.name, negated: false };
    case "interface-prefix":
      return { kind: "in-interface", name: `${traffic.prefix}+`, negated: false };
    case undefined:
      return undefined;
  }
}
