import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { DocumentUri } from "../../src/core/base/source.ts";
import type { Cluster } from "../../src/core/cluster/cluster.ts";
import { generateRules } from "../../src/core/cluster/iptables/generate.ts";
import { printRestore } from "../../src/core/cluster/iptables/print-restore.ts";
import type { ProxyInput, ServicePort } from "../../src/core/cluster/kube-proxy/proxy-input.ts";
import { joinLines } from "../../src/core/cluster/netfilter/printed-line.ts";
import {
  bridgeAddress,
  filterFor,
  passedOver,
  proxyFamilies,
  proxyInput,
  tunnelAddress,
} from "../../src/core/cluster/proxy.ts";
import { servedServices } from "../../src/core/cluster/served.ts";
import { clusterOf, storeOf, uriOf } from "../harness/workspace.ts";

/** A workspace of one file, and perhaps of settings. */
function see(text: string, settings = ""): { readonly cluster: Cluster; readonly from: DocumentUri } {
  const files = [
    { path: "/all.yaml", text },
    { path: "/.portolan.yaml", text: settings },
  ];
  return { cluster: clusterOf(storeOf(files).snapshot), from: uriOf("/all.yaml") };
}

function inputOf(text: string, family: "IPv4" | "IPv6" = "IPv4", settings = "", node = "node-1"): ProxyInput {
  const { cluster, from } = see(text, settings);
  return proxyInput(cluster.viewFrom(from).profile, servedServices(cluster.viewFrom(from)), node, family);
}

const service = (name: string, spec: string, metadata = ""): string =>
  `---\napiVersion: v1\nkind: Service\nmetadata: { name: ${name}${metadata} }\nspec: ${spec}\n`;

const pod = `---
apiVersion: v1
kind: Pod
metadata: { name: web, labels: { app: web } }
spec: { nodeName: node-2, containers: [{ name: app, image: app, ports: [{ name: http, containerPort: 8080 }] }] }
`;

const web = (more: string): string => service("web", `{ selector: { app: web }, ${more} }`) + pod;

const onlyPort = (input: ProxyInput): ServicePort => {
  const [port, ...others] = input.servicePorts;
  assert.ok(port && others.length === 0, "one service port");
  return port;
};

describe("kube-proxy is handed", () => {
  test("a Service with its endpoints, and where they are written", () => {
    const text = web("clusterIP: 10.96.5.5, ports: [{ name: http, port: 80, targetPort: http }]");
    const port = onlyPort(inputOf(text));
    assert.deepEqual(
      { ...port, endpoints: undefined, because: undefined },
      {
        namespace: "default",
        service: "web",
        portName: "http",
        protocol: "TCP",
        clusterIP: "10.96.5.5",
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
        endpoints: undefined,
        because: undefined,
      },
    );
    const [endpoint] = port.endpoints;
    assert.equal(endpoint?.port, 8080);
    assert.equal(endpoint?.nodeName, "node-2");
    assert.equal(endpoint?.label, "web");
    assert.equal(text.slice(endpoint?.because?.start, endpoint?.because?.end), "8080");
    assert.equal(text.slice(port.because?.start, port.because?.end), "name");
  });

  test("everything that leads to a Service from outside", () => {
    const port = onlyPort(inputOf(service("web", LOAD_BALANCER)));
    assert.deepEqual(port.externalIPs, ["192.0.2.5"]);
    assert.deepEqual(port.loadBalancerVIPs, ["203.0.113.10"]);
    const older = onlyPort(inputOf(service("web", LOAD_BALANCER), "IPv4", 'cluster: { kubernetesVersion: "1.29" }'));
    assert.deepEqual(older.loadBalancerVIPs, ["203.0.113.10", "203.0.113.11"]);
    assert.deepEqual(port.sourceRanges, ["198.51.100.0/24"]);
    assert.equal(port.nodePort, 30080);
    assert.equal(port.healthCheckNodePort, 32000);
    assert.equal(port.externalTrafficPolicy, "Local");
    assert.equal(port.affinitySeconds, 10800);
  });

  test("each address family for itself", () => {
    const settings =
      'cluster: { serviceCIDR: [10.96.0.0/12, "fd00:10:96::/112"], podCIDR: [10.244.0.0/16, "fd00:10:244::/56"] }';
    const text = web("ipFamilyPolicy: RequireDualStack, ports: [{ port: 80, targetPort: 8080 }]");
    for (const family of ["IPv4", "IPv6"] as const) {
      const isFamily = (ip: string): boolean => ip.includes(":") === (family === "IPv6");
      const port = onlyPort(inputOf(text, family, settings));
      assert.ok(isFamily(port.clusterIP));
      assert.equal(port.endpoints.length, 1);
      assert.ok(port.endpoints.every(({ ip }) => isFamily(ip)));
    }
    const { cluster, from } = see(text, settings);
    assert.deepEqual(proxyFamilies(cluster.viewFrom(from)), ["IPv4", "IPv6"]);
    assert.deepEqual(inputOf(text, "IPv6").servicePorts, []);
  });

  test("of two ports with one name the later, and none that the API server refuses", () => {
    const ports = inputOf(
      web("ports: [{ name: a, port: 80 }, { name: a, port: 81 }, { name: b, port: 0 }, { name: c, port: 70000 }]"),
    ).servicePorts;
    assert.deepEqual(
      ports.map(({ portName, port }) => [portName, port]),
      [["a", 81]],
    );
  });

  test("a Service of one name once", () => {
    const twice = service("web", "{ ports: [{ port: 80 }] }") + service("web", "{ ports: [{ port: 81 }] }");
    assert.equal(inputOf(twice).servicePorts.length, 1);
  });

  test("endpoints that a dump shows, not those that are planned", () => {
    const slice = `---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: web-1
  labels: { kubernetes.io/service-name: web, endpointslice.kubernetes.io/managed-by: endpointslice-controller.k8s.io }
addressType: IPv4
ports: [{ name: "", port: 9999 }]
endpoints: [{ addresses: [10.1.2.3], nodeName: node-9, conditions: { ready: false, serving: true, terminating: true } }]
`;
    const [endpoint, ...others] = onlyPort(inputOf(web("ports: [{ port: 80, targetPort: 8080 }]") + slice)).endpoints;
    assert.equal(others.length, 0);
    assert.deepEqual(
      [endpoint?.ip, endpoint?.port, endpoint?.nodeName, endpoint?.ready, endpoint?.serving, endpoint?.terminating],
      ["10.1.2.3", 9999, "node-9", false, true, true],
    );
  });
});

