import { type Family, familyOf, parseIP } from "../base/ip.ts";
import type { ServiceManifest } from "../manifest/model.ts";
import type { Profile } from "../settings/profile.ts";

/**
 * The address families of a Service, the primary one first, as the API server completes `ipFamilies`: what is written,
 * else what the written cluster IPs imply, else the cluster's default; and a second one where `ipFamilyPolicy` asks.
 * @returns nothing for an ExternalName; without the families that the cluster does not have, unless the Service is
 *   headless and without selector, so that they do not matter
 */
export function familiesOf(profile: Profile, service: ServiceManifest): readonly Family[] {
  if (service.serviceType.value === "ExternalName") return [];
  const configured = profile.serviceCIDR.map((block) => block.family);
  const byHand =
    service.headless !== undefined && service.selector === undefined && service.selectorPlaceholder === undefined;
  const policy = service.ipFamilyPolicy?.value ?? (byHand ? "RequireDualStack" : "SingleStack");
  const asked = writtenFamilies(service);
  const families = asked.length > 0 ? asked : configured.slice(0, 1);
  const usable = byHand ? families : families.filter((family) => configured.includes(family));
  const [primary] = usable;
  if (primary === undefined || policy === "SingleStack") return usable.slice(0, 1);
  const second: Family = primary === "IPv4" ? "IPv6" : "IPv4";
  return byHand || configured.includes(second) ? [primary, second] : [primary];
}

/** The families in which a Service may have endpoints: those of the cluster, and those that it says it has. */
export const servedFamilies = (profile: Profile, service: ServiceManifest): readonly Family[] => [
  ...new Set([...writtenFamilies(service), ...familiesOf(profile, service)]),
];

/** The families that a Service itself says it has: its `ipFamilies`, else those of its written cluster IPs. */
export function writtenFamilies(service: ServiceManifest): readonly Family[] {
  const written = service.ipFamilies.map((field) => field.value);
  const implied = service.clusterIPs.flatMap(({ value }) => familyIfAddress(value) ?? []);
  return [...new Set(written.length > 0 ? written : implied)];
}

function familyIfAddress(text: string): Family | undefined {
  const ip = parseIP(text);
  return ip === undefined ? undefined : familyOf(ip);
}
