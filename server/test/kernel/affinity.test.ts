import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { familyOf, hostPort } from "../../src/core/base/ip.ts";
import { generateRules } from "../../src/core/cluster/iptables/generate.ts";
import type { ProxyInput } from "../../src/core/cluster/kube-proxy/proxy-input.ts";
import { generateTable } from "../../src/core/cluster/nftables/generate-table.ts";
import { proxyInput, type ServicePortSketch } from "../iptables/inputs.ts";
import { agentIn, type Lab, type Network, openLab, openNetwork } from "./lab.ts";
import { bindOf, type Client, labClients, labNode, placeOf } from "./lab-map.ts";
import { loadTable, whyNoNft } from "./load-table.ts";
import { inRelease } from "./nft-releases.ts";
import { findPrerequisites } from "./prerequisites.ts";
import { everyEndpoint } from "./traffic-cases.ts";
import { inFamily } from "./twin.ts";

/** A Service with many ports that forgets its clients after a second, and one that remembers them for ten minutes. */
const services = [
  { service: "forgets", clusterIP: "10.96.0.1", affinitySeconds: 1 },
  { service: "remembers", clusterIP: "10.96.0.2", affinitySeconds: 600 },
] as const satisfies readonly ServicePortSketch[];

const PORTS = 12;

const input = proxyInput({
  node: labNode,
  servicePorts: services.flatMap((service) =>
    Array.from({ length: PORTS }, (_, index) => {
      const protocol = index % 2 === 0 ? "TCP" : "UDP";
      return { ...service, portName: `p${index}`, protocol, port: 80 + index, endpoints: everyEndpoint } as const;
    }),
  ),
});
const inputs = (["IPv4", "IPv6"] as const).map((family) => inFamily(family, input));

/** That nobody of so many moves who may move has a chance of less than one in 4 to the power of 72. */
async function compareVisits(lab: Network): Promise<void> {
  const first = await visitAll(lab);
  await setTimeout(2100);
  const second = await visitAll(lab);
  const moved = (service: string): number =>
    [...first].filter(([visit, endpoint]) => visit.startsWith(service) && second.get(visit) !== endpoint).length;
  assert.equal(first.size, labClients.length * inputs.length * services.length * PORTS);
  assert.equal(moved("remembers"), 0);
  assert.notEqual(moved("forgets"), 0);
}

/** Which endpoint every client meets at every port. */
async function visitAll(lab: Network): Promise<ReadonlyMap<string, string>> {
  const visits = inputs.flatMap(({ servicePorts }) =>
    servicePorts.flatMap((port) => labClients.map((from) => visit(lab, from, port))),
  );
  return new Map(await Promise.all(visits));
}

async function visit(
  lab: Network,
  from: Client,
  { service, protocol, clusterIP: ip, port }: ProxyInput["servicePorts"][number],
): Promise<[string, string]> {
  const own = bindOf(from, familyOf(ip));
  const [seen] = await agentIn(lab, placeOf(from)).obey({
    do: "connect",
    protocol,
    ip,
    port,
    ...(own !== undefined && { from: own }),
    count: 1,
    parallel: 1,
    patience: 10_000,
  });
  const name = `${service} ${from} ${hostPort(ip, port)}`;
  assert.ok(seen?.kind === "reached", name);
  return [name, hostPort(seen.by, seen.port)];
}

describe("session affinity lasts as long as it is told to", () => {
  const found = findPrerequisites();
  if (found.kind === "missing") test("iptables", { skip: found.reason }, () => {});
  for (const backend of found.kind === "ready" ? found.backends : []) {
    describe(backend.iptables, () => {
      let lab: Lab;
      before(async () => {
        lab = await openLab(backend);
      });
      after(() => lab.close());

      for (const minor of [8, 22, 34]) {
        test(`in 1.${minor}`, { timeout: 60_000 }, async () => {
          for (const one of inputs) {
            const config = { ...one.config, release: { major: 1, minor } };
            lab.filters[one.family].load(generateRules({ ...one, config }));
          }
          await compareVisits(lab);
        });
      }
    });
  }

  const noNft = whyNoNft();
  describe("nftables", { skip: noNft ?? false }, () => {
    let lab: Network;
    before(async () => {
      lab = await openNetwork();
    });
    after(() => lab.close());

    for (const minor of [34, 37]) {
      test(`in 1.${minor}`, { timeout: 60_000 }, async () => {
        for (const one of inputs) loadTable(lab.node, generateTable(inRelease(one, minor)));
        await compareVisits(lab);
      });
    }
  });
});
