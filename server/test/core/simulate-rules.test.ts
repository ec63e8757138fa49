import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Packet } from "../../src/core/cluster/netfilter/packet.ts";
import { type PacketFilter, printStep, walkFilter } from "../../src/core/cluster/packet-filter.ts";
import { filterFor } from "../../src/core/cluster/proxy.ts";
import { hostFacts, worldFrom } from "../../src/core/cluster/simulation/world.ts";
import { renderPage } from "../../src/core/features/page.ts";
import { tracePage, traceRequest } from "../../src/core/features/trace-page.ts";
import { clusterOf, storeOf, uriOf } from "../harness/workspace.ts";
import { everywhere } from "./traces.ts";

for (const mode of ["iptables", "nftables"] as const) {
  test(`rules that a packet cannot meet make no difference to it in ${mode} mode`, () => {
    const others = ["a", "b", "c"].map(
      (name, index) => `---
apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec: { type: NodePort, externalIPs: [192.0.2.${index}], selector: { app: web }, ports: [{ port: ${80 + index}, targetPort: 8080 }] }
`,
    );
    const file = everywhere("Local", "Local").snapshot.files.get(uriOf("/all.yaml"));
    const files = [
      { path: "/all.yaml", text: `${file?.text}${others.join("")}` },
      { path: "/.portolan.yaml", text: `cluster: { proxy: { mode: ${mode} } }` },
    ];
    const cluster = clusterOf(storeOf(files).snapshot);
    const world = worldFrom(cluster, uriOf("/all.yaml"));
    const { plan, services } = world.view;
    assert.equal(services.length, 4);
    const ips = services.flatMap((service) => [
      ...(plan.services.get(service)?.clusterIPs.map(({ ip }) => ip) ?? []),
      ...service.externalIPs.map(({ value }) => value),
    ]);
    const nodePorts = services.flatMap((service) =>
      (plan.services.get(service)?.nodePorts.ports ?? []).flatMap((allocated) => allocated?.port ?? []),
    );
    const sources = fc.constantFrom("10.244.0.77", "192.168.10.11", "198.51.100.1");
    fc.assert(
      fc.property(
        fc.constantFrom("node-1", "node-2"),
        sources,
        fc.constantFrom(...ips, "203.0.113.10", "192.168.10.11", "192.168.10.12", "10.244.0.9"),
        fc.constantFrom(80, 81, 82, 8080, ...nodePorts),
        fc.constantFrom("arrives" as const, "sent" as const),
        (node, source, destination, destinationPort, origin) => {
          const packet: Packet = { protocol: "tcp", source, destination, destinationPort, origin };
          const walked = (filter: PacketFilter): readonly unknown[] =>
            walkFilter(filter, hostFacts(world, node), packet).branches.map(({ odds, steps, verdict }) => [
              odds,
              steps.map((step) => [step.hook, step.table, printStep(step), step.chance]),
              verdict,
            ]);
          const whole = filterFor(cluster.viewFrom(uriOf("/all.yaml")), mode, node, "IPv4");
          assert.equal(whole.tool, mode);
          assert.deepEqual(walked(world.filterFor(node, destination, destinationPort)), walked(whole));
        },
      ),
    );
  });
}

test("endpoints have no comments in a cluster with many of them, whatever a packet meets", () => {
  const many = `---
apiVersion: apps/v1
kind: Deployment
metadata: { name: crowd }
spec:
  replicas: 500
  selector: { matchLabels: { app: crowd } }
  template:
    metadata: { labels: { app: crowd } }
    spec: { containers: [{ name: c, image: c }] }
---
apiVersion: v1
kind: Service
metadata: { name: crowd }
spec: { selector: { app: crowd }, ports: [{ name: a, port: 1 }, { name: b, port: 2 }, { name: c, port: 3 }] }
`;
  const file = everywhere("Cluster", "Cluster").snapshot.files.get(uriOf("/all.yaml"));
  const jumps = (more: string): string => {
    const cluster = clusterOf(storeOf([{ path: "/all.yaml", text: `${file?.text}${more}` }]).snapshot);
    const trace = traceRequest(cluster, uriOf("/all.yaml"), "pod:client", "web:80");
    assert.ok(!("error" in trace));
    return renderPage(tracePage(trace)).text;
  };
  assert.match(jumps(""), /default\/web -> /);
  assert.doesNotMatch(jumps(many), /default\/web -> /);
});
