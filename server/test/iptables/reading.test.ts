import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { render } from "../../src/core/base/message.ts";
import { documentUri } from "../../src/core/base/source.ts";
import { generateRules } from "../../src/core/cluster/iptables/generate.ts";
import { walkPacket } from "../../src/core/cluster/iptables/interpret.ts";
import { printRestore } from "../../src/core/cluster/iptables/print-restore.ts";
import { printSave, saveRule } from "../../src/core/cluster/iptables/print-save.ts";
import { echoedProbability } from "../../src/core/cluster/iptables/probability.ts";
import type { Capture } from "../../src/core/cluster/iptables/reading/capture.ts";
import { type RulesText, readRules } from "../../src/core/cluster/iptables/reading/read-rules.ts";
import type { Chain, Match, Rule, RuleSet, Target } from "../../src/core/cluster/iptables/rule.ts";
import { wholeBlock } from "../../src/core/cluster/netfilter/addresses.ts";
import { joinLines } from "../../src/core/cluster/netfilter/printed-line.ts";
import { input as arbitraryInput, packetTo } from "./arbitraries.ts";
import { readFixture } from "./inputs.ts";

const uri = documentUri("file:///node-1.iptables");
const read = (text: string): RulesText => readRules(uri, text);

function only(text: string): Capture {
  const { captures, problems } = read(text);
  assert.deepEqual(
    problems.map(({ message }) => render(message)),
    [],
  );
  const [capture, ...others] = captures;
  assert.ok(capture);
  assert.equal(others.length, 0);
  return capture;
}

describe("reading what was printed", () => {
  test("of kube-proxy's input to iptables-restore gives the same rules, and the same text again", () => {
    fc.assert(
      fc.property(arbitraryInput, (drawn) => {
        const rules = generateRules(drawn);
        const text = joinLines(printRestore(rules));
        const capture = only(text);
        assert.equal(capture.form, "restore");
        assert.equal(joinLines(printRestore(capture.ruleSet)), text);
        for (const [name, { restored }] of rules.tables) {
          assert.deepEqual(capture.ruleSet.tables.get(name)?.restored.map(bare), restored.map(bare));
        }
      }),
    );
  });

  test("by iptables-save gives the same rules as far as it tells them, and the same text again", () => {
    fc.assert(
      fc.property(arbitraryInput, (drawn) => {
        const rules = generateRules(drawn);
        const text = joinLines(printSave(rules));
        const capture = only(text);
        assert.equal(capture.form, "save");
        assert.equal(joinLines(printSave(capture.ruleSet)), text);
        assert.deepEqual(chainsOf(capture.ruleSet), chainsOf(rules));
      }),
    );
  });

  test("gives rules that packets pass in the same way", () => {
    const inputAndPacket = arbitraryInput.chain((drawn) => fc.tuple(fc.constant(drawn), packetTo(drawn)));
    fc.assert(
      fc.property(inputAndPacket, ([drawn, packet]) => {
        const host = { localAddresses: ["192.168.10.11"] };
        const outcomes = (rules: RuleSet): unknown =>
          walkPacket(rules, host, packet).branches.map(({ odds, verdict, steps }) => ({
            odds,
            verdict: { ...verdict, endpoint: undefined },
            steps: steps.map(({ hook, chain, position }) => `${hook} ${chain} ${position}`),
          }));
        const rules = generateRules(drawn);
        assert.deepEqual(outcomes(only(joinLines(printSave(rules))).ruleSet), outcomes(rules));
      }),
    );
  });

  for (const file of ["foreign.nft", "foreign.legacy", "foreign.counters", "foreign.list-rules"]) {
    test(`by iptables 1.8.9 of rules that Kubernetes does not write gives each line again: ${file}`, () => {
      const text = readFixture(`reading/${file}`);
      const { ruleSet } = only(text);
      const lines = [...ruleSet.tables.values()].flatMap(({ restored }) =>
        restored.map((rule) => [textOf(text, rule).replace(/^\[\d+:\d+\] | -c \d+ \d+/, ""), saveRule("IPv4", rule)]),
      );
      assert.equal(lines.length, text.match(/-A /g)?.length);
      for (const [written, printed] of lines) assert.equal(printed, written);
    });
  }
});

