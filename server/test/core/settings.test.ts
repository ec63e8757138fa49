import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatCidr } from "../../src/core/base/ip.ts";
import { render } from "../../src/core/base/message.ts";
import { documentUri } from "../../src/core/base/source.ts";
import {
  atLeast,
  defaultProfile,
  detectLocalModes,
  ipvsSchedulers,
  overlays,
  podSubnet,
  proxyModes,
} from "../../src/core/settings/profile.ts";
import { defaultSettings, mergeSettings, parseSettings, readSettings } from "../../src/core/settings/settings.ts";
import { type SettingKey, schemaOf, settingsTable } from "../../src/core/settings/settings-schema.ts";

const uri = documentUri("file:///repo/.portolan.yaml");
const rules = ["orphan-service", "undeclared-target-port"];

/** The problems of a text, each as the text it stands at and what is said. */
const problemsOf = (text: string): readonly string[] =>
  parseSettings(uri, text, rules).problems.map(
    ({ range, message }) => `${text.slice(range.start, range.end)}: ${render(message)}`,
  );

const settingsOf = (text: string) => mergeSettings(defaultSettings, parseSettings(uri, text, rules).layer);

const documented = `
cluster:
  kubernetesVersion: "1.34"
  domain: cluster.local
  serviceCIDR: [10.96.0.0/12]          # one per address family, IPv4 first
  podCIDR: [10.244.0.0/16]
  nodePortRange: 30000-32767
  overlay: vxlan                       # vxlan | host-gw
  nodes:
    - { name: node-1, address: 192.168.10.11 }
    - { name: node-2, address: 192.168.10.12 }
  proxy:
    mode: iptables                     # iptables | nftables | ipvs | userspace
    detectLocal: ClusterCIDR           # ClusterCIDR | NodeCIDR | BridgeInterface | InterfaceNamePrefix | none
    masqueradeAll: false
    masqueradeBit: 14
    nodePortAddresses: []              # blocks, or primary
    localhostNodePorts: true
    counters: false                    # nfacct counters in the rules
    conntrackLiberal: false
    ipvsScheduler: rr
rules:
  undeclared-target-port: off          # off | hint | information | warning | error
exclude: ["**/testdata/**"]
`;

test("the documented file holds the defaults, a rule and a pattern", () => {
  assert.deepEqual(problemsOf(documented), []);
  const { layer } = parseSettings(uri, documented, rules);
  assert.deepEqual(Object.keys(layer.values).sort(), Object.keys(settingsTable).sort(), "every setting is in it");
  const settings = mergeSettings(defaultSettings, layer);
  assert.deepEqual(settings.cluster, defaultProfile);
  assert.deepEqual([...settings.rules], [["undeclared-target-port", "off"]]);
  assert.deepEqual(settings.exclude, ["**/testdata/**"]);
});

test("the table's defaults are the default settings", () => {
  const values = Object.fromEntries(Object.entries(settingsTable).map(([key, setting]) => [key, setting.default]));
  const other = {
    ...defaultSettings,
    cluster: { ...defaultProfile, domain: "x", nodes: [], overlay: "host-gw" as const },
  };
  assert.deepEqual(mergeSettings(other, { values, rules: new Map() }), defaultSettings);
});

test("every default, written as JSON, is read back without a complaint, from YAML and from the editor", () => {
  for (const key of Object.keys(settingsTable) as SettingKey[]) {
    const written = schemaOf(key)["default"];
    const expected = settingsTable[key].default;
    const fromText = parseSettings(uri, `${key}: ${JSON.stringify(written)}`, rules);
    assert.deepEqual(fromText, { layer: { values: { [key]: expected }, rules: new Map() }, problems: [] });
    assert.deepEqual(readSettings({ [key]: written }, rules), fromText);
  }
});