const LOAD_BALANCER = `{ type: LoadBalancer, externalIPs: [192.0.2.5, "2001:db8::5", nonsense], externalTrafficPolicy: Local,
             loadBalancerSourceRanges: [" 198.51.100.77/24 ", "2001:db8::/32", nonsense], healthCheckNodePort: 32000,
             sessionAffinity: ClientIP, ports: [{ port: 80, nodePort: 30080 }] }
status: { loadBalancer: { ingress: [{ ip: 203.0.113.10 }, { ip: 203.0.113.11, ipMode: Proxy }, { hostname: lb }] } }`;

describe("topology hints of endpoints", () => {
  const zones = (release: string): string =>
    `cluster: { kubernetesVersion: "${release}", nodes: [{ name: node-1, address: 192.168.10.11, zone: east }, { name: node-2, address: 192.168.10.12 }] }`;
  const hintsOf = (release: string, distribution: string, metadata = "", on = "node-1"): readonly string[] => {
    const text = service("web", `{ ${distribution} selector: { app: web }, ports: [{ port: 80 }] }`, metadata);
    const pod = `---
apiVersion: v1
kind: Pod
metadata: { name: web, labels: { app: web } }
spec: { nodeName: ${on}, containers: [{ name: web, image: web }] }
`;
    const [endpoint] = onlyPort(inputOf(text + pod, "IPv4", zones(release))).endpoints;
    return [...(endpoint?.zoneHints ?? []), ...(endpoint?.nodeHints ?? [])];
  };

  test("are what the EndpointSlice controller writes for a trafficDistribution", () => {
    assert.deepEqual(hintsOf("1.34", ""), []);
    assert.deepEqual(hintsOf("1.34", "trafficDistribution: PreferClose,"), ["east"]);
    assert.deepEqual(hintsOf("1.34", "trafficDistribution: PreferSameZone,"), ["east"]);
    assert.deepEqual(hintsOf("1.34", "trafficDistribution: PreferSameNode,"), ["east", "node-1"]);
    assert.deepEqual(hintsOf("1.34", "trafficDistribution: PreferSameNode,", "", "node-2"), ["node-2"]);
    assert.deepEqual(hintsOf("1.34", "trafficDistribution: Elsewhere,"), []);
  });

  test("come with the releases", () => {
    assert.deepEqual(hintsOf("1.31", "trafficDistribution: PreferClose,"), ["east"]);
    assert.deepEqual(hintsOf("1.30", "trafficDistribution: PreferClose,"), []);
    assert.deepEqual(hintsOf("1.33", "trafficDistribution: PreferSameZone,"), []);
  });

  test("are none that depend on the CPUs of nodes, and the annotation that asks for them is passed on", () => {
    for (const key of ["topology-mode", "topology-aware-hints"]) {
      const auto = `, annotations: { service.kubernetes.io/${key}: auto }`;
      assert.deepEqual(hintsOf("1.34", "trafficDistribution: PreferClose,", auto), []);
      const port = onlyPort(inputOf(service("web", "{ ports: [{ port: 80 }] }", auto)));
      assert.equal(port.topologyModeAuto, true);
    }
  });

  test("are those that a slice has", () => {
    const slice = `---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: web-1, labels: { kubernetes.io/service-name: web } }
addressType: IPv4
ports: [{ port: 80 }]
endpoints:
  - addresses: [10.1.2.3]
    hints: { forZones: [{ name: east }, { name: west }], forNodes: [{ name: node-9 }] }
`;
    const text = service("web", "{ trafficDistribution: PreferClose, ports: [{ port: 80 }] }") + slice;
    const [endpoint] = onlyPort(inputOf(text, "IPv4", zones("1.34"))).endpoints;
    assert.deepEqual([endpoint?.zoneHints, endpoint?.nodeHints], [["east", "west"], ["node-9"]]);
  });
});

