import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { generateIpvs } from "../../src/core/cluster/ipvs/generate-ipvs.ts";
import type { IpvsState } from "../../src/core/cluster/ipvs/ipvs-state.ts";
import { printSetsSaved } from "../../src/core/cluster/ipvs/print-ipset.ts";
import { walkIpvs } from "../../src/core/cluster/ipvs/walk-ipvs.ts";
import { joinLines } from "../../src/core/cluster/netfilter/printed-line.ts";
import { type InputSketch, proxyInput, type ServicePortSketch } from "../iptables/inputs.ts";
import { whyNoSets, withoutIpvs } from "./ipvs-rules.ts";
import { agentIn, type Lab, openLab } from "./lab.ts";
import { bindOf, type Client, labClients, labHost, labNode, originOf, ownAddresses, placeOf } from "./lab-map.ts";
import { type Backend, findPrerequisites } from "./prerequisites.ts";
import { ip, mustRun } from "./shell.ts";

const found = findPrerequisites();
const noSets = whyNoSets(found);
if (noSets !== undefined) test("connections through the sets of IPVS mode", { skip: noSets }, () => {});

const web: ServicePortSketch = {
  clusterIP: "10.96.0.80",
  nodePort: 30080,
  externalIPs: ["192.0.2.50"],
  loadBalancerVIPs: ["203.0.113.10"],
  healthCheckNodePort: 32100,
  endpoints: [{ ip: "10.244.0.5", port: 8080, nodeName: "node-a" }],
};

/** A name that is a claim, and the cluster that it is about. */
const cases: readonly (readonly [string, ServicePortSketch, InputSketch["config"]?])[] = [
  ["a Service with all kinds of addresses", web],
  ["external policy Local", { ...web, externalTrafficPolicy: "Local" }],
  ["source ranges that leave the client out", { ...web, sourceRanges: ["192.0.2.0/24"] }],
  ["source ranges with the client and the node", { ...web, sourceRanges: ["198.51.100.0/24", "192.168.10.0/24"] }],
  ["no detector", web, { detectLocal: { mode: "none" } }],
  ["pods told by interface", web, { detectLocal: { mode: "InterfaceNamePrefix", prefix: "cali" } }],
  ["masqueradeAll", web, { masqueradeAll: true }],
  ["node ports on one address", web, { nodePortAddresses: ["198.51.100.0/24"] }],
];

// A process that listens at the address of a Service stands in for IPVS: it, too, takes what INPUT lets through.
for (const backend of noSets === undefined && found.kind === "ready" ? found.backends : []) {
  describe(`connections through the sets and rules of IPVS mode: ${backend.iptables}`, () => {
    let lab: Lab;
    before(async () => {
      lab = await openLab(backend);
      for (const address of ["10.96.0.80", "192.0.2.50", "203.0.113.10"]) {
        ip(`-n ${lab.node} address add ${address}/32 dev lo`);
        // Nobody is to reach the other two, though somebody listens.
        for (const port of [80, 22, 30080]) await listen(lab, address, port);
      }
      for (const address of ownAddresses) await listen(lab, address, 30080);
    });
    after(() => lab.close());

    for (const [claim, service, config] of cases) {
      test(claim, { timeout: 60_000 }, async () => {
        const state = generateIpvs(proxyInput({ node: labNode, servicePorts: [service], config: config ?? {} }));
        load(lab, state);
        for (const from of labClients) {
          const requests = [
            ...state.addresses.flatMap((bound) => [80, 22, 30080].map((port) => ({ from, address: bound.ip, port }))),
            ...ownAddresses.map((address) => ({ from, address, port: 30080 })),
          ];
          // IPVS takes what the node itself sends in OUTPUT, long before the firewall in INPUT, behind which the stand-in is.
          const guarded = from === "node" && service.sourceRanges !== undefined;
          const before = countMarks(lab, backend);
          const marked = await Promise.all(
            requests.filter(({ port }) => !(guarded && port === 80)).map((request) => compare(lab, state, request)),
          );
          assert.equal(countMarks(lab, backend) - before, marked.filter(Boolean).length, `${from}: marked packets`);
        }
      });
    }
  });
}

const listen = (lab: Lab, address: string, port: number): Promise<unknown> =>
  agentIn(lab, "node").obey({ do: "listen", protocol: "TCP", ip: address, port });

interface Request {
  readonly from: Client;
  readonly address: string;
  readonly port: number;
}

/** Makes a connection, and requires that it comes as far as is predicted. Says whether it should be marked. */
async function compare(lab: Lab, state: IpvsState, { from, address, port }: Request): Promise<boolean> {
  const [branch] = walkIpvs(state, labHost, {
    protocol: "tcp",
    ...originOf(from, address),
    destination: address,
    destinationPort: port,
  }).branches;
  assert.ok(branch);
  const reaches = branch.steps.some(({ tool }) => tool === "ipvs") || branch.verdict.kind === "unchanged";
  const own = bindOf(from, "IPv4");
  const [seen] = await agentIn(lab, placeOf(from)).obey({
    do: "connect",
    protocol: "TCP",
    ...(own !== undefined && { from: own }),
    ip: address,
    port,
    count: 1,
    parallel: 1,
    patience: branch.verdict.kind === "dropped" && !reaches ? 250 : 10_000,
  });
  const expected = reaches ? "reached" : branch.verdict.kind === "rejected" ? "refused" : "silent";
  assert.equal(seen?.kind, expected, `${from} to ${address}:${port}`);
  return branch.steps.some(({ table, chain }) => table === "nat" && chain === "KUBE-MARK-MASQ");
}

function load(lab: Lab, state: IpvsState): void {
  mustRun("ip", ["netns", "exec", lab.node, "ipset", "flush"]);
  mustRun(
    "ip",
    ["netns", "exec", lab.node, "ipset", "-exist", "restore"],
    joinLines(printSetsSaved(state.sets.values())),
  );
  lab.filters.IPv4.load(withoutIpvs(state.rules));
}

/** How many packets were marked since the rules were loaded. */
function countMarks({ node }: Lab, { iptables }: Backend): number {
  const listing = mustRun("ip", [
    "netns",
    "exec",
    node,
    iptables,
    "-w",
    "5",
    "-t",
    "nat",
    "-L",
    "KUBE-MARK-MASQ",
    "-nvx",
  ]);
  return Number(/^\s*(\d+)\s.*MARK/m.exec(listing)?.[1] ?? 0);
}
