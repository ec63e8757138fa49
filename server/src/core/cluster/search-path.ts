import { parseIP } from "../base/ip.ts";
import { isPlaceholder } from "../base/text.ts";
import type { DnsConfig } from "../manifest/model.ts";
import { atLeast, dnsServerAddress, type Profile } from "../settings/profile.ts";

/** Who asks: a pod, by what of its spec bears on DNS; a node or a host outside, with `dnsPolicy` `Default`. */
export interface DnsClient {
  readonly namespace: string;
  readonly dnsPolicy: string;
  readonly hostNetwork: boolean;
  readonly dnsConfig: DnsConfig;
}

/** A client's resolv.conf. */
export interface SearchPath {
  /** Whose server answers: the cluster's, the node's, or one that only `spec.dnsConfig` names. */
  readonly server: "cluster" | "node" | "custom";
  /** Domains to append, in the order they are tried; those of the node come among them and are not known. */
  readonly domains: readonly string[];
  /** Names with fewer dots are tried with the search domains first. */
  readonly ndots: number;
  /** `ClusterFirst` was meant, but a pod on the host network gets the node's server all the same. */
  readonly hostNetworkTrap: boolean;
}

/** The `dnsConfig` of a pod that gives none. */
export const noDnsConfig: DnsConfig = { nameservers: [], searches: [], options: [] };

/**
 * The resolv.conf that the kubelet writes for a client: what its `dnsPolicy` gives, then what its `dnsConfig` adds. Of
 * several servers the first one is asked, and the others only while it is silent. A policy that the API does not know
 * counts as `ClusterFirst`. Domains that are filled in later are left out.
 * @param clusterServers addresses of the cluster's DNS server besides the one that kubeadm gives it
 * @see https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/
 */
export function searchPath(profile: Profile, client: DnsClient, clusterServers: readonly string[] = []): SearchPath {
  const { dnsConfig } = client;
  const base = policyPath(profile, client, [...clusterServers, dnsServerAddress(profile), NODE_LOCAL]);
  const added = dnsConfig.searches.map(({ value }) => value.toLowerCase().replace(/\.$/, "")).filter(isDomain);
  const domains = [...new Set([...base.domains, ...added])];
  return { ...base, domains: domains.slice(0, mostDomains(profile)), ndots: ndotsOf(dnsConfig) ?? base.ndots };
}

function policyPath(
  profile: Profile,
  { namespace, dnsPolicy, hostNetwork, dnsConfig }: DnsClient,
  clusterServers: readonly (string | undefined)[],
): SearchPath {
  const trap = hostNetwork && dnsPolicy === "ClusterFirst";
  if (dnsPolicy === "None") {
    const [first] = dnsConfig.nameservers;
    const isCluster = first !== undefined && clusterServers.includes(parseIP(first.value) ?? "");
    return { server: isCluster ? "cluster" : "custom", domains: [], ndots: 1, hostNetworkTrap: false };
  }
  if (dnsPolicy === "Default" || trap) return { server: "node", domains: [], ndots: 1, hostNetworkTrap: trap };
  const domains = [`${namespace}.svc.${profile.domain}`, `svc.${profile.domain}`, profile.domain];
  return { server: "cluster", domains, ndots: 5, hostNetworkTrap: false };
}

/**
 * The address that a cache on every node usually has; it passes names of the cluster on to the cluster's server.
 * @see https://kubernetes.io/docs/tasks/administer-cluster/nodelocaldns/
 */
const NODE_LOCAL = "169.254.20.10";

/** The last `ndots` counts; without a number the C library takes its own default. */
function ndotsOf({ options }: DnsConfig): number | undefined {
  const option = options.findLast(({ name }) => name.value === "ndots");
  if (option === undefined || (option.value !== undefined && isPlaceholder(option.value.value))) return undefined;
  return /^\d+$/.test(option.value?.value ?? "") ? Math.min(Number(option.value?.value), MOST_NDOTS) : 1;
}

/** The C library knows no more. */
const MOST_NDOTS = 15;

/** More search domains the kubelet leaves out. Source: kubernetes/kubernetes pkg/apis/core/validation, ExpandedDNSConfig. */
const mostDomains = (profile: Profile): number => (atLeast(profile, 1, 26) ? 32 : 6);

const isDomain = (text: string): boolean =>
  !isPlaceholder(text) && text.split(".").every((label) => label.length > 0 && label.length <= 63);
