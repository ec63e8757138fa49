import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Bundle, render } from "../../src/core/base/message.ts";
import { documentUri, type SourceRange } from "../../src/core/base/source.ts";
import type { Cluster } from "../../src/core/cluster/cluster.ts";
import { printList } from "../../src/core/cluster/iptables/print-list.ts";
import { printRestore } from "../../src/core/cluster/iptables/print-restore.ts";
import { printSave } from "../../src/core/cluster/iptables/print-save.ts";
import { printCommands } from "../../src/core/cluster/nftables/print-commands.ts";
import { printTable } from "../../src/core/cluster/nftables/print-table.ts";
import { filterFor } from "../../src/core/cluster/proxy.ts";
import type { Resolution } from "../../src/core/cluster/resolution.ts";
import { parseSource } from "../../src/core/cluster/simulation/request.ts";
import { findChoices } from "../../src/core/features/choices.ts";
import { dnsPage } from "../../src/core/features/dns-page.ts";
import { endpointsPage } from "../../src/core/features/endpoints-page.ts";
import { envPage } from "../../src/core/features/env-page.ts";
import { displayWidth, type Page, renderPage } from "../../src/core/features/page.ts";
import { rulesPage, rulesTitle } from "../../src/core/features/rules-page.ts";
import { servicesPage } from "../../src/core/features/services-page.ts";
import { traceRequest } from "../../src/core/features/trace-page.ts";
import type { ServiceManifest, WorkloadManifest } from "../../src/core/manifest/model.ts";
import { textFilesBelow } from "../harness/files.ts";
import { clusterOf, storeOf, uriOf } from "../harness/workspace.ts";

const seen = (text: string, settings = ""): Cluster =>
  clusterOf(
    storeOf([
      { path: "/all.yaml", text },
      { path: "/.portolan.yaml", text: settings },
    ]).snapshot,
  );

function servicesIn(cluster: Cluster): readonly ServiceManifest[] {
  return [...cluster.snapshot.files.entries()].flatMap(([, { manifests }]) =>
    manifests.flatMap((manifest) => (manifest.type === "Service" ? [manifest] : [])),
  );
}

function serviceIn(cluster: Cluster, name: string): ServiceManifest {
  const found = servicesIn(cluster).find((service) => service.name.value === name);
  assert.ok(found, name);
  return found;
}

function resolutionIn(cluster: Cluster, name: string): Resolution {
  const [resolution] = cluster.resolve(serviceIn(cluster, name));
  assert.ok(resolution, name);
  return resolution;
}

function workloadIn(cluster: Cluster, name: string): WorkloadManifest {
  const all = [...cluster.snapshot.files.entries()].flatMap(([, { manifests }]) => manifests);
  const found = all.find((manifest) => manifest.type === "Workload" && manifest.name.value === name);
  assert.ok(found?.type === "Workload", name);
  return found;
}

const textOf = (page: Page, bundle: Bundle = {}): string => renderPage(page, bundle).text;

/** The pieces of a page that lead somewhere, and what stands there. */
function linksOf(cluster: Cluster, page: Page): readonly (readonly [string, string])[] {
  const { text, spans } = renderPage(page);
  return spans.flatMap(({ start, end, source }) =>
    source ? [[text.slice(start, end), written(cluster, source)] as const] : [],
  );
}

const written = ({ snapshot }: Cluster, { uri, start, end }: SourceRange): string =>
  snapshot.files.get(documentUri(uri))?.text.slice(start, end) ?? "";

