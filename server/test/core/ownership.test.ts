import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { ownershipAmong } from "../../src/core/cluster/ownership.ts";
import { isNameOfPod } from "../../src/core/manifest/generated-names.ts";
import type { WorkloadManifest } from "../../src/core/manifest/model.ts";
import { manifestsOf, type Snapshot } from "../../src/core/workspace/snapshot.ts";
import { storeOf } from "../harness/workspace.ts";
import { field } from "./objects.ts";

/** An object of a dump, as far as it matters who made it. */
interface Sketch {
  readonly kind: string;
  readonly name: string;
  readonly apiVersion?: string;
  readonly owner?: readonly [kind: string, name: string, uid?: string] | undefined;
  readonly labels?: Readonly<Record<string, string>>;
  readonly uid?: string;
  readonly spec?: object;
  readonly file?: string;
}

const versions: Readonly<Record<string, string>> = {
  Pod: "v1",
  ReplicationController: "v1",
  Job: "batch/v1",
  CronJob: "batch/v1",
  Rollout: "argoproj.io/v1alpha1",
  DeploymentConfig: "apps.openshift.io/v1",
  VirtualMachine: "kubevirt.io/v1",
  Node: "v1",
  App: "example.com/v1",
};
const versionOf = (kind: string): string => versions[kind] ?? "apps/v1";

function snapshotOf(sketches: readonly Sketch[]): Snapshot {
  const files = new Map<string, object[]>();
  for (const { kind, name, apiVersion = versionOf(kind), owner, labels, uid, spec, file = "/dump.json" } of sketches) {
    const ownerReferences = owner && [
      { kind: "ConfigMap", name: "kept", apiVersion: "v1" },
      { kind: owner[0], name: owner[1], uid: owner[2], apiVersion: versionOf(owner[0]), controller: true },
    ];
    const status = kind === "Pod" ? { phase: "Running", podIP: "10.244.0.9" } : undefined;
    const template = kind === "Pod" ? {} : { template: { metadata: { labels } } };
    const item = {
      apiVersion,
      kind,
      metadata: { name, uid, labels, ownerReferences },
      spec: { ...template, ...spec },
      status,
    };
    files.set(file, [...(files.get(file) ?? []), item]);
  }
  const texts = [...files].map(([path, items]) => ({
    path,
    text: JSON.stringify({ apiVersion: "v1", kind: "List", items }),
  }));
  return storeOf(texts).snapshot;
}

/** Who made whom: `Pod/web-x2x7z: ReplicaSet/web`. */
function madeIn(sketches: readonly Sketch[]): readonly string[] {
  const snapshot = snapshotOf(sketches);
  const files = [...snapshot.files.entries()].map(([, file]) => file);
  const workloads = [...manifestsOf(files)].filter((manifest) => manifest.type === "Workload");
  const print = ({ kind, name }: WorkloadManifest): string => `${kind.value}/${name.value}`;
  const { makerOf } = ownershipAmong(snapshot, workloads);
  return [...makerOf].map(([part, maker]) => `${print(part)}: ${print(maker)}`);
}

