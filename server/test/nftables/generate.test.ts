import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { render } from "../../src/core/base/message.ts";
import type { ProxyConfig, ServicePort } from "../../src/core/cluster/kube-proxy/proxy-input.ts";
import { generateTable } from "../../src/core/cluster/nftables/generate-table.ts";
import { affinitySet, endpointChain, portChain } from "../../src/core/cluster/nftables/names.ts";
import { printCommands } from "../../src/core/cluster/nftables/print-commands.ts";
import { printTable } from "../../src/core/cluster/nftables/print-table.ts";
import { endpoint, servicePort } from "../iptables/inputs.ts";
import { nftInput, objectsOf, readNft, readNftFixtures, textOf } from "./fixtures.ts";

describe("names of nftables", () => {
  const rows = readNft("chain-names.txt")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.split(" "));
  for (const [name = "", hash = ""] of rows) {
    test(name, () => {
      const [base = "", target] = name.split("__");
      const [namespace = "", service = "", protocol = "", portName = ""] = base.split("/");
      const port = servicePort({
        namespace,
        service,
        protocol: protocol.toUpperCase() as ServicePort["protocol"],
        portName,
      });
      if (target === undefined) {
        assert.equal(portChain("service", port), `service-${hash}-${name}`);
        return;
      }
      const [ip = "", number] = target.split("/");
      const address = ip.startsWith("fd") ? ip.replaceAll(".", ":") : ip;
      const behind = endpoint({ ip: address, port: Number(number) });
      assert.equal(endpointChain(port, behind), `endpoint-${hash}-${name}`);
      assert.equal(affinitySet(port, behind), `affinity-${hash}-${name}`);
    });
  }

  test("are cut where they would become too long", () => {
    const long = "a".repeat(63);
    const port = servicePort({ namespace: long, service: long, protocol: "SCTP", portName: long });
    const behind = endpoint({ ip: "fd00:1111:2222:3333:4444:5555:6666:7777", port: 65535 });
    const name = endpointChain(port, behind).slice("endpoint-".length);
    assert.equal(name.length, 240);
    assert.ok(name.endsWith("..."));
    assert.ok(!portChain("external", port).endsWith("..."));
  });
});

describe("the table of kube-proxy as nft lists it", () => {
  const fixtures = readNftFixtures();
  assert.ok(fixtures.length > 15);
  for (const { name, input, objects } of fixtures) {
    test(name, () => {
      const listed = objectsOf(textOf(printTable(generateTable(input))));
      for (const [header, text] of objects) assert.equal(listed.get(header), text);
      const ofServices = [...listed.keys()].filter((header) => header.includes("/"));
      assert.deepEqual(ofServices.sort(), [...objects.keys()].filter((header) => header.includes("/")).sort());
    });
  }

  test("whole, from the first line to the last", () => {
    const listing = textOf(printTable(generateTable(nftInput("cluster-ip", 34))));
    const [head = "", ...blocks] = listing.split(/^(?=\t(?:set|map|chain) )/m);
    assert.equal(head, 'table ip kube-proxy {\n\tcomment "rules for kube-proxy"\n');
    assert.ok(listing.endsWith("\n\t}\n}\n"));
    assert.deepEqual(blocks.map((block) => block.split("\n")[0]).sort(), firstLines(readNft("cluster-ip.1.34.nft")));
  });

  test("with base chains before the translation up to 1.33", () => {
    const names = /^add (?:chain|rule) ip kube-proxy (filter-\S+)/;
    const commands = textOf(printCommands(generateTable(nftInput("cluster-ip", 33)))).split("\n");
    const expected = readNft("base-chains.1.33.commands").trimEnd().split("\n");
    assert.deepEqual(commands.filter((line) => names.test(line)).sort(), expected.sort());
  });
});

const firstLines = (listing: string): readonly string[] =>
  [...listing.matchAll(/^\t(?:set|map|chain) .*$/gm)].map(([line]) => line).sort();

