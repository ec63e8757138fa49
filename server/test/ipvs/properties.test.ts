import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { generateRules } from "../../src/core/cluster/iptables/generate.ts";
import { walkPacket } from "../../src/core/cluster/iptables/interpret.ts";
import { generateIpvs } from "../../src/core/cluster/ipvs/generate-ipvs.ts";
import { isFrom, type ProxyInput, type ServicePort } from "../../src/core/cluster/kube-proxy/proxy-input.ts";
import { entryText, findInSet } from "../../src/core/cluster/netfilter/ip-set.ts";
import { protocolToken } from "../../src/core/cluster/netfilter/packet.ts";
import { input } from "../iptables/arbitraries.ts";
import { describeState } from "./fixtures.ts";

const key = (address: string, port: number, protocol: string): string => `${address} ${port} ${protocol}`;

/** Where clients may knock for a port, as long as node ports answer on the one address of the node. */
function doorsOf(node: readonly string[], port: ServicePort): readonly (readonly [string, number])[] {
  const addresses = [port.clusterIP, ...port.externalIPs, ...port.loadBalancerVIPs];
  const atNode = port.nodePort === undefined ? [] : node.map((ip) => [ip, port.nodePort ?? 0] as const);
  return [...addresses.map((ip) => [ip, port.port] as const), ...atNode];
}

describe("laws of IPVS mode", () => {
  test("every address and port of a Service has one virtual server, and each endpoint stands behind it once", () => {
    fc.assert(
      fc.property(input, (drawn) => {
        const { virtualServers } = generateIpvs(drawn);
        const keys = virtualServers.map(({ address, portNumber, port }) => key(address, portNumber, port.protocol));
        assert.equal(new Set(keys).size, keys.length);
        for (const { realServers, port } of virtualServers) {
          const texts = realServers.map(({ endpoint }) => `${endpoint.ip} ${endpoint.port}`);
          assert.equal(new Set(texts).size, texts.length);
          for (const { endpoint } of realServers) assert.ok(port.endpoints.includes(endpoint));
        }
        for (const port of drawn.servicePorts) {
          for (const [address, number] of doorsOf([], port))
            assert.ok(keys.includes(key(address, number, port.protocol)));
        }
      }),
    );
  });

  test("a virtual server has an address of the node's, or one that is bound to it", () => {
    fc.assert(
      fc.property(input, (drawn) => {
        const { virtualServers, addresses, sets } = generateIpvs(drawn);
        const bound = addresses.map(({ ip }) => ip);
        const servers = new Set(virtualServers.map(({ address }) => address));
        for (const address of servers) assert.ok(bound.includes(address) !== drawn.node.addresses.includes(address));
        for (const address of bound) assert.ok(servers.has(address));
        assert.deepEqual((sets.get("KUBE-IPVS-IPS")?.entries ?? []).map(entryText), bound);
      }),
    );
  });

  test("rules refer to sets and chains that there are, and entries are distinct", () => {
    fc.assert(
      fc.property(input, (drawn) => {
        const { rules, sets } = generateIpvs(drawn);
        for (const { chains } of rules.tables.values()) {
          for (const rule of [...chains.values()].flatMap((chain) => chain.rules)) {
            assert.ok(rule.target.kind !== "jump" || chains.has(rule.target.chain));
            for (const match of rule.matches) assert.ok(match.kind !== "set" || sets.has(match.set));
          }
        }
        for (const { entries } of sets.values()) {
          assert.equal(new Set(entries.map(entryText)).size, entries.length);
        }
      }),
    );
  });

  test("the filter lets through what is meant for a virtual server", () => {
    const passes = ["KUBE-LOAD-BALANCER", "KUBE-CLUSTER-IP", "KUBE-EXTERNAL-IP", "KUBE-EXTERNAL-IP-LOCAL"];
    fc.assert(
      fc.property(input, (drawn) => {
        const { virtualServers, sets } = generateIpvs(drawn);
        for (const { address, portNumber, role, port } of virtualServers) {
          if (role === "node-port") continue;
          const protocol = protocolToken(port.protocol);
          const packet = { protocol, source: "198.51.100.7", destination: address, port: portNumber };
          assert.ok(passes.some((name) => findInSet(sets.get(name), "dst,dst", packet)));
        }
      }),
    );
  });

  test("the order of Services does not matter", () => {
    fc.assert(
      fc.property(input, (drawn) => {
        const reversed = [...drawn.servicePorts]
          .reverse()
          .map((port) => ({ ...port, endpoints: [...port.endpoints].reverse() }));
        const again = describeState(generateIpvs({ ...drawn, servicePorts: reversed }));
        assert.equal(again, describeState(generateIpvs(drawn)));
      }),
    );
  });

  test("clients from outside get the endpoints of iptables mode, unless a policy finds none on the node", () => {
    fc.assert(
      fc.property(input, (drawn) => {
        fc.pre(isFrom(drawn.config.release, 26));
        const rules = generateRules(drawn);
        for (const { address, portNumber, role, port, realServers } of generateIpvs(drawn).virtualServers) {
          const policy = role === "cluster-ip" ? port.internalTrafficPolicy : port.externalTrafficPolicy;
          if (policy === "Local" && !hasLocal(drawn, port)) continue;
          // Source ranges are checked elsewhere, and keep no endpoint from anybody who passes them.
          if (role === "load-balancer" && port.sourceRanges.length > 0) continue;
          const { branches } = walkPacket(
            rules,
            { localAddresses: ["192.168.10.11"] },
            {
              protocol: protocolToken(port.protocol),
              origin: "arrives",
              source: "198.51.100.7",
              destination: address,
              destinationPort: portNumber,
            },
          );
          const reached = branches.flatMap(({ verdict }) => (verdict.kind === "delivered" ? [verdict] : []));
          assert.deepEqual(
            reached.map(({ ip, port: number }) => key(ip, number, "")).sort(),
            realServers.map(({ endpoint }) => key(endpoint.ip, endpoint.port, "")).sort(),
          );
        }
      }),
    );
  });
});

const hasLocal = ({ node }: ProxyInput, { endpoints }: ServicePort): boolean =>
  endpoints.some(
    ({ nodeName, ready, serving, terminating }) => nodeName === node.name && (ready || (serving && terminating)),
  );
