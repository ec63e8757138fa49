import fc from "fast-check";

/**
 * Arbitrary small workspaces: a few paths, names and labels that meet often, with mistakes of every kind, in several
 * styles of YAML and in JSON. All of it can be read.
 */

type Value = string | number | boolean | readonly Value[] | { readonly [key: string]: Value };

const path = fc.constantFrom(
  "/web.yaml",
  "/shop/web.yaml",
  "/shop/service.yaml",
  "/shop/web-prod.yaml",
  "/shop/list.json",
  "/shop/kustomization.yaml",
  "/shop/dev/web.yaml",
  "/shop/dev/pods.yaml",
  "/shop/prod/web.yaml",
  "/lab/one/web.yaml",
  "/lab/two/web.yaml",
);

const name = fc.constantFrom("web", "api", "db");
const metadata = fc
  .record({ name, namespace: fc.constantFrom("", "", "shop", "prod") })
  .map((meta): Value => (meta.namespace === "" ? { name: meta.name } : meta));
const labels = fc.dictionary(
  fc.constantFrom("app", "tier", "app.kubernetes.io/name"),
  fc.constantFrom("web", "wbe", "api", "true", "1", "${APP}"),
  { minKeys: 1, maxKeys: 3 },
);

const service = fc
  .record({
    metadata,
    labels,
    target: fc.constantFrom<Value>("http", 8080, "admin", "80", ""),
    targetKey: fc.constantFrom("targetPort", "targetPort", "targetport"),
    type: fc.constantFrom("ClusterIP", "nodePort"),
    selects: fc.integer({ max: 7, min: 0 }).map((number) => number > 0),
  })
  .map(
    ({ metadata, labels, target, targetKey, type, selects }): Value => ({
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: {
        type,
        ...(selects ? { selector: labels } : {}),
        ports: [target === "" ? { port: 80 } : { port: 80, [targetKey]: target }],
      },
    }),
  );

const workload = fc
  .record({
    metadata,
    labels,
    ownSelector: fc.oneof(fc.constant("same" as const), fc.constant("none" as const), labels),
    kind: fc.constantFrom("apps/v1 Deployment", "apps/v1 StatefulSet", "extensions/v1beta1 DaemonSet"),
    replicas: fc.constantFrom(0, 2),
    port: fc.constantFrom<Value>({ name: "http", containerPort: 8080 }, { name: "web", containerPort: 80 }, []),
  })
  .map(({ metadata, labels, ownSelector, kind: versionAndKind, replicas, port }): Value => {
    const [apiVersion = "", kind = ""] = versionAndKind.split(" ");
    const selector = ownSelector === "same" ? labels : ownSelector;
    return {
      apiVersion,
      kind,
      metadata,
      spec: {
        replicas,
        ...(selector === "none" ? {} : { selector: { matchLabels: selector } }),
        template: {
          metadata: { labels },
          spec: { containers: [{ name: "main", ports: Array.isArray(port) ? [] : [port] }] },
        },
      },
    };
  });

const rollout = fc.record({ metadata, name }).map(
  ({ metadata, name }): Value => ({
    apiVersion: "argoproj.io/v1alpha1",
    kind: "Rollout",
    metadata,
    spec: { workloadRef: { kind: "Deployment", name } },
  }),
);

/** What a rollout made, as a dump shows it: with its owner, or known by its name alone. */
const dumped = fc
  .record({
    metadata,
    labels,
    kind: fc.constantFrom("Pod", "ReplicaSet"),
    suffix: fc.constantFrom("-7d4b9c", "-7d4b9c-x2x7z", "-0", "-debug"),
    owner: fc.constantFrom("", "ReplicaSet", "Deployment", "StatefulSet"),
    ownerName: fc.constantFrom("web", "web-7d4b9c", "api", "api-7d4b9c"),
    port: fc.constantFrom("http", "web"),
    phase: fc.constantFrom("Running", "Pending", "Failed"),
  })
  .map(({ metadata, labels, kind, suffix, owner, ownerName, port, phase }): Value => {
    const { name, ...others } = metadata as { readonly name: string };
    const reference = { apiVersion: "apps/v1", kind: owner, name: ownerName, controller: true };
    const made = { ...others, name: `${name}${suffix}`, ...(owner === "" ? {} : { ownerReferences: [reference] }) };
    const containers = [{ name: "main", ports: [{ name: port, containerPort: 8080 }] }];
    return kind === "Pod"
      ? {
          apiVersion: "v1",
          kind,
          metadata: { ...made, labels },
          spec: { containers },
          status: phase === "Running" ? { phase, podIP: "10.244.0.7" } : { phase },
        }
      : {
          apiVersion: "apps/v1",
          kind,
          metadata: made,
          spec: { replicas: phase === "Running" ? 2 : 0, template: { metadata: { labels }, spec: { containers } } },
        };
  });

