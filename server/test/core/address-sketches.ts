import assert from "node:assert/strict";
import fc from "fast-check";
import { type Family, parseCidr } from "../../src/core/base/ip.ts";
import { type AddressPlan, planAddresses, type ServiceAddresses } from "../../src/core/cluster/addresses.ts";
import { type PodKey, podId } from "../../src/core/cluster/pod-addresses.ts";
import { defaultProfile, type Profile } from "../../src/core/settings/profile.ts";
import { makeService, type ServiceSketch } from "./objects.ts";

/** CIDR blocks from texts. */
export const blocks = (...texts: readonly string[]) => texts.flatMap((text) => parseCidr(text) ?? []);

/** A cluster with blocks of both families, IPv4 first. */
export const dualStack: Profile = {
  ...defaultProfile,
  serviceCIDR: blocks("10.96.0.0/12", "fd00:10:96::/112"),
  podCIDR: blocks("10.244.0.0/16", "fd00:10:244::/56"),
};

/** A pod of a workload, with what matters. */
export const pod = (owner: string, ordinal = 0, more: Partial<PodKey> = {}): PodKey => ({
  namespace: "default",
  owner,
  ordinal,
  hostNetwork: false,
  node: undefined,
  observedIPs: undefined,
  ...more,
});

/** The addresses of one Service in a cluster of its own. */
export function addressesOf(sketch: ServiceSketch, profile = defaultProfile): ServiceAddresses {
  const service = makeService(sketch);
  const addresses = planAddresses(profile, [service], []).services.get(service);
  assert.ok(addresses);
  return addresses;
}

/** Where a pod is in a plan. */
export const placementOf = (plan: AddressPlan, key: PodKey) => plan.pods.get(podId(key));

// Few names and small ranges, so that collisions do happen.
export const sketches: fc.Arbitrary<ServiceSketch> = fc.record(
  {
    name: fc.constantFrom("a", "b", "c", "web", "db", "kubernetes"),
    namespace: fc.constantFrom("default", "shop"),
    type: fc.constantFrom("ClusterIP" as const, "NodePort" as const, "LoadBalancer" as const, "ExternalName" as const),
    ports: fc.array(
      fc.record(
        {
          port: fc.constantFrom(53, 80, 443),
          protocol: fc.constantFrom("TCP" as const, "UDP" as const),
          nodePort: fc.integer({ min: 30000, max: 30040 }),
        },
        { requiredKeys: ["port"] },
      ),
      { maxLength: 3 },
    ),
    clusterIPs: fc.array(fc.constantFrom("10.96.0.20", "10.96.0.21", "fd00:10:96::5", "nonsense"), { maxLength: 2 }),
    ipFamilyPolicy: fc.constantFrom("SingleStack" as const, "PreferDualStack" as const, "RequireDualStack" as const),
    ipFamilies: fc.constantFrom<Family[]>([], ["IPv4"], ["IPv6"], ["IPv6", "IPv4"]),
    headless: fc.boolean(),
    externalTrafficPolicy: fc.constantFrom("Cluster" as const, "Local" as const),
  },
  { requiredKeys: ["name"] },
);

/** Services of distinct names. */
export const services = fc
  .uniqueArray(sketches, { selector: ({ namespace = "default", name }) => `${namespace}/${name}`, maxLength: 8 })
  .map((all) => all.map(makeService));
