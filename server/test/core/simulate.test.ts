import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { describe, test } from "node:test";
import { render } from "../../src/core/base/message.ts";
import type { Cluster } from "../../src/core/cluster/cluster.ts";
import type { Trace } from "../../src/core/cluster/simulation/trace.ts";
import { renderPage } from "../../src/core/features/page.ts";
import { tracePage, traceRequest } from "../../src/core/features/trace-page.ts";
import { describeObserved } from "../../src/core/features/trace-words.ts";
import { textFilesBelow } from "../harness/files.ts";
import { uriOf } from "../harness/workspace.ts";
import { readRequests } from "./request-fixture.ts";
import { assertOdds, everywhere } from "./traces.ts";

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
