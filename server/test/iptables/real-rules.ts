import assert from "node:assert/strict";
import { documentUri } from "../../src/core/base/source.ts";
import { readRules } from "../../src/core/cluster/iptables/reading/read-rules.ts";
import type { RuleSet } from "../../src/core/cluster/iptables/rule.ts";
import type { HostFacts, Packet } from "../../src/core/cluster/netfilter/packet.ts";

/** A node with one address of its own. */
export const host: HostFacts = { localAddresses: ["192.168.10.11"] };
/** A request from outside to the API server. */
export const packet: Packet = {
  protocol: "tcp",
  source: "198.51.100.7",
  destination: "10.96.0.1",
  destinationPort: 443,
  origin: "arrives",
  byUnknownInterface: true,
};

/** The rules of a text in which nothing is amiss. */
export function rulesOf(text: string): RuleSet {
  const { captures, problems } = readRules(documentUri("file:///node.iptables"), text);
  assert.deepEqual(problems, []);
  const [capture] = captures;
  assert.ok(capture);
  return capture.ruleSet;
}

/** Tables of a node, each with its built-in chains. */
export const tables = (contents: Readonly<Record<string, readonly string[]>>): string =>
  Object.entries(contents)
    .map(([table, lines]) => `*${table}\n${builtIn[table]}\n${lines.join("\n")}\nCOMMIT\n`)
    .join("");

const builtIn: Readonly<Record<string, string>> = {
  raw: ":PREROUTING ACCEPT\n:OUTPUT ACCEPT",
  mangle: ":PREROUTING ACCEPT\n:INPUT ACCEPT\n:FORWARD ACCEPT\n:OUTPUT ACCEPT\n:POSTROUTING ACCEPT",
  nat: ":PREROUTING ACCEPT\n:INPUT ACCEPT\n:OUTPUT ACCEPT\n:POSTROUTING ACCEPT",
  filter: ":INPUT ACCEPT\n:FORWARD ACCEPT\n:OUTPUT ACCEPT",
};

/** The target that sends packets to an address. */
export const to = (ip: string): string => `-j DNAT --to-destination ${ip}:80`;
