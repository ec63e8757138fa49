import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { render } from "../../src/core/base/message.ts";
import { printRestore } from "../../src/core/cluster/iptables/print-restore.ts";
import { generateIpvs } from "../../src/core/cluster/ipvs/generate-ipvs.ts";
import type { IpvsState } from "../../src/core/cluster/ipvs/ipvs-state.ts";
import { nameInFamily, setNames } from "../../src/core/cluster/ipvs/known-sets.ts";
import { printSetsListed } from "../../src/core/cluster/ipvs/print-ipset.ts";
import { serverText } from "../../src/core/cluster/ipvs/print-ipvsadm.ts";
import { entryText } from "../../src/core/cluster/netfilter/ip-set.ts";
import { joinLines } from "../../src/core/cluster/netfilter/printed-line.ts";
import { type InputSketch, proxyInput, type ServicePortSketch } from "../iptables/inputs.ts";

const here = { ip: "10.244.0.5", port: 8080, nodeName: "node-a" };
const elsewhere = { ip: "10.244.1.7", port: 8080, nodeName: "node-b" };

const stateOf = (port: ServicePortSketch, sketch: Omit<InputSketch, "servicePorts"> = {}): IpvsState =>
  generateIpvs(proxyInput({ ...sketch, servicePorts: [{ endpoints: [here, elsewhere], ...port }] }));

const membersOf = ({ sets }: IpvsState, name: string): readonly string[] =>
  (sets.get(name)?.entries ?? []).map(entryText);

/** The endpoints behind each virtual server, by its line. */
const serversOf = ({ virtualServers }: IpvsState): Readonly<Record<string, string>> =>
  Object.fromEntries(
    virtualServers.map((server) => [
      serverText(server),
      server.realServers.map(({ endpoint }) => endpoint.ip).join(" "),
    ]),
  );

const rulesOf = ({ rules }: IpvsState, pattern: RegExp): readonly string[] =>
  printRestore(rules)
    .map(({ text }) => text)
    .filter((text) => pattern.test(text));

describe("endpoints of the policy Local in IPVS mode", () => {
  test("stand in from other nodes where this one has none, behind addresses from outside", () => {
    const port = { nodePort: 30080, externalTrafficPolicy: "Local", endpoints: [elsewhere] } as const;
    assert.deepEqual(serversOf(stateOf(port)), {
      "TCP  192.168.10.11:30080 rr": "10.244.1.7",
      "TCP  10.96.0.80:80 rr": "10.244.1.7",
    });
  });

  test("do not stand in behind a cluster IP that nothing outside leads to: it has no real server", () => {
    const port = { internalTrafficPolicy: "Local", endpoints: [elsewhere] } as const;
    assert.deepEqual(serversOf(stateOf(port)), { "TCP  10.96.0.80:80 rr": "" });
    assert.deepEqual(serversOf(stateOf({ ...port, nodePort: 30080 })), {
      "TCP  192.168.10.11:30080 rr": "10.244.1.7",
      "TCP  10.96.0.80:80 rr": "10.244.1.7",
    });
  });

  test("are those of this node where it has any", () => {
    const port = { nodePort: 30080, internalTrafficPolicy: "Local" } as const;
    assert.deepEqual(serversOf(stateOf(port)), {
      "TCP  192.168.10.11:30080 rr": "10.244.0.5 10.244.1.7",
      "TCP  10.96.0.80:80 rr": "10.244.0.5",
    });
  });
});

describe("sets in IPVS mode", () => {
  test("hold endpoints of this node in any state, so that a pod can always reach itself", () => {
    const state = stateOf({ endpoints: [{ ...here, ready: false, serving: false }, elsewhere] });
    assert.deepEqual(membersOf(state, "KUBE-LOOP-BACK"), ["10.244.0.5,tcp:8080,10.244.0.5"]);
    assert.deepEqual(serversOf(state), { "TCP  10.96.0.80:80 rr": "10.244.1.7" });
  });

  test("hold an SCTP node port once for each address that it answers on", () => {
    const node = { addresses: ["192.168.10.11", "10.244.0.1"] };
    const state = stateOf({ protocol: "SCTP", nodePort: 30132 }, { node });
    assert.deepEqual(membersOf(state, "KUBE-NODE-PORT-SCTP-HASH"), [
      "10.244.0.1,sctp:30132",
      "192.168.10.11,sctp:30132",
    ]);
    const chosen = stateOf({ protocol: "SCTP", nodePort: 30132 }, { node, config: { nodePortAddresses: ["primary"] } });
    assert.deepEqual(membersOf(chosen, "KUBE-NODE-PORT-SCTP-HASH"), ["192.168.10.11,sctp:30132"]);
    assert.ok("SCTP 192.168.10.11:30132 rr" in serversOf(chosen));
  });

  test("hold no node port that answers on no address", () => {
    const state = stateOf({ nodePort: 30080 }, { config: { nodePortAddresses: ["172.16.0.0/16"] } });
    assert.deepEqual(membersOf(state, "KUBE-NODE-PORT-TCP"), []);
    assert.deepEqual(Object.keys(serversOf(state)), ["TCP  10.96.0.80:80 rr"]);
    assert.deepEqual(rulesOf(state, /KUBE-NODE-PORT-TCP/), []);
  });

  test("hold no health-check port either, where kube-proxy stops at a node port that answers nowhere", () => {
    const checked = (port: ServicePortSketch): readonly string[] => {
      const state = stateOf(
        { healthCheckNodePort: 32100, ...port },
        { config: { nodePortAddresses: ["172.16.0.0/16"] } },
      );
      return membersOf(state, "KUBE-HEALTH-CHECK-NODE-PORT");
    };
    assert.deepEqual(checked({ nodePort: 30080 }), []);
    assert.deepEqual(checked({}), ["32100"]);
  });

  test("have names of their own in IPv6, as long as ipset allows", () => {
    const names = setNames.map((name) => nameInFamily(name, "IPv6"));
    assert.equal(new Set(names).size, setNames.length);
    for (const name of names) assert.match(name, /^KUBE-6-.{1,24}$/);
    assert.ok(names.includes("KUBE-6-LOAD-BALANCER-SOURCE-CID"));
    assert.ok(names.includes("KUBE-6-NODE-PORT-LOCAL-SCTP-HAS"));
  });

  test("are listed with the rules that refer to them", () => {
    const { sets, rules } = stateOf({});
    const listing = joinLines(printSetsListed(sets.values(), rules));
    assert.ok(
      listing.includes(
        [
          "Name: KUBE-CLUSTER-IP",
          "Type: hash:ip,port",
          "Header: family inet hashsize 1024 maxelem 65536",
          "References: 3",
          "Number of entries: 1",
          "Members:",
          "10.96.0.80,tcp:80",
          "",
        ].join("\n"),
      ),
      listing,
    );
  });
});