const web = `apiVersion: v1
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

describe("the rules page", () => {
  const cluster = seen(web);
  const from = uriOf("/all.yaml");
  const filter = filterFor(cluster.viewFrom(from), "iptables", "node-2", "IPv4");
  assert.equal(filter.tool, "iptables");
  const { rules } = filter;
  const bare = (page: Page): readonly string[] =>
    textOf(page)
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"));
  const printed = (lines: readonly { readonly text: string }[]): readonly string[] =>
    lines.map(({ text }) => text).filter((text) => text !== "");

  test("prints what the tools print, and nothing else but comments", () => {
    assert.deepEqual(bare(rulesPage(cluster, from, { form: "save", node: "node-2" })), printed(printSave(rules)));
    assert.deepEqual(bare(rulesPage(cluster, from, { form: "restore", node: "node-2" })), printed(printRestore(rules)));
    const listing = bare(rulesPage(cluster, from, { form: "list", node: "node-2" }));
    assert.deepEqual(listing, printed([...printList(rules, "nat"), ...printList(rules, "filter")]));
  });

  test("prints what nft prints in nftables mode, of the cluster or of the page", () => {
    const table = filterFor(cluster.viewFrom(from), "nftables", "node-2", "IPv4");
    assert.equal(table.tool, "nftables");
    const inMode = seen(web, "cluster: { proxy: { mode: nftables } }");
    for (const form of ["save", "list"] as const) {
      const page = rulesPage(cluster, from, { form, node: "node-2", mode: "nftables" });
      assert.deepEqual(bare(page), printed(printTable(table.table)));
      assert.match(textOf(page), /^# kube-proxy 1\.34 in nftables mode on node-2: /);
      assert.match(textOf(page), /^# the cluster is set to iptables mode, whose rules look different$/m);
      assert.deepEqual(bare(rulesPage(inMode, from, { form, node: "node-2" })), bare(page));
    }
    const commands = rulesPage(inMode, from, { form: "restore", node: "node-2" });
    assert.deepEqual(bare(commands), printed(printCommands(table.table)));
    assert.doesNotMatch(textOf(commands), /whose rules look different/);
    assert.equal(rulesTitle(inMode, from, { form: "save" }), "nft list table node-1");
    assert.equal(rulesTitle(inMode, from, { form: "restore", mode: "iptables" }), "iptables-restore node-1");
  });

  test("prints what several tools print in IPVS mode", () => {
    const text = textOf(rulesPage(cluster, from, { form: "save", mode: "ipvs" }));
    const commands = [...text.matchAll(/^# ((?:ipvsadm|ip|ipset|iptables)\b.*)$/gm)].map(([, command]) => command);
    assert.deepEqual(commands, ["ipvsadm -Ln", "ip -4 addr show kube-ipvs0", "ipset -sorted save", "iptables-save"]);
    assert.match(text, /^# kube-proxy 1\.34 in IPVS mode on node-1: /);
    assert.match(text, /^TCP {2}10\.96\.10\.1:80 rr$/m);
    assert.match(text, /^-A KUBE-SERVICES .* --match-set KUBE-CLUSTER-IP dst,dst -j ACCEPT$/m);
    const restored = textOf(rulesPage(cluster, from, { form: "restore", mode: "ipvs" }));
    assert.match(restored, /^-A -t 10\.96\.10\.1:80 -s rr$/m);
    assert.match(restored, /^# ipset restore\ncreate [\s\S]*^# iptables-restore --noflush$/m);
    const listed = textOf(rulesPage(cluster, from, { form: "list", mode: "ipvs" }));
    assert.match(listed, /^# ipset -sorted list\n# sets that hold nothing of this are left out\nName: KUBE-/m);
    assert.match(listed, /^10\.96\.10\.1,tcp:80$/m);
    assert.match(listed, /^# these addresses .* refuses pings to them$/m);
    const older = seen(web, 'cluster: { kubernetesVersion: "1.25", proxy: { mode: ipvs } }');
    assert.match(textOf(rulesPage(older, from, { form: "save" })), /^# these addresses .* answers pings to them$/m);
    const service = serviceIn(cluster, "web");
    const own = textOf(rulesPage(cluster, from, { form: "save", mode: "ipvs", service }));
    assert.match(own, /^TCP {2}10\.96\.10\.1:80 rr$/m);
  });

  test("prints what iptables prints in userspace mode", () => {
    const text = textOf(rulesPage(cluster, from, { form: "save", mode: "userspace" }));
    assert.match(text, /^# kube-proxy 1\.34 in userspace mode on node-1: /);
    assert.match(text, /^-A KUBE-PORTALS-HOST /m);
  });

  test("says what is assumed", () => {
    const text = textOf(rulesPage(cluster, from, { form: "save" }));
    assert.match(text, /^# kube-proxy 1\.34 in iptables mode on node-1: rules for the one Service in view$/m);
    assert.match(text, /^# Services in 10\.96\.0\.0\/12, pods in 10\.244\.0\.0\/16; .*simulated$/m);
    const other = seen(web, 'cluster: { kubernetesVersion: "1.16", proxy: { mode: ipvs } }');
    const old = textOf(rulesPage(other, from, { form: "save", mode: "iptables" }));
    assert.match(old, /^# the cluster is set to IPVS mode/m);
    assert.match(old, /^# Note: rules of Kubernetes 1\.16/m);
  });

  test("leads from each rule to what it is written for", () => {
    const links = linksOf(cluster, rulesPage(cluster, from, { form: "save" }));
    assert.ok(links.some(([rule, there]) => /DNAT --to-destination .*:8080$/.test(rule) && there === "8080"));
    assert.ok(links.some(([rule, there]) => rule.startsWith("-A KUBE-SERVICES") && there === "name"));
  });

  test("keeps to one Service", () => {
    const two = seen(
      `${web}---\napiVersion: v1\nkind: Service\nmetadata: { name: other }\nspec: { ports: [{ port: 80 }] }\n`,
    );
    const service = serviceIn(two, "web");
    const text = textOf(rulesPage(two, from, { form: "save", service }));
    assert.match(text, /shop\/web:http cluster IP/);
    assert.doesNotMatch(text, /default\/other/);
  });

  test("says why a Service has none", () => {
    const reasons: readonly (readonly [string, RegExp])[] = [
      [
        "{ clusterIP: None, ports: [{ port: 80 }] }",
        /# Service "it" is headless, so kube-proxy writes no rules for it/,
      ],
      ["{ type: ExternalName, externalName: a.example }", /# Service "it" is an alias in DNS, so/],
      ["{ selector: { app: it } }", /# Service "it" has no ports, so/],
    ];
    for (const [spec, reason] of reasons) {
      const special = seen(`apiVersion: v1\nkind: Service\nmetadata: { name: it }\nspec: ${spec}\n`);
      const page = rulesPage(special, from, { form: "save", service: serviceIn(special, "it") });
      assert.match(textOf(page), reason);
      assert.deepEqual(bare(page), []);
    }
  });

  test("shows both address families", () => {
    const dual = seen(
      web.replace("clusterIP: 10.96.10.1", "ipFamilyPolicy: RequireDualStack"),
      `