describe("what a dump says of its owner counts", () => {
  const hash = { "pod-template-hash": "7d4b9c6f5b" };
  const pod: Sketch = {
    kind: "Pod",
    name: "web-7d4b9c6f5b-x2x7z",
    owner: ["ReplicaSet", "web-7d4b9c6f5b"],
    labels: hash,
  };
  const replicaSet: Sketch = { kind: "ReplicaSet", name: "web-7d4b9c6f5b", owner: ["Deployment", "web"], labels: hash };
  const deployment: Sketch = { kind: "Deployment", name: "web" };

  test("through a ReplicaSet, whether or not it is there", () => {
    assert.deepEqual(madeIn([pod, replicaSet, deployment]), [
      "Pod/web-7d4b9c6f5b-x2x7z: Deployment/web",
      "ReplicaSet/web-7d4b9c6f5b: Deployment/web",
    ]);
    assert.deepEqual(madeIn([pod, deployment]), ["Pod/web-7d4b9c6f5b-x2x7z: Deployment/web"]);
    assert.deepEqual(madeIn([pod, replicaSet]), ["Pod/web-7d4b9c6f5b-x2x7z: ReplicaSet/web-7d4b9c6f5b"]);
    assert.deepEqual(madeIn([pod]), []);
  });

  test("and not a name that looks like one", () => {
    const bare = { ...replicaSet, owner: undefined, labels: {} };
    assert.deepEqual(madeIn([{ ...pod, labels: {} }, bare, deployment]), [
      "Pod/web-7d4b9c6f5b-x2x7z: ReplicaSet/web-7d4b9c6f5b",
    ]);
    const others: Sketch = { kind: "Pod", name: "web-0", owner: ["Node", "node-1"] };
    assert.deepEqual(madeIn([others, { kind: "StatefulSet", name: "web" }]), []);
    assert.deepEqual(madeIn([{ ...pod, labels: { "pod-template-hash": "6c6c6c" } }, deployment]), []);
  });

  test("of the kind, API group and id that it names", () => {
    const owned: Sketch = { kind: "Pod", name: "web-x2x7z", owner: ["DaemonSet", "web", "one"] };
    const daemons: Sketch = { kind: "DaemonSet", name: "web" };
    assert.deepEqual(madeIn([owned, { ...daemons, uid: "one" }]), ["Pod/web-x2x7z: DaemonSet/web"]);
    assert.deepEqual(madeIn([owned, daemons]), ["Pod/web-x2x7z: DaemonSet/web"]);
    assert.deepEqual(madeIn([owned, { ...daemons, uid: "another" }]), []);
    assert.deepEqual(madeIn([owned, { ...daemons, apiVersion: "extensions/v1beta1" }]).length, 1);
    assert.deepEqual(madeIn([owned, { ...daemons, apiVersion: "apps.kruise.io/v1alpha1" }]), []);
    assert.deepEqual(madeIn([owned, { kind: "ReplicaSet", name: "web" }]), []);
  });

  test("through Jobs, ReplicationControllers and Rollouts", () => {
    const chains: readonly (readonly Sketch[])[] = [
      [
        { kind: "Pod", name: "backup-28412345-x2x7z", owner: ["Job", "backup-28412345"] },
        { kind: "CronJob", name: "backup" },
      ],
      [
        { kind: "Pod", name: "web-3-x2x7z", owner: ["ReplicationController", "web-3"] },
        { kind: "DeploymentConfig", name: "web" },
      ],
      [
        {
          kind: "Pod",
          name: "web-5c9d-x2x7z",
          owner: ["ReplicaSet", "web-5c9d"],
          labels: { "rollouts-pod-template-hash": "5c9d" },
        },
        { kind: "Rollout", name: "web" },
        { kind: "Deployment", name: "web" },
      ],
      [
        {
          kind: "Pod",
          name: "virt-launcher-vm-x2x7z",
          owner: ["VirtualMachineInstance", "vm"],
          labels: { "vm.kubevirt.io/name": "vm" },
        },
        { kind: "VirtualMachine", name: "vm" },
      ],
    ];
    for (const [pod, maker, ...others] of chains) {
      assert.ok(pod && maker);
      const made = `${pod.kind}/${pod.name}: ${maker.kind}/${maker.name}`;
      assert.deepEqual(madeIn([pod, maker, ...others]), [made]);
    }
  });

  test("of the namesake in its own file", () => {
    const inFile = (sketch: Sketch, file: string): Sketch => ({ ...sketch, file });
    const snapshot = snapshotOf([
      inFile(pod, "/dev.json"),
      inFile(deployment, "/dev.json"),
      inFile(deployment, "/prod.json"),
      inFile({ ...pod, name: "web-7d4b9c6f5b-zz9kk" }, "/pods.json"),
      inFile(deployment, "/elsewhere/all.json"),
    ]);
    const makers = [...(snapshot.index.workloadsByName.get("web") ?? [])];
    const made = makers.map((maker) => {
      const { makerOf } = ownershipAmong(snapshot, [maker]);
      return `${maker.range.uri}: ${[...makerOf.keys()].map(({ name }) => name.value.slice(-5)).join(" ")}`;
    });
    assert.deepEqual(made.sort(), [
      "file:///dev.json: x2x7z zz9kk",
      "file:///elsewhere/all.json: ",
      "file:///prod.json: zz9kk",
    ]);
  });

  test("even where two are said to have made each other", () => {
    const a: Sketch = { kind: "Deployment", name: "a", owner: ["Deployment", "b"] };
    const b: Sketch = { kind: "Deployment", name: "b", owner: ["Deployment", "a"] };
    assert.deepEqual(madeIn([a, b]), ["Deployment/b: Deployment/a"]);
  });

  test("but an unknown kind makes way for what was made for it", () => {
    const template = { template: { spec: { containers: [{ name: "c" }] } } };
    const app: Sketch = { kind: "App", name: "web", spec: template };
    const snapshot = snapshotOf([app, { kind: "Deployment", name: "web", owner: ["App", "web"] }]);
    const all = [...(snapshot.index.workloadsByName.get("web") ?? [])];
    const { makerOf, standIns } = ownershipAmong(snapshot, all);
    assert.deepEqual(
      [...standIns].map(({ kind }) => kind.value),
      ["App"],
    );
    assert.equal(makerOf.size, 0);
    assert.equal(
      ownershipAmong(
        snapshot,
        all.filter((workload) => standIns.has(workload)),
      ).standIns.size,
      0,
    );
  });
});

