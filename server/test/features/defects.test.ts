import assert from "node:assert/strict";
import { test } from "node:test";
import { checkFile } from "../../src/core/rules/run.ts";
import { clusterOf, storeOf, uriOf } from "../harness/workspace.ts";

const text = `apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ port: 80 }] }
---
apiVersion: apps/v1
kind: deployment
metadata: { name: web }
`;

test("a rule that fails silences no other one, and is told of", () => {
  const cluster = clusterOf(storeOf([{ path: "/web.yaml", text }]).snapshot);
  const failing = {
    ...cluster,
    resolve: () => {
      throw new Error("broken");
    },
  };
  const { reports, defects } = checkFile(failing, uriOf("/web.yaml"));
  assert.deepEqual(
    reports.map(({ rule }) => rule),
    ["wrong-case"],
  );
  assert.ok(defects.some(({ rule }) => rule === "orphan-service"));
  assert.ok(defects.every(({ error }) => error instanceof Error && error.message === "broken"));
});
