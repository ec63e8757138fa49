import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { formatCidr } from "../../src/core/base/ip.ts";
import type { DocumentUri } from "../../src/core/base/source.ts";
import { readChainName } from "../../src/core/cluster/iptables/chain-names.ts";
import { generateRules } from "../../src/core/cluster/iptables/generate.ts";
import { printSave } from "../../src/core/cluster/iptables/print-save.ts";
import { readRules } from "../../src/core/cluster/iptables/reading/read-rules.ts";
import { joinLines } from "../../src/core/cluster/netfilter/printed-line.ts";
import { endpointAddressesOf, podBlockOf } from "../../src/core/cluster/node-rules/node-facts.ts";
import { type NodeRules, nodeRulesOf } from "../../src/core/cluster/node-rules/node-rules.ts";
import { findPortNames } from "../../src/core/cluster/node-rules/port-names.ts";
import {
  addressesAt,
  addressesOfService,
  listServiceAddresses,
} from "../../src/core/cluster/node-rules/service-addresses.ts";
import { input } from "./arbitraries.ts";
import { endpoint, proxyInput, servicePort } from "./inputs.ts";

/** More Services than the chains have that are read from the top. */
const many = proxyInput({
  servicePorts: Array.from({ length: 60 }, (_, index) =>
    servicePort({
      namespace: `team-${index % 3}`,
      service: `web-${index}`,
      clusterIP: `10.96.1.${index}`,
      ...(index % 4 === 0 ? { externalIPs: ["203.0.113.1"], port: 8000 + index } : {}),
      endpoints: index % 5 === 0 ? [] : [endpoint({ ip: `10.244.0.${index}`, port: 8080 })],
    }),
  ),
});

describe("what is looked up for one Service is what a look at all of them would give", () => {
  const eachNode = (check: (rules: NodeRules) => void): void => {
    fc.assert(
      fc.property(fc.oneof(input, fc.constant(many)), (drawn) => {
        const text = joinLines(printSave(generateRules(drawn)));
        for (const { ruleSet } of readRules("file:///node.iptables" as DocumentUri, text).captures)
          check(nodeRulesOf(ruleSet));
      }),
    );
  };

  test("the addresses of a Service", () => {
    eachNode((rules) => {
      const all = listServiceAddresses(rules);
      for (const { name } of all) {
        const own = all.filter((one) => one.name.namespace === name.namespace && one.name.service === name.service);
        assert.deepEqual(addressesOfService(rules, name.namespace, name.service), own);
      }
      assert.deepEqual(addressesOfService(rules, "nobody", "here"), []);
    });
  });

  test("the Services at an address", () => {
    eachNode((rules) => {
      const all = listServiceAddresses(rules);
      for (const { ip } of all) {
        if (ip === undefined) continue;
        assert.deepEqual(
          addressesAt(rules, ip),
          all.filter((one) => one.ip === ip),
        );
      }
      assert.deepEqual(addressesAt(rules, "192.0.2.99"), []);
    });
  });

  test("the port behind a chain", () => {
    eachNode((rules) => {
      if (rules.nat === undefined) return;
      const names = findPortNames(rules.nat);
      for (const chain of rules.nat.chains.keys()) {
        const name = readChainName(chain);
        if (name !== undefined && name.kind !== "SEP") assert.deepEqual(rules.portOf(chain), names.get(name.hash));
      }
    });
  });

  test("the endpoints", () => {
    eachNode((rules) => {
      const endpoints = [...(rules.nat?.chains.values() ?? [])]
        .filter(({ name }) => readChainName(name)?.kind === "SEP")
        .flatMap(({ name }) => rules.endpointOf(name)?.ip ?? []);
      assert.deepEqual(endpointAddressesOf(rules), new Set(endpoints));
    });
  });
});

test("the network of the pods may have 32 bits in IPv6, where such a block is no single address", () => {
  const text = [
    "*nat",
    ":POSTROUTING ACCEPT [0:0]",
    ":KUBE-SEP-AAAAAAAAAAAAAAAA - [0:0]",
    "-A POSTROUTING -s fd00:10::/32 ! -d fd00:10::/32 -j MASQUERADE",
    "-A KUBE-SEP-AAAAAAAAAAAAAAAA -p tcp -m tcp -j DNAT --to-destination [fd00:10::5]:8080",
    "COMMIT",
    "",
  ].join("\n");
  const [capture] = readRules("file:///node.ip6tables" as DocumentUri, text).captures;
  const block = capture && podBlockOf(nodeRulesOf(capture.ruleSet));
  assert.equal(block && formatCidr(block), "fd00:10::/32");
});
