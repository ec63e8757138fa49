import fc from "fast-check";
import { root } from "./shop.ts";

/** A small world of manifests in which much has to do with each other: few names, few labels, few folders. */
const names = ["web", "api"];
const labels = ["web", "api", "wbe"];

/** Written or not, so that some are left open beside others that are not. */
const namespace = fc.constantFrom("", "", "  namespace: shop\n", "  namespace: prod\n");

const service = fc
  .record({
    name: fc.constantFrom(...names),
    app: fc.option(fc.constantFrom(...labels), { nil: undefined }),
    namespace,
    targetPort: fc.constantFrom("80", "8080", "http", "htttp"),
    type: fc.constantFrom("ClusterIP", "NodePort"),
  })
  .map(
    ({ name, app, namespace, targetPort, type }) => `apiVersion: v1
kind: Service
metadata:
  name: ${name}
${namespace}spec:
  type: ${type}
${app === undefined ? "" : `  selector:\n    app: ${app}\n`}  ports:
    - name: http
      port: 80
      targetPort: ${targetPort}
`,
  );

const workload = fc
  .record({
    kind: fc.constantFrom("Deployment", "StatefulSet", "Widget"),
    name: fc.constantFrom(...names),
    app: fc.constantFrom(...labels, "{{ app }}"),
    namespace,
    portName: fc.constantFrom("http", "metrics"),
    port: fc.constantFrom(80, 8080),
  })
  .map(
    ({ kind, name, app, namespace, portName, port }) => `apiVersion: ${kind === "Widget" ? "example.org/v1" : "apps/v1"}
kind: ${kind}
metadata:
  name: ${name}
${namespace}spec:
  selector:
    matchLabels:
      app: "${app}"
  template:
    metadata:
      labels:
        app: "${app}"
    spec:
      containers:
        - name: ${name}
          image: ${name}
          ports:
            - name: ${portName}
              containerPort: ${port}
`,
  );

/** Kept by hand, or dumped. */
const endpoints = fc
  .record({
    name: fc.constantFrom(...names),
    namespace,
    uid: fc.constantFrom("", '  uid: "1"\n'),
    portName: fc.constantFrom("http", "metrics"),
  })
  .map(
    ({ name, namespace, uid, portName }) => `apiVersion: v1
kind: Endpoints
metadata:
  name: ${name}
${namespace}${uid}subsets:
  - addresses:
      - ip: 10.0.0.1
    ports:
      - name: ${portName}
        port: 80
`,
  );

/** A file of manifests that YAML can read. */
export const manifests: fc.Arbitrary<string> = fc
  .array(fc.oneof(service, workload, endpoints, fc.constant("# nothing\n")), { minLength: 1, maxLength: 3 })
  .map((documents) => documents.join("---\n"));

/** A text as somebody leaves it for a moment. */
export const broken: fc.Arbitrary<string> = manifests.map((text) => text.replace("metadata:", "metadata: {"));

const settings = fc.constantFrom(
  "rules: { orphan-service: error }\n",
  "rules: { orphan-service: off }\n",
  "exclude: ['b/**']\n",
  "exclude: [c]\nrules: { orphan-servic: error }\n",
);

const kustomization = fc.constantFrom(
  "resources: [one.yaml]\n",
  "resources: [one.yaml, deep/two.yaml]\n",
  "bases: [\n",
);
const chart = fc.constant("apiVersion: v2\nname: web\n");

/** A path of the world, with a text that may stand there. */
export const file: fc.Arbitrary<readonly [uri: string, text: string]> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.tuple(
      fc.constantFrom("a/one", "a/two", "b/one", "b/deep/two", "c/one", "top").map((path) => `${root}/${path}.yaml`),
      manifests,
    ),
  },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom(`${root}/.portolan.yaml`, `${root}/a/.portolan.yaml`), settings) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom(`${root}/b/kustomization.yaml`), kustomization) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom(`${root}/c/Chart.yaml`), chart) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom("file:///else/one.yaml", "file:///else/two.yaml"), manifests) },
  { weight: 1, arbitrary: fc.tuple(fc.constant("untitled:Untitled-1"), manifests) },
);
