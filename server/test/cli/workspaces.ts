import { deployment, documents, service } from "./manifests.ts";
import { workspace } from "./program.ts";

/** Services of every kind, with a mistake here and there. */
export const many = workspace({
  "shop/web.yaml": documents(service("web", "  type: NodePort\n"), deployment("web")),
  "shop/typo.yaml": documents(service("cart"), deployment("basket", "crat")),
  "db/headless.yaml": documents(service("db", "  clusterIP: None\n"), deployment("db")),
  "out/external.yaml":
    "apiVersion: v1\nkind: Service\nmetadata: { name: partner }\nspec: { type: ExternalName, externalName: example.com }\n",
  "hand/manual.yaml": `apiVersion: v1
kind: Service
metadata: { name: legacy }
spec: { ports: [{ port: 80 }] }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: legacy-1, labels: { kubernetes.io/service-name: legacy } }
addressType: IPv4
ports: [{ port: 8080 }]
endpoints: [{ addresses: [192.0.2.7] }]
`,
  "alone/none.yaml": "apiVersion: v1\nkind: Service\nmetadata: { name: none }\nspec: { ports: [{ port: 80 }] }\n",
  "port/unresolved.yaml": documents(
    service("metrics").replace("targetPort: http", "targetPort: prom"),
    deployment("metrics"),
  ),
});

/** Two environments, of which one has more. */
export const environments = workspace({
  "dev/web.yaml": documents(service("web"), deployment("web")),
  "prod/web.yaml": documents(service("web"), deployment("web"), service("api"), deployment("api")),
});

/** One Service of two environments: a folder, and a file. */
export const shared = workspace({
  "dev/all.yaml": documents(deployment("web"), service("db"), deployment("db")),
  "prod.yaml": documents(deployment("web").replace("replicas: 2", "replicas: 3"), service("db"), deployment("db")),
  "base/web.yaml": service("web", "  clusterIP: None\n"),
  "base/curl.yaml": "apiVersion: v1\nkind: Pod\nmetadata: { name: curl }\nspec: { containers: [{ name: curl }] }\n",
});

/** What `services` and `endpoints` print as JSON, as far as tests look at it. */
export interface ServicesDocument {
  readonly services: readonly {
    readonly name: string;
    readonly scope: string;
    readonly endpoints: string;
    readonly findings: number;
    readonly selector: object | null;
    readonly ports: readonly {
      readonly state: string;
      readonly nodePort: number | null;
      readonly nodePortOrigin?: string;
      readonly endpoints: readonly { readonly ip: string; readonly port: number; readonly origin: string }[];
      readonly unresolved: readonly { readonly name: string; readonly reason: string }[];
    }[];
  }[];
}
