import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { rules } from "../../src/core/rules/index.ts";
import { json, portolan, workspace } from "./program.ts";
import { validate } from "./schemas.ts";
import { environments, many } from "./workspaces.ts";

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
