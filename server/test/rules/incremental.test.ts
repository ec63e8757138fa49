import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { render } from "../../src/core/base/message.ts";
import { analyze } from "../../src/core/features/analysis.ts";
import { findChoices } from "../../src/core/features/choices.ts";
import { dnsPage } from "../../src/core/features/dns-page.ts";
import { endpointsPage } from "../../src/core/features/endpoints-page.ts";
import { envPage } from "../../src/core/features/env-page.ts";
import { renderPage } from "../../src/core/features/page.ts";
import { defaultSettings } from "../../src/core/settings/settings.ts";
import type { Snapshot } from "../../src/core/workspace/snapshot.ts";
import { WorkspaceStore } from "../../src/core/workspace/store.ts";
import { ROOT, uriOf, urisOf } from "../harness/workspace.ts";
import { history } from "./workspaces.ts";

test("after any changes every file is reported on as by a fresh store", () => {
  fc.assert(
    fc.property(history, (batches) => {
      const store = new WorkspaceStore([ROOT]);
      const texts = new Map<string, string | undefined>();
      for (const batch of batches) {
        store.apply(batch.map(({ path, text }) => [uriOf(path), text] as const));
        // What is asked between two edits must leave no trace.
        describeAll(store.snapshot);
        for (const { path, text } of batch) texts.set(path, text);
      }
      const fresh = new WorkspaceStore([ROOT]);
      fresh.apply([...texts].map(([path, text]) => [uriOf(path), text] as const).sort());
      assert.deepEqual(describeAll(store.snapshot), describeAll(fresh.snapshot));
    }),
    { seed: 1, numRuns: 200 },
  );
});

/** Everything that is said about all files and seen from them, as plain data. */
function describeAll(snapshot: Snapshot): unknown {
  const { cluster, check, lenses, symbols } = analyze(snapshot, () => defaultSettings);
  const files = urisOf(snapshot).map((uri) => {
    const { reports, defects } = check(uri);
    assert.deepEqual(defects, []);
    const manifests = snapshot.files.get(uri)?.manifests ?? [];
    const services = manifests.filter((manifest) => manifest.type === "Service");
    const workloads = manifests.filter((manifest) => manifest.type === "Workload");
    return {
      uri,
      lenses: lenses(uri).map(({ range, title }) => [range, title]),
      endpoints: services.flatMap((service) => renderPage(endpointsPage(cluster, cluster.placed(service))).text),
      records: services.flatMap((service) =>
        cluster.placed(service).map((resolution) => renderPage(dnsPage(cluster, resolution)).text),
      ),
      variables: workloads.map((workload) => renderPage(envPage(cluster, workload)).text),
      nodes: cluster.viewFrom(uri).profile.nodes,
      choices: findChoices(cluster, uri),
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
  return { files, symbols: symbols("") };
}