describe("a dumped Pod without owner is known by its name", () => {
  const cases: readonly (readonly [
    name: string,
    kind: string,
    maker: string,
    isMade: boolean,
    completions?: number,
  ])[] = [
    ["web-6bovu", "ReplicationController", "web", true],
    ["web-debug", "ReplicaSet", "web", false],
    ["web-x2x7z", "ReplicaSet", "web", true],
    ["web-x2x7", "ReplicaSet", "web", false],
    ["web-x2x7z", "DaemonSet", "web", true],
    ["web-7d4b9c-x2x7z", "Deployment", "web", true],
    ["web-2035384211-6bovu", "Deployment", "web", true],
    ["web-proxy-x2x7z", "Deployment", "web", false],
    ["web-x2x7z", "Deployment", "web", false],
    ["web-db-0", "Deployment", "web", false],
    ["web-debug", "Deployment", "web", false],
    ["web-db-0", "StatefulSet", "web-db", true],
    ["web-db-0", "StatefulSet", "web", false],
    ["web-00", "StatefulSet", "web", false],
    ["web-x2x7z", "StatefulSet", "web", false],
    ["backup-28412345-x2x7z", "CronJob", "backup", true],
    ["backup-x2x7z", "CronJob", "backup", false],
    ["train-x2x7z", "Job", "train", true],
    ["train-0-x2x7z", "Job", "train", false],
    ["train-0-x2x7z", "Job", "train", true, 3],
    ["web-3-x2x7z", "DeploymentConfig", "web", true],
    [`${"a".repeat(58)}x2x7z`, "ReplicaSet", "a".repeat(60), true],
    ["-x2x7z", "ReplicaSet", "", false],
  ];
  for (const [name, kind, maker, isMade, completions] of cases) {
    test(`${name} ${isMade ? "of" : "and not of"} ${kind} ${maker}`, () => {
      const workload = { kind: field(kind), name: field(maker), completions };
      assert.equal(isNameOfPod(name, workload), isMade);
      const job = completions === undefined ? {} : { completionMode: "Indexed", completions };
      const expected = isMade ? [`Pod/${name}: ${kind}/${maker}`] : [];
      assert.deepEqual(
        madeIn([
          { kind: "Pod", name },
          { kind, name: maker, spec: job },
        ]),
        expected,
      );
    });
  }

  test("where its labels do not speak against it", () => {
    const pod: Sketch = { kind: "Pod", name: "web-x2x7z", labels: { app: "web" } };
    const selecting = (app: string): Sketch => ({
      kind: "ReplicaSet",
      name: "web",
      spec: { selector: { matchLabels: { app } } },
    });
    assert.equal(madeIn([pod, selecting("web")]).length, 1);
    assert.deepEqual(madeIn([pod, selecting("api")]), []);
  });

  test("and of the longer of two names that would do", () => {
    const pod: Sketch = { kind: "Pod", name: "web-7d4b9c-x2x7z" };
    const makers: readonly Sketch[] = [
      { kind: "Deployment", name: "web" },
      { kind: "DaemonSet", name: "web-7d4b9c" },
    ];
    for (const order of [makers, [...makers].reverse()]) {
      assert.deepEqual(madeIn([pod, ...order]), ["Pod/web-7d4b9c-x2x7z: DaemonSet/web-7d4b9c"]);
    }
  });
});

test("nothing made itself, and no maker was made", () => {
  const kinds = fc.constantFrom("Pod", "ReplicaSet", "Deployment", "StatefulSet", "Job", "CronJob", "DaemonSet");
  const names = fc.constantFrom(
    "web",
    "web-x2x7z",
    "web-7d4b9c",
    "web-7d4b9c-x2x7z",
    "web-0",
    "web-0-x2x7z",
    "web-28412345",
  );
  const sketches = fc.array(
    fc.record({ kind: kinds, name: names, owner: fc.option(fc.tuple(kinds, names), { nil: undefined }) }),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(sketches, (dump) => {
      const snapshot = snapshotOf(dump);
      const files = [...snapshot.files.entries()].map(([, file]) => file);
      const workloads = [...manifestsOf(files)].filter((manifest) => manifest.type === "Workload");
      const { makerOf, standIns } = ownershipAmong(snapshot, workloads);
      assert.equal(standIns.size, 0);
      for (const [part, maker] of makerOf) {
        assert.notEqual(part, maker);
        assert.ok(!makerOf.has(maker), "a maker is the outermost one");
      }
    }),
    { numRuns: 500 },
  );
});