describe("kube-proxy passes over", () => {
  const cases: readonly (readonly [string, string, ReturnType<typeof passedOver>])[] = [
    ["headless Services", service("web", "{ clusterIP: None, ports: [{ port: 80 }] }"), "headless"],
    [
      "aliases",
      service("web", "{ type: ExternalName, externalName: a.example, ports: [{ port: 80 }] }"),
      "external-name",
    ],
    [
      "Services of another proxy",
      service("web", "{ ports: [{ port: 80 }] }", ", labels: { service.kubernetes.io/service-proxy-name: '' }"),
      "foreign-proxy",
    ],
  ];
  for (const [name, text, reason] of cases) {
    test(name, () => {
      const { cluster, from } = see(text);
      assert.deepEqual(inputOf(text).servicePorts, []);
      assert.deepEqual(servedServices(cluster.viewFrom(from)).map(passedOver), [reason]);
    });
  }

  test("nothing else", () => {
    const { cluster, from } = see(web("ports: [{ port: 80 }]"));
    assert.deepEqual(servedServices(cluster.viewFrom(from)).map(passedOver), [undefined]);
  });
});

describe("kube-proxy's configuration follows the profile", () => {
  const detectors = {
    ClusterCIDR: { mode: "ClusterCIDR", cidrs: ["10.244.0.0/16"] },
    NodeCIDR: { mode: "NodeCIDR" },
    BridgeInterface: { mode: "BridgeInterface", name: "cni0" },
    InterfaceNamePrefix: { mode: "InterfaceNamePrefix", prefix: "veth" },
    none: { mode: "none" },
  } as const;
  for (const [mode, expected] of Object.entries(detectors)) {
    test(`in detecting local traffic by ${mode}`, () => {
      assert.deepEqual(
        inputOf("", "IPv4", `cluster: { proxy: { detectLocal: ${mode} } }`).config.detectLocal,
        expected,
      );
    });
  }

  test("in everything else", () => {
    const proxy = {
      masqueradeAll: true,
      masqueradeBit: 20,
      nodePortAddresses: ["192.168.0.0/16"],
      localhostNodePorts: false,
      counters: true,
      conntrackLiberal: true,
      ipvsScheduler: "lc",
    };
    const settings = JSON.stringify({ cluster: { kubernetesVersion: "1.22", proxy } });
    const { config } = inputOf("", "IPv4", settings);
    assert.deepEqual(
      { ...config, detectLocal: undefined },
      {
        ...proxy,
        release: { major: 1, minor: 22 },
        serviceCIDRs: ["10.96.0.0/12"],
        randomFully: true,
        detectLocal: undefined,
      },
    );
  });

  test("on each node", () => {
    assert.deepEqual(inputOf("").node, {
      name: "node-1",
      addresses: ["192.168.10.11", "10.244.0.1", "10.244.0.0"],
      podCIDRs: ["10.244.0.0/17"],
      zone: undefined,
    });
    assert.deepEqual(inputOf("", "IPv4", "", "node-2").node.podCIDRs, ["10.244.128.0/17"]);
    assert.deepEqual(inputOf("", "IPv4", "", "nowhere").node, {
      name: "nowhere",
      addresses: [],
      podCIDRs: [],
      zone: undefined,
    });
  });

  test("whose addresses are those of its interfaces, in the families in which it has one itself", () => {
    const settings = 'cluster: { podCIDR: [10.244.0.0/16, "fd00:10:244::/56"], overlay: host-gw }';
    assert.deepEqual(inputOf("", "IPv6", settings).node.addresses, ["192.168.10.11", "10.244.0.1"]);
  });

  test("whose zone is written, or that of a dumped Node", () => {
    const zones = "cluster: { nodes: [{ name: node-1, address: 192.168.10.11, zone: east }] }";
    assert.equal(inputOf("", "IPv4", zones).node.zone, "east");
    const node = `apiVersion: v1
kind: Node
metadata: { name: node-1, uid: 1-2-3, labels: { topology.kubernetes.io/zone: west, zone: south } }
status: { addresses: [{ type: InternalIP, address: 192.168.10.20 }] }
`;
    assert.equal(inputOf(node, "IPv4", zones).node.zone, "west");
  });

  test("whose block is that of a dumped Node, by its older field too", () => {
    const node = (spec: string): string => `apiVersion: v1
kind: Node
metadata: { name: node-1, uid: 1-2-3 }
spec: { ${spec} }
status: { addresses: [{ type: InternalIP, address: 192.168.10.20 }] }
`;
    for (const spec of ["podCIDR: 10.50.1.0/24", "podCIDR: 10.50.1.0/24, podCIDRs: [10.50.1.0/24]"])
      assert.deepEqual(inputOf(node(spec)).node.podCIDRs, ["10.50.1.0/24"], spec);
  });

  test("whose own addresses in the pods' network are those of bridge and tunnel", () => {
    const { cluster, from } = see("");
    const { profile } = cluster.viewFrom(from);
    assert.equal(bridgeAddress(profile, "node-2", "IPv4"), "10.244.128.1");
    assert.equal(tunnelAddress(profile, "node-2", "IPv4"), "10.244.128.0");
    assert.equal(tunnelAddress({ ...profile, overlay: "host-gw" }, "node-2", "IPv4"), undefined);
    assert.equal(bridgeAddress(profile, "nowhere", "IPv4"), undefined);
    assert.equal(bridgeAddress(profile, "node-1", "IPv6"), undefined);
  });
});

