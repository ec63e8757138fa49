import type { ProxyInput } from "../../src/core/cluster/kube-proxy/proxy-input.ts";

/** One release of each layout: checks before the translation, checks behind it, rules without jumps, single endpoints. */
export const releases = [33, 34, 36, 37] as const;

/** An input as kube-proxy 1.`minor` would read it in nftables mode. */
export const inRelease = (input: ProxyInput, minor: number): ProxyInput => ({
  ...input,
  config: {
    ...input.config,
    release: { major: 1, minor },
    serviceCIDRs: ["10.96.0.0/16", "fd00:10:96::/112"],
  },
});
