import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { rules } from "../../src/core/rules/index.ts";
import { deployment, documents, service } from "./manifests.ts";
import { json, portolan, workspace } from "./program.ts";
import { validate } from "./schemas.ts";

const many = workspace({
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

const environments = workspace({
  "dev/web.yaml": documents(service("web"), deployment("web")),
  "prod/web.yaml": documents(service("web"), deployment("web"), service("api"), deployment("api")),
});

/** One Service of two environments: a folder, and a file. */
const shared = workspace({
  "dev/all.yaml": documents(deployment("web"), service("db"), deployment("db")),
  "prod.yaml": documents(deployment("web").replace("replicas: 2", "replicas: 3"), service("db"), deployment("db")),
  "base/web.yaml": service("web", "  clusterIP: None\n"),
  "base/curl.yaml": "apiVersion: v1\nkind: Pod\nmetadata: { name: curl }\nspec: { containers: [{ name: curl }] }\n",
});

interface ServicesDocument {
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

describe("portolan services", () => {
  it("lists every kind of Service, as JSON by the schema", async () => {
    const document = (await json(many, ["services"])) as ServicesDocument;
    validate("services", document);
    const kinds = Object.fromEntries(document.services.map(({ name, endpoints }) => [name, endpoints]));
    assert.deepEqual(kinds, {
      none: "none",
      db: "selected",
      legacy: "manual",
      partner: "external",
      metrics: "selected",
      cart: "selected",
      web: "selected",
    });
    const web = document.services.find(({ name }) => name === "web");
    assert.deepEqual(
      web?.ports.map(({ endpoints }) => endpoints.map(({ port, origin }) => [port, origin])),
      [
        [
          [8080, "simulated"],
          [8080, "simulated"],
        ],
      ],
    );
    assert.equal(web?.ports[0]?.nodePortOrigin, "simulated");
    const legacy = document.services.find(({ name }) => name === "legacy");
    assert.equal(legacy?.selector, null);
    assert.deepEqual(
      legacy?.ports[0]?.endpoints.map(({ ip, origin }) => [ip, origin]),
      [["192.0.2.7", "written"]],
    );
    assert.equal(document.services.find(({ name }) => name === "cart")?.findings, 1);
    const [metrics] = document.services.find(({ name }) => name === "metrics")?.ports ?? [];
    assert.deepEqual([metrics?.state, metrics?.endpoints, metrics?.unresolved.length], ["unresolved", [], 1]);
    assert.match(metrics?.unresolved[0]?.reason ?? "", /"prom"/);
  });

  it("gives every Service what `endpoints` gives it, namesakes too", async () => {
    for (const folder of [many, environments]) {
      const { services } = (await json(folder, ["services"])) as ServicesDocument;
      for (const { name, scope } of services) {
        const alone = (await json(folder, ["endpoints", name, "--scope", scope])) as ServicesDocument;
        assert.deepEqual(
          alone.services,
          services.filter((other) => other.name === name && other.scope === scope),
        );
      }
    }
  });

  it("prints one line for each, with its file", async () => {
    const { status, out } = await portolan(many, ["services"]);
    assert.equal(status, 0);
    assert.match(out, /^default +web +NodePort .* 2 +0 +shop\/web\.yaml$/m);
    assert.match(out, /^default +cart .* 0 +1 +shop\/typo\.yaml$/m);
  });

  it("keeps to a scope", async () => {
    const { services } = (await json(environments, ["services", "--scope", "plain:prod"])) as ServicesDocument;
    assert.deepEqual(
      services.map(({ name, scope }) => [name, scope]),
      [
        ["web", "plain:prod"],
        ["api", "plain:prod"],
      ],
    );
    const { status, err } = await portolan(environments, ["services", "--scope", "plain:test"]);
    assert.equal(status, 2);
    assert.match(err, /no scope "plain:test" here; the scopes are "plain:dev", "plain:prod"\n$/);
  });
});

describe("where there is nothing to show", () => {
  const empty = workspace({ "notes.md": "# Notes\n" });

  for (const args of [["check"], ["check", "notes.md"]]) {
    it(`${args.join(" ")} says that there are no manifests`, async () => {
      assert.deepEqual(await portolan(empty, args), { status: 0, out: "no manifests found\n", err: "" });
    });
  }

  it("services says so instead of printing the head of a table", async () => {
    assert.deepEqual(await portolan(empty, ["services"]), { status: 0, out: "", err: "portolan: no Services found\n" });
    const document = (await json(empty, ["services"])) as ServicesDocument;
    validate("services", document);
    assert.deepEqual(document.services, []);
  });

  it("iptables prints what every node has", async () => {
    const { out } = await portolan(empty, ["iptables"]);
    assert.match(
      out,
      /^# kube-proxy 1\.34 in iptables mode on node-1: rules that every node has; no Service is in view$/m,
    );
  });
});

describe("portolan endpoints", () => {
  it("shows a Service in each of its scopes, or in one", async () => {
    const all = (await json(environments, ["endpoints", "web"])) as ServicesDocument;
    validate("endpoints", all);
    assert.deepEqual(
      all.services.map(({ scope }) => scope),
      ["plain:dev", "plain:prod"],
    );
    const one = (await json(environments, ["endpoints", "default/web", "--scope", "plain:prod"])) as ServicesDocument;
    assert.deepEqual(
      one.services.map(({ scope }) => scope),
      ["plain:prod"],
    );
  });

  it("counts the endpoints of each scope by themselves", async () => {
    const count = async (...args: string[]) =>
      ((await json(shared, ["endpoints", "web", ...args])) as ServicesDocument).services.map(({ scope, ports }) => [
        scope,
        ports[0]?.endpoints.length,
      ]);
    assert.deepEqual(await count(), [
      ["plain:dev", 2],
      ["plain:prod.yaml", 3],
    ]);
    assert.deepEqual(await count("--scope", "plain:prod.yaml"), [["plain:prod.yaml", 3]]);
    const { services } = (await json(shared, ["services"])) as ServicesDocument;
    assert.deepEqual(
      services.filter(({ name }) => name === "web").map(({ ports }) => ports[0]?.endpoints.length),
      [2, 3],
    );
  });

  it("leads to the YAML", async () => {
    const { out } = await portolan(many, ["endpoints", "web"]);
    assert.match(out, /8080 +web-0 .*\S {2}\(shop\/web\.yaml:\d+\)$/m);
    assert.match((await portolan(many, ["endpoints", "cart"])).out, /<none> {2}\(shop\/typo\.yaml:\d+\)$/m);
  });

  it("reads the texts that are named behind the Service", async () => {
    const { status, err } = await portolan(environments, ["endpoints", "api", "dev"]);
    assert.equal(status, 2);
    assert.match(err, /there is no Service "api"; the only one is "web"\n$/);
  });

  const unknown: readonly (readonly [args: readonly string[], said: RegExp])[] = [
    [[], /name a Service: portolan endpoints \[NAMESPACE\/\]SERVICE\n$/],
    [["wbe"], /there is no Service "wbe"; did you mean "web"\?\n$/],
    [["shop/web"], /there is no Service "shop\/web"; did you mean "default\/web"\?\n$/],
    [["wibble"], /there is no Service "wibble"; there are "cart", "db", "legacy", .*\n$/],
  ];
  for (const [args, said] of unknown) {
    it(`explains endpoints ${args.join(" ")}`, async () => {
      const { status, out, err } = await portolan(many, ["endpoints", ...args]);
      assert.deepEqual([status, out], [2, ""]);
      assert.match(err, said);
      assert.match(err, /^portolan: [^\n]*\n$/);
    });
  }
});

describe("portolan dns", () => {
  it("lists records of every kind of Service by the schema", async () => {
    const types = async (name: string) => {
      const document = (await json(many, ["dns", name])) as {
        readonly services: readonly { readonly records: readonly { readonly type: string }[] }[];
      };
      validate("dns", document);
      return document.services.map(({ records }) => [...new Set(records.map(({ type }) => type))]);
    };
    assert.deepEqual(await types("web"), [["A", "SRV", "PTR"]]);
    assert.deepEqual(await types("db"), [["A", "SRV", "PTR"]]);
    assert.deepEqual(await types("partner"), [["CNAME"]]);
  });

  it("prints them", async () => {
    const { out } = await portolan(many, ["dns", "web"]);
    assert.match(out, /web\.default\.svc\.cluster\.local +A +~10\./);
  });
});

describe("portolan env", () => {
  it("lists the variables of a workload by the schema, and prints them", async () => {
    const document = await json(many, ["env", "deployment/web"]);
    validate("env", document);
    const { out } = await portolan(many, ["env", "Deployment/default/web"]);
    assert.match(out, /^ {2}WEB_SERVICE_HOST=~10\./m);
  });

  const wrong: readonly (readonly [args: readonly string[], said: RegExp])[] = [
    [[], /name a workload: portolan env KIND\/\[NAMESPACE\/\]NAME\n$/],
    [["web"], /"web" names no workload; write KIND\/\[NAMESPACE\/\]NAME, such as deployment\/web\n$/],
    [["deployment/wbe"], /there is no workload "deployment\/wbe"; did you mean "Deployment\/web"\?\n$/],
    [["statefulset/web"], /there is no workload "statefulset\/web"; did you mean "Deployment\/web"\?\n$/],
    [["deployment/wibble"], /there is no workload "deployment\/wibble" here\n$/],
  ];
  for (const [args, said] of wrong) {
    it(`explains env ${args.join(" ")}`, async () => {
      const { status, err } = await portolan(many, ["env", ...args]);
      assert.equal(status, 2);
      assert.match(err, said);
    });
  }
});

describe("portolan iptables", () => {
  it("prints rules in each form, for one Service or all", async () => {
    const out = async (...args: string[]) => (await portolan(many, ["iptables", ...args])).out;
    assert.match(await out("web"), /^-A KUBE-SVC-/m);
    assert.doesNotMatch(await out("web"), /default\/metrics/);
    assert.match(await out(), /default\/metrics/);
    assert.match(await out("web", "--as", "restore"), /^\*nat\n[\s\S]*^COMMIT$/m);
    assert.match(await out("web", "--as", "list"), /^Chain KUBE-SVC-\w+ \(\d references\)$/m);
    assert.match(await out("web", "--node", "node-2"), /on node-2/);
    assert.match(await out("shop"), /default\/web/, "a folder is a PATH");
  });

  it("prints what nft prints and reads in nftables mode", async () => {
    const out = async (...args: string[]) => (await portolan(many, ["iptables", ...args])).out;
    const listing = await out("web", "--proxy-mode", "nftables");
    assert.match(listing, /^# nft list table ip kube-proxy\ntable ip kube-proxy \{$/m);
    assert.match(listing, /^\tchain service-\w{8}-default\/web\/tcp\/\w* \{$/m);
    assert.doesNotMatch(listing, /default\/metrics/);
    assert.equal(await out("web", "--proxy-mode", "nftables", "--as", "list"), listing);
    const commands = await out("web", "--proxy-mode", "nftables", "--as", "restore");
    assert.match(commands, /^add rule ip kube-proxy service-\S+ numgen random mod \d/m);
    const document = await json(many, ["iptables", "web", "--proxy-mode", "nftables"]);
    validate("iptables", document);
    assert.equal((document as { mode: string }).mode, "nftables");
  });

  it("prints them line by line as JSON", async () => {
    const document = await json(many, ["iptables", "web", "--as", "list"]);
    validate("iptables", document);
    validate("iptables", await json(many, ["iptables"]));
  });

  it("wants one Service, one node, one form, one mode", async () => {
    const said = async (folder: string, ...args: string[]) => {
      const { status, err } = await portolan(folder, ["iptables", ...args]);
      assert.equal(status, 2);
      return err;
    };
    assert.match(
      await said(environments, "web"),
      /is in several scopes; choose one of "plain:dev", "plain:prod" with --scope/,
    );
    assert.match(await said(many, "web", "--node", "node-3"), /there is no node "node-3"; did you mean "node-1"\?/);
    assert.match(await said(many, "--as", "table"), /--as takes save, restore or list, not "table"/);
    assert.match(
      await said(many, "--proxy-mode", "ebpf"),
      /--proxy-mode takes iptables, nftables, ipvs or userspace, not "ebpf"/,
    );
  });

  it("says which namesakes it leaves out", async () => {
    const { err } = await portolan(environments, ["iptables"]);
    assert.equal(
      err,
      'portolan: several Services are called "default/web"; the one in dev/web.yaml is looked at, and --scope chooses another\n',
    );
    const chosen = await portolan(environments, ["iptables", "--scope", "plain:prod"]);
    assert.equal(chosen.err, "");
    assert.match(chosen.out, /default\/api/);
  });
});

describe("one scope of a Service", () => {
  it("is told of where others are left out, and chosen", async () => {
    const from = ["simulate", "--from", "pod:curl", "--to", "web:8080"];
    const first = await portolan(shared, from);
    assert.match(
      first.err,
      /^portolan: Service "default\/web" is in several scopes, of which "plain:dev" is looked at; --scope chooses another\n/,
    );
    const { err, out } = await portolan(shared, [...from, "--scope", "plain:prod.yaml"]);
    assert.equal(err, "");
    assert.equal(out.match(/ 1\/3 /g)?.length, 3, out);
  });

  it("has DNS records and rules of its own", async () => {
    const records = async (scope: string) => {
      const { services } = (await json(shared, ["dns", "web", "--scope", scope])) as {
        readonly services: readonly {
          readonly scope: string;
          readonly records: readonly { readonly type: string }[];
        }[];
      };
      return services.map((found) => [found.scope, found.records.filter(({ type }) => type === "PTR").length]);
    };
    assert.deepEqual(await records("plain:dev"), [["plain:dev", 2]]);
    assert.deepEqual(await records("plain:prod.yaml"), [["plain:prod.yaml", 3]]);
    const { out } = await portolan(shared, ["dns", "web"]);
    assert.match(out, /scope +plain:dev\n[\s\S]*scope +plain:prod\.yaml\n/);
  });
});

describe("a Service without namespace", () => {
  const named = (namespace: string, replicas: number) =>
    deployment("web")
      .replace("  name: web\n", `  name: web\n  namespace: ${namespace}\n`)
      .replace("replicas: 2", `replicas: ${replicas}`);
  const mixed = workspace({ "all.yaml": documents(service("web"), named("a", 1), named("b", 3)) });

  it("is found by the namespace of its pods, and is in one at a time", async () => {
    const { services } = (await json(mixed, ["endpoints", "b/web"])) as ServicesDocument;
    assert.deepEqual(
      services.map(({ ports }) => ports[0]?.endpoints.length),
      [3],
    );
    const { status, err } = await portolan(mixed, ["iptables", "web"]);
    assert.equal(status, 2);
    assert.match(err, /"a\/web" and "b\/web"|"a\/web", "b\/web"/);
    assert.match((await portolan(mixed, ["iptables", "b/web"])).out, /b\/web/);
    assert.match((await portolan(mixed, ["endpoints", "default/web"])).err, /no Service "default\/web"/);
  });

  it("announces itself to the containers of its pods", async () => {
    const { out } = await portolan(mixed, ["env", "deployment/b/web"]);
    assert.match(out, /^Deployment "web" in namespace "b"\n/);
    assert.match(out, /WEB_SERVICE_HOST=/);
  });
});

describe("namesakes that are left out", () => {
  const twice = workspace({
    "web/service.yaml": service("web"),
    "web/variant.yaml": service("web"),
    "web/pods.yaml": deployment("web"),
  });

  it("are told without --scope where no scope tells them apart", async () => {
    const { err } = await portolan(twice, ["simulate", "--from", "external", "--to", "node-1:80"]);
    assert.equal(
      err,
      'portolan: several Services are called "default/web"; the one in web/service.yaml is looked at\n',
    );
  });

  it("are not told before what is wrong with the call", async () => {
    for (const [from, to] of [
      ["external", "::::"],
      ["external", "web:99999"],
      ["nobody", "web"],
      ["node:nowhere", "web"],
    ] as const) {
      const { status, err } = await portolan(twice, ["simulate", "--from", from, "--to", to]);
      assert.equal(status, 2);
      assert.match(err, /^portolan: [^\n]*\n$/);
      assert.doesNotMatch(err, /several Services/);
    }
    const { err } = await portolan(twice, ["iptables", "--node", "nowhere"]);
    assert.match(err, /^portolan: there is no node "nowhere"[^\n]*\n$/);
  });

  it("are counted where there are many", async () => {
    const names = ["a", "b", "c"];
    const files = names.flatMap((name) => [
      [`dev/${name}.yaml`, service(name)],
      [`prod/${name}.yaml`, service(name)],
    ]);
    const { err } = await portolan(workspace(Object.fromEntries(files)), ["iptables"]);
    assert.equal(
      err,
      'portolan: 3 Services are defined more than once, such as "default/a"; one of each is looked at, and --scope chooses others\n',
    );
  });
});

describe("portolan simulate", () => {
  const statusOf = async (...args: string[]) => (await portolan(many, ["simulate", ...args])).status;

  it("ends with 0 for a request that is delivered, with 1 for any other", async () => {
    assert.equal(await statusOf("--from", "deployment/db", "--to", "http://web"), 0);
    assert.equal(await statusOf("--from", "deployment/db", "--to", "cart"), 1);
    assert.equal(await statusOf("--from", "external", "--to", "nowhere.default.svc.cluster.local"), 1);
  });

  it("prints a trace by the schema, whatever comes of it", async () => {
    const verdicts: string[] = [];
    for (const [from, to] of [
      ["deployment/db", "web"],
      ["deployment/db", "cart"],
      ["pod:web-0", "wibble"],
      ["node:node-1", "10.250.1.1:80"],
      ["external", "10.96.0.77:80"],
    ] as const) {
      const document = (await json(many, ["simulate", "--from", from, "--to", to])) as { readonly verdict: string };
      validate("simulate", document);
      verdicts.push(document.verdict);
    }
    assert.deepEqual(verdicts.slice(0, 3), ["delivered", "refused", "no-such-name"]);
    assert.ok(new Set(verdicts).size > 3, verdicts.join(" "));
  });

  it("goes through the rules of the mode that is asked for, by the schema", async () => {
    for (const [mode, sign] of [
      ["iptables", /-j KUBE-SVC-/],
      ["nftables", /service-ips/],
      ["ipvs", /^ +TCP +10\.\d+\.\d+\.\d+:\d+ rr /m],
      ["userspace", /-j KUBE-PORTALS-CONTAINER/],
    ] as const) {
      const request = ["simulate", "--from", "deployment/db", "--to", "web", "--proxy-mode", mode];
      assert.match((await portolan(many, request)).out, sign, mode);
      validate("simulate", await json(many, request));
    }
  });

  it("leads to the line to change", async () => {
    const { out } = await portolan(many, ["simulate", "--from", "deployment/web", "--to", "cart"]);
    assert.match(out, /^refused: connection refused$/m);
    assert.match(out, /\(shop\/typo\.yaml:\d+\)$/m);
  });

  it("looks from where the client is, and asks where that is several places", async () => {
    const { err } = await portolan(environments, ["simulate", "--from", "deployment/web", "--to", "web"]);
    assert.match(
      err,
      /"deployment\/web" is in several scopes; choose one of "plain:dev", "plain:prod" with --scope\n$/,
    );
    const from = ["simulate", "--from", "deployment/web", "--to", "web", "--scope"];
    const { out } = await portolan(environments, [...from, "plain:prod"]);
    assert.match(out, /\(prod\/web\.yaml:\d+\)/);
    assert.doesNotMatch(out, /dev\/web\.yaml/);
    assert.equal(
      (await portolan(environments, [...from, "plain:prd"])).err,
      'portolan: there is no scope "plain:prd"; did you mean "plain:prod"?\n',
    );
  });

  it("wants both ends, in a form that it knows", async () => {
    const said = async (...args: string[]) => {
      const { status, err } = await portolan(many, ["simulate", ...args]);
      assert.equal(status, 2);
      assert.match(err, /^portolan: [^\n]*\n$/);
      return err;
    };
    assert.match(await said("--to", "web"), /say who sends the request/);
    assert.match(await said("--from", "node:node-1"), /say where the request goes/);
    assert.match(await said("--from", "somebody", "--to", "web"), /somebody/);
    assert.match(await said("--from", "deployment/wibble", "--to", "web"), /wibble/);
    assert.match(
      await said("--from", "external", "--to", "web", "--protocol", "icmp"),
      /--protocol takes tcp, udp or sctp, not "icmp"/,
    );
  });
});

describe("portolan explain", () => {
  it("prints the metadata of rules by the schema", async () => {
    const all = (await json(many, ["explain"])) as { readonly rules: readonly { readonly id: string }[] };
    validate("explain", all);
    assert.deepEqual(
      all.rules.map(({ id }) => id),
      rules.map(({ id }) => id),
    );
    validate("explain", await json(many, ["explain", "orphan-service"]));
  });
});

describe("portolan check", () => {
  it("prints findings of every kind by the schema", async () => {
    validate("check", await json(many, ["check"]));
    validate(
      "check",
      await json(workspace({ "bad.yaml": "apiVersion: v1\nkind: Service\nspec: [\n", "bin.yaml": "\0" }), ["check"]),
    );
  });
});

describe("portolan lsp", () => {
  it("wants --stdio", async () => {
    const { status, err } = await portolan(many, ["lsp"]);
    assert.deepEqual(
      [status, err],
      [2, "portolan: the language server speaks over standard input and output: portolan lsp --stdio\n"],
    );
  });
});
