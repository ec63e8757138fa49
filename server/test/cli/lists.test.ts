import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { json, portolan, workspace } from "./program.ts";
import { validate } from "./schemas.ts";
import { environments, many, type ServicesDocument, shared } from "./workspaces.ts";

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
