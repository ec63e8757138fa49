import assert from "node:assert/strict";
import { test } from "node:test";
import { openEditor } from "./client.ts";

const service = "file:///repo/shop/service.yaml";
const deployment = "file:///repo/shop/deployment.yaml";

const serviceText = `apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec:
  selector: { app: web }
  ports: [{ port: 80 }]
`;
const deploymentText = `apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
  replicas: 3
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, image: web, ports: [{ containerPort: 80 }] }] }
`;

test("a file on disk is checked though nobody opened it", async (context) => {
  const editor = await openEditor(context, {
    files: { [service]: serviceText.replace("app: web", "app: wbe"), [deployment]: deploymentText },
  });
  assert.deepEqual(
    editor.diagnostics(service).map(({ code, source }) => [source, code]),
    [["portolan", "orphan-service"]],
  );
});