test("the words of a setting are those that the profile knows, each with its meaning", () => {
  const words = (key: SettingKey): unknown => schemaOf(key)["enum"];
  assert.deepEqual(words("cluster.overlay"), overlays);
  assert.deepEqual(words("cluster.proxy.mode"), proxyModes);
  assert.deepEqual(words("cluster.proxy.detectLocal"), detectLocalModes);
  assert.deepEqual(words("cluster.proxy.ipvsScheduler"), ipvsSchedulers);
  for (const { type } of Object.values(settingsTable)) {
    assert.equal(type.words?.length, (type.schema["enum"] as readonly string[] | undefined)?.length);
  }
});

test("a release keeps its last digit, quoted or not", () => {
  const release = (text: string) => settingsOf(`cluster: { kubernetesVersion: ${text} }`).cluster.kubernetesVersion;
  assert.deepEqual(release("1.30"), { major: 1, minor: 30 });
  assert.deepEqual(release('"1.30"'), { major: 1, minor: 30 });
  assert.deepEqual(release("1.3"), { major: 1, minor: 3 });
  assert.deepEqual(release("v1.33.2"), { major: 1, minor: 33 });
  const profile = { ...defaultProfile, kubernetesVersion: release("1.33") };
  assert.deepEqual([atLeast(profile, 1, 32), atLeast(profile, 1, 33), atLeast(profile, 1, 34)], [true, true, false]);
  assert.equal(atLeast(profile, 0, 99), true);
});

test("a number from the editor is refused: it may have lost its last digit", () => {
  const { layer, problems } = readSettings({ cluster: { kubernetesVersion: 1.3 } }, rules);
  assert.deepEqual(layer.values, {});
  assert.deepEqual(
    problems.map(({ key, message }) => [key, render(message)]),
    [["cluster.kubernetesVersion", '"cluster.kubernetesVersion" must be a release such as "1.34"']],
  );
});

test("kube-proxy's configuration is read, from YAML and from the editor", () => {
  const proxy = {
    masqueradeBit: 0,
    nodePortAddresses: ["192.168.1.7/16", "FD00::/8"],
    localhostNodePorts: false,
    conntrackLiberal: true,
    ipvsScheduler: "sh",
  };
  const expected = { ...proxy, nodePortAddresses: ["192.168.0.0/16", "fd00::/8"] };
  const { problems, layer } = readSettings({ cluster: { proxy } }, rules);
  assert.deepEqual(problems, []);
  for (const settings of [settingsOf(JSON.stringify({ cluster: { proxy } })), mergeSettings(defaultSettings, layer)]) {
    assert.deepEqual(settings.cluster.proxy, { ...defaultProfile.proxy, ...expected });
  }
  assert.deepEqual(settingsOf("cluster: { proxy: { nodePortAddresses: [primary] } }").cluster.proxy.nodePortAddresses, [
    "primary",
  ]);
});

test("a node may have a zone", () => {
  const text =
    "cluster: { nodes: [{ name: a, address: 10.0.0.1, zone: eu-west_1.A }, { name: b, address: 10.0.0.2 }] }";
  assert.deepEqual(problemsOf(text), []);
  const { nodes } = settingsOf(text).cluster;
  assert.deepEqual(
    nodes.map(({ zone }) => zone),
    ["eu-west_1.A", undefined],
  );
  const written = settingsTable["cluster.nodes"].type.write(nodes);
  assert.deepEqual(settingsOf(JSON.stringify({ cluster: { nodes: written } })).cluster.nodes, nodes);
});

test("unknown keys are reported where they stand, with the key that was meant", () => {
  assert.deepEqual(problemsOf("cluster:\n  servicecidr: [10.0.0.0/16]\n"), [
    'servicecidr: there is no setting "cluster.servicecidr"; did you mean "cluster.serviceCIDR"?',
  ]);
  assert.deepEqual(problemsOf("podCIDR: [10.0.0.0/16]\n"), [
    'podCIDR: there is no setting "podCIDR"; did you mean "cluster.podCIDR"?',
  ]);
  assert.deepEqual(problemsOf("clustr: {}\n"), ['clustr: there is no setting "clustr"; did you mean "cluster"?']);
  assert.deepEqual(problemsOf("colour: red\n"), ['colour: there is no setting "colour"']);
  assert.deepEqual(problemsOf("rules: { orphan-servce: off, colour: off }\n"), [
    'orphan-servce: there is no rule "orphan-servce"; did you mean "orphan-service"?',
    'colour: there is no rule "colour"',
  ]);
  assert.deepEqual(problemsOf("cluster: { nodes: [{ name: a, adress: 10.0.0.1, address: 10.0.0.1 }] }\n"), [
    'adress: there is no setting "adress"; did you mean "address"?',
  ]);
});

