import { apiServerAddress, dnsServerAddress, type Profile } from "../../settings/profile.ts";
import type { Attempt, NameResolution } from "../dns.ts";
import type { Address } from "../resolution.ts";

/** A Service that every cluster has, though no manifest here shows it, as the answer to a name. */
export interface ClusterItself {
  readonly what: "API server" | "DNS server";
  /** `undefined` in a cluster without Service CIDR. */
  readonly address: Address | undefined;
  /** The only one of the Service that a client would call. */
  readonly port: number;
  /** The questions up to the one that the cluster would answer, with that answer. */
  readonly attempts: readonly Attempt[];
}

/** Finds the question that is about such a Service, among those that the manifests have no answer to. */
export function findClusterItself(profile: Profile, { attempts }: NameResolution): ClusterItself | undefined {
  for (const [index, { query, answer }] of attempts.entries()) {
    if (answer.kind !== "nxdomain" || answer.because.kind !== "no-service") continue;
    const { name, namespace } = answer.because;
    const known = services.find((service) => service.name === name && service.namespace === namespace);
    if (known === undefined || query !== `${name}.${namespace}.svc.${profile.domain}`) continue;
    const { what, port } = known;
    const ip = known.address(profile);
    if (ip === undefined) return { what, address: undefined, port, attempts };
    const record = { type: ip.includes(":") ? "AAAA" : "A", name: query, ip, origin: "simulated" } as const;
    const given: Attempt = {
      query,
      answer: {
        kind: "records",
        records: [{ ...record, because: undefined }],
        service: undefined,
        host: undefined,
        guaranteed: true,
      },
    };
    return { what, address: { ip, origin: "simulated" }, port, attempts: [...attempts.slice(0, index), given] };
  }
  return undefined;
}

const services = [
  { name: "kubernetes", namespace: "default", what: "API server", port: 443, address: apiServerAddress },
  { name: "kube-dns", namespace: "kube-system", what: "DNS server", port: 53, address: dnsServerAddress },
] as const;
