import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { documentUri } from "../../src/core/base/source.ts";
import { labelsOfNamespace, labelsOfPods } from "../../src/core/cluster/policy/label-query.ts";
import { askPolicies, type PolicyAnswer } from "../../src/core/cluster/policy/network-policy.ts";
import type { PolicyQuestion } from "../../src/core/cluster/policy/question.ts";
import type { Labels, Manifest, NetworkPolicyManifest, WorkloadManifest } from "../../src/core/manifest/model.ts";
import { parseFile } from "../../src/core/manifest/parse.ts";
import { defaultProfile } from "../../src/core/settings/profile.ts";

/** A map of labels, of which few are possible so that they often meet. */
const labels = fc.dictionary(fc.constantFrom("a", "b"), fc.constantFrom("1", "2"), {
  maxKeys: 2,
  noNullPrototype: true,
});

const expression = fc.record({
  key: fc.constantFrom("a", "b"),
  operator: fc.constantFrom("In", "NotIn", "Exists", "DoesNotExist"),
  values: fc.array(fc.constantFrom("1", "2"), { minLength: 1, maxLength: 2 }),
});

const selector = fc.record(
  { matchLabels: labels, matchExpressions: fc.array(expression, { maxLength: 1 }) },
  { requiredKeys: [] },
);

const peer = fc.oneof(
  fc.record({ podSelector: selector }),
  fc.record({ namespaceSelector: selector }),
  fc.record({ podSelector: selector, namespaceSelector: selector }),
  fc.record({ ipBlock: fc.record({ cidr: fc.constantFrom("0.0.0.0/0", "10.0.0.0/8", "192.0.2.0/24") }) }),
);

const port = fc.record(
  { port: fc.oneof(fc.constantFrom(79, 80), fc.constant("http")), protocol: fc.constantFrom("TCP", "UDP") },
  { requiredKeys: [] },
);

const rule = fc.record(
  { from: fc.array(peer, { maxLength: 2 }), ports: fc.array(port, { maxLength: 2 }) },
  { requiredKeys: [] },
);

const policy = fc.record({ podSelector: selector, ingress: fc.array(rule, { maxLength: 2 }) });
type Policy = object;

interface Sketch {
  readonly policies: readonly Policy[];
  readonly own: Record<string, string>;
  readonly client: Record<string, string>;
  readonly namespace: Record<string, string>;
}

const sketch: fc.Arbitrary<Sketch> = fc.record({
  policies: fc.array(policy, { maxLength: 3 }),
  own: labels,
  client: labels,
  namespace: labels,
});

describe("NetworkPolicies", () => {
  test("admit what Kubernetes' own words about them admit", () => {
    fc.assert(
      fc.property(sketch, (drawn) => {
        const { kind } = ask(drawn, drawn.namespace);
        assert.equal(kind === "open" || kind === "admitted" || (kind === "unknown" && "block"), verdictInWords(drawn));
      }),
    );
  });

  test("never say for sure what labels that are not shown could change", () => {
    fc.assert(
      fc.property(sketch, (drawn) => {
        const blind = ask(drawn, undefined);
        if (blind.kind === "unknown") return;
        assert.equal(blind.kind, ask(drawn, drawn.namespace).kind);
      }),
    );
  });

  test("let everything through once one of them does, and hear of nobody else's", () => {
    const everything: Policy = { podSelector: {}, ingress: [{}] };
    fc.assert(
      fc.property(sketch, (drawn) => {
        const before = ask(drawn, drawn.namespace);
        assert.equal(ask({ ...drawn, policies: [...drawn.policies, everything] }, drawn.namespace).kind, "admitted");
        const ofOthers = drawn.policies.map((own) => ({
          ...own,
          podSelector: { matchLabels: { nobody: "has-this" } },
        }));
        const after = ask({ ...drawn, policies: [...drawn.policies, ...ofOthers] }, drawn.namespace);
        assert.equal(after.kind, before.kind);
      }),
    );
  });

  test("without policyTypes are about ingress, and about egress where they have rules for it", () => {
    const types = (spec: object): readonly boolean[] => {
      const [read] = policiesOf([spec]);
      return [read?.ingress !== undefined, read?.egress !== undefined];
    };
    assert.deepEqual(types({}), [true, false]);
    assert.deepEqual(types({ egress: [{}] }), [true, true]);
    assert.deepEqual(types({ egress: [] }), [true, false]);
    assert.deepEqual(types({ policyTypes: ["Egress"] }), [false, true]);
    assert.deepEqual(types({ policyTypes: ["Ingress", "Egress"] }), [true, true]);
  });

  test("whose entries cannot be read admit nobody knows what", () => {
    for (const unread of [
      { from: ["${PEER}"] },
      { ports: ["${PORT}"] },
      { from: "${PEERS}" },
      { ports: [{ port: "${PORT}" }] },
    ]) {
      const spec = { podSelector: {}, ingress: [unread] };
      assert.equal(ask({ policies: [spec], own: {}, client: {}, namespace: {} }, {}).kind, "unknown");
    }
  });
});