describe("rules follow the configuration", () => {
  const linesOf = (name: string, minor: number, config: Partial<ProxyConfig> = {}): readonly string[] =>
    textOf(printTable(generateTable(nftInput(name, minor, config))))
      .split("\n")
      .map((line) => line.trim());
  const cases: readonly (readonly [string, Parameters<typeof linesOf>, readonly string[], readonly string[]])[] = [
    [
      "of the port of a cluster IP up to 1.33",
      ["cluster-ip", 33],
      ["ip daddr 10.96.10.1 tcp dport 80 ip saddr != 10.244.0.0/16 jump mark-for-masquerade"],
      ["ip daddr 10.96.10.1 ip saddr != 10.244.0.0/16 jump mark-for-masquerade"],
    ],
    [
      "that masquerades all",
      ["cluster-ip", 34, { masqueradeAll: true }],
      ["ip daddr 10.96.10.1 jump mark-for-masquerade"],
      ["ip daddr 10.96.10.1 ip saddr != 10.244.0.0/16 jump mark-for-masquerade"],
    ],
    [
      "that masquerades all, from 1.36",
      ["cluster-ip", 36, { masqueradeAll: true }],
      ['ip daddr @cluster-ips meta mark set meta mark | 0x00004000 comment "masquerade all clusterIP traffic"'],
      [],
    ],
    ["of another mark", ["cluster-ip", 34, { masqueradeBit: 0 }], ["meta mark & 0x00000001 == 0x00000000 return"], []],
    [
      "of the highest mark, which nft takes for a block",
      ["cluster-ip", 34, { masqueradeBit: 31 }],
      ["meta mark 0x00000000/1 return", "meta mark set meta mark ^ 0x80000000"],
      [],
    ],
    [
      "that tells pods by the names of interfaces",
      ["load-balancer-local", 34, { detectLocal: { mode: "InterfaceNamePrefix", prefix: "cali" } }],
      [
        'ip daddr 10.96.10.3 iifname != "cali*" jump mark-for-masquerade',
        'iifname "cali*" goto service-26HBLAP7-edge/gateway/tcp/https comment "short-circuit pod traffic"',
      ],
      [],
    ],
    [
      "that tells pods by a bridge",
      ["cluster-ip", 34, { detectLocal: { mode: "BridgeInterface", name: "cni0" } }],
      ['ip daddr 10.96.10.1 iifname != "cni0" jump mark-for-masquerade'],
      [],
    ],
    [
      "that tells pods by a bridge up to 1.33",
      ["cluster-ip", 33, { detectLocal: { mode: "BridgeInterface", name: "cni0" } }],
      ['ip daddr 10.96.10.1 tcp dport 80 iif != "cni0" jump mark-for-masquerade'],
      [],
    ],
    [
      "that cannot tell pods",
      ["load-balancer-local", 34, { detectLocal: { mode: "none" } }],
      ['fib saddr type local jump mark-for-masquerade comment "masquerade local traffic"'],
      ["ip daddr 10.96.10.3 jump mark-for-masquerade"],
    ],
    [
      "of node ports on all addresses",
      ["node-port", 34, { nodePortAddresses: ["0.0.0.0/0"] }],
      [
        "fib daddr type local ip daddr != 127.0.0.0/8 meta l4proto . th dport vmap @service-nodeports",
        "ip daddr != 127.0.0.0/8 meta l4proto . th dport vmap @no-endpoint-nodeports",
      ],
      ["set nodeport-ips {"],
    ],
    [
      "of node ports on IPv6 addresses",
      ["ipv6-node-port", 34, { nodePortAddresses: ["::/0"] }],
      ["fib daddr type local ip6 daddr != ::1 meta l4proto . th dport vmap @service-nodeports"],
      ["set nodeport-ips {"],
    ],
    [
      "of node ports on no address",
      ["node-port", 34, { nodePortAddresses: ["203.0.113.0/24"] }],
      ["set nodeport-ips {", "ip daddr @nodeport-ips meta l4proto . th dport vmap @service-nodeports"],
      ["elements = { 192.168.10.11 }"],
    ],
    [
      "of Services in a block, from 1.33",
      ["cluster-ip", 33],
      ['ip daddr 10.96.0.0/16 drop comment "Drop traffic to unallocated ClusterIPs"'],
      [],
    ],
    [
      "of Services in a block that kube-proxy does not know yet",
      ["cluster-ip", 32],
      [],
      ['ip daddr 10.96.0.0/16 drop comment "Drop traffic to unallocated ClusterIPs"'],
    ],
    [
      "of Services in two blocks side by side, which nft joins",
      ["cluster-ip", 34, { serviceCIDRs: ["10.97.0.0/16", "10.96.0.0/16"] }],
      ['ip daddr { 10.96.0.0/15 } drop comment "Drop traffic to unallocated ClusterIPs"'],
      [],
    ],
    [
      "of a single endpoint, from 1.37",
      ["external-ip", 37],
      ["meta l4proto tcp dnat to 10.244.0.11:9000"],
      ["meta l4proto tcp dnat ip to numgen random mod 1 map { 0 : 10.244.0.11 . 9000 }"],
    ],
  ];
  for (const [name, query, present, absent] of cases) {
    test(name, () => {
      const lines = linesOf(...query);
      for (const line of present) assert.ok(lines.includes(line), line);
      for (const line of absent) assert.ok(!lines.includes(line), line);
    });
  }
});

describe("notes say", () => {
  const notesOf = (minor: number, config: Partial<ProxyConfig> = {}): readonly string[] =>
    generateTable(nftInput("cluster-ip", minor, config)).notes.map((note) => render(note));
  test("nothing of releases whose rules are known", () => {
    for (const minor of [31, 32, 33, 34, 35, 36]) assert.deepEqual(notesOf(minor), []);
  });
  test("when there was no such mode, or another one", () => {
    assert.match(notesOf(28).join(), /^kube-proxy 1\.28 has no nftables mode/);
    assert.match(notesOf(30).join(), /alpha/);
    assert.match(notesOf(37).join(), /as far as they were known/);
  });
  test("where kube-proxy itself fails", () => {
    const prefix = { detectLocal: { mode: "InterfaceNamePrefix", prefix: "cali" } } as const;
    assert.match(notesOf(33, prefix).join(), /nft takes none of its rules/);
    assert.deepEqual(notesOf(35, prefix), []);
  });
});

test("every line about a Service leads to its YAML", () => {
  const because = { uri: "file:///web.yaml", start: 1, end: 2 } as NonNullable<ServicePort["because"]>;
  const input = nftInput("load-balancer-local", 34);
  const ports = input.servicePorts.map((port) => ({ ...port, because }));
  const lines = printTable(generateTable({ ...input, servicePorts: ports }));
  const about = lines.filter(({ text }) => text.includes("edge/gateway") || text.includes("203.0.113.10"));
  assert.ok(about.length > 10);
  for (const line of about) assert.equal(line.because, because, line.text);
});
