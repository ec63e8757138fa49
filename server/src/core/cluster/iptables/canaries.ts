import { isFrom, type ProxyInput } from "../kube-proxy/proxy-input.ts";
import type { Tables } from "./rule-set-writer.ts";

/**
 * The empty chain by which kube-proxy notices a flush: if it is gone, so are all rules, and it writes them again. It is
 * made with `iptables -N`, not by iptables-restore.
 */
export const PROXY_CANARY = "KUBE-PROXY-CANARY";

/**
 * Adds kube-proxy's canary to both tables; from 1.17.
 * @see https://github.com/kubernetes/kubernetes/pull/81517
 */
export function addProxyCanary({ config }: ProxyInput, { nat, filter }: Tables): void {
  if (isFrom(config.release, 17)) for (const table of [nat, filter]) table.chain(PROXY_CANARY);
}

/** Adds the kubelet's, which is there in every mode of kube-proxy; from 1.17. */
export function addKubeletCanary({ config }: ProxyInput, { nat, filter }: Tables): void {
  if (isFrom(config.release, 17)) for (const table of [nat, filter]) table.chain("KUBE-KUBELET-CANARY", "kubelet");
}
