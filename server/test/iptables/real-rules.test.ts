import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { documentUri } from "../../src/core/base/source.ts";
import { walkPacket } from "../../src/core/cluster/iptables/interpret.ts";
import { readRules } from "../../src/core/cluster/iptables/reading/read-rules.ts";
import type { RuleSet } from "../../src/core/cluster/iptables/rule.ts";
import type { Assumption, Literal } from "../../src/core/cluster/netfilter/condition.ts";
import { formatFraction } from "../../src/core/cluster/netfilter/fraction.ts";
import type { HostFacts, Packet } from "../../src/core/cluster/netfilter/packet.ts";
import type { Branch } from "../../src/core/cluster/netfilter/walk.ts";
import { printStep } from "../../src/core/cluster/packet-filter.ts";
import { host, packet, rulesOf, tables, to } from "./real-rules.ts";

/** `if set x 1 and not set y 1: 1/2 delivered 10.0.0.1:80`. */
function outcomes(rules: RuleSet, sent: Partial<Packet> = {}, facts: HostFacts = host): readonly string[] {
  return walkPacket(rules, facts, { ...packet, ...sent }).branches.map(sayBranch);
}

function sayBranch({ odds, verdict, assumptions = [] }: Branch): string {
  const end =
    verdict.kind === "delivered"
      ? `delivered ${verdict.ip}:${verdict.port}${verdict.masqueraded ? ` from ${verdict.from ?? "node"}` : ""}`
      : verdict.kind === "unknown"
        ? `unknown ${verdict.because.kind}`
        : verdict.kind;
  const chance = formatFraction(odds);
  const said = chance === "1" ? end : `${chance} ${end}`;
  return assumptions.length === 0 ? said : `if ${assumptions.map(sayAssumption).join(" and ")}: ${said}`;
}

const sayAssumption = ({ literals, all }: Assumption): string =>
  all ? literals.map(sayLiteral).join(" and ") : `not (${literals.map(sayLiteral).join(" and ")})`;

function sayLiteral({ condition, is }: Literal): string {
  const { kind, ...details } = condition;
  return `${is ? "" : "not "}${[kind, ...Object.values(details)].join(" ")}`;
}

