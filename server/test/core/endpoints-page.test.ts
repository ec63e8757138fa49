import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { endpointsPage } from "../../src/core/features/endpoints-page.ts";
import { clusterOf, storeOf, uriOf } from "../harness/workspace.ts";
import { linksOf, seen, serviceIn, textOf, web, workloadIn } from "./page-cluster.ts";

/** What a cluster really handed out: nothing in it is simulated but the nodes. */
const dumped = `apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec: { clusterIP: 10.96.10.1, selector: { app: web }, ports: [{ port: 80, targetPort: 8080 }] }
---
apiVersion: v1
kind: Pod
metadata: { name: web-x, namespace: shop, labels: { app: web } }
spec: { nodeName: node-1, containers: [{ name: app, image: app, ports: [{ containerPort: 8080 }] }] }
status: { phase: Running, podIP: 10.244.0.5, conditions: [{ type: Ready, status: "True" }] }
`;

describe("the endpoints page", () => {
  const cluster = seen(web);
  const page = endpointsPage(cluster, cluster.resolve(serviceIn(cluster, "web")));
  const text = textOf(page);

  test("shows a Service with all its ports", () => {
    const [first, second] =
      cluster
        .viewFrom(uriOf("/all.yaml"))
        .pods.get(workloadIn(cluster, "web"))
        ?.map(({ key }) => key) ?? [];
    const ips = [first, second].map((key) => {
      const plan = cluster.viewFrom(uriOf("/all.yaml")).plan.pods.get(`shop/StatefulSet/web#${key?.ordinal}`);
      return { ip: plan?.addresses[0]?.ip ?? "", node: plan?.node?.name ?? "" };
    });
    const cell = (place: number, port: number): string => `~${ips[place]?.ip}:${port}`;
    const width = Math.max(...[0, 1].map((place) => cell(place, 8080).length));
    const row = (place: number, port: number, container: string): string =>
      `${cell(place, port).padEnd(width)}   web-${place}   ${ips[place]?.node}   ${container.padEnd(9)}   true`;
    const nodePorts = cluster.viewFrom(uriOf("/all.yaml")).plan.services.get(serviceIn(cluster, "web"))
      ?.nodePorts.ports;
    assert.equal(
      text,
      `Service "web" in namespace "shop"
  type            NodePort
  cluster IP      10.96.10.1
  external IP     192.0.2.50
  name            web.shop.svc.cluster.local
  selector        app=web
  scope           plain:.

  NAME      PORT              TARGET    ${"ENDPOINT".padEnd(width)}   POD     NODE     CONTAINER   READY
  http      80:30080/TCP      http      ${row(0, 8080, "app")}
                                        ${row(1, 8080, "app")}
  admin     9000:~${nodePorts?.[1]?.port}/TCP   9901      ${row(0, 9901, "")}
                                        ${row(1, 9901, "")}
  metrics   9100:~${nodePorts?.[2]?.port}/TCP   metrics   <none>

  port "admin 9000/TCP": StatefulSet "web": 9901, which no container declares; it works if one of them listens there
  port "metrics 9100/TCP": StatefulSet "web": no endpoint, because no container port is named "metrics"

~ simulated: an address or port that only a cluster can hand out; pods that a controller makes have stand-in names
`,
    );
  });

  test("leads to the YAML of each of its values", () => {
    const links = linksOf(cluster, page);
    assert.ok(links.some(([shown, there]) => /:8080$/.test(shown) && there === "8080"));
    assert.ok(links.some(([shown, there]) => shown === "http" && there === "http"));
    assert.ok(links.some(([shown, there]) => shown === "9901" && there === "9901"));
    assert.ok(links.some(([shown, there]) => shown === "NodePort" && there === "NodePort"));
    assert.ok(links.some(([shown, there]) => shown === "app=web" && there === "selector"));
    assert.ok(links.every(([shown, there]) => shown !== "" && there !== ""));
  });

  test("marks nothing that a cluster handed out", () => {
    const observed = seen(dumped);
    const shown = textOf(endpointsPage(observed, observed.resolve(serviceIn(observed, "web"))));
    assert.match(shown, /10\.244\.0\.5:8080 +web-x +node-1 +app +true/);
    assert.doesNotMatch(shown, /~/);
  });

  test("explains an orphan, and leads to the letter that is wrong", () => {
    const orphan = seen(web.replace("selector: { app: web }", "selector: { app: wbe }"));
    const shown = endpointsPage(orphan, orphan.resolve(serviceIn(orphan, "web")));
    assert.match(textOf(shown), /<none>/);
    assert.match(textOf(shown), /no pod in namespace "shop" has all labels of the selector/);
    assert.match(textOf(shown), /select "app=web", which the pods of StatefulSet "web" have, not "app=wbe"/);
    assert.ok(linksOf(orphan, shown).some(([words, there]) => words.startsWith("To fix") && there === "wbe"));
  });

  const others: readonly (readonly [string, string, RegExp])[] = [
    ["an alias", "{ type: ExternalName, externalName: a.example }", /alias of +a\.example/],
    ["a Service without selector", "{ ports: [{ port: 80 }] }", /no selector, and no EndpointSlice here/],
    [
      "a headless one",
      "{ clusterIP: None, selector: { app: web } }",
      /ClusterIP, headless[\s\S]+no port is translated/,
    ],
  ];
  for (const [name, spec, expected] of others) {
    test(`says what is special about ${name}`, () => {
      const special = seen(`apiVersion: v1\nkind: Service\nmetadata: { name: it }\nspec: ${spec}\n---\n${web}`);
      assert.match(textOf(endpointsPage(special, special.resolve(serviceIn(special, "it")))), expected);
    });
  }

  test("shows the addresses of a headless Service without ports", () => {
    const headless = seen(
      `apiVersion: v1\nkind: Service\nmetadata: { name: it, namespace: shop }\nspec: { clusterIP: None, selector: { app: web } }\n---\n${web}`,
    );
    assert.match(
      textOf(endpointsPage(headless, headless.resolve(serviceIn(headless, "it")))),
      /~10\.244\.\d+\.\d+ +web-1/,
    );
  });

  test("says that of many workloads a placeholder may let match only the first are looked at", () => {
    const pods = (count: number): string =>
      Array.from(
        { length: count },
        (_, index) =>
          `---\napiVersion: v1\nkind: Pod\nmetadata: { name: p-${index}, labels: { app: "\${APP}" } }\nspec: { containers: [] }\n`,
      ).join("");
    const service =
      "apiVersion: v1\nkind: Service\nmetadata: { name: web }\nspec: { selector: { app: web }, ports: [{ port: 80 }] }\n";
    const shown = (count: number): string => {
      const many = clusterOf(
        storeOf([
          { path: "/apps/service.yaml", text: service },
          { path: "/pods/all.yaml", text: pods(count) },
        ]).snapshot,
      );
      return textOf(endpointsPage(many, many.resolve(serviceIn(many, "web"))));
    };
    assert.match(shown(65), /^ {2}more workloads may be selected: .* only the first 64 are looked at/m);
    assert.doesNotMatch(shown(64), /more workloads/);
  });
});
