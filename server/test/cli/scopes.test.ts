import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { deployment, documents, service } from "./manifests.ts";
import { json, portolan, workspace } from "./program.ts";
import { type ServicesDocument, shared } from "./workspaces.ts";

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
