import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { formatCidr } from "../../src/core/base/ip.ts";
import { documentUri } from "../../src/core/base/source.ts";
import { readRules } from "../../src/core/cluster/iptables/reading/read-rules.ts";
import { bridgesOf } from "../../src/core/cluster/node-rules/bridges.ts";
import { nodeRulesOf } from "../../src/core/cluster/node-rules/node-rules.ts";

/** `docker0 172.17.0.0/16 whole` */
function bridges(...rules: readonly string[]): readonly string[] {
  const text = `*nat\n:PREROUTING ACCEPT\n:POSTROUTING ACCEPT\n${rules.join("\n")}\nCOMMIT\n`;
  const [capture] = readRules(documentUri("file:///node.iptables"), text).captures;
  assert.ok(capture);
  return bridgesOf(nodeRulesOf(capture.ruleSet)).map(({ name, network, isWhole }) =>
    [name, formatCidr(network), ...(isWhole ? ["whole"] : [])].join(" "),
  );
}

describe("the bridges of a node", () => {
  test("serve the network that leaves through anything else with another address", () => {
    assert.deepEqual(bridges("-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE"), [
      "docker0 172.17.0.0/16 whole",
    ]);
  });

  test("have nothing but the network that a rule names with them", () => {
    assert.deepEqual(bridges("-A INPUT -s 10.42.0.0/16 -i cni0 -j ACCEPT"), ["cni0 10.42.0.0/16"]);
  });

  test("are not told by what an administrator allows", () => {
    assert.deepEqual(
      bridges("-A INPUT -s 10.0.0.0/8 -i eth0 -j ACCEPT", "-A FORWARD -d 10.0.0.0/8 -o br0 -j ACCEPT"),
      [],
    );
  });

  test("are not told by rules that contradict each other, or name one host, or everybody", () => {
    assert.deepEqual(
      bridges("-A INPUT -s 10.1.0.0/24 -i cni0 -j ACCEPT", "-A INPUT -s 10.2.0.0/24 -i cni0 -j ACCEPT"),
      [],
    );
    assert.deepEqual(bridges("-A FORWARD -d 172.17.0.2/32 -o docker0 -j ACCEPT"), []);
    assert.deepEqual(bridges("-A FORWARD -s 0.0.0.0/0 -i docker0 -j ACCEPT"), []);
  });

  test("are not told by what comes from elsewhere", () => {
    assert.deepEqual(bridges("-A FORWARD ! -s 172.17.0.0/16 -i docker0 -j DROP"), []);
    assert.deepEqual(bridges("-A FORWARD -s 172.17.0.0/16 ! -i docker0 -j DROP"), []);
  });
});