/** Addresses kept by hand, or dumped. */
const endpoints = fc.record({ metadata, portName: fc.constantFrom("", "web"), dumped: fc.boolean() }).map(
  ({ metadata, portName, dumped }): Value => ({
    apiVersion: "v1",
    kind: "Endpoints",
    metadata: dumped ? { ...(metadata as object), uid: "1" } : metadata,
    subsets: [{ addresses: [{ ip: "10.1.2.3" }], ports: [{ name: portName, port: 80 }] }],
  }),
);

const other = fc.constantFrom<Value>(
  { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "web" }, data: { port: "8080" } },
  { apiVersion: "db.example.com/v1", kind: "Database", metadata: { name: "db" } },
  { resources: ["web.yaml"] },
  { resources: ["dev/web.yaml", "service.yaml"] },
);

/** Dumped nodes, two of which may go by one name. */
const node = fc
  .record({
    name: fc.constantFrom("node-a", "node-b"),
    address: fc.constantFrom("172.18.0.2", "172.18.0.3", "fd00::2", "worker"),
    podCIDR: fc.constantFrom("10.50.0.0/24", "10.50.1.0/24"),
  })
  .map(
    ({ name, address, podCIDR }): Value => ({
      apiVersion: "v1",
      kind: "Node",
      metadata: { name },
      spec: { podCIDRs: [podCIDR] },
      status: { addresses: [{ type: "InternalIP", address }] },
    }),
  );

const documents = fc.array(
  fc.oneof(
    { arbitrary: service, weight: 6 },
    { arbitrary: workload, weight: 6 },
    rollout,
    dumped,
    endpoints,
    node,
    other,
  ),
  { minLength: 1, maxLength: 4 },
);

/** How a file is written. */
const style = fc.record({
  eol: fc.constantFrom("\n", "\r\n"),
  print: fc.constantFrom(
    (value: Value) => block(value, "").replace(/^\n/, ""),
    (value: Value) => `${flow(value)}\n`,
    (value: Value) => `${JSON.stringify(value, null, 2)}\n`,
  ),
});

const file = fc.record({ path, documents, style }).map(({ path, documents, style }) => {
  const isJson = path.endsWith(".json");
  const text = isJson
    ? JSON.stringify({ apiVersion: "v1", kind: "List", items: documents }, null, 2)
    : documents.map(style.print).join("---\n");
  return { path, text: text.replaceAll("\n", style.eol) };
});

/** One file of a workspace, written. */
export const change = fc.oneof(
  { arbitrary: file, weight: 4 },
  path.map((path) => ({ path, text: undefined })),
);

/** Files of one workspace, each path once. */
export const workspace = fc.uniqueArray(file, { minLength: 1, maxLength: 4, selector: ({ path }) => path });

/** Batches of changes; a text that is absent removes its file. */
export const history = fc.array(fc.array(change, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 8 });

const isPlain = (text: string): boolean => /^[a-zA-Z][\w./-]*$/.test(text) && text !== "true";

const scalar = (value: string | number | boolean): string =>
  typeof value !== "string" || isPlain(value) ? String(value) : `"${value}"`;

const key = (name: string): string => (isPlain(name) ? name : `'${name}'`);

function block(value: Value, indent: string): string {
  if (typeof value !== "object") return ` ${scalar(value)}\n`;
  if (Array.isArray(value)) {
    if (value.length === 0) return " []\n";
    return `\n${value.map((item: Value) => `${indent}-${block(item, `${indent}  `).replace(/^\n\s*/, " ")}`).join("")}`;
  }
  const lines = Object.entries(value).map(([name, inner]) => `${indent}${key(name)}:${block(inner, `${indent}  `)}`);
  return `\n${lines.join("")}`;
}

function flow(value: Value): string {
  if (typeof value !== "object") return scalar(value);
  if (Array.isArray(value)) return `[${value.map(flow).join(", ")}]`;
  const entries = Object.entries(value).map(([name, inner]) => `${key(name)}: ${flow(inner)}`);
  return `{ ${entries.join(", ")} }`;
}
