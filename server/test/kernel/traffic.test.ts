import { after, before, describe, test } from "node:test";
import { generateRules } from "../../src/core/cluster/iptables/generate.ts";
import type { ProxyInput, ServicePort } from "../../src/core/cluster/kube-proxy/proxy-input.ts";
import type { RecentLists } from "../../src/core/cluster/netfilter/packet.ts";
import { type InputSketch, proxyInput, type ServicePortSketch } from "../iptables/inputs.ts";
import { type Lab, labClients, labEndpoints, labNode, openLab } from "./lab.ts";
import { findPrerequisites } from "./prerequisites.ts";
import { type Effort, type Probe, probe } from "./probe.ts";
import { randomInput } from "./random-input.ts";

const found = findPrerequisites();

if (found.kind === "missing") test("connections through the rules", { skip: found.reason }, () => {});

const everyEndpoint = labEndpoints.slice(0, 4).map(({ ip, nodeName }) => ({ ip, port: 8080, nodeName }));
const localEndpoints = everyEndpoint.slice(0, 2);
const remoteEndpoints = everyEndpoint.slice(2);

const full: ServicePortSketch = {
  clusterIP: "10.96.0.80",
  nodePort: 30080,
  externalIPs: ["192.0.2.50"],
  loadBalancerVIPs: ["203.0.113.10"],
  endpoints: everyEndpoint,
};

/** A name that is a claim, and the cluster that it is about. */
const cases: readonly (readonly [string, ServicePortSketch, InputSketch["config"]?])[] = [
  ["a Service with four endpoints on two nodes", full],
  ["a Service with one endpoint", { ...full, endpoints: everyEndpoint.slice(0, 1) }],
  ["a Service without endpoints", { ...full, endpoints: [] }],
  ["an endpoint in the node's own network", { ...full, endpoints: [{ ip: "192.168.10.11", port: 9443 }] }],
  ["external policy Local, endpoints on both nodes", { ...full, externalTrafficPolicy: "Local" }],
  [
    "external policy Local, no endpoint on the node",
    {
      ...full,
      externalTrafficPolicy: "Local",
      endpoints: remoteEndpoints,
    },
  ],
  ["internal policy Local, endpoints on both nodes", { ...full, internalTrafficPolicy: "Local" }],
  [
    "internal policy Local, no endpoint on the node",
    {
      ...full,
      internalTrafficPolicy: "Local",
      endpoints: remoteEndpoints,
    },
  ],
  ["both policies Local", { ...full, internalTrafficPolicy: "Local", externalTrafficPolicy: "Local" }],
  ["source ranges that leave the client out", { ...full, sourceRanges: ["192.0.2.0/24"] }],
  ["source ranges with the client and the node", { ...full, sourceRanges: ["198.51.100.0/24", "192.168.10.0/24"] }],
  ["session affinity", { ...full, affinitySeconds: 600 }],
  ["session affinity and external policy Local", { ...full, affinitySeconds: 600, externalTrafficPolicy: "Local" }],
  ["no detector", full, { detectLocal: { mode: "none" } }],
  ["pods told by interface", full, { detectLocal: { mode: "InterfaceNamePrefix", prefix: "cali" } }],
  [
    "pods told by the node's block, policy Local",
    { ...full, externalTrafficPolicy: "Local" },
    {
      detectLocal: { mode: "NodeCIDR" },
    },
  ],
  ["masqueradeAll", full, { masqueradeAll: true }],
  ["node ports on one address", full, { nodePortAddresses: ["198.51.100.0/24"] }],
  ["no node ports on localhost", full, { localhostNodePorts: false }],
  ["the oldest rules", { ...full, endpoints: localEndpoints }, { release: { major: 1, minor: 2 } }],
  [
    "rules of 1.8, policy Local, source ranges",
    {
      ...full,
      externalTrafficPolicy: "Local",
      sourceRanges: ["198.51.100.0/24"],
    },
    { release: { major: 1, minor: 8 } },
  ],
  ["rules of 1.18", full, { release: { major: 1, minor: 18 } }],
  ["rules of 1.22, policy Local", { ...full, externalTrafficPolicy: "Local" }, { release: { major: 1, minor: 22 } }],
];

for (const backend of found.kind === "ready" ? found.backends : []) {
  describe(`connections through the rules of ${backend.iptables}`, () => {
    let lab: Lab;
    before(async () => {
      lab = await openLab(backend);
    });
    after(() => lab.close());

    for (const [claim, service, config] of cases) {
      test(claim, { timeout: 60_000 }, () =>
        tryOut(lab, proxyInput({ node: labNode, servicePorts: [service], config: config ?? {} }), "all"),
      );
    }

    for (let seed = 1; seed <= 20; seed++) {
      test(`random rule set ${seed}`, { timeout: 60_000 }, () => tryOut(lab, randomInput(seed), "few"));
    }
  });
}

/** Loads the rules of an input and tries every client with every address of every port. */
async function tryOut(lab: Lab, input: ProxyInput, effort: Effort): Promise<void> {
  const rules = generateRules(input);
  lab.filter.load(rules);
  await Promise.all(
    input.servicePorts.flatMap((port) => {
      const strange = labClients.map((from): Probe => ({ from, ip: port.clusterIP, port: port.port + 1 }));
      const sideBySide = port.affinitySeconds === undefined ? [...strange, ...waysTo(port)] : strange;
      const inTurn = port.affinitySeconds === undefined ? [] : waysTo(port);
      return [
        ...sideBySide.map((request) => probe(lab, rules, new Map(), request, effort)),
        inTurn.reduce<Promise<RecentLists>>(
          async (recent, request) => probe(lab, rules, await recent, request, "few"),
          Promise.resolve(new Map()),
        ),
      ];
    }),
  );
}

/** Every client with every address of a port, and the node itself with its node port on localhost. */
function waysTo({ clusterIP, port, externalIPs, loadBalancerVIPs, nodePort }: ServicePort): readonly Probe[] {
  const own = [clusterIP, ...externalIPs, ...loadBalancerVIPs];
  const requests = labClients.flatMap((from) => own.map((ip): Probe => ({ from, ip, port })));
  if (nodePort === undefined) return requests;
  const toNode = labClients.flatMap((from) => labNode.addresses.map((ip): Probe => ({ from, ip, port: nodePort })));
  return [...requests, ...toNode, { from: "node", ip: "127.0.0.1", port: nodePort }];
}
