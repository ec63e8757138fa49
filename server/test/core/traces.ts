import assert from "node:assert/strict";
import { render } from "../../src/core/base/message.ts";
import type { Cluster } from "../../src/core/cluster/cluster.ts";
import { add, type Fraction, zero } from "../../src/core/cluster/netfilter/fraction.ts";
import type { Trace } from "../../src/core/cluster/simulation/trace.ts";
import { clusterOf, storeOf } from "../harness/workspace.ts";

/** The odds of the ways add up to one, or there are none. */
export function assertOdds(trace: Trace, what: string): void {
  const sum = trace.ways.map(({ odds }) => odds).reduce<Fraction>(add, zero);
  if (trace.ways.length > 0) assert.deepEqual(sum, { numerator: 1n, denominator: 1n }, what);
  else assert.ok(trace.stop, what);
}

/** Two pods behind one Service, of which one runs on node-1, and clients everywhere. */
export const everywhere = (internal: string, external: string, more = ""): Cluster =>
  clusterOf(
    storeOf([
      {
        path: "/all.yaml",
        text: `apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  type: LoadBalancer
  clusterIP: 10.96.0.80
  externalIPs: [192.0.2.50]
  internalTrafficPolicy: ${internal}
  externalTrafficPolicy: ${external}
  selector: { app: web }
  ports: [{ port: 80, targetPort: 8080, nodePort: 30080 }]
status: { loadBalancer: { ingress: [{ ip: 203.0.113.10 }] } }
---
apiVersion: v1
kind: Pod
metadata: { name: web-1, labels: { app: web } }
spec: { nodeName: node-1, containers: [{ name: app, image: app, ports: [{ containerPort: 8080 }] }] }
---
apiVersion: v1
kind: Pod
metadata: { name: web-2, labels: { app: web } }
spec: { nodeName: node-2, containers: [{ name: app, image: app, ports: [{ containerPort: 8080 }] }] }
---
apiVersion: v1
kind: Pod
metadata: { name: client }
spec: { nodeName: node-1, containers: [{ name: shell, image: busybox }] }
`,
      },
      { path: "/.portolan.yaml", text: more },
    ]).snapshot,
  );

/** One line that says what would be right. */
export function assertComplaint(read: object): void {
  assert.ok("error" in read);
  const said = render(read.error as Parameters<typeof render>[0]);
  assert.ok(said.length > 20 && !said.includes("\n"), said);
}
