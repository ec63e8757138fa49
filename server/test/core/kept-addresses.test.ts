import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { documentUri } from "../../src/core/base/source.ts";
import type { Cluster } from "../../src/core/cluster/cluster.ts";
import { scopeName } from "../../src/core/cluster/scope.ts";
import {
  byHand,
  clusterOf,
  deployment,
  dumpedSlice,
  endpoints,
  meets,
  service,
  serviceIn,
  together,
} from "./sketches.ts";

/** The endpoints of the Service of a file, in each of its scopes: `scope: address …`. */
const servedIn = (cluster: Cluster, path: string): readonly string[] =>
  cluster.resolve(serviceIn(cluster, path)).map((resolution) => {
    const ips = cluster.endpointsOf(resolution).flatMap((port) => port.endpoints.map(({ address }) => address.ip));
    return [`${scopeName(resolution.scope)}:`, ...ips].join(" ");
  });

describe("addresses kept by hand are", () => {
  it("those of the Service's own folder", () => {
    const cluster = clusterOf({
      "db/service.yaml": byHand("db"),
      "db/endpoints.yaml": endpoints("db", "192.0.2.1"),
      "other/endpoints.yaml": endpoints("db", "192.0.2.9"),
    });
    assert.deepEqual(servedIn(cluster, "db/service.yaml"), ["plain:db: 192.0.2.1"]);
  });

  it("failing that those of the nearest folder upwards that has any", () => {
    const cluster = clusterOf({
      "app/services/db.yaml": byHand("db"),
      "app/addresses/db.yaml": endpoints("db", "192.0.2.1"),
      "other/endpoints.yaml": endpoints("db", "192.0.2.9"),
    });
    assert.deepEqual(servedIn(cluster, "app/services/db.yaml"), ["plain:app: 192.0.2.1"]);
  });

  it("not those of another environment", () => {
    const cluster = clusterOf({
      "dev/service.yaml": byHand("db"),
      "prod/service.yaml": byHand("db"),
      "prod/endpoints.yaml": endpoints("db", "192.0.2.9"),
    });
    assert.deepEqual(meets(cluster, "dev/service.yaml"), ["plain:dev:"]);
    assert.deepEqual(meets(cluster, "prod/service.yaml"), ["plain:prod: prod/endpoints.yaml"]);
  });

  it("not those of another workspace folder", () => {
    const files = { "one/service.yaml": byHand("db"), "two/endpoints.yaml": endpoints("db", "192.0.2.9") };
    assert.deepEqual(meets(clusterOf(files, ["one", "two"]), "one/service.yaml"), ["plain:.:"]);
  });

  it("one choice among several, where each environment has its own", () => {
    const cluster = clusterOf({
      "base/db.yaml": byHand("db"),
      "dev/db.yaml": endpoints("db", "192.0.2.1"),
      "prod/db.yaml": endpoints("db", "192.0.2.2"),
    });
    assert.deepEqual(servedIn(cluster, "base/db.yaml"), ["plain:dev: 192.0.2.1", "plain:prod: 192.0.2.2"]);
  });

  it("those of its own file, where variants lie side by side", () => {
    const cluster = clusterOf({
      "a.yaml": together(byHand("db"), endpoints("db", "192.0.2.1")),
      "b.yaml": together(byHand("db"), endpoints("db", "192.0.2.2")),
    });
    assert.deepEqual(servedIn(cluster, "b.yaml"), ["plain:.: 192.0.2.2"]);
  });
});

describe("dumped addresses count", () => {
  it("within the scope of the Service alone", () => {
    const cluster = clusterOf({
      "app/web.yaml": together(service("web"), deployment("web")),
      "dump/web.yaml": dumpedSlice("web", "10.244.9.9"),
    });
    const [line] = servedIn(cluster, "app/web.yaml");
    assert.ok(line && !line.includes("10.244.9.9"), line);
  });

  it("for the variant that they lie beside", () => {
    const cluster = clusterOf({
      "base/web.yaml": service("web"),
      "dev/web.yaml": together(deployment("web"), dumpedSlice("web", "10.244.1.1")),
      "prod/web.yaml": together(deployment("web"), dumpedSlice("web", "10.244.2.2")),
    });
    assert.deepEqual(servedIn(cluster, "base/web.yaml"), ["plain:dev: 10.244.1.1", "plain:prod: 10.244.2.2"]);
  });

  it("not for a copy of the Service", () => {
    const cluster = clusterOf({
      "monday.yaml": together(service("web"), deployment("web"), dumpedSlice("web", "10.244.1.1")),
      "tuesday.yaml": together(service("web"), deployment("web"), dumpedSlice("web", "10.244.2.2")),
    });
    assert.deepEqual(servedIn(cluster, "tuesday.yaml"), ["plain:.: 10.244.2.2"]);
  });
});

it("addresses that another environment keeps by hand stay free for pods", () => {
  const pods = together(service("web"), deployment("web"), byHand("db"));
  const taken = servedIn(clusterOf({ "dev/web.yaml": pods }), "dev/web.yaml")[0]?.split(" ")[1] ?? "";
  const cluster = clusterOf({
    "dev/web.yaml": pods,
    "prod/db.yaml": together(byHand("db"), endpoints("db", taken)),
  });
  assert.deepEqual(servedIn(cluster, "dev/web.yaml"), [`plain:dev: ${taken}`]);
  const { plan } = cluster.viewFrom(documentUri("prod/db.yaml"));
  assert.ok(![...plan.pods.values()].some(({ addresses }) => addresses.some(({ ip }) => ip === taken)));
});
