import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { render } from "../../src/core/base/message.ts";
import { checkFile } from "../../src/core/rules/run.ts";
import type { Snapshot } from "../../src/core/workspace/snapshot.ts";
import { WorkspaceStore } from "../../src/core/workspace/store.ts";
import { clusterOf, ROOT, uriOf, urisOf } from "../harness/workspace.ts";
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

/** Everything that rules say about all files, as plain data. */
function describeAll(snapshot: Snapshot): unknown {
  const cluster = clusterOf(snapshot);
  return urisOf(snapshot).map((uri) => {
    const { reports, settled, defects } = checkFile(cluster, uri);
    assert.deepEqual(defects, []);
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
