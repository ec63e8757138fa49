import { findNearest } from "../base/text.ts";
import type { Profile } from "../settings/profile.ts";
import { answer, type DnsLookup, labelsInCluster } from "./dns-answer.ts";

/** What may have been meant by a name that leads nowhere. */
export interface DnsHint {
  readonly kind:
    | Mistake["kind"]
    /** A single label, and the Service is in another namespace. */
    | "other-namespace"
    /** Namespace and Service the wrong way round. */
    | "swapped"
    /** The final dot switches the search domains off. */
    | "absolute"
    /** The client does not ask the cluster's DNS server, which knows the name. */
    | "not-cluster-dns"
    /** The client asks that server, but not with the search domains that most pods have. */
    | "not-searched";
  /** Names that do lead to a Service from here, the likeliest first. */
  readonly suggestions: readonly string[];
}

/** A name that takes after the names of the cluster and is none. */
export type Mistake =
  /** `web.svc`, `web.svc.cluster.local`, `web.cluster.local` */
  | { readonly kind: "missing-namespace"; readonly service: string; readonly rest: string }
  /** `web.shop.cluster.local` */
  | { readonly kind: "missing-svc"; readonly meant: string }
  /** `web.shop.svc.cluster.locl`: a domain that is nearly the cluster's, or the default one where that is another. */
  | { readonly kind: "wrong-domain"; readonly meant: string };

/**
 * Recognises a frequent mistake by the form of a name alone.
 * @param name in lower case, without the final dot
 */
export function findMistake(profile: Profile, name: string): Mistake | undefined {
  const labels = name.split(".");
  const inCluster = labelsInCluster(profile, name) ?? labelsInCluster({ ...profile, domain: COMMON_DOMAIN }, name);
  const before = inCluster ?? labels;
  const [service] = before;
  if (service !== undefined && before[1] === "svc" && before.length === 2) {
    return { kind: "missing-namespace", service, rest: inCluster ? `svc.${profile.domain}` : "svc" };
  }
  if (service !== undefined && inCluster?.length === 1 && service !== "svc" && service !== "pod") {
    return { kind: "missing-namespace", service, rest: `svc.${profile.domain}` };
  }
  const svc = labels.indexOf("svc", 2);
  const domain = labels.slice(svc + 1).join(".");
  if (svc > 0 && domain !== "" && domain !== profile.domain && isNearDomain(profile, domain)) {
    return { kind: "wrong-domain", meant: `${labels.slice(0, svc + 1).join(".")}.${profile.domain}` };
  }
  const area = inCluster?.at(-1);
  if (inCluster && inCluster.length > 1 && area !== "svc" && area !== "pod") {
    return { kind: "missing-svc", meant: `${inCluster.join(".")}.svc.${profile.domain}` };
  }
  return undefined;
}

/** What may have been meant by a name; only what leads to a Service is suggested. */
export function findHints(profile: Profile, lookup: DnsLookup, namespace: string, name: string): readonly DnsHint[] {
  const mistake = findMistake(profile, name);
  const homes = (service: string): readonly string[] =>
    lookup
      .namespacesOf(service)
      .filter((home) => leads(profile, lookup, `${service}.${home}.svc.${profile.domain}`))
      .sort((one, other) => Number(other === namespace) - Number(one === namespace));
  if (mistake?.kind === "missing-namespace") {
    const { kind, service, rest } = mistake;
    return hint(
      kind,
      homes(service).map((home) => `${service}.${home}.${rest}`),
    );
  }
  if (mistake !== undefined) return hint(mistake.kind, leads(profile, lookup, mistake.meant) ? [mistake.meant] : []);
  const [first = "", second, ...rest] = name.split(".");
  if (second === undefined) {
    const others = homes(first).filter((home) => home !== namespace);
    return hint(
      "other-namespace",
      others.map((home) => `${first}.${home}`),
    );
  }
  const swapped = [second, first, ...rest].join(".");
  const isService = ["", "svc", `svc.${profile.domain}`].includes(rest.join("."));
  const found = isService && leads(profile, lookup, `${second}.${first}.svc.${profile.domain}`);
  return hint("swapped", found ? [swapped] : []);
}

const hint = (kind: DnsHint["kind"], suggestions: readonly string[]): readonly DnsHint[] =>
  suggestions.length === 0 ? [] : [{ kind, suggestions }];

/** Whether an absolute name of the cluster has an address, or is the alias of a name elsewhere. */
function leads(profile: Profile, lookup: DnsLookup, name: string): boolean {
  const { kind } = answer(profile, lookup, name, name.startsWith("_") ? "SRV" : "address");
  return kind === "records" || kind === "elsewhere";
}

const isNearDomain = (profile: Profile, domain: string): boolean =>
  `${profile.domain}.`.startsWith(`${domain}.`) || findNearest(domain, [profile.domain, COMMON_DOMAIN]) !== undefined;

/** The domain of most clusters. */
const COMMON_DOMAIN = "cluster.local";