describe("rules that Kubernetes does not write", () => {
  const cases: readonly (readonly [
    claim: string,
    contents: Parameters<typeof tables>[0],
    expected: readonly string[],
  ])[] = [
    [
      "an ipset: both ways, with the set named",
      { nat: [`-A PREROUTING -m set --match-set blocked src ${to("10.0.0.1")}`, `-A PREROUTING ${to("10.0.0.2")}`] },
      ["if set blocked 198.51.100.7: delivered 10.0.0.1:80", "if not set blocked 198.51.100.7: delivered 10.0.0.2:80"],
    ],
    [
      "the same question gets the same answer, negated or not",
      {
        nat: [
          ":A -",
          "-A PREROUTING -m set --match-set s src -j A",
          `-A PREROUTING -m set ! --match-set s src ${to("10.0.0.2")}`,
          `-A A -m set --match-set s src ${to("10.0.0.1")}`,
        ],
      },
      ["if set s 198.51.100.7: delivered 10.0.0.1:80", "if not set s 198.51.100.7: delivered 10.0.0.2:80"],
    ],
    [
      "two questions in one rule: all of it, or not all of it",
      {
        nat: [
          `-A PREROUTING -m set --match-set a src -m set --match-set b src ${to("10.0.0.1")}`,
          `-A PREROUTING -m set --match-set a src ${to("10.0.0.2")}`,
        ],
      },
      [
        "if set a 198.51.100.7 and set b 198.51.100.7: delivered 10.0.0.1:80",
        "if not (set a 198.51.100.7 and set b 198.51.100.7) and set a 198.51.100.7: delivered 10.0.0.2:80",
        "if not (set a 198.51.100.7 and set b 198.51.100.7) and not set a 198.51.100.7: unchanged",
      ],
    ],
    [
      "a question on which nothing depends is not asked",
      {
        nat: [
          ":LOGGED -",
          "-A PREROUTING -m set --match-set s src -j LOG",
          "-A PREROUTING -m limit --limit 3/min -j LOGGED",
          "-A LOGGED -j NFLOG",
          "-A PREROUTING -m set --match-set t src -j MARK --set-xmark 0x1/0x1",
          `-A PREROUTING ${to("10.0.0.1")}`,
        ],
      },
      ["delivered 10.0.0.1:80"],
    ],
    [
      "a packet comes by one interface",
      {
        nat: [
          `-A PREROUTING -i lo ${to("10.0.0.9")}`,
          `-A PREROUTING -i eth0 ${to("10.0.0.1")}`,
          `-A PREROUTING -i eth+ ${to("10.0.0.2")}`,
          `-A PREROUTING ! -i eth1 ${to("10.0.0.3")}`,
        ],
      },
      [
        "if interface in eth0: delivered 10.0.0.1:80",
        "if not interface in eth0 and interface in eth+: delivered 10.0.0.2:80",
        "if not interface in eth0 and not interface in eth+: delivered 10.0.0.3:80",
      ],
    ],
    [
      "and leaves by one",
      {
        filter: [
          "-A FORWARD -o docker0 -j DROP",
          "-A FORWARD -o docker0 -j REJECT",
          "-A FORWARD -i docker0 ! -o docker0 -j DROP",
        ],
      },
      [
        "if interface out docker0: dropped",
        "if not interface out docker0 and interface in docker0: dropped",
        "if not interface out docker0 and not interface in docker0: unchanged",
      ],
    ],
    [
      "ports, protocols, states and flags of a first packet are known, the client's port as far as it must be high",
      {
        nat: [
          `-A PREROUTING -p udp ${to("10.0.0.1")}`,
          `-A PREROUTING -p 17 ${to("10.0.0.1")}`,
          `-A PREROUTING -p tcp -m multiport --dports 80,8000:8100 ${to("10.0.0.2")}`,
          `-A PREROUTING -p tcp -m tcp --sport 53 ${to("10.0.0.3")}`,
          `-A PREROUTING -p tcp -m tcp ! --dport 400:500 ${to("10.0.0.4")}`,
          `-A PREROUTING -p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN ${to("10.0.0.5")}`,
          `-A PREROUTING -m state --state ESTABLISHED ${to("10.0.0.6")}`,
          `-A PREROUTING -p icmp -m icmp --icmp-type 8 ${to("10.0.0.7")}`,
          `-A PREROUTING -p tcp -m tcp --sport 1024:65535 --dport 443 --tcp-flags FIN,SYN,RST,ACK SYN ${to("10.0.0.8")}`,
        ],
      },
      ["delivered 10.0.0.8:80"],
    ],
    [
      "in turn is as likely as by chance",
      {
        nat: [
          `-A PREROUTING -m statistic --mode nth --every 3 --packet 0 ${to("10.0.0.1")}`,
          `-A PREROUTING -m statistic --mode nth --every 2 --packet 0 ${to("10.0.0.2")}`,
          `-A PREROUTING ${to("10.0.0.3")}`,
        ],
      },
      ["1/3 delivered 10.0.0.1:80", "1/3 delivered 10.0.0.2:80", "1/3 delivered 10.0.0.3:80"],
    ],
    [
      "a policy drops what no rule decides",
      { filter: [":FORWARD DROP", "-A FORWARD -d 10.0.0.0/16 -j ACCEPT"] },
      ["dropped"],
    ],
    [
      "goto comes back to where the chain was called",
      {
        nat: [
          ":A -",
          ":B -",
          "-A PREROUTING -j A",
          `-A PREROUTING ${to("10.0.0.1")}`,
          "-A A -g B",
          `-A A ${to("10.0.0.2")}`,
          "-A B -j RETURN",
        ],
      },
      ["delivered 10.0.0.1:80"],
    ],
    [
      "a connection that is not tracked does not see nat",
      { raw: ["-A PREROUTING -j CT --notrack"], nat: [`-A PREROUTING ${to("10.0.0.1")}`] },
      ["unchanged"],
    ],
    [
      "marks go from packet to connection and back",
      {
        mangle: [
          "-A PREROUTING -j MARK --set-xmark 0x10/0x10",
          "-A PREROUTING -j CONNMARK --save-mark --nfmask 0x10 --ctmask 0x10",
          "-A PREROUTING -j MARK --set-xmark 0x0/0xffffffff",
        ],
        nat: [
          `-A PREROUTING -m mark --mark 0x10/0x10 ${to("10.0.0.1")}`,
          `-A PREROUTING -m connmark --mark 0x10/0xff ${to("10.0.0.2")}`,
        ],
      },
      ["delivered 10.0.0.2:80"],
    ],
    [
      "SNAT names the address, REDIRECT is for the node itself, NETMAP keeps the place in the block",
      {
        nat: [
          "-A PREROUTING -d 10.96.0.0/24 -j NETMAP --to 10.97.5.0/24",
          "-A POSTROUTING -j SNAT --to-source 203.0.113.1",
        ],
      },
      ["delivered 10.97.5.1:443 from 203.0.113.1"],
    ],
    [
      "REDIRECT is for the node itself",
      { nat: ["-A PREROUTING -p tcp -j REDIRECT --to-ports 15001"] },
      ["delivered 192.168.10.11:15001"],
    ],
    [
      "a target that nobody knows ends what can be known",
      { nat: ["-A PREROUTING -j NFQUEUE --queue-num 1"] },
      ["unknown target"],
    ],
    [
      "who asks too much gets no answer",
      {
        nat: [1, 2, 3, 4, 5, 6, 7].map(
          (number) => `-A PREROUTING -m set --match-set s${number} src ${to(`10.0.0.${number}`)}`,
        ),
      },
      [
        "if set s1 198.51.100.7: delivered 10.0.0.1:80",
        "if not set s1 198.51.100.7 and set s2 198.51.100.7: delivered 10.0.0.2:80",
        "if not set s1 198.51.100.7 and not set s2 198.51.100.7 and set s3 198.51.100.7: delivered 10.0.0.3:80",
        "if not set s1 198.51.100.7 and not set s2 198.51.100.7 and not set s3 198.51.100.7 and set s4 198.51.100.7: delivered 10.0.0.4:80",
        "if not set s1 198.51.100.7 and not set s2 198.51.100.7 and not set s3 198.51.100.7 and not set s4 198.51.100.7 and set s5 198.51.100.7: delivered 10.0.0.5:80",
        "if not set s1 198.51.100.7 and not set s2 198.51.100.7 and not set s3 198.51.100.7 and not set s4 198.51.100.7 and not set s5 198.51.100.7 and set s6 198.51.100.7: delivered 10.0.0.6:80",
        "if not set s1 198.51.100.7 and not set s2 198.51.100.7 and not set s3 198.51.100.7 and not set s4 198.51.100.7 and not set s5 198.51.100.7 and not set s6 198.51.100.7: unknown condition",
      ],
    ],
  ];
  for (const [claim, contents, expected] of cases) {
    test(claim, () => assert.deepEqual([...outcomes(rulesOf(tables(contents)))].sort(), [...expected].sort()));
  }

  test("a policy stands in the walk as what it is", () => {
    const rules = rulesOf(tables({ filter: [":FORWARD DROP"] }));
    const [branch] = walkPacket(rules, host, packet).branches;
    assert.deepEqual(branch?.steps.map(printStep), ["-P FORWARD DROP"]);
  });

  test("an address that may be the node's own: both ways, through INPUT and through FORWARD", () => {
    const rules = rulesOf(
      tables({
        nat: [`-A PREROUTING -m addrtype --dst-type LOCAL -p tcp -m tcp --dport 30080 ${to("10.0.0.1")}`],
        filter: ["-A INPUT -j REJECT", "-A FORWARD -d 10.0.0.0/8 -j ACCEPT", "-A FORWARD -j DROP"],
      }),
    );
    const unsure: HostFacts = { localAddresses: [], mayBeLocal: (address) => address === "192.168.10.11" };
    const request = { destination: "192.168.10.11" };
    assert.deepEqual(outcomes(rules, { ...request, destinationPort: 30080 }, unsure), [
      "if local-address 192.168.10.11: delivered 10.0.0.1:80",
      "if not local-address 192.168.10.11: dropped",
    ]);
    assert.deepEqual(outcomes(rules, { ...request, destinationPort: 22 }, unsure), [
      "if local-address 192.168.10.11: rejected",
      "if not local-address 192.168.10.11: dropped",
    ]);
  });

  test("a chain that a part of the rules does not show may do anything", () => {
    const text = `*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -j ELSEWHERE\n-A PREROUTING ${to("10.0.0.1")}\n`;
    const [capture] = readRules(documentUri("file:///part.iptables"), text).captures;
    assert.ok(capture);
    assert.deepEqual(outcomes(capture.ruleSet), [
      "if chain nat ELSEWHERE: delivered 10.0.0.1:80",
      "if not chain nat ELSEWHERE: unknown chain",
    ]);
    assert.deepEqual(outcomes(rulesOf(`${text}COMMIT\n`)), ["delivered 10.0.0.1:80"]);
  });
});

describe("the interfaces of all pods", () => {
  const dispatch = tables({
    filter: [
      "-A FORWARD -o cali+ -j to-pods",
      "-A to-pods -o cali1 -j REJECT",
      "-A to-pods -o cali2 -j ACCEPT",
      "-A to-pods -j DROP",
    ],
    nat: [`-A PREROUTING -d 10.96.0.1/32 ${to("10.244.1.5")}`],
  });

  test("leave no other one", () => {
    assert.deepEqual(outcomes(rulesOf(dispatch), {}, { ...host, podInterfaces: ["cali1", "cali2"] }), [
      "if interface out cali+ and interface out cali1 cali1,cali2: rejected",
      "if interface out cali+ and not interface out cali1 cali1,cali2: delivered 10.244.1.5:80",
      "if not interface out cali+: delivered 10.244.1.5:80",
    ]);
  });

  test("if nobody knows them, may be others", () => {
    assert.ok(outcomes(rulesOf(dispatch)).some((end) => end.endsWith("dropped")));
  });
});
