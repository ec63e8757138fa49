import assert from "node:assert/strict";
import { test } from "node:test";
import { documentUri } from "../../src/core/base/source.ts";
import { resolvePort } from "../../src/core/cluster/ports.ts";
import type { ServiceManifest, WorkloadManifest } from "../../src/core/manifest/model.ts";
import { parseFile } from "../../src/core/manifest/parse.ts";
import { defaultProfile } from "../../src/core/settings/profile.ts";

const PORTS = 500;

test("the container ports of a template are gone through once, however many ports a Service has", () => {
  const targets = [...Array(50).keys()].flatMap((index) => [`p-${index}`, `q-${index}`, index + 1, 60_000 + index]);
  const { pod, service } = read(targets);
  let looks = 0;
  const [container] = pod.template.containers;
  assert.ok(container);
  const ports = container.ports.map((port) => ({
    ...port,
    get containerPort() {
      looks += 1;
      return port.containerPort;
    },
  }));
  const workload = { ...pod, template: { ...pod.template, containers: [{ ...container, ports }] } };
  const source = { workload, match: "certain", observed: undefined, parts: [] } as const;
  const states = service.ports.map((port) => resolvePort(defaultProfile, port, [source]).state);
  assert.deepEqual([...new Set(states)], ["matched", "unresolved", "undeclared"]);
  // Once for the index, and once for each port that is found.
  assert.ok(looks <= PORTS + 2 * targets.length, `${looks} looks`);
});

function read(targets: readonly (string | number)[]): { pod: WorkloadManifest; service: ServiceManifest } {
  const containerPorts = [...Array(PORTS).keys()].map((index) => ({ name: `p-${index}`, containerPort: index + 1 }));
  const objects = [
    {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "web" },
      spec: { containers: [{ name: "web", image: "web:1", ports: containerPorts }] },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "web" },
      spec: { ports: targets.map((targetPort, index) => ({ name: `s-${index}`, port: index + 1, targetPort })) },
    },
  ];
  const text = JSON.stringify({ apiVersion: "v1", kind: "List", items: objects });
  const { manifests } = parseFile(documentUri("file:///ports.json"), text);
  const pod = manifests.find((manifest) => manifest.type === "Workload");
  const service = manifests.find((manifest) => manifest.type === "Service");
  assert.ok(pod && service);
  return { pod, service };
}