test("a wrong value is reported where it stands", () => {
  const wrong: readonly (readonly [setting: string, at: string])[] = [
    ["cluster: { kubernetesVersion: latest }", "latest"],
    ["cluster: { domain: -a.b }", "-a.b"],
    ["cluster: { domain: [a] }", "[a]"],
    ["cluster: { serviceCIDR: 10.96.0.0/12 }", "10.96.0.0/12"],
    ["cluster: { serviceCIDR: [10.96.0.0] }", "10.96.0.0"],
    ["cluster: { serviceCIDR: [] }", "[]"],
    ["cluster: { podCIDR: [10.0.0.0/33] }", "10.0.0.0/33"],
    ["cluster: { podCIDR: [10.0.0.0/16, 10.1.0.0/16] }", "10.1.0.0/16"],
    ["cluster: { nodePortRange: 30000 }", "30000"],
    ["cluster: { nodePortRange: 32767-30000 }", "32767-30000"],
    ["cluster: { nodePortRange: 1-70000 }", "1-70000"],
    ["cluster: { nodePortRange: 0-10 }", "0-10"],
    ["cluster: { overlay: VXLAN }", "VXLAN"],
    ["cluster: { nodes: [] }", "[]"],
    ["cluster: { nodes: { name: a, address: 10.0.0.1 } }", "{ name: a, address: 10.0.0.1 }"],
    ["cluster: { nodes: [a] }", "a"],
    ["cluster: { nodes: [{ name: a }] }", "{ name: a }"],
    ["cluster: { nodes: [{ name: A_b, address: 10.0.0.1 }] }", "{ name: A_b, address: 10.0.0.1 }"],
    ["cluster: { nodes: [{ name: a, address: 10.1 }] }", "{ name: a, address: 10.1 }"],
    ["cluster: { nodes: [{ name: a, address: 10.0.0.1, zone: '-' }] }", "{ name: a, address: 10.0.0.1, zone: '-' }"],
    ["cluster: { proxy: { masqueradeBit: 32 } }", "32"],
    ["cluster: { proxy: { masqueradeBit: fourteen } }", "fourteen"],
    ["cluster: { proxy: { nodePortAddresses: primary } }", "primary"],
    ["cluster: { proxy: { nodePortAddresses: [10.0.0.1] } }", "10.0.0.1"],
    ["cluster: { proxy: { nodePortAddresses: [primary, 10.0.0.0/8] } }", "primary"],
    ["cluster: { proxy: { ipvsScheduler: random } }", "random"],
    ["cluster: { proxy: iptables }", "iptables"],
    ["cluster: { proxy: { mode: Iptables } }", "Iptables"],
    ["cluster: { proxy: { masqueradeAll: yes } }", "yes"],
    ['cluster: { proxy: { masqueradeAll: "true" } }', '"true"'],
    ["cluster: [a]", "[a]"],
    ["rules: { orphan-service: loud }", "loud"],
    ["rules: [orphan-service]", "[orphan-service]"],
    ["exclude: testdata", "testdata"],
    ["exclude: [{ a: b }]", "{ a: b }"],
    ["- cluster", "- cluster"],
  ];
  for (const [text, at] of wrong) {
    const problems = parseSettings(uri, text, rules).problems;
    assert.deepEqual(
      problems.map(({ range }) => text.slice(range.start, range.end)),
      [at],
      text,
    );
    assert.deepEqual(settingsOf(text).rules, defaultSettings.rules, text);
  }
});

