import assert from "node:assert/strict";
import type { Bundle } from "../../src/core/base/message.ts";
import { documentUri, type SourceRange } from "../../src/core/base/source.ts";
import type { Cluster } from "../../src/core/cluster/cluster.ts";
import { type Page, renderPage } from "../../src/core/features/page.ts";
import type { ServiceManifest, WorkloadManifest } from "../../src/core/manifest/model.ts";
import { clusterOf, storeOf } from "../harness/workspace.ts";

/** A cluster of one file, and settings. */
export const seen = (text: string, settings = ""): Cluster =>
  clusterOf(
    storeOf([
      { path: "/all.yaml", text },
      { path: "/.portolan.yaml", text: settings },
    ]).snapshot,
  );

/** All Services of a cluster. */
export function servicesIn(cluster: Cluster): readonly ServiceManifest[] {
  return [...cluster.snapshot.files.entries()].flatMap(([, { manifests }]) =>
    manifests.flatMap((manifest) => (manifest.type === "Service" ? [manifest] : [])),
  );
}

/** The Service of a name. */
export function serviceIn(cluster: Cluster, name: string): ServiceManifest {
  const found = servicesIn(cluster).find((service) => service.name.value === name);
  assert.ok(found, name);
  return found;
}

/** The workload of a name. */
export function workloadIn(cluster: Cluster, name: string): WorkloadManifest {
  const all = [...cluster.snapshot.files.entries()].flatMap(([, { manifests }]) => manifests);
  const found = all.find((manifest) => manifest.type === "Workload" && manifest.name.value === name);
  assert.ok(found?.type === "Workload", name);
  return found;
}

/** A page as text. */
export const textOf = (page: Page, bundle: Bundle = {}): string => renderPage(page, bundle).text;

/** The pieces of a page that lead somewhere, and what stands there. */
export function linksOf(cluster: Cluster, page: Page): readonly (readonly [string, string])[] {
  const { text, spans } = renderPage(page);
  return spans.flatMap(({ start, end, source }) =>
    source ? [[text.slice(start, end), written(cluster, source)] as const] : [],
  );
}

/** What stands at a place. */
export const written = ({ snapshot }: Cluster, { uri, start, end }: SourceRange): string =>
  snapshot.files.get(documentUri(uri))?.text.slice(start, end) ?? "";

/** A Service in front of a StatefulSet, with all kinds of ports. */
export const web = `apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec:
  type: NodePort
  clusterIP: 10.96.10.1
  externalIPs: [192.0.2.50]
  selector: { app: web }
  ports:
    - { name: http, port: 80, targetPort: http, nodePort: 30080 }
    - { name: admin, port: 9000, targetPort: 9901 }
    - { name: metrics, port: 9100, targetPort: metrics }
---
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: web, namespace: shop }
spec:
  serviceName: web
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - name: app
          image: app
          env: [{ name: WEB_PORT, value: "80" }]
          ports: [{ name: http, containerPort: 8080 }]
---
apiVersion: v1
kind: Pod
metadata: { name: client, namespace: shop }
spec: { containers: [{ name: shell, image: busybox }] }
`;
