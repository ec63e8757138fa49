import { readdirSync, readFileSync } from "node:fs";
import {
  type Endpoint,
  kubeadmConfig,
  type NodeInfo,
  type ProxyConfig,
  type ProxyInput,
  type Release,
  type ServicePort,
} from "../../src/core/cluster/kube-proxy/proxy-input.ts";

/** What a test says about kube-proxy's input; everything else is as on the node of the fixtures. */
export interface InputSketch {
  readonly family?: "IPv4" | "IPv6";
  readonly config?: Partial<ProxyConfig>;
  readonly node?: Partial<NodeInfo>;
  readonly servicePorts?: readonly ServicePortSketch[];
}

export type EndpointSketch = Partial<Endpoint> & Pick<Endpoint, "ip" | "port">;
export type ServicePortSketch = Partial<Omit<ServicePort, "endpoints">> & {
  readonly endpoints?: readonly EndpointSketch[];
};

export const current: Release = { major: 1, minor: 34 };

/** The node under study, as a member of a cluster with the pod blocks 10.244.0.0/16 and fd00:10:244::/56. */
export function proxyInput(sketch: InputSketch): ProxyInput {
  return {
    family: sketch.family ?? "IPv4",
    config: { ...kubeadmConfig(current, ["10.244.0.0/16", "fd00:10:244::/56"]), ...sketch.config },
    node: {
      name: "node-a",
      addresses: ["192.168.10.11", "2001:db8:10::11"],
      podCIDRs: ["10.244.0.0/24", "fd00:10:244::/64"],
      zone: undefined,
      ...sketch.node,
    },
    servicePorts: (sketch.servicePorts ?? []).map(servicePort),
  };
}

export function servicePort(sketch: ServicePortSketch): ServicePort {
  return {
    namespace: "default",
    service: "web",
    portName: "",
    protocol: "TCP",
    clusterIP: "10.96.0.80",
    port: 80,
    nodePort: undefined,
    externalIPs: [],
    loadBalancerVIPs: [],
    sourceRanges: [],
    internalTrafficPolicy: "Cluster",
    externalTrafficPolicy: "Cluster",
    affinitySeconds: undefined,
    healthCheckNodePort: undefined,
    topologyModeAuto: false,
    because: undefined,
    ...sketch,
    endpoints: (sketch.endpoints ?? []).map(endpoint),
  };
}

export function endpoint(sketch: EndpointSketch): Endpoint {
  return {
    nodeName: undefined,
    ready: true,
    serving: true,
    terminating: false,
    zoneHints: [],
    nodeHints: [],
    label: `pod-${sketch.ip}`,
    because: undefined,
    ...sketch,
  };
}

/** A pair of files: what kube-proxy reads, and a listing that it leads to. */
export interface Fixture {
  readonly name: string;
  readonly input: ProxyInput;
  readonly expected: string;
}

/** The fixtures of a folder whose listing has the given extension. */
export function readFixtures(folder: string, extension: string): readonly Fixture[] {
  const base = new URL(`${folder}/`, fixtureRoot);
  return readdirSync(base)
    .filter((file) => file.endsWith(`.${extension}`))
    .sort()
    .map((file) => {
      const name = file.slice(0, -extension.length - 1);
      const sketch = JSON.parse(readFileSync(new URL(`${name}.json`, base), "utf8")) as InputSketch;
      return { name, input: proxyInput(sketch), expected: readFileSync(new URL(file, base), "utf8") };
    });
}

/** The text of one fixture file. */
export const readFixture = (path: string): string => readFileSync(new URL(path, fixtureRoot), "utf8");

const fixtureRoot = new URL("../../../../test-fixtures/iptables/", import.meta.url);
