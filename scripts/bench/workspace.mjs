// @ts-check
/** A large workspace that resembles real ones, the same bytes for the same size. */

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { randomNumbers } from "./statistics.mjs";

/**
 * @typedef {object} App
 * @property {string} name
 * @property {string} namespace
 * @property {number} port of its containers
 * @property {number} replicas
 * @property {"none" | "label" | "port"} fault
 */

/**
 * Writes a workspace of some number of YAML documents: apps of a workload and its Service, in one file or in several,
 * in one environment or in two, some with an Ingress or a ConfigMap. Three in a hundred have a mistake in them.
 * @param {string} folder
 * @param {number} documents
 * @returns {{ files: number, bytes: number }}
 */
export function writeWorkspace(folder, documents) {
  const random = randomNumbers(documents);
  let files = 0;
  let bytes = 0;
  let left = documents;
  for (let index = 0; left > 0; index++) {
    const app = nextApp(random, index);
    const home = join(folder, `team-${Math.floor(index / 40)}`, app.name);
    for (const [path, texts] of layOut(random, app)) {
      const kept = texts.slice(0, left);
      if (kept.length === 0) continue;
      const text = kept.join("---\n");
      const file = join(home, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
      files += 1;
      bytes += text.length;
      left -= kept.length;
    }
  }
  return { files, bytes };
}

/** The path of an app's file in every workspace: one with a Deployment and its Service. */
export const firstApp = join("team-0", "app-0", "app.yaml");

/**
 * @param {() => number} random
 * @param {number} index
 * @returns {App}
 */
function nextApp(random, index) {
  const luck = random();
  return {
    name: `app-${index}`,
    namespace: `team-${Math.floor(index / 40)}`,
    port: 8000 + Math.floor(random() * 1000),
    replicas: 1 + Math.floor(random() * 5),
    fault: index === 0 || luck >= 0.03 ? "none" : luck < 0.02 ? "label" : "port",
  };
}

/**
 * @param {() => number} random
 * @param {App} app
 * @returns {readonly (readonly [path: string, texts: readonly string[]])[]}
 */
function layOut(random, app) {
  const extras = [...(random() < 0.25 ? [ingress(app)] : []), ...(random() < 0.2 ? [configMap(app)] : [])];
  const kind = app.name === "app-0" ? 0 : random();
  if (kind < 0.45) return [["app.yaml", [deployment(app), service(app), ...extras]]];
  if (kind < 0.75) {
    return [
      ["deployment.yaml", [deployment(app)]],
      ["service.yaml", [service(app)]],
      ...extras.map((text, index) => /** @type {const} */ ([`extra-${index}.yaml`, [text]])),
    ];
  }
  if (kind < 0.9) {
    return ["dev", "prod"].map(
      (environment) => /** @type {const} */ ([`${environment}/app.yaml`, [deployment(app), service(app)]]),
    );
  }
  return [
    [
      "statefulset.yaml",
      [
        deployment(app)
          .replace("kind: Deployment", "kind: StatefulSet")
          .replace("spec:\n", `spec:\n  serviceName: ${app.name}\n`),
      ],
    ],
    ["service.yaml", [service(app).replace("spec:\n", "spec:\n  clusterIP: None\n")]],
  ];
}

/** @param {App} app */
const deployment = ({ name, namespace, port, replicas, fault }) => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  namespace: ${namespace}
  labels:
    app.kubernetes.io/name: ${name}
spec:
  replicas: ${replicas}
  selector:
    matchLabels:
      app.kubernetes.io/name: ${name}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: ${name}
        app.kubernetes.io/version: "1.4"
    spec:
      containers:
        - name: main
          image: example/${name}:1.4
          args:
            - --log-level=info
            - --listen=:${port}
          env:
            - name: LOG_FORMAT
              value: json
          ports:
            - name: ${fault === "port" ? "web" : "http"}
              containerPort: ${port}
          readinessProbe:
            httpGet:
              path: /ready
              port: ${port}
          resources:
            requests:
              cpu: 100m
              memory: 128Mi
`;

/** @param {App} app */
const service = ({ name, namespace, fault }) => `apiVersion: v1
kind: Service
metadata:
  name: ${name}
  namespace: ${namespace}
spec:
  selector:
    app.kubernetes.io/name: ${name}${fault === "label" ? "x" : ""}
  ports:
    - name: http
      port: 80
      targetPort: http
`;

/** @param {App} app */
const ingress = ({ name, namespace }) => `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: ${name}
  namespace: ${namespace}
spec:
  rules:
    - host: ${name}.example.com
      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: ${name}
                port:
                  name: http
`;

/** @param {App} app */
const configMap = ({ name, namespace }) => `apiVersion: v1
kind: ConfigMap
metadata:
  name: ${name}
  namespace: ${namespace}
data:
  LOG_LEVEL: info
  settings.ini: |
    [server]
    name = ${name}
`;