describe("addresses of Services on the node", () => {
  test("go to the dummy interface unless another interface has them", () => {
    const state = stateOf({ externalIPs: ["192.168.10.11", "192.0.2.9"], loadBalancerVIPs: ["203.0.113.1"] });
    assert.deepEqual(
      state.addresses.map(({ ip }) => ip),
      ["10.96.0.80", "192.0.2.9", "203.0.113.1"],
    );
    assert.deepEqual(membersOf(state, "KUBE-IPVS-IPS"), ["10.96.0.80", "192.0.2.9", "203.0.113.1"]);
    assert.ok("TCP  192.168.10.11:80 rr" in serversOf(state));
  });
});

describe("source ranges in IPVS mode", () => {
  const port = { loadBalancerVIPs: ["203.0.113.1"], sourceRanges: ["198.51.100.0/24"] };

  test("keep the node itself out by a rule of its own, unless they include it", () => {
    const drops = (sketch: ServicePortSketch, minor = 34): readonly string[] =>
      rulesOf(stateOf(sketch, { config: { release: { major: 1, minor } } }), /^-A KUBE-IPVS-OUT-FILTER/);
    assert.deepEqual(drops(port), [
      "-A KUBE-IPVS-OUT-FILTER -s 203.0.113.1 -m ipvs --vaddr 203.0.113.1 --vproto tcp --vport 80 -j DROP",
    ]);
    assert.deepEqual(drops({ ...port, sourceRanges: ["192.168.10.0/24"] }), []);
    assert.deepEqual(drops({ ...port, sourceRanges: [] }), []);
    assert.deepEqual(drops(port, 28), []);
  });

  test("that are everything fit into no set, and the reader is told", () => {
    const state = stateOf({ ...port, sourceRanges: ["0.0.0.0/0"] });
    assert.deepEqual(membersOf(state, "KUBE-LOAD-BALANCER-SOURCE-CIDR"), []);
    assert.equal(rulesOf(state, /KUBE-LOAD-BALANCER-SOURCE-CIDR/).length, 1);
    assert.deepEqual(
      state.notes.map((note) => render(note)),
      [
        'no set can hold 0.0.0.0/0, which Service "default/web" has among its source ranges: in IPVS mode it lets nobody in',
      ],
    );
    assert.deepEqual(stateOf(port).notes, []);
  });
});

describe("masquerading in IPVS mode", () => {
  const marks = (config: InputSketch["config"]): readonly string[] =>
    rulesOf(stateOf({}, { config: config ?? {} }), /KUBE-CLUSTER-IP.*KUBE-MARK-MASQ/).map((text) =>
      text.replace(/.*KUBE-CLUSTER-IP (.*) -j.*/, "$1"),
    );

  test("goes by what tells pods apart", () => {
    assert.deepEqual(marks({}), ["dst,dst ! -s 10.244.0.0/16"]);
    assert.deepEqual(marks({ masqueradeAll: true }), ["dst,dst"]);
    assert.deepEqual(marks({ detectLocal: { mode: "none" } }), ["src,dst"]);
    assert.deepEqual(marks({ detectLocal: { mode: "InterfaceNamePrefix", prefix: "cali" } }), ["dst,dst ! -i cali+"]);
  });
});

describe("IPVS mode over the releases", () => {
  const ofRelease = (minor: number): IpvsState => stateOf({}, { config: { release: { major: 1, minor } } });

  test("the node's own ports answered on addresses of Services up to 1.25", () => {
    const texts = (minor: number): readonly string[] => rulesOf(ofRelease(minor), /IPVS-FILTER|127\.0\.0\.0/);
    assert.deepEqual(texts(25), []);
    assert.equal(texts(26).length, 8);
  });

  test("the reader is told what is not exact", () => {
    const notes = (minor: number): string =>
      ofRelease(minor)
        .notes.map((note) => render(note))
        .join();
    for (const minor of [25, 31, 34]) assert.equal(notes(minor), "", `1.${minor}`);
    assert.match(notes(7), /from Kubernetes 1\.8 on; 1\.7 has none$/);
    assert.match(notes(24), /^these are the rules of Kubernetes 1\.25; 1\.24 /);
    assert.match(notes(30), /early ones of 1\.30 /);
    assert.match(notes(35), /deprecated/);
  });
});
