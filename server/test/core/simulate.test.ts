import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { describe, test } from "node:test";
import fc from "fast-check";
import { render } from "../../src/core/base/message.ts";
import type { Cluster } from "../../src/core/cluster/cluster.ts";
import { add, type Fraction, zero } from "../../src/core/cluster/netfilter/fraction.ts";
import type { Packet } from "../../src/core/cluster/netfilter/packet.ts";
import { type PacketFilter, printStep, walkFilter } from "../../src/core/cluster/netfilter/packet-filter.ts";
import { filterFor } from "../../src/core/cluster/proxy.ts";
import { parseDestination, parseSource } from "../../src/core/cluster/simulation/request.ts";
import type { Trace } from "../../src/core/cluster/simulation/trace.ts";
import { hostFacts, worldFrom } from "../../src/core/cluster/simulation/world.ts";
import { renderPage } from "../../src/core/features/page.ts";
import { tracePage, traceRequest } from "../../src/core/features/trace-page.ts";
import { describeObserved } from "../../src/core/features/trace-words.ts";
import { textFilesBelow } from "../harness/files.ts";
import { clusterOf, storeOf, uriOf } from "../harness/workspace.ts";
import { readRequests } from "./request-fixture.ts";

const updates = process.env["UPDATE_FIXTURES"] === "1";
const fixtures = textFilesBelow("test-fixtures/simulate", /\.yaml$/);

describe("requests come to what the fixtures say", () => {
  for (const { name, path, text } of fixtures) {
    test(name, () => {
      const { actual, requests } = readRequests(text);
      assert.ok(requests.length > 0, "a fixture has a request");
      if (updates && actual !== text) writeFileSync(path, actual);
      else assert.equal(actual, text);
    });
  }
});

/** Every trace of every fixture, with the cluster that it was made in. */
const traced = fixtures.flatMap(({ name, text }) => {
  const { cluster, requests } = readRequests(text);
  return requests.flatMap(({ from, source, destination, protocol, heading }) => {
    const trace = traceRequest(cluster, from, source, destination, protocol);
    return "error" in trace ? [] : [{ what: `${name}: ${heading}`, cluster, trace }];
  });
});