test("the rest of a file with mistakes counts", () => {
  const settings = settingsOf(`
cluster:
  domain: corp.example.
  podCIDR: [nonsense, fd00:10:244::/56]
  nodes: [{ name: a, address: 10.0.0.1 }, { name: a, address: 10.0.0.2 }, { name: b, address: "FD00::1" }]
  proxy: { mode: ipvs, colour: red, counters: TRUE }
rules: { orphan-service: error, undeclared-target-port: loud }
`);
  assert.equal(settings.cluster.domain, "corp.example");
  assert.deepEqual(settings.cluster.podCIDR.map(formatCidr), ["fd00:10:244::/56"]);
  assert.deepEqual(
    settings.cluster.nodes.map(({ name, address }) => [name, address]),
    [
      ["a", "10.0.0.1"],
      ["b", "fd00::1"],
    ],
  );
  assert.deepEqual([settings.cluster.proxy.mode, settings.cluster.proxy.counters], ["ipvs", true]);
  assert.deepEqual([...settings.rules], [["orphan-service", "error"]]);
});

test("a key without a value, and a file without content, choose nothing", () => {
  for (const text of [
    "",
    "# nothing\n",
    "---\n",
    "cluster:\nrules:\nexclude:\n",
    "cluster: { domain: ~, proxy: null }",
  ]) {
    assert.deepEqual(parseSettings(uri, text, rules), { layer: { values: {}, rules: new Map() }, problems: [] }, text);
  }
});

test("anchors and merge keys work; an unknown anchor is reported", () => {
  const { cluster } = settingsOf("x: &p { mode: ipvs }\ncluster: { proxy: { <<: *p, counters: true } }");
  assert.deepEqual([cluster.proxy.mode, cluster.proxy.counters], ["ipvs", true]);
  assert.deepEqual(problemsOf("cluster: *nowhere"), ['*nowhere: no anchor "&nowhere" is defined before this alias']);
});

test("broken YAML is reported and what stands before the break counts", () => {
  const text = 'cluster:\n  domain: corp.example\n  overlay: "vxlan\n';
  assert.equal(problemsOf(text).length, 1);
  assert.equal(settingsOf(text).cluster.domain, "corp.example");
});

test("only the first document counts, and comments are none", () => {
  assert.deepEqual(problemsOf("# ours\n---\ncluster: { overlay: x }\n---\nrules: {}\n"), [
    'x: "cluster.overlay" must be "vxlan" or "host-gw"',
    "---: only the first document of a settings file is read",
  ]);
  assert.deepEqual(problemsOf("---\ncluster: {}\n---\n# nothing\n"), []);
  assert.deepEqual(problemsOf("rules: {}\n...\nrules: {}\n"), [
    "...: only the first document of a settings file is read",
  ]);
  assert.deepEqual(problemsOf('{}{"rules": {}}'), ["{: only the first document of a settings file is read"]);
});

test("deep nesting and alias bombs end soon, with a problem or without", () => {
  for (const depth of [100, 1000, 20000]) {
    for (const text of ["[".repeat(depth), "{cluster: ".repeat(depth), `${"- ".repeat(depth)}x`]) {
      assert.ok(parseSettings(uri, text, rules).problems.length > 0);
    }
  }
  const levels = Array.from({ length: 60 }, (_, level) => `a${level + 1}: &a${level + 1} [*a${level}, *a${level}]`);
  const bomb = `a0: &a0 x\n${levels.join("\n")}\nexclude: *a60\n`;
  const problems = problemsOf(bomb);
  assert.equal(
    problems.filter((problem) => problem.includes("aliases of this document")).length,
    1,
    problems.join("\n"),
  );
  assert.equal(problems.length, 62);
});

