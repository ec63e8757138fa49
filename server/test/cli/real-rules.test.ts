import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { repository } from "../harness/files.ts";
import { json, portolan, workspace } from "./program.ts";
import { validate } from "./schemas.ts";

const dump = readFileSync(join(repository, "examples", "harbour", "shop", "node-1.iptables"), "utf8");
const client = "apiVersion: v1\nkind: Pod\nmetadata: { name: client, namespace: shop }\nspec: { containers: [] }\n";
const service = `apiVersion: v1
kind: Service
metadata: { name: payments, namespace: shop }
spec: { clusterIP: 10.104.61.9, ports: [{ name: grpc, port: 9000 }] }
---
apiVersion: v1
kind: Endpoints
metadata: { name: payments, namespace: shop }
subsets: [{ addresses: [{ ip: 10.42.73.104 }], ports: [{ name: grpc, port: 9000 }] }]
`;
const folder = workspace({
  "node-1.iptables": dump,
  "client.yaml": client,
  "same/payments.yaml": service,
  "other/payments.yaml": service.replace("10.104.61.9", "10.104.61.10").replace("73.104", "73.105"),
  "notes.txt": "Nothing but words.\n",
  "ipvs.txt": "*nat\n:PREROUTING ACCEPT [0:0]\n:KUBE-LOAD-BALANCER - [0:0]\nCOMMIT\n",
  "mixed.txt": `Here it is:\n${dump}Words, words, words.\n`,
});

const simulate = ["simulate", "--rules", "node-1.iptables", "--from"];

describe("portolan simulate --rules", () => {
  const cases = [
    ["pod:shop/client", "http://checkout", "delivered", 0],
    ["pod:shop/client", "http://cart:81", "unknown", 1],
    ["pod:shop/client", "http://nobody", "no-such-name", 1],
    ["external", "10.106.147.252:80", "delivered", 0],
    ["external", "192.168.1.20:30300", "unknown", 1],
    ["external", "198.51.100.99:80", "unknown", 1],
    ["node:node-1", "http://10.106.147.252", "delivered", 0],
  ] as const;
  for (const [from, to, verdict, status] of cases) {
    it(`${from} to ${to}: ${verdict}`, async () => {
      const args = [...simulate, from, "--to", to];
      assert.equal((await portolan(folder, args)).status, status);
      const document = (await json(folder, args)) as { readonly verdict: string };
      validate("simulate", document);
      assert.equal(document.verdict, verdict);
    });
  }

  it("names the lines of the file, and of manifests, where they come from", async () => {
    const { out } = await portolan(folder, [...simulate, "pod:shop/client", "--to", "http://checkout"]);
    const line = dump.split("\n").findIndex((text) => text.endsWith("--to-destination 10.42.44.104:8080")) + 1;
    assert.match(out, new RegExp(`^ +1/2 +10\\.42\\.44\\.104:8080 .*\\(node-1\\.iptables:${line}\\)$`, "m"));
    assert.match(out, /^from pod shop\/client to checkout:80, TCP$/m);
  });

  it("reads rules in UTF-16, as PowerShell writes them", async () => {
    writeFileSync(join(folder, "utf16.iptables"), `\ufeff${dump}`, "utf16le");
    const args = ["simulate", "--rules", "utf16.iptables", "--from", "external", "--to", "10.106.147.252:80"];
    assert.equal((await portolan(folder, args)).status, 0);
  });

  it("reads rules from standard input", async () => {
    const args = ["simulate", "--rules", "-", "--from", "external", "--to", "10.106.147.252:80"];
    assert.equal((await portolan(folder, args, { input: dump })).status, 0);
    const { err } = await portolan(folder, [...args, "-"], { input: dump });
    assert.match(err, /standard input cannot be rules and manifests at once/);
  });

  it("says what cannot be read, and what is no file of rules", async () => {
    const call = (file: string) => portolan(folder, ["simulate", "--rules", file, "--from", "external", "--to", "x"]);
    assert.match((await call("mixed.txt")).err, /cannot be read as rules.* mixed\.txt:/);
    assert.match((await call("notes.txt")).err, /"notes\.txt" holds no rules of iptables/);
    assert.match((await call("absent.txt")).err, /"absent\.txt" cannot be read/);
    const six = ["simulate", "--rules", "node-1.iptables", "--from", "external", "--to", "[2001:db8::1]:80"];
    const { status, err } = await portolan(folder, six);
    assert.equal(status, 2);
    assert.match(err, /no rules for an address such as "2001:db8::1"/);
  });
});

describe("portolan compare", () => {
  const compare = (...args: string[]) => portolan(folder, ["compare", ...args]);

  it("fails if and only if something differs, or nothing can be compared", async () => {
    assert.equal((await compare("node-1.iptables", "other")).status, 1);
    assert.equal((await compare("ipvs.txt", "same")).status, 1);
    const only = dump
      .split("\n")
      .filter((line) => !/shop\/(?!payments)/.test(line))
      .join("\n");
    const { status, out } = await portolan(folder, ["compare", "-", "same"], { input: only });
    assert.match(out, /^no difference in one Service port$/m);
    assert.equal(status, 0);
  });

  it("prints documents as its schema says", async () => {
    for (const args of [["node-1.iptables", "other"], ["node-1.iptables"], ["ipvs.txt", "same"]]) {
      validate("compare", await json(folder, ["compare", ...args]));
    }
  });

  it("tells the places of both sides", async () => {
    const { out } = await compare("node-1.iptables", "other");
    assert.match(out, /^shop\/payments:grpc {2}9000\/TCP {2}\(other\/payments\.yaml:4\)$/m);
    assert.match(
      out,
      /^ {2}cluster IP 10\.104\.61\.9 on the node, 10\.104\.61\.10 in the manifest {2}\(node-1\.ipt.*\)$/m,
    );
    assert.match(out, /endpoints only on the node: 10\.42\.73\.104:9000; only in the manifests: 10\.42\.73\.105:9000/);
  });

  it("asks for a file", async () => {
    const { status, err } = await compare();
    assert.equal(status, 2);
    assert.match(err, /name a file with the rules of a node/);
  });
});