/** Asks about TCP 80, a port named http, of a pod in `home`, from a pod in `away`. */
function ask({ policies, own, client }: Sketch, namespace: Record<string, string> | undefined): PolicyAnswer {
  const receiver = podOf("home", own);
  const sender = podOf("away", client);
  const shown = namespace && labelsOf(namespace);
  const question: PolicyQuestion = {
    direction: "ingress",
    pod: receiver,
    peers: [
      {
        ip: "10.0.0.9",
        within: undefined,
        pod: {
          labels: labelsOfPods(sender),
          namespace: labelsOfNamespace(defaultProfile, "away", shown),
          namespaceName: "away",
        },
      },
    ],
    doubt: "translated",
    labels: labelsOfPods(receiver),
    called: undefined,
    port: 80,
    protocol: "TCP",
    receiver,
  };
  return askPolicies(policiesOf(policies), question);
}

const manifestsIn = (text: string): readonly Manifest[] =>
  parseFile(documentUri("file:///policy.json"), text).manifests;

const policiesOf = (specs: readonly Policy[]): readonly NetworkPolicyManifest[] =>
  specs.flatMap((spec) => {
    const object = {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name: "p", namespace: "home" },
      spec,
    };
    return manifestsIn(JSON.stringify(object)).flatMap((found) => (found.type === "NetworkPolicy" ? [found] : []));
  });

function podOf(namespace: string, own: Record<string, string>): WorkloadManifest {
  const containers = [{ name: "main", ports: [{ name: "http", containerPort: 80 }] }];
  const object = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "pod", namespace, labels: own },
    spec: { containers },
  };
  const [pod] = manifestsIn(JSON.stringify(object));
  assert.equal(pod?.type, "Workload");
  return pod as WorkloadManifest;
}

function labelsOf(map: Record<string, string>): Labels {
  const object = { apiVersion: "v1", kind: "Namespace", metadata: { name: "away", labels: map } };
  return manifestsIn(JSON.stringify(object))[0]?.labels ?? assert.fail("a namespace is read");
}

type Json = Record<string, unknown>;

/** The rules of the documentation once more, on JSON and without doubts; `"block"` where a block is met by a pod. */
function verdictInWords({ policies, own, client, namespace }: Sketch): boolean | "block" {
  const applying = (policies as readonly Json[]).filter((spec) => selects(spec["podSelector"] as Json, own));
  if (applying.length === 0) return true;
  const rules = applying.flatMap((spec) => spec["ingress"] as readonly Json[]);
  const answers = rules.map((each): boolean | "block" => {
    const ports = (each["ports"] ?? []) as readonly Json[];
    const isPort = (entry: Json): boolean =>
      (entry["protocol"] ?? "TCP") === "TCP" && [undefined, 80, "http"].includes(entry["port"] as undefined);
    if (ports.length > 0 && !ports.some(isPort)) return false;
    const peers = (each["from"] ?? []) as readonly Json[];
    if (peers.length === 0) return true;
    const met = peers.map((entry): boolean | "block" => {
      if (entry["ipBlock"]) return (entry["ipBlock"] as Json)["cidr"] === "192.0.2.0/24" ? false : "block";
      const pods = entry["podSelector"] as Json | undefined;
      const namespaces = entry["namespaceSelector"] as Json | undefined;
      // Without namespaceSelector the pods of the policy's own namespace are meant, where the client is not.
      return (
        namespaces !== undefined && selects(namespaces, namespace) && (pods === undefined || selects(pods, client))
      );
    });
    return met.includes(true) || (met.includes("block") && "block");
  });
  return answers.includes(true) || (answers.includes("block") && "block");
}

function selects(selectorOf: Json, map: Record<string, string>): boolean {
  const equal = Object.entries((selectorOf["matchLabels"] ?? {}) as Json).every(([key, value]) => map[key] === value);
  const expressions = (selectorOf["matchExpressions"] ?? []) as readonly {
    key: string;
    operator: string;
    values: string[];
  }[];
  return (
    equal &&
    expressions.every(({ key, operator, values }) => {
      const value = map[key];
      if (operator === "Exists") return value !== undefined;
      if (operator === "DoesNotExist") return value === undefined;
      const isListed = value !== undefined && values.includes(value);
      return operator === "In" ? isListed : !isListed;
    })
  );
}
