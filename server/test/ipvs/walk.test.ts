import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { generateRules } from "../../src/core/cluster/iptables/generate.ts";
import { generateIpvs } from "../../src/core/cluster/ipvs/generate-ipvs.ts";
import type { IpvsState, VirtualServer } from "../../src/core/cluster/ipvs/ipvs-state.ts";
import type { ProxyInput } from "../../src/core/cluster/kube-proxy/proxy-input.ts";
import { findUsedEndpoints } from "../../src/core/cluster/kube-proxy/used-endpoints.ts";
import { add, formatFraction, zero } from "../../src/core/cluster/netfilter/fraction.ts";
import { type HostFacts, type Packet, protocolToken } from "../../src/core/cluster/netfilter/packet.ts";
import type { Walk } from "../../src/core/cluster/netfilter/walk.ts";
import { type PacketFilter, walkFilter } from "../../src/core/cluster/packet-filter.ts";
import { generateUserspace } from "../../src/core/cluster/userspace/generate-userspace.ts";
import { input } from "../iptables/arbitraries.ts";

const host: HostFacts = { localAddresses: ["192.168.10.11"] };

/** Late enough for all rules, and with endpoints where their addresses say: 10.244.0.0/24 is the node's. */
const recentInput: fc.Arbitrary<ProxyInput> = fc
  .tuple(input, fc.integer({ min: 29, max: 36 }))
  .map(([drawn, minor]) => ({
    ...drawn,
    config: { ...drawn.config, release: { major: 1, minor } },
    servicePorts: drawn.servicePorts.map((port) => ({
      ...port,
      endpoints: port.endpoints.map((endpoint) => ({
        ...endpoint,
        nodeName: endpoint.ip.startsWith("10.244.0.") ? "node-a" : "node-b",
      })),
    })),
  }));

const clients = {
  pod: { source: "10.244.0.2", origin: "arrives", inInterface: "cali2" },
  outside: { source: "198.51.100.7", origin: "arrives", inInterface: "eth0" },
  node: { source: "192.168.10.11", origin: "sent" },
} as const satisfies Record<string, Partial<Packet>>;

type ClientName = keyof typeof clients;
const clientNames = Object.keys(clients) as readonly ClientName[];

const packetTo = (client: ClientName, { address, portNumber, port }: VirtualServer): Packet => ({
  ...clients[client],
  protocol: protocolToken(port.protocol),
  destination: address,
  destinationPort: portNumber,
});

/** Where connections end, with whose address, and how likely; nothing of the way. */
const outcomes = ({ branches }: Walk): readonly string[] => {
  const ends = branches.map(({ odds, verdict }) =>
    verdict.kind === "delivered"
      ? `${formatFraction(odds)} ${verdict.ip}:${verdict.port}${verdict.masqueraded ? " masqueraded" : ""}`
      : verdict.kind,
  );
  return [...new Set(ends)].sort();
};

/**
 * Where IPVS mode sends packets another way than iptables mode, on purpose or by the nature of things:
 *
 * - It has no way around the policy Local for pods and the node itself, which iptables mode sends to any endpoint.
 * - Where the policy Local finds no endpoint, it takes those of other nodes, or refuses what iptables mode drops.
 * - It refuses what the node itself sends to an address from outside without endpoints; rules look at that only in INPUT
 *   and FORWARD.
 * - Source ranges hold where there is no endpoint, too: whom they leave out is dropped, not refused.
 * - Without a detector it masquerades what the node itself sends to a cluster IP, as that carries the Service's address.
 */
function differsByDesign(drawn: ProxyInput, client: ClientName, { role, port }: VirtualServer): boolean {
  const { local, any } = findUsedEndpoints(drawn.config.release, drawn.node, port);
  const isLocal = (role === "cluster-ip" ? port.internalTrafficPolicy : port.externalTrafficPolicy) === "Local";
  if (isLocal && local.length === 0) return true;
  if (role !== "cluster-ip" && client === "node" && !any) return true;
  if (role === "load-balancer" && port.sourceRanges.length > 0 && !any) return true;
  if (role !== "cluster-ip") return isLocal && client !== "outside";
  return client === "node" && drawn.config.detectLocal.mode === "none";
}

describe("walks through IPVS mode", () => {
  test("the odds of all branches add up to exactly one", () => {
    fc.assert(
      fc.property(recentInput, (drawn) => {
        const state = generateIpvs(drawn);
        for (const server of state.virtualServers) {
          for (const client of clientNames) {
            const { branches } = walkFilter({ tool: "ipvs", state }, host, packetTo(client, server));
            assert.equal(formatFraction(branches.map(({ odds }) => odds).reduce(add, zero)), "1");
          }
        }
      }),
    );
  });

  test("end where those of iptables mode end, and show the same address, but for what differs by design", () => {
    let compared = 0;
    fc.assert(
      fc.property(recentInput, (drawn) => {
        const ipvs: PacketFilter = { tool: "ipvs", state: generateIpvs(drawn) };
        const iptables: PacketFilter = { tool: "iptables", rules: generateRules(drawn) };
        for (const server of ipvs.state.virtualServers) {
          for (const client of clientNames) {
            if (differsByDesign(drawn, client, server)) continue;
            const packet = packetTo(client, server);
            compared++;
            assert.deepEqual(
              outcomes(walkFilter(ipvs, host, packet)),
              outcomes(walkFilter(iptables, host, packet)),
              `${client} to ${server.role}`,
            );
          }
        }
      }),
    );
    assert.ok(compared > 500, `${compared} packets were compared`);
  });

  test("the addresses of Services refuse whatever is for no port of theirs", () => {
    fc.assert(
      fc.property(recentInput, fc.constantFrom(...clientNames), (drawn, client) => {
        const state: IpvsState = generateIpvs(drawn);
        for (const server of state.virtualServers.filter(({ role }) => role !== "node-port")) {
          const packet = { ...packetTo(client, server), destinationPort: 22 };
          assert.deepEqual(outcomes(walkFilter({ tool: "ipvs", state }, host, packet)), ["rejected"]);
        }
      }),
    );
  });
});

describe("walks through userspace mode", () => {
  test("lead to each ready endpoint alike, which sees the node", () => {
    fc.assert(
      fc.property(recentInput, fc.constantFrom(...clientNames), (drawn, client) => {
        const rules = generateUserspace(drawn);
        for (const port of drawn.servicePorts) {
          const { branches } = walkFilter({ tool: "userspace", rules }, host, {
            ...clients[client],
            protocol: protocolToken(port.protocol),
            destination: port.clusterIP,
            destinationPort: port.port,
          });
          assert.equal(formatFraction(branches.map(({ odds }) => odds).reduce(add, zero)), "1");
          const ready = port.endpoints.filter((endpoint) => endpoint.ready);
          assert.deepEqual(
            outcomes({ branches, shared: 0 }),
            ready.length === 0
              ? [port.protocol === "UDP" ? "dropped" : "rejected"]
              : ready.map(({ ip, port: number }) => `${share(ready.length)} ${ip}:${number} masqueraded`).sort(),
          );
        }
      }),
    );
  });
});

const share = (count: number): string => (count === 1 ? "1" : `1/${count}`);
