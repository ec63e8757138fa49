import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { renderPage } from "../../src/core/features/page.ts";
import { tracePage, traceRequest } from "../../src/core/features/trace-page.ts";
import { uriOf } from "../harness/workspace.ts";
import { assertComplaint, assertOdds, everywhere } from "./traces.ts";

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
