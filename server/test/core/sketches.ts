import { documentUri } from "../../src/core/base/source.ts";
import { type Cluster, createCluster } from "../../src/core/cluster/cluster.ts";
import type { Resolution } from "../../src/core/cluster/resolution.ts";
import { scopeName } from "../../src/core/cluster/scope.ts";
import type { ServiceManifest } from "../../src/core/manifest/model.ts";
import { defaultSettings } from "../../src/core/settings/settings.ts";
import { WorkspaceStore } from "../../src/core/workspace/store.ts";

const metadata = (name: string, namespace?: string): string =>
  `{ name: ${name}${namespace ? `, namespace: ${namespace}` : ""} }`;

/** A Service that selects the pods of an application. */
export const service = (name: string, app = name, namespace?: string): string =>
  `apiVersion: v1\nkind: Service\nmetadata: ${metadata(name, namespace)}\nspec: { selector: { app: ${app} }, ports: [{ port: 80 }] }\n`;

/** A Deployment whose pods are of an application. */
export const deployment = (name: string, app = name, namespace?: string, replicas = 1): string =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: ${metadata(name, namespace)}\nspec: { replicas: ${replicas}, template: { metadata: { labels: { app: ${app} } }, spec: { containers: [{ name: c }] } } }\n`;

/** A Service whose addresses are kept by hand. */
export const byHand = (name: string, namespace?: string): string =>
  `apiVersion: v1\nkind: Service\nmetadata: ${metadata(name, namespace)}\nspec: { ports: [{ port: 80 }] }\n`;

/** Addresses kept by hand for a Service. */
export const endpoints = (name: string, ip: string, namespace?: string): string =>
  `apiVersion: v1\nkind: Endpoints\nmetadata: ${metadata(name, namespace)}\nsubsets: [{ addresses: [{ ip: ${ip} }], ports: [{ port: 80 }] }]\n`;

/** Addresses of a Service as a controller writes them. */
export const dumpedSlice = (name: string, ip: string, namespace?: string): string =>
  `apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: { name: ${name}-abcde${namespace ? `, namespace: ${namespace}` : ""}, uid: "1", labels: { kubernetes.io/service-name: ${name}, endpointslice.kubernetes.io/managed-by: endpointslice-controller.k8s.io } }\naddressType: IPv4\nendpoints: [{ addresses: [${ip}] }]\nports: [{ name: "", port: 80 }]\n`;

/** Several manifests in one text. */
export const together = (...manifests: readonly string[]): string => manifests.join("---\n");

/** A cluster of some files by their paths, everything under the defaults. */
export function clusterOf(files: Readonly<Record<string, string>>, roots: readonly string[] = [""]): Cluster {
  const store = new WorkspaceStore(roots);
  store.apply(Object.entries(files).map(([path, text]) => [documentUri(path), text] as const));
  return createCluster(store.snapshot, () => defaultSettings);
}

/** The first Service of a file, or the one of a name. */
export function serviceIn(cluster: Cluster, path: string, name?: string): ServiceManifest {
  const manifests = cluster.snapshot.files.get(documentUri(path))?.manifests ?? [];
  const found = manifests.find(
    (manifest) => manifest.type === "Service" && (name === undefined || manifest.name.value === name),
  );
  if (found?.type !== "Service") throw new Error(`${path} has no such Service`);
  return found;
}

/** What the Service of a file meets: `scope: file …` for each of its scopes. */
export const meets = (cluster: Cluster, path: string, name?: string): readonly string[] =>
  cluster.resolve(serviceIn(cluster, path, name)).map(describe);

function describe({ scope, endpoints: behind }: Resolution): string {
  const met =
    behind.kind === "selected"
      ? behind.pods.map(({ workload }) => workload.range.uri)
      : behind.kind === "manual"
        ? behind.slices.map(({ range }) => range.uri)
        : [];
  return [`${scopeName(scope)}:`, ...met].join(" ");
}
