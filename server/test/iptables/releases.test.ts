import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { generateRules } from "../../src/core/cluster/iptables/generate.ts";
import { printRestore } from "../../src/core/cluster/iptables/print-restore.ts";
import { printSave } from "../../src/core/cluster/iptables/print-save.ts";
import { joinLines } from "../../src/core/cluster/netfilter/printed-line.ts";
import { type InputSketch, proxyInput, type ServicePortSketch } from "./inputs.ts";

const here = { ip: "10.244.0.6", port: 80, nodeName: "node-a" };
const there = { ip: "10.244.1.8", port: 80, nodeName: "node-b" };

const rulesOf = (minor: number, port: ServicePortSketch, config: InputSketch["config"] = {}) =>
  generateRules(proxyInput({ config: { ...config, release: { major: 1, minor } }, servicePorts: [port] }));

const restored = (...query: Parameters<typeof rulesOf>): string => joinLines(printRestore(rulesOf(...query)));

/** The rules of one chain, without its name. */
const saved = (rules: ReturnType<typeof rulesOf>, chain: string): readonly string[] =>
  printSave(rules).flatMap(({ text }) => (text.startsWith(`-A ${chain} `) ? [text.slice(chain.length + 4)] : []));

const endpointsIn = (text: string): readonly string[] => [
  ...new Set([...text.matchAll(/to-destination (\S+):80/g)].map(([, ip = ""]) => ip)),
];

describe("the internal policy Local", () => {
  const port = { nodePort: 30080, endpoints: [here, there] };
  const local = { ...port, internalTrafficPolicy: "Local" } as const;

  test("leaves endpoints of the node to all ways in, in 1.22 and 1.23", () => {
    assert.deepEqual(endpointsIn(restored(21, local)), [here.ip, there.ip]);
    for (const minor of [22, 23]) assert.deepEqual(endpointsIn(restored(minor, local)), [here.ip]);
  });

  test("is not heeded beside the external policy Local, in 1.22 and 1.23", () => {
    const both = { ...local, externalTrafficPolicy: "Local" } as const;
    for (const minor of [22, 23]) {
      assert.equal(restored(minor, both), restored(minor, { ...port, externalTrafficPolicy: "Local" }), `1.${minor}`);
    }
  });
});

describe("endpoints that are not ready", () => {
  const unready = { ...here, ready: false };

  test("keep a Service from being refused in 1.22: it leads into a chain that chooses nobody", () => {
    for (const minor of [21, 23]) {
      assert.match(restored(minor, { endpoints: [unready] }), /"default\/web has no endpoints"/);
    }
    const text = restored(22, { endpoints: [unready] });
    assert.doesNotMatch(text, /has no endpoints/);
    assert.deepEqual(endpointsIn(text), [here.ip]);
    assert.deepEqual(text.match(/-A KUBE-SVC-\S+ .*-j KUBE-SEP-/g), null);
  });

  test("have chains of their own in 1.22, and keep the clients that they had", () => {
    const text = restored(22, { affinitySeconds: 60, endpoints: [unready, there] });
    assert.deepEqual(endpointsIn(text), [here.ip, there.ip]);
    assert.equal(text.match(/--rcheck/g)?.length, 2);
    assert.doesNotMatch(text, /--probability/);
    const local = restored(22, {
      nodePort: 30080,
      externalTrafficPolicy: "Local",
      endpoints: [unready, there],
    });
    assert.match(local, /-A KUBE-XLB-\S+ .*"default\/web has no local endpoints" -j KUBE-MARK-DROP/);
  });
});