test("the rules for a text are those that its input leads to", () => {
  const text = web("type: NodePort, ports: [{ port: 80, targetPort: http }]");
  const { cluster, from } = see(text);
  const filter = filterFor(cluster.viewFrom(from), "iptables", "node-1", "IPv4");
  assert.equal(filter.tool, "iptables");
  const printed = joinLines(printRestore(filter.rules));
  assert.equal(printed, joinLines(printRestore(generateRules(inputOf(text)))));
  assert.match(
    printed,
    /^-A KUBE-SVC-\w{16} .*--comment "default\/web -> 10\.244\.\d+\.\d+:8080" -j KUBE-SEP-\w{16}$/m,
  );
});

test("a Service whose pods differ by environment has those nearest to the text", () => {
  const environment = (name: string): string =>
    `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\nspec:\n  selector: { matchLabels: { app: web } }\n  template:\n    metadata: { labels: { app: web } }\n    spec: { nodeName: ${name}, containers: [{ name: app, image: app }] }\n`;
  const files = [
    { path: "/base/web.yaml", text: service("web", "{ selector: { app: web }, ports: [{ port: 80 }] }") },
    { path: "/dev/web.yaml", text: environment("node-1") },
    { path: "/prod/web.yaml", text: environment("node-2") },
  ];
  const cluster = clusterOf(storeOf(files).snapshot);
  const nodesFrom = (path: string): readonly (string | undefined)[] =>
    servedServices(cluster.viewFrom(uriOf(path))).flatMap(({ ports }) =>
      ports.flatMap(({ endpoints }) => endpoints.map(({ node }) => node)),
    );
  assert.deepEqual(nodesFrom("/dev/web.yaml"), ["node-1"]);
  assert.deepEqual(nodesFrom("/prod/web.yaml"), ["node-2"]);
});