test("no text and no value makes a reader throw, and every problem lies in the text", () => {
  const words = fc.constantFrom(
    ...[
      "cluster",
      "proxy",
      "mode",
      "nodes",
      "exclude",
      "rules",
      "orphan-service",
      "off",
      ": ",
      "\n",
      "  ",
      "- ",
      "[",
      "]",
    ],
    ...["{", "}", ",", '"', "'", "&a ", "*a", "<<: ", "|", ">", "#", "\t", "---\n", "10.0.0.0/8", "1.30", "🧭", "\r\n"],
  );
  const texts = fc.oneof(
    fc.string(),
    fc.array(words, { maxLength: 40 }).map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(texts, (text) => {
      for (const { range } of parseSettings(uri, text, rules).problems) {
        assert.ok(0 <= range.start && range.start <= range.end && range.end <= text.length);
      }
    }),
    { numRuns: 2000 },
  );
  fc.assert(
    fc.property(fc.anything(), fc.anything(), (cluster, other) => {
      readSettings(other, rules);
      const { layer } = readSettings({ cluster, rules: other, exclude: cluster }, rules);
      assert.deepEqual(
        mergeSettings(defaultSettings, layer).cluster.kubernetesVersion,
        defaultProfile.kubernetesVersion,
      );
    }),
    { numRuns: 1000 },
  );
});

test("the editor's settings may be nested or dotted, and its other settings pass", () => {
  const nested = { cluster: { domain: "a.b", proxy: { mode: "ipvs" } }, rules: { "orphan-service": "hint" } };
  const dotted = {
    "cluster.domain": "a.b",
    "cluster.proxy.mode": "ipvs",
    "rules.orphan-service": "hint",
    trace: { server: "verbose" },
    "lens.enabled": true,
  };
  assert.deepEqual(readSettings(dotted, rules), readSettings(nested, rules));
  assert.deepEqual(readSettings(nested, rules).layer.values, { "cluster.domain": "a.b", "cluster.proxy.mode": "ipvs" });
});

test("problems in the editor's settings name their key", () => {
  const wrong = {
    cluster: { overlay: "x", nodes: [{ name: "a", address: "10.0.0.1" }, 5], colour: 1 },
    rules: { x: "off" },
  };
  assert.deepEqual(
    readSettings(wrong, rules).problems.map(({ key }) => key),
    ["cluster.overlay", "cluster.nodes[1]", "cluster.colour", "rules.x"],
  );
});

test("a later layer wins, setting by setting and rule by rule", () => {
  const file = parseSettings(
    uri,
    "cluster: { domain: a, overlay: host-gw }\nrules: { orphan-service: off }\nexclude: [x]",
    rules,
  );
  const editor = readSettings(
    { cluster: { domain: "b" }, rules: { "undeclared-target-port": "error" }, exclude: [] },
    rules,
  );
  const merged = mergeSettings(defaultSettings, file.layer, editor.layer);
  assert.deepEqual([merged.cluster.domain, merged.cluster.overlay], ["b", "host-gw"]);
  assert.deepEqual(Object.fromEntries(merged.rules), { "orphan-service": "off", "undeclared-target-port": "error" });
  assert.deepEqual(merged.exclude, []);
});

test("nodes hand out equal slices of the pod CIDR", () => {
  const subnet = (settings: string, node: number, family: "IPv4" | "IPv6" = "IPv4"): string | undefined => {
    const block = podSubnet(settingsOf(settings).cluster, node, family);
    return block && formatCidr(block);
  };
  assert.deepEqual(
    [0, 1, 2].map((node) => subnet("", node)),
    ["10.244.0.0/17", "10.244.128.0/17", undefined],
  );
  assert.equal(subnet("", 0, "IPv6"), undefined);
  const nodes = (count: number): string =>
    Array.from({ length: count }, (_, index) => `{ name: n${index}, address: 10.0.0.${index + 1} }`).join(", ");
  assert.equal(subnet(`cluster: { nodes: [${nodes(1)}] }`, 0), "10.244.0.0/16");
  assert.equal(subnet(`cluster: { nodes: [${nodes(3)}] }`, 2), "10.244.128.0/18");
  assert.equal(subnet(`cluster: { nodes: [${nodes(3)}], podCIDR: [10.244.0.0/31] }`, 0), undefined);
  const dual = `cluster: { nodes: [${nodes(2)}], podCIDR: [10.244.0.0/16, "fd00:10:244::/56"] }`;
  assert.equal(subnet(dual, 1, "IPv6"), "fd00:10:244:80::/57");
});