describe("node ports that answer on no address", () => {
  const port = { nodePort: 30080, healthCheckNodePort: 32100, endpoints: [here] };
  const nowhere = { nodePortAddresses: ["172.16.0.0/16"] };

  test("are written all the same from 1.25 on, and left out in 1.23 and 1.24", () => {
    for (const minor of [23, 24, 25]) {
      const text = restored(minor, port, nowhere);
      assert.equal(/^-A KUBE-NODEPORTS .*--dport 30080/m.test(text), minor === 25, `1.${minor}`);
      assert.deepEqual(endpointsIn(text), [here.ip]);
      assert.match(text, /health check node port/);
    }
  });

  test("cost a Service its endpoints up to 1.22, where kube-proxy went on to the next one", () => {
    for (const minor of [10, 17, 22]) {
      const text = restored(minor, port, nowhere);
      assert.match(text, /^-A KUBE-SERVICES .*cluster IP" .* -j KUBE-SVC-/m);
      assert.doesNotMatch(text, /KUBE-SEP-|30080|32100/);
    }
  });

  test("are refused for want of endpoints only where they are written", () => {
    const idle = { ...port, endpoints: [] };
    for (const minor of [17, 22, 23, 24]) assert.doesNotMatch(restored(minor, idle, nowhere), /30080/, `1.${minor}`);
    assert.match(restored(25, idle, nowhere), /--dport 30080 -j REJECT/);
  });
});

test("loopback is told from other addresses of the node in IPv6 from 1.26 on, as in IPv4", () => {
  const closing = (minor: number, nodePortAddresses: readonly string[]): readonly (string | undefined)[] => {
    const config = { release: { major: 1, minor }, nodePortAddresses };
    const rules = generateRules(proxyInput({ family: "IPv6", config, servicePorts: [] }));
    return saved(rules, "KUBE-SERVICES").map((rule) =>
      /(?:(-d \S+) )?-m comment --comment "[^"]*last rule[^"]*"(?: (.*))? -j/.exec(rule)?.slice(1).join("|"),
    );
  };
  const local = "|-m addrtype --dst-type LOCAL";
  for (const minor of [8, 22, 24, 25]) {
    assert.deepEqual(closing(minor, []), [local], `1.${minor}`);
    assert.deepEqual(closing(minor, ["::1/128"]), ["-d ::1/128|"], `1.${minor}`);
  }
  assert.deepEqual(closing(26, ["::1/128"]), []);
  assert.notDeepEqual(closing(26, []), [local]);
});

describe("the kubelet's rules", () => {
  const of = (minor: number, config: InputSketch["config"] = {}) => rulesOf(minor, {}, config);
  const marked =
    '-m comment --comment "kubernetes firewall for dropping marked packets" -m mark --mark 0x8000/0x8000 -j DROP';
  const localnet =
    '! -s 127.0.0.0/8 -d 127.0.0.0/8 -m comment --comment "block incoming localnet connections" -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP';

  test("dropped marked packets up to 1.26", () => {
    for (const minor of [3, 24, 25, 26]) {
      assert.deepEqual(saved(of(minor), "KUBE-MARK-DROP"), ["-j MARK --set-xmark 0x8000/0x8000"], `1.${minor}`);
      assert.ok(saved(of(minor), "KUBE-FIREWALL").includes(marked));
    }
    assert.deepEqual(saved(of(27), "KUBE-MARK-DROP"), []);
    assert.deepEqual(saved(of(27), "KUBE-FIREWALL"), [localnet]);
  });

  test("guarded 127.0.0.1 first and dropped marked packets then, from 1.25 on", () => {
    assert.deepEqual(saved(of(24), "KUBE-FIREWALL"), [marked, localnet]);
    for (const minor of [25, 26]) assert.deepEqual(saved(of(minor), "KUBE-FIREWALL"), [localnet, marked], `1.${minor}`);
    assert.deepEqual(saved(of(26, { localhostNodePorts: false }), "KUBE-FIREWALL"), [localnet, marked]);
  });

  test("are jumped to once", () => {
    for (let minor = 1; minor <= 36; minor++) {
      for (const chain of ["INPUT", "OUTPUT"]) {
        const jumps = saved(of(minor), chain).filter((rule) => rule === "-j KUBE-FIREWALL");
        assert.equal(jumps.length, minor < 3 ? 0 : 1, `1.${minor}`);
      }
    }
  });
});

test("what is forwarded passes the Services without endpoints from 1.13 (1.13.6) on", () => {
  const forwarded = (minor: number): readonly string[] => saved(rulesOf(minor, {}), "FORWARD");
  for (const minor of [2, 9, 10, 11, 12]) {
    assert.deepEqual(
      forwarded(minor).filter((rule) => !rule.endsWith("-j KUBE-FORWARD")),
      [],
      `1.${minor}`,
    );
  }
  for (const minor of [13, 19, 23]) {
    assert.equal(
      forwarded(minor)[1],
      '-m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
      `1.${minor}`,
    );
  }
});

test("the way to KUBE-FORWARD was called otherwise in 1.9, as nodes of that time show", () => {
  const said = (minor: number): string | undefined =>
    saved(rulesOf(minor, {}), "FORWARD").find((rule) => rule.endsWith("-j KUBE-FORWARD"));
  assert.equal(said(8), undefined);
  assert.equal(said(9), '-m comment --comment "kubernetes forward rules" -j KUBE-FORWARD');
  for (const minor of [10, 23, 24, 34]) {
    assert.equal(said(minor), '-m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD', `1.${minor}`);
  }
});

test("canary chains are watched from 1.17 on, and never restored", () => {
  for (const [minor, expected] of [
    [16, []],
    [17, ["KUBE-KUBELET-CANARY", "KUBE-PROXY-CANARY"]],
  ] as const) {
    const rules = rulesOf(minor, {});
    for (const table of ["nat", "filter"] as const) {
      const chains = printSave(rules, [table]).flatMap(({ text }) => /^:(\S+-CANARY) - /.exec(text)?.[1] ?? []);
      assert.deepEqual(chains, expected, `1.${minor} ${table}`);
    }
    assert.doesNotMatch(restored(minor, {}), /CANARY/);
  }
});
