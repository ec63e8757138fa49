/** A chain that kube-proxy names after a service port, or an endpoint of one. */
export interface HashedChain {
  readonly kind: "SVC" | "SVL" | "EXT" | "FW" | "XLB" | "SEP";
  /** What all chains of one port share; for SEP, what the endpoint adds is in it as well. */
  readonly hash: string;
}

/** Takes a chain's name apart; `undefined` for a chain of another kind. */
export function readChainName(chain: string): HashedChain | undefined {
  const found = HASHED.exec(chain);
  if (found?.[1] === undefined || found[2] === undefined) return undefined;
  return { kind: found[1] as HashedChain["kind"], hash: found[2] };
}

const HASHED = /^KUBE-(SVC|SVL|EXT|FW|XLB|SEP)-([A-Z2-7]{16})$/;