describe("reading what people paste", () => {
  const rule = '-A KUBE-SEP-A -p tcp -m comment --comment "shop/web" -m tcp -j DNAT --to-destination 10.244.0.5:80';
  const plain = only(`*nat\n:PREROUTING ACCEPT [0:0]\n:KUBE-SEP-A - [0:0]\n${rule}\nCOMMIT\n`);
  const expected = plain.ruleSet.tables.get("nat")?.restored.map(bare);

  const quotations: Readonly<Record<string, (line: string) => string>> = {
    "with the line ends of Windows": (line) => `${line}\r`,
    indented: (line) => `\t    ${line}   `,
    "in a mail": (line) => `> ${line}`,
    "behind the time and the program of a log": (line) => `Nov 21 08:00:00 node-1 proxy[7]: ${line}`,
    "with blanks that do not break": (line) => `\u00a0${line}\u00a0`,
  };
  for (const [how, quote] of Object.entries(quotations)) {
    test(how, () => {
      const text = ["*nat", ":PREROUTING ACCEPT [0:0]", ":KUBE-SEP-A - [0:0]", rule, "COMMIT"].map(quote).join("\n");
      const { ruleSet, form } = only(text);
      assert.equal(form, "save");
      assert.deepEqual(ruleSet.tables.get("nat")?.restored.map(bare), expected);
    });
  }

  test("in one quoted string of a log, with line breaks and quotes as the program escapes them", () => {
    const data = `*nat\n:KUBE-SEP-A - [0:0]\n${rule}\nCOMMIT\n`;
    const { ruleSet } = only(`I1121 08:00:00.000000 1 proxier.go:9] "Restoring" rules=${JSON.stringify(data)} tries=1`);
    assert.deepEqual(ruleSet.tables.get("nat")?.restored.map(bare), expected);
  });

  test("in a fence, between other words, which are told once for each run of lines", () => {
    const text = `Here is my node:\nI tried everything.\n\n\`\`\`\n*nat\n:KUBE-SEP-A - [0:0]\n${rule}\nCOMMIT\n\`\`\`\nThanks!\n`;
    const { captures, problems } = read(text);
    assert.deepEqual(captures[0]?.ruleSet.tables.get("nat")?.restored.map(bare), expected);
    assert.deepEqual(
      problems.map(({ code, range }) => [code, text.slice(range.start, range.end)]),
      [
        ["unreadable-lines", "Here is my node:"],
        ["unreadable-lines", "Thanks!"],
      ],
    );
  });

  test("a sentence about a rule is no rule", () => {
    const { captures, problems } = read("then I added -A INPUT -j ACCEPT and it worked\n");
    assert.equal(captures.length, 0);
    assert.equal(problems.length, 1);
  });

  test("what grep found, without tables: taken for the table that such rules are in, and told so once", () => {
    const text = `:KUBE-SEP-A - [0:0]\n${rule}\n-A KUBE-SERVICES -d 10.96.0.1/32 -p tcp -m tcp --dport 443 -j REJECT\n`;
    const { captures, problems } = read(text);
    assert.equal(captures[0]?.form, "excerpt");
    assert.deepEqual([...(captures[0]?.ruleSet.tables.keys() ?? [])], ["nat", "filter"]);
    assert.deepEqual(
      problems.map(({ code }) => code),
      ["table-assumed", "table-assumed"],
    );
  });

  test("iptables -S tells its table by the policies that it begins with, or by the command above", () => {
    const lists = {
      nat: "-P PREROUTING ACCEPT\n-P INPUT ACCEPT\n-P OUTPUT ACCEPT\n-P POSTROUTING ACCEPT\n-N KUBE-SERVICES\n",
      filter: "-P INPUT ACCEPT\n-P FORWARD DROP\n-P OUTPUT ACCEPT\n",
      raw: "-P PREROUTING ACCEPT\n-P OUTPUT ACCEPT\n",
      mangle: "root@node-1:~# iptables -t mangle -S\n-P PREROUTING ACCEPT\n",
    };
    const { ruleSet, form } = only(Object.values(lists).join(""));
    assert.equal(form, "save");
    assert.deepEqual([...ruleSet.tables.keys()], ["nat", "filter", "raw", "mangle"]);
    assert.equal(ruleSet.tables.get("filter")?.chains.get("FORWARD")?.policy, "DROP");
  });

  test("a table that is printed again is another node's, and another program's is of the other family", () => {
    const dump = (program: string): string =>
      `# Generated by ${program} v1.8.9\n*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n`;
    const { captures } = read(["iptables-save", "ip6tables-save", "iptables-save"].map(dump).join(""));
    assert.deepEqual(
      captures.map(({ ruleSet, by }) => [ruleSet.family, by]),
      [
        ["IPv4", "iptables-save v1.8.9"],
        ["IPv6", "ip6tables-save v1.8.9"],
        ["IPv4", "iptables-save v1.8.9"],
      ],
    );
  });

  test("a chain that iptables-restore is given again begins anew", () => {
    const again = "*nat\n:KUBE-SEP-A - [0:0]\n-A KUBE-SEP-A -j RETURN\nCOMMIT\n";
    const { ruleSet } = only(`*nat\n:KUBE-SEP-A - [0:0]\n${rule}\nCOMMIT\n${again}`);
    assert.deepEqual(
      ruleSet.tables.get("nat")?.restored.map(({ target }) => target.kind),
      ["return"],
    );
  });

  test("a text that is cut off is told where it ends", () => {
    const text = `*nat\n:PREROUTING ACCEPT [0:0]\n${rule}\n-A KUBE-SEP-A -m comment --comm`;
    const { captures, problems } = read(text);
    assert.equal(captures[0]?.tables.get("nat")?.isWhole, false);
    assert.equal(captures[0]?.ruleSet.tables.get("nat")?.restored.length, 2);
    assert.deepEqual(
      problems.map(({ code }) => code),
      ["cut-off"],
    );
  });

  test("the tables of programs that filter no IP packets are nobody's here", () => {
    const { captures, problems } = read(
      "# Generated by ebtables-save v1.8.9\n*filter\n:INPUT ACCEPT\n-A INPUT -j DROP\n# Generated by iptables-save v1.8.9\n*nat\nCOMMIT\n",
    );
    assert.deepEqual(
      captures.map(({ ruleSet }) => [...ruleSet.tables.keys()]),
      [["nat"]],
    );
    assert.deepEqual(problems, []);
  });

  test("a table whose name iptables does not have is told once, and known by its rules", () => {
    const { captures, problems } = read("*fliter\n:INPUT DROP [0:0]\n:A - [0:0]\n-A A -j REJECT\nCOMMIT\n");
    assert.equal(captures[0]?.ruleSet.tables.get("filter")?.chains.get("INPUT")?.policy, "DROP");
    assert.deepEqual(
      problems.map(({ code }) => code),
      ["table-unknown"],
    );
  });

  test("old signs between an option and its value, long names, several addresses and options that need no module", () => {
    const lines = {
      "-A A -s ! 10.0.0.0/255.0.0.0 -j DROP": ["-A A ! -s 10.0.0.0/8 -j DROP"],
      "-A A -p tcp -m tcp --dport ! 22 -j DROP": ["-A A -p tcp -m tcp ! --dport 22 -j DROP"],
      "--append A --protocol tcp --destination-port 22 --jump DROP": ["-A A -p tcp -m tcp --dport 22 -j DROP"],
      "-A A -j DNAT --to-destination 10.0.0.1:80 -p udp --dport 53": [
        "-A A -p udp -m udp --dport 53 -j DNAT --to-destination 10.0.0.1:80",
      ],
      "-A A -s 10.0.0.1,10.0.0.2 -j DROP": ["-A A -s 10.0.0.1/32 -j DROP", "-A A -s 10.0.0.2/32 -j DROP"],
      "-A A -m statistic --mode random --probability 0.25 -j B": [
        "-A A -m statistic --mode random --probability 0.25000000000 -j B",
      ],
      "-A A -d localhost -j DROP": ["-A A -d localhost -j DROP"],
      "-A A \\\n  -p tcp \\\r\n  --dport 22 -j DROP": ["-A A -p tcp -m tcp --dport 22 -j DROP"],
      "-A A -p tcp\n   -m tcp --dport 22 -j DROP": ["-A A -p tcp -m tcp --dport 22 -j DROP"],
      "-A A -m comment --comment \u201cshop/web: cluster IP\u201d -j DROP # as it was": [
        '-A A -m comment --comment "shop/web: cluster IP" -j DROP',
      ],
      "-A A -p tcp -m tcp -j DNAT [unsupported revision]": ["-A A -p tcp -m tcp -j DNAT [unsupported revision]"],
    };
    for (const [written, printed] of Object.entries(lines)) {
      const { ruleSet } = only(`*nat\n${written}\nCOMMIT\n`);
      assert.deepEqual(
        ruleSet.tables.get("nat")?.restored.map((one) => saveRule("IPv4", one)),
        printed,
      );
    }
  });

  test("what belongs to nothing is told, and kept", () => {
    const text = "*nat\n-A A -p tcp nonsense -j DROP\n-A A -j\n";
    const { captures, problems } = read(`${text}COMMIT\n`);
    assert.deepEqual(
      problems.map(({ range }) => text.slice(range.start, range.end)),
      ["nonsense", "-j"],
    );
    const [first, second] = captures[0]?.ruleSet.tables.get("nat")?.restored ?? [];
    assert.deepEqual(
      first?.matches.map(({ kind }) => kind),
      ["protocol-only", "other"],
    );
    assert.deepEqual(second?.target, { kind: "other", name: "", text: "" });
  });

  test("no text is too strange", () => {
    const fragments = fc.constantFrom(
      ...[
        "*nat",
        "COMMIT",
        "-A ",
        "-j ",
        "KUBE-SVC-A",
        ":",
        " - [0:0]",
        '"',
        "\\",
        "!",
        "\n",
        "\r",
        " ",
        "-m ",
        "--comment",
      ],
      ...[
        "-p",
        "tcp",
        "--dport",
        "80",
        "[1:2]",
        "# Generated by iptables-save",
        "-P INPUT DROP",
        "Chain ",
        "\\n-A ",
        "\u0000",
        "😀",
      ],
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: "binary" }),
          fc.array(fragments).map((parts) => parts.join("")),
        ),
        (text) => {
          const { captures, problems } = read(text);
          const ranges = [
            ...problems.map(({ range }) => range),
            ...captures.flatMap(({ ruleSet }) =>
              [...ruleSet.tables.values()].flatMap(({ restored }) => restored.flatMap(({ because }) => because ?? [])),
            ),
          ];
          for (const { start, end } of ranges) assert.ok(0 <= start && start <= end && end <= text.length);
        },
      ),
    );
  });

  test("a listing that loses any part of itself keeps the rest", () => {
    fc.assert(
      fc.property(arbitraryInput, fc.nat(), fc.nat(200), (drawn, at, length) => {
        const text = joinLines(printSave(generateRules(drawn)));
        const start = at % text.length;
        const broken = text.slice(0, start) + text.slice(start + length);
        const untouched = broken.split("\n").filter((line) => line.startsWith("-A ") && text.includes(`\n${line}\n`));
        const { captures } = read(broken);
        const kept = captures.flatMap(({ ruleSet }) =>
          [...ruleSet.tables.values()].flatMap(({ restored }) => restored.map((one) => saveRule("IPv4", one))),
        );
        for (const line of untouched) assert.ok(kept.includes(line), line);
      }),
    );
  });
});