describe("every trace", () => {
  test("has odds that add up to one, or nowhere to go", () => {
    for (const { what, trace } of traced) assertOdds(trace, what);
  });

  test("is delivered if and only if all of its ways arrive", () => {
    for (const { what, trace } of traced) {
      const arrives = trace.ways.length > 0 && trace.ways.every(({ end }) => end.kind === "endpoint");
      assert.equal(trace.verdict === "delivered", arrives, what);
      assert.equal(trace.stop === undefined, arrives, what);
    }
  });

  test("leads to YAML that is there", () => {
    for (const { what, cluster, trace } of traced) {
      for (const { because } of trace.steps) {
        if (because === undefined) continue;
        const text = cluster.snapshot.files.get(because.uri)?.text ?? "";
        assert.ok(because.start < because.end && because.end <= text.length, what);
      }
    }
  });

  test("says something in each of its lines", () => {
    for (const { what, trace } of traced) {
      const { text } = renderPage(tracePage(trace));
      assert.doesNotMatch(text, /undefined|\[object|\{\d+\}/, what);
      assert.doesNotMatch(text, /^ +(?:to )?$/m, what);
    }
  });

  test("has something under each of its headings, which count up from one", () => {
    const headingOf = (line: string | undefined): string | undefined => /^(\d) {2}\S/.exec(line ?? "")?.[1];
    for (const { what, trace } of traced) {
      const lines = renderPage(tracePage(trace)).text.split("\n");
      const headings = lines.flatMap((line, index) => (headingOf(line) === undefined ? [] : [index]));
      assert.ok(headings.length > 0, what);
      for (const [place, index] of headings.entries()) {
        assert.equal(headingOf(lines[index]), String(place + 1), what);
        assert.match(lines[index + 1] ?? "", /^ {2}\S/, `${what}: nothing under ${lines[index]}`);
      }
    }
  });

  test("that stops early names the parts that are not reached in one line, and no other trace does", () => {
    for (const { what, trace } of traced) {
      const { text } = renderPage(tracePage(trace));
      const shown = [...text.matchAll(/^\d {2}(.*)$/gm)].map(([, name]) => name);
      const missed = /^Not reached: (.*)$/m.exec(text)?.[1]?.split(", ") ?? [];
      assert.equal(text.match(/[Nn]ot reached/g)?.length ?? 0, missed.length > 0 ? 1 : 0, what);
      assert.equal(missed.length > 0, trace.endpoints.length === 0, what);
      assert.deepEqual(
        shown.filter((name) => missed.includes(name ?? "")),
        [],
        what,
      );
    }
  });

  test("that ends at a rule ends at a rule that kube-proxy wrote for the Service", () => {
    const stopped = traced.filter(({ trace }) => trace.verdict === "refused" || trace.verdict === "dropped");
    const byRule = stopped.filter(({ trace }) =>
      ["no-endpoints", "no-local-endpoints", "source-not-allowed"].includes(trace.stop?.reason.kind ?? ""),
    );
    assert.ok(byRule.length > 5);
    for (const { what, trace } of byRule) {
      const last = trace.steps.findLast((step) => step.at === "chain" && step.kind === "rule");
      const kind = last?.at === "chain" && last.kind === "rule" ? last.rule.action.kind : "";
      assert.equal(kind, trace.verdict === "refused" ? "reject" : "drop", what);
    }
  });
});

describe("the packets of a trace", () => {
  /**
   * Those of traces with one way, step by step. In userspace mode kube-proxy opens a connection of its own; where two
   * nodes choose, all rules behind their choices are told behind the second.
   */
  const single = traced.flatMap(({ what, trace }) => {
    const rules = trace.steps.flatMap((step) => (step.at === "chain" && step.kind === "rule" ? [step.rule] : []));
    const own = rules.some(({ tool }) => tool === "userspace");
    const twice = rules.filter(({ action }) => action.kind === "dnat").length > 1;
    const there = trace.steps.filter((step) => step.at !== "choice" && step.at !== "reply");
    const packets = there.flatMap((step) => step.packets ?? []);
    return trace.ways.length !== 1 || own || twice || packets.length === 0 ? [] : [{ what, trace, packets }];
  });

  test("leave each step as they come to the next one", () => {
    assert.ok(single.length > 50);
    for (const { what, packets } of single) {
      for (const [index, { before }] of packets.entries()) {
        const previous = packets[index - 1];
        if (previous) assert.deepEqual(before, previous.after ?? previous.before, what);
      }
    }
  });

  test("arrive at the endpoint with the address that it takes for its client's", () => {
    for (const { what, trace } of traced) {
      for (const { at, packets, ...step } of trace.steps) {
        if (at !== "pod" || !("endpoint" in step)) continue;
        const { address, port, seen } = step.endpoint;
        const ends = packets?.map(({ before, after }) => [before.source, before.destination, after]);
        const source = seen && { address: { ip: seen.ip, origin: seen.origin }, port: undefined };
        assert.deepEqual(ends, source ? [[source, { address, port }, undefined]] : [], what);
      }
    }
  });

  test("come back from what the client called to where it sent from", () => {
    const back = (trace: Trace) => trace.steps.flatMap((step) => (step.at === "reply" ? (step.packets ?? []) : []));
    for (const { what, trace } of traced) {
      const sent = trace.steps.find(({ at }) => at === "source")?.packets ?? [];
      for (const { before, after } of back(trace)) {
        const { source, destination } = after ?? before;
        assert.ok(
          sent.some(
            (packet) =>
              packet.before.source.address.ip === destination.address.ip &&
              packet.before.destination.address.ip === source.address.ip &&
              packet.before.destination.port === source.port,
          ),
          what,
        );
      }
    }
    assert.ok(traced.some(({ trace }) => back(trace).some(({ after }) => after !== undefined)));
  });
});

test("the fixtures show every verdict, source and kind of Service", () => {
  const verdicts = new Set(traced.map(({ trace }) => trace.verdict));
  assert.deepEqual([...verdicts].sort(), ["delivered", "dropped", "no-such-name", "refused", "unknown", "unreachable"]);
  const sources = new Set(traced.map(({ trace }) => trace.client.kind));
  assert.deepEqual([...sources].sort(), ["external", "node", "pod"]);
  const types = new Set(
    traced.flatMap(({ cluster }) =>
      [...cluster.snapshot.files.entries()].flatMap(([, { manifests }]) =>
        manifests.flatMap((manifest) => (manifest.type === "Service" ? [manifest.serviceType.value] : [])),
      ),
    ),
  );
  assert.deepEqual([...types].sort(), ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"]);
});

function assertOdds(trace: Trace, what: string): void {
  const sum = trace.ways.map(({ odds }) => odds).reduce<Fraction>(add, zero);
  if (trace.ways.length > 0) assert.deepEqual(sum, { numerator: 1n, denominator: 1n }, what);
  else assert.ok(trace.stop, what);
}

/** Two pods behind one Service, of which one runs on node-1, and clients everywhere. */
const everywhere = (internal: string, external: string, more = ""): Cluster =>
  clusterOf(
    storeOf([
      {
        path: "/all.yaml",
        text: `apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  type: LoadBalancer
  clusterIP: 10.96.0.80
  externalIPs: [192.0.2.50]
  internalTrafficPolicy: ${internal}
  externalTrafficPolicy: ${external}
  selector: { app: web }
  ports: [{ port: 80, targetPort: 8080, nodePort: 30080 }]
status: { loadBalancer: { ingress: [{ ip: 203.0.113.10 }] } }
---
apiVersion: v1
kind: Pod
metadata: { name: web-1, labels: { app: web } }
spec: { nodeName: node-1, containers: [{ name: app, image: app, ports: [{ containerPort: 8080 }] }] }
---
apiVersion: v1
kind: Pod
metadata: { name: web-2, labels: { app: web } }
spec: { nodeName: node-2, containers: [{ name: app, image: app, ports: [{ containerPort: 8080 }] }] }
---
apiVersion: v1
kind: Pod
metadata: { name: client }
spec: { nodeName: node-1, containers: [{ name: shell, image: busybox }] }
`,
      },
      { path: "/.portolan.yaml", text: more },
    ]).snapshot,
  );

/** In the words of the table: which pods are reached, and what address they see. */
function outcome(cluster: Cluster, source: string, destination: string): string {
  const trace = traceRequest(cluster, uriOf("/all.yaml"), source, destination);
  if ("error" in trace) return render(trace.error);
  if (trace.verdict !== "delivered") return trace.verdict;
  const names = trace.endpoints.map(({ podName }) => podName).sort();
  const translated = new Set(trace.endpoints.map(({ seen }) => seen?.translated));
  assert.equal(translated.size, 1);
  const who = names.length === 2 ? "all" : names[0] === "web-1" ? "local" : "remote";
  return `${who}, ${translated.has(true) ? "SNAT" : "own IP"}`;
}

describe("what address an endpoint sees", () => {
  const policies = [
    ["Cluster", "Cluster"],
    ["Cluster", "Local"],
    ["Local", "Cluster"],
    ["Local", "Local"],
  ] as const;
  const outside = ["node-1:30080", "203.0.113.10:80", "192.0.2.50:80"];
  /** A column for each pair of policies, the internal one first. */
  const table: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    ["pod:client", ["web:80", "10.96.0.80:80"], ["all, own IP", "all, own IP", "local, own IP", "local, own IP"]],
    ["node:node-1", ["10.96.0.80:80"], ["all, SNAT", "all, SNAT", "local, SNAT", "local, SNAT"]],
    ["pod:client", outside, ["all, SNAT", "all, own IP", "all, SNAT", "all, own IP"]],
    ["node:node-1", [...outside, "127.0.0.1:30080"], ["all, SNAT", "all, SNAT", "all, SNAT", "all, SNAT"]],
    ["external", outside, ["all, SNAT", "local, own IP", "all, SNAT", "local, own IP"]],
    ["external", ["10.96.0.80:80"], ["unreachable", "unreachable", "unreachable", "unreachable"]],
  ];
  for (const [source, destinations, columns] of table) {
    for (const destination of destinations) {
      test(`from ${source} to ${destination}`, () => {
        const outcomes = policies.map(([internal, external]) =>
          outcome(everywhere(internal, external), source, destination),
        );
        assert.deepEqual(outcomes, columns);
      });
    }
  }

  test("with masqueradeAll", () => {
    const cluster = everywhere("Cluster", "Cluster", "cluster: { proxy: { masqueradeAll: true } }");
    assert.equal(outcome(cluster, "pod:client", "web:80"), "all, SNAT");
  });

  test("without a detector of local traffic", () => {
    const cluster = everywhere("Cluster", "Local", "cluster: { proxy: { detectLocal: none } }");
    assert.equal(outcome(cluster, "node:node-1", "10.96.0.80:80"), "all, own IP");
    assert.equal(outcome(cluster, "pod:client", "node-1:30080"), "local, own IP");
  });

  test("when a pod reaches itself", () => {
    const trace = traceRequest(everywhere("Cluster", "Cluster"), uriOf("/all.yaml"), "pod:web-1", "web:80");
    assert.ok(!("error" in trace));
    const seen = new Map(trace.endpoints.map((endpoint) => [endpoint.podName, endpoint.seen?.translated]));
    assert.deepEqual(
      seen,
      new Map([
        ["web-1", true],
        ["web-2", false],
      ]),
    );
  });
});

describe("what a client observes", () => {
  const cluster = everywhere("Cluster", "Cluster");
  const cases: readonly (readonly [string, string, string, string])[] = [
    ["pod:client", "web:80", "delivered", "connection established"],
    ["pod:client", "udp://web:80", "unreachable", "connection timed out"],
    ["pod:client", "wbe:80", "no-such-name", "NXDOMAIN"],
    ["pod:client", "10.244.200.200:80", "unreachable", "no route to host"],
    ["pod:client", "[fd00::1]:80", "unreachable", "network is unreachable"],
    ["external", "node-1:30081", "refused", "connection refused"],
    ["external", "udp://node-1:30081", "refused", "port unreachable"],
  ];
  for (const [source, destination, verdict, observed] of cases) {
    test(`from ${source} to ${destination}`, () => {
      const trace = traceRequest(cluster, uriOf("/all.yaml"), source, destination);
      assert.ok(!("error" in trace));
      assert.equal(trace.verdict, verdict);
      assert.equal(render(describeObserved(trace)), observed);
    });
  }
});

describe("a source is read", () => {
  const cases: readonly (readonly [string, object])[] = [
    ["pod:web-0", { kind: "workload", workloadKind: "Pod", namespace: undefined, name: "web-0" }],
    ["pod:shop/web-0", { kind: "workload", workloadKind: "Pod", namespace: "shop", name: "web-0" }],
    ["Deployment/web", { kind: "workload", workloadKind: "Deployment", namespace: undefined, name: "web" }],
    ["deploy/shop/web", { kind: "workload", workloadKind: "Deployment", namespace: "shop", name: "web" }],
    ["statefulsets/web", { kind: "workload", workloadKind: "StatefulSet", namespace: undefined, name: "web" }],
    ["Rollout/web", { kind: "workload", workloadKind: "Rollout", namespace: undefined, name: "web" }],
    ["node:node-1", { kind: "node", name: "node-1" }],
    [" external ", { kind: "external", ip: undefined }],
    ["external:203.0.113.7", { kind: "external", ip: "203.0.113.7" }],
    ["external:[2001:DB8::1]", { kind: "external", ip: "2001:db8::1" }],
  ];
  for (const [text, expected] of cases) test(text, () => assert.deepEqual(parseSource(text), expected));

  for (const text of [
    "",
    "web",
    "pod:",
    "pod:a/b/c",
    "Deployment/",
    "/web",
    "node:",
    "external:",
    "external:x",
    "pod:a b",
  ]) {
    test(`unless it is ${JSON.stringify(text)}`, () => assertComplaint(parseSource(text)));
  }
});

describe("a destination is read", () => {
  const cases: readonly (readonly [string, string, number | undefined, number | undefined])[] = [
    ["web", "web", undefined, undefined],
    ["web:80", "web", 80, undefined],
    ["web.shop.svc.cluster.local.:8080", "web.shop.svc.cluster.local.", 8080, undefined],
    ["http://web", "web", undefined, 80],
    ["https://web:8443/path?x=1#y", "web", 8443, 443],
    ["web:80/index.html", "web", 80, undefined],
    ["postgres://user:secret@db.shop/data", "db.shop", undefined, 5432],
    ["jdbc:postgresql://db:5433/data", "db", 5433, 5432],
    ["10.96.0.1:443", "10.96.0.1", 443, undefined],
    ["[fd00::10]:80", "fd00::10", 80, undefined],
    ["http://[fd00::10]/", "fd00::10", undefined, 80],
    ["fd00::10", "fd00::10", undefined, undefined],
    ["node-1:30080", "node-1", 30080, undefined],
    ["_http._tcp.web", "_http._tcp.web", undefined, undefined],
  ];
  for (const [text, host, port, schemePort] of cases) {
    test(text, () => {
      const read = parseDestination(text);
      assert.ok("host" in read);
      assert.deepEqual([read.host, read.port, read.schemePort], [host, port, schemePort]);
    });
  }

  const variables: readonly (readonly [string, string, readonly string[]])[] = [
    [
      "$CART_SERVICE_HOST:$CART_SERVICE_PORT",
      "$CART_SERVICE_HOST:$CART_SERVICE_PORT",
      ["CART_SERVICE_HOST", "CART_SERVICE_PORT"],
    ],
    ["http://${CART_SERVICE_HOST}:8080/$PATH", "http://${CART_SERVICE_HOST}:8080", ["CART_SERVICE_HOST"]],
    ["$(CART_PORT)", "$(CART_PORT)", ["CART_PORT"]],
    ["http://$USER:$PASSWORD@$CART_PORT_80_TCP_ADDR", "http://$CART_PORT_80_TCP_ADDR", ["CART_PORT_80_TCP_ADDR"]],
  ];
  for (const [text, head, names] of variables) {
    test(text, () => assert.deepEqual(parseDestination(text), { text: head, variables: names }));
  }

  const nonsense = [
    "$",
    "${CART",
    "$1:80",
    "web:$",
    "",
    "::::",
    ":80",
    "web:",
    "web:0",
    "web:99999",
    "web:http",
    "gopher://web",
    "http://",
    "a b",
    "-web",
    "a..b",
  ];
  for (const text of [...nonsense, "[10.0.0.1]:80", "[fd00::1", "//web", "http:///web", "w\u00e9b", "10.0.0.1:-1"]) {
    test(`unless it is ${JSON.stringify(text)}`, () => assertComplaint(parseDestination(text)));
  }
});

/** One line that says what would be right. */
function assertComplaint(read: object): void {
  assert.ok("error" in read);
  const said = render(read.error as Parameters<typeof render>[0]);
  assert.ok(said.length > 20 && !said.includes("\n"), said);
}

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

describe("whatever is typed", () => {
  const words = [
    "pod:",
    "web",
    "web-1",
    "client",
    "node:",
    "node-1",
    "external",
    "Deployment/",
    "/",
    ":",
    "80",
    "30080",
    ".",
  ];
  const more = [
    "http://",
    "10.96.0.80",
    "10.244.0.9",
    "203.0.113.10",
    "[",
    "]",
    "::1",
    "127.0.0.1",
    "default",
    "svc",
    "_",
    "-",
  ];
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(fc.constantFrom(...words, ...more), { maxLength: 8 }).map((parts) => parts.join("")),
  );
  const good = fc.constantFrom("pod:client", "pod:web-1", "node:node-2", "external", "external:198.51.100.9");
  const places = fc.constantFrom(
    "web",
    "10.96.0.80",
    "203.0.113.10",
    "192.0.2.50",
    "node-1",
    "node-2",
    "10.96.7.7",
    "localhost",
  );
  const ports = fc.constantFrom("", ":80", ":8080", ":30080", ":443", ":31000");
  const target = fc.oneof(
    text,
    fc.tuple(places, ports).map((parts) => parts.join("")),
  );
  const protocols = fc.constantFrom("tcp", "udp", "sctp", undefined);
  const cluster = everywhere("Cluster", "Local");
  const again = everywhere("Cluster", "Local");

  test("nothing throws, odds add up, and the same request has the same trace", () => {
    fc.assert(
      fc.property(fc.oneof(text, good), target, protocols, (source, destination, protocol) => {
        const trace = traceRequest(cluster, uriOf("/all.yaml"), source, destination, protocol);
        const other = traceRequest(again, uriOf("/all.yaml"), source, destination, protocol);
        if ("error" in trace || "error" in other) {
          assert.deepEqual(trace, other);
          assertComplaint(trace);
          return;
        }
        assertOdds(trace, `${source} to ${destination}`);
        assert.equal(renderPage(tracePage(trace)).text, renderPage(tracePage(other)).text);
      }),
      { numRuns: 500 },
    );
  });

  test("ranges of a page lie within it", () => {
    fc.assert(
      fc.property(good, target, (source, destination) => {
        const trace = traceRequest(cluster, uriOf("/all.yaml"), source, destination);
        if ("error" in trace) return;
        const { text: page, spans } = renderPage(tracePage(trace));
        for (const { start, end } of spans) assert.ok(start >= 0 && start < end && end <= page.length);
      }),
    );
  });
});