cluster: { serviceCIDR: [10.96.0.0/12, "fd00:10:96::/112"], podCIDR: [10.244.0.0/16, "fd00:10:244::/56"] }`,
    );
    const text = textOf(rulesPage(dual, from, { form: "save", service: serviceIn(dual, "web") }));
    assert.match(text, /^# iptables-save$/m);
    assert.match(text, /^# ip6tables-save$/m);
    assert.match(text, /--to-destination \[fd00:/);
  });
});

describe("the other pages", () => {
  const cluster = seen(web);

  test("list Services as kubectl does", () => {
    const rows = servicesIn(cluster).flatMap((service) =>
      cluster.resolve(service).map((resolution) => ({ resolution, findings: 2, file: "all.yaml" })),
    );
    const text = textOf(servicesPage(cluster, rows));
    assert.match(text, /^NAMESPACE +NAME +TYPE +PORT\(S\) +ENDPOINTS +FINDINGS +FILE$/m);
    assert.match(text, /^shop +web +NodePort +80:30080\/TCP,9000:~\d+\/TCP,9100:~\d+\/TCP +2 +2 +all\.yaml$/m);
  });

  test("say that the number of endpoints is not known", () => {
    const selecting = (selector: string): string =>
      `apiVersion: v1\nkind: Service\nmetadata: { name: it }\nspec:\n  selector: ${selector}\n  ports: [{ port: 80 }]\n`;
    const deployment = (replicas: string): string =>
      `apiVersion: apps/v1
kind: Deployment
metadata: { name: d${replicas.length} }
spec:
  replicas: ${replicas}
  template: { metadata: { labels: { app: it } }, spec: { containers: [{ name: c, image: c }] } }