/** A rule without what it was written for. */
function bare({ chain, matches, target }: Rule): Pick<Rule, "chain" | "matches" | "target"> {
  return { chain, matches, target };
}

const textOf = (text: string, { because }: Rule): string => text.slice(because?.start, because?.end);

/** The rules of every chain in the order and with the details that iptables-save keeps. */
const chainsOf = ({ tables }: RuleSet): unknown =>
  [...tables.values()].map(({ name, chains }) => [
    name,
    Object.fromEntries([...chains.values()].map((chain) => [chain.name, savedChain(chain)])),
  ]);

/** Which part of Kubernetes a chain belongs to depends on the release, which no listing tells. */
const savedChain = ({ policy, owner, references, rules }: Chain): unknown => ({
  policy,
  isBuiltIn: owner === "kernel",
  references,
  rules: rules.map((rule) => [savedMatches(rule.matches), savedTarget(rule.target)]),
});

function savedMatches(matches: readonly Match[]): readonly unknown[] {
  const first = (["source", "destination", "in-interface"] as const).flatMap((kind) =>
    matches.filter((match) => match.kind === kind),
  );
  const ports = matches.filter(({ kind }) => kind === "dport");
  const rest = matches
    .filter((match) => !first.includes(match) && !ports.includes(match))
    .flatMap((match) => (match.kind === "protocol" ? [match, ...ports] : [match]));
  return [...first, ...rest].map((match) => {
    if ("block" in match) return { ...match, block: wholeBlock(match.block) };
    return match.kind === "statistic" ? echoedProbability(match.chance, match.decimals) : match;
  });
}

const savedTarget = (target: Target): Target => (target.kind === "mark" ? { ...target, how: "set" } : target);
