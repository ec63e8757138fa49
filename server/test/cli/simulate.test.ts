import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { json, portolan } from "./program.ts";
import { validate } from "./schemas.ts";
import { environments, many } from "./workspaces.ts";

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