`;
    const shown = (...manifests: readonly string[]): string => {
      const open = seen(manifests.join("---\n"));
      const rows = open
        .resolve(serviceIn(open, "it"))
        .map((resolution) => ({ resolution, findings: 0, file: "a.yaml" }));
      return textOf(servicesPage(open, rows)) + textOf(endpointsPage(open, open.resolve(serviceIn(open, "it"))));
    };
    const selector = shown(selecting("${SELECTOR}"));
    assert.match(selector, /80\/TCP +\? +0 +a\.yaml/);
    assert.match(selector, /which pods it selects, if any, is filled in later/);
    const replicas = shown(selecting("{ app: it }"), deployment("2"), deployment("${REPLICAS}"));
    assert.match(replicas, /80\/TCP +2\+ +0 +a\.yaml/);
    assert.match(replicas, /only a cluster can tell how many pods Deployment "d11" has; one stands for them/);
  });

  test("name the scope of a Service that lives in several", () => {
    const pod = (name: string): string =>
      `apiVersion: v1\nkind: Pod\nmetadata: { name: ${name}, labels: { app: web } }\nspec: { containers: [{ name: c, image: c }] }\n`;
    const several = clusterOf(
      storeOf([
        {
          path: "/base/s.yaml",
          text: "apiVersion: v1\nkind: Service\nmetadata: { name: web }\nspec: { selector: { app: web }, ports: [{ port: 80 }] }\n",
        },
        { path: "/dev/p.yaml", text: pod("web") },
        { path: "/prod/p.yaml", text: pod("web") },
      ]).snapshot,
    );
    const resolutions = several.resolve(serviceIn(several, "web"));
    assert.equal(resolutions.length, 2);
    const rows = resolutions.map((resolution) => ({ resolution, findings: 0, file: "base/s.yaml" }));
    assert.match(textOf(servicesPage(several, rows)), /SCOPE\n.* plain:dev\n.* plain:prod\n/);
    assert.equal(textOf(endpointsPage(several, resolutions)).match(/^Service /gm)?.length, 2);
  });

  test("list the records of a Service, and who can use its names", () => {
    const text = textOf(dnsPage(cluster, resolutionIn(cluster, "web")));
    assert.match(text, /^ {2}web\.shop\.svc\.cluster\.local +A +10\.96\.10\.1$/m);
    assert.match(
      text,
      /^ {2}_http\._tcp\.web\.shop\.svc\.cluster\.local +SRV +0 \d+ 80 web\.shop\.svc\.cluster\.local$/m,
    );
    assert.match(text, /^ {2}web +shop$/m);
    assert.match(text, /^ {2}web\.shop +<any>$/m);
  });

  test("list the variables of each container, and those that it sets itself", () => {
    const page = envPage(cluster, workloadIn(cluster, "web"));
    const text = textOf(page);
    assert.match(text, /^Container "app"$/m);
    assert.match(text, /^ {2}WEB_SERVICE_HOST=10\.96\.10\.1$/m);
    assert.match(text, /^ {2}WEB_PORT=tcp:\/\/10\.96\.10\.1:80 +the container sets "WEB_PORT" itself, which wins$/m);
    assert.match(text, /^ {2}KUBERNETES_SERVICE_HOST=~10\.96\.0\.1$/m);
    assert.ok(
      linksOf(cluster, page).some(([words, there]) => words.startsWith("the container sets") && there === "WEB_PORT"),
    );
  });
});

describe("columns", () => {
  test("stand where they stand in any language", () => {
    const cluster = seen(web);
    const wide: Bundle = {
      type: "类型",
      "cluster IP": "集群 IP",
      name: "名称",
      selector: "选择算符",
      scope: "作用域",
      "external IP": "外部 IP",
    };
    const page = endpointsPage(cluster, cluster.resolve(serviceIn(cluster, "web")));
    const starts = (text: string): readonly number[] =>
      ["NodePort", "10.96.10.1", "192.0.2.50", "web.shop", "app=web", "plain:"].map((value) => {
        const line = text.split("\n").find((candidate) => candidate.includes(value)) ?? "";
        return displayWidth(line.slice(0, line.indexOf(value)));
      });
    assert.deepEqual(starts(textOf(page, wide)), starts(textOf(page)));
    assert.equal(new Set(starts(textOf(page))).size, 1);
  });
});

describe("choices", () => {
  const examples = textFilesBelow("examples/harbour", /\.yaml$/).filter(({ name }) => !name.includes(".portolan"));
  const harbour = clusterOf(storeOf(examples.map(({ name, text }) => ({ path: `/${name}`, text }))).snapshot);
  const cluster = seen(web);

  test("are all requests that can be followed", () => {
    assert.ok(examples.length > 5);
    for (const service of servicesIn(harbour)) {
      const from = service.range.uri;
      const { sources, destinations } = findChoices(harbour, from, service);
      for (const { value } of sources) assert.ok(!("error" in traceRequest(harbour, from, value, "web:80")), value);
      for (const { value } of destinations)
        assert.ok(!("error" in traceRequest(harbour, from, "external", value)), value);
      assert.equal(new Set(destinations.map(({ value }) => value)).size, destinations.length);
    }
  });

  test("begin with a neighbour that calls the Service by its name", () => {
    const { sources, destinations } = findChoices(cluster, uriOf("/all.yaml"), serviceIn(cluster, "web"));
    assert.deepEqual(
      sources.map(({ value }) => value),
      ["Pod/shop/client", "StatefulSet/shop/web", "node:node-1", "node:node-2", "external"],
    );
    const values = destinations.map(({ value }) => value);
    assert.deepEqual(values.slice(0, 2), ["web:80", "web.shop:80"]);
    for (const value of ["10.96.10.1:80", "node-1:30080", "node-2:30080", "192.0.2.50:80"])
      assert.ok(values.includes(value), value);
    const [source, destination] = [sources[0]?.value ?? "", values[0] ?? ""];
    const trace = traceRequest(cluster, uriOf("/all.yaml"), source, destination);
    assert.ok(!("error" in trace) && trace.verdict === "delivered");
  });

  test("put first what the chosen source can reach", () => {
    const from = uriOf("/all.yaml");
    const proposals = (source: string): readonly string[] => {
      const parsed = parseSource(source);
      assert.ok(!("error" in parsed));
      return findChoices(cluster, from, serviceIn(cluster, "web"), parsed).destinations.map(({ value }) => value);
    };
    assert.deepEqual(proposals("Pod/shop/client").slice(0, 2), ["web:80", "web.shop:80"]);
    assert.equal(proposals("Pod/other/client")[0], "web.shop:80");
    assert.deepEqual(proposals("external").slice(0, 3), ["node-1:30080", "node-2:30080", "192.0.2.50:80"]);
    assert.equal(proposals("node:node-2")[0], "10.96.10.1:80");
    for (const source of ["Pod/shop/client", "node:node-2", "external"]) {
      const trace = traceRequest(cluster, from, source, proposals(source)[0] ?? "");
      assert.ok(!("error" in trace) && trace.verdict === "delivered", source);
      assert.deepEqual([...proposals(source)].sort(), [...proposals("Pod/shop/client")].sort());
    }
  });

  test("say which addresses are simulated", () => {
    const simulated = seen(web.replace("  clusterIP: 10.96.10.1\n", "").replace(", nodePort: 30080", ""));
    const details = (from: Cluster): readonly string[] =>
      findChoices(from, uriOf("/all.yaml"), serviceIn(from, "web")).destinations.map(({ detail }) => render(detail));
    assert.ok(details(cluster).includes('cluster IP of Service "web"'));
    assert.ok(details(cluster).includes('node port of Service "web"'));
    assert.ok(details(simulated).includes('simulated cluster IP of Service "web"'));
    assert.ok(details(simulated).includes('simulated node port of Service "web"'));
    assert.ok(![...details(cluster), ...details(simulated)].some((detail) => detail.includes("~")));
  });

  test("name the port of the pods behind a headless Service, and the protocol", () => {
    const headless = seen(
      `apiVersion: v1
kind: Service
metadata: { name: dns, namespace: shop }
spec: { clusterIP: None, selector: { app: web }, ports: [{ port: 53, targetPort: 8080, protocol: UDP }] }
---
${web}`,
    );
    const { destinations } = findChoices(headless, uriOf("/all.yaml"), serviceIn(headless, "dns"));
    assert.equal(destinations[0]?.value, "udp://dns:8080");
  });
});
