import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { render } from "../../src/core/base/message.ts";
import { checkFile } from "../../src/core/rules/run.ts";
import type { Snapshot } from "../../src/core/workspace/snapshot.ts";
import { WorkspaceStore } from "../../src/core/workspace/store.ts";
import { clusterOf, ROOT, uriOf, urisOf } from "../harness/workspace.ts";

/**
 * The law of the workspace: after any sequence of changes a snapshot answers like a fresh store given the final texts.
 */

const path = fc.constantFrom(
  "/web.yaml",
  "/shop/web.yaml",
  "/shop/service.yaml",
  "/shop/kustomization.yaml",
  "/shop/dev/web.yaml",
  "/shop/dev/pods.yaml",
  "/shop/prod/web.yaml",
  "/lab/one/web.yaml",
  "/lab/two/web.yaml",
);

const name = fc.constantFrom("web", "api", "db");
const namespace = fc.constantFrom("", "", "shop", "prod");
const labels = fc.dictionary(fc.constantFrom("app", "tier"), fc.constantFrom("web", "wbe", "api", "${APP}"), {
  minKeys: 1,
  maxKeys: 2,
});
const meta = (kind: string, objectName: string, space: string): string =>
  `kind: ${kind}\nmetadata:\n  name: ${objectName}\n${space === "" ? "" : `  namespace: ${space}\n`}`;
const map = (entries: Readonly<Record<string, string>>): string =>
  `{ ${Object.entries(entries)
    .map(([key, value]) => `${key}: "${value}"`)
    .join(", ")} }`;

const service = fc
  .record({ name, namespace, labels, target: fc.constantFrom("http", "8080", "admin", '"80"', "") })
  .map(
    ({ name, namespace, labels, target }) =>
      `apiVersion: v1\n${meta("Service", name, namespace)}spec:\n  selector: ${map(labels)}\n` +
      `  ports:\n    - port: 80\n${target === "" ? "" : `      targetPort: ${target}\n`}`,
  );

const workload = fc
  .record({
    name,
    namespace,
    labels,
    kind: fc.constantFrom("apps/v1 Deployment", "apps/v1 StatefulSet", "extensions/v1beta1 DaemonSet"),
    replicas: fc.constantFrom("0", "2"),
    port: fc.constantFrom("name: http, containerPort: 8080", "name: web, containerPort: 80", ""),
  })
  .map(({ name, namespace, labels, kind: versionAndKind, replicas, port }) => {
    const [version, kind = ""] = versionAndKind.split(" ");
    return (
      `apiVersion: ${version}\n${meta(kind, name, namespace)}spec:\n  replicas: ${replicas}\n` +
      `  selector:\n    matchLabels: ${map(labels)}\n  template:\n    metadata:\n      labels: ${map(labels)}\n` +
      `    spec:\n      containers:\n        - name: ${name}\n          ports: [${port === "" ? "" : `{ ${port} }`}]\n`
    );
  });

const rollout = fc
  .record({ name, namespace })
  .map(
    ({ name, namespace }) =>
      `apiVersion: argoproj.io/v1alpha1\n${meta("Rollout", name, namespace)}spec:\n` +
      `  workloadRef: { kind: Deployment, name: ${name} }\n`,
  );

const other = fc.constantFrom(
  "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\ndata:\n  port: '8080'\n",
  "apiVersion: db.example.com/v1\nkind: Database\nmetadata:\n  name: db\n",
  "apiVersion: v1\nkind: Endpoints\nmetadata:\n  name: api\nsubsets:\n  - ports: [{ name: web, port: 80 }]\n",
  "# nothing yet\n",
  "resources: [web.yaml]\n",
);

const text = fc
  .array(fc.oneof({ arbitrary: service, weight: 3 }, { arbitrary: workload, weight: 3 }, rollout, other), {
    minLength: 1,
    maxLength: 4,
  })
  .map((documents) => documents.join("---\n"));

/** Batches of changes; a text that is absent removes its file. */
const history = fc.array(
  fc.array(fc.tuple(path, fc.oneof({ arbitrary: text, weight: 4 }, fc.constant(undefined))), {
    minLength: 1,
    maxLength: 4,
  }),
  { minLength: 1, maxLength: 8 },
);

test("after any changes every file is reported on as by a fresh store", () => {
  fc.assert(
    fc.property(history, (batches) => {
      const store = new WorkspaceStore([ROOT]);
      const texts = new Map<string, string | undefined>();
      for (const batch of batches) {
        store.apply(batch.map(([file, content]) => [uriOf(file), content] as const));
        // What lies between two edits must leave no trace either.
        describeAll(store.snapshot);
        for (const [file, content] of batch) texts.set(file, content);
      }
      const fresh = new WorkspaceStore([ROOT]);
      fresh.apply([...texts].map(([file, content]) => [uriOf(file), content] as const).sort());
      assert.deepEqual(describeAll(store.snapshot), describeAll(fresh.snapshot));
    }),
    { seed: 1, numRuns: 300 },
  );
});

/** Everything that rules say about all files, as plain data. */
function describeAll(snapshot: Snapshot): unknown {
  const cluster = clusterOf(snapshot);
  return urisOf(snapshot).map((uri) => {
    const { reports, settled } = checkFile(cluster, uri);
    return {
      uri,
      settled,
      reports: reports.map(({ rule, severity, range, message, related, fixes, scope }) => ({
        rule,
        severity,
        range,
        scope,
        message: render(message),
        related: related.map((entry) => ({ range: entry.range, message: render(entry.message) })),
        fixes: fixes.map(({ title, edits }) => ({ title: render(title), edits })),
      })),
    };
  });
}
