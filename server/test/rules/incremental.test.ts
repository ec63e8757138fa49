import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { render } from "../../src/core/base/message.ts";
import { checkFile } from "../../src/core/rules/run.ts";
import type { Snapshot } from "../../src/core/workspace/snapshot.ts";
import { WorkspaceStore } from "../../src/core/workspace/store.ts";
import { clusterOf, ROOT, uriOf, urisOf } from "../harness/workspace.ts";
import { history } from "./workspaces.ts";

/**
 * The law of the workspace: after any sequence of changes a snapshot answers like a fresh store given the final texts.
 */

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
