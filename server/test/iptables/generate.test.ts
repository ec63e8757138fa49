import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { render } from "../../src/core/base/message.ts";
import { documentUri } from "../../src/core/base/source.ts";
import { generateRules } from "../../src/core/cluster/iptables/generate.ts";
import { printRestore } from "../../src/core/cluster/iptables/print-restore.ts";
import { printSave } from "../../src/core/cluster/iptables/print-save.ts";
import { restrictRules } from "../../src/core/cluster/iptables/restrict.ts";
import { type InputSketch, proxyInput, readFixtures } from "./inputs.ts";

const linesOf = (sketch: InputSketch): readonly string[] =>
  printRestore(generateRules(proxyInput(sketch))).map(({ text }) => text);

const endpoints = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ ip: `10.244.${index >> 8}.${index & 255}`, port: 80 }));

describe("rules of a node", () => {
  test("above a thousand endpoints, comments on endpoints are saved and all others stay", () => {
    const cart = readFixtures("current", "restore").find(({ name }) => name === "cluster-ip");
    assert.ok(cart);
    const crowd = proxyInput({ servicePorts: [{ service: "crowd", endpoints: endpoints(998) }] }).servicePorts;
    const lines = (more: number): string => {
      const servicePorts = [...cart.input.servicePorts, ...crowd.map((port) => ({ ...port }))].map((port) =>
        port.service === "crowd" ? { ...port, endpoints: port.endpoints.slice(0, 997 + more) } : port,
      );
      return printRestore(generateRules({ ...cart.input, servicePorts }))
        .map(({ text }) => text)
        .filter((text) => text.includes("SEP-EUID3TJQ4CGYCQ7O") || text.includes("shop/cart cluster IP"))
        .join("\n");
    };
    const services = [
      '-A KUBE-SERVICES -m comment --comment "shop/cart cluster IP" -m tcp -p tcp -d 10.96.10.1 --dport 80 -j KUBE-SVC-N5W5PH5NLY2BP4HG',
      '-A KUBE-SVC-N5W5PH5NLY2BP4HG -m comment --comment "shop/cart cluster IP" -m tcp -p tcp -d 10.96.10.1 --dport 80 ! -s 10.244.0.0/16 -j KUBE-MARK-MASQ',
    ];
    assert.equal(
      lines(1),
      [
        ":KUBE-SEP-EUID3TJQ4CGYCQ7O - [0:0]",
        ...services,
        "-A KUBE-SVC-N5W5PH5NLY2BP4HG -m statistic --mode random --probability 0.3333333333 -j KUBE-SEP-EUID3TJQ4CGYCQ7O",
        "-A KUBE-SEP-EUID3TJQ4CGYCQ7O -s 10.244.0.5 -j KUBE-MARK-MASQ",
        "-A KUBE-SEP-EUID3TJQ4CGYCQ7O -m tcp -p tcp -j DNAT --to-destination 10.244.0.5:8080",
      ].join("\n"),
    );
    assert.match(lines(0), /--comment "shop\/cart -> 10\.244\.0\.5:8080"/);
  });

  test("a dual-stack Service has the same chains in both families", () => {
    const chains = (family: "IPv4" | "IPv6"): readonly string[] =>
      linesOf({
        family,
        servicePorts: [
          family === "IPv4"
            ? { clusterIP: "10.96.0.80", nodePort: 30080, endpoints: [{ ip: "10.244.0.5", port: 80 }] }
            : { clusterIP: "fd00:10:96::50", nodePort: 30080, endpoints: [{ ip: "fd00:10:244::5", port: 80 }] },
        ],
      }).filter((line) => /^:KUBE-(SVC|EXT)-/.test(line));
    assert.equal(chains("IPv4").length, 2);
    assert.deepEqual(chains("IPv6"), chains("IPv4"));
  });

  test("Services stand by namespace and name, ports of one Service as they are given", () => {
    const ports = [
      { namespace: "b", service: "a", clusterIP: "10.96.0.3" },
      { namespace: "a", service: "z", clusterIP: "10.96.0.2", portName: "second" },
      { namespace: "a", service: "z", clusterIP: "10.96.0.2", portName: "first", port: 81 },
      { namespace: "a", service: "Z", clusterIP: "10.96.0.1" },
    ].map((port) => ({ ...port, endpoints: endpoints(1) }));
    const order = linesOf({ servicePorts: ports }).flatMap(
      (line) => /^-A KUBE-SERVICES .*"(\S+) cluster/.exec(line)?.[1] ?? [],
    );
    assert.deepEqual(order, ["a/Z", "a/z:second", "a/z:first", "b/a"]);
  });

  test("of two ports with the same name the first is written, once", () => {
    const lines = linesOf({
      servicePorts: [{ port: 80 }, { port: 81 }].map((port) => ({ ...port, endpoints: endpoints(1) })),
    });
    assert.equal(lines.filter((line) => line.startsWith("-A KUBE-SERVICES") && line.includes("default/web")).length, 1);
  });

  describe("node ports", () => {
    const closing = (config: InputSketch["config"], family: "IPv4" | "IPv6" = "IPv4"): readonly string[] =>
      linesOf({ family, config: config ?? {} }).flatMap(
        (line) => /last rule in this chain" (.*) -j/.exec(line)?.[1] ?? [],
      );
    const guard = (config: InputSketch["config"]): boolean =>
      linesOf({ config: config ?? {} }).includes(":KUBE-FIREWALL - [0:0]");

    test("answer on every address unless addresses are chosen", () => {
      assert.deepEqual(closing({}), ["-m addrtype --dst-type LOCAL"]);
      assert.deepEqual(closing({ nodePortAddresses: ["0.0.0.0/0"] }), ["-m addrtype --dst-type LOCAL"]);
      assert.deepEqual(closing({ nodePortAddresses: ["2001:db8::/32"] }), ["-m addrtype --dst-type LOCAL"]);
      assert.deepEqual(closing({}, "IPv6"), ["-m addrtype --dst-type LOCAL ! -d ::1/128"]);
      assert.deepEqual(closing({ nodePortAddresses: ["primary"] }), ["-d 192.168.10.11"]);
      assert.deepEqual(closing({ nodePortAddresses: ["primary"] }, "IPv6"), ["-d 2001:db8:10::11"]);
      assert.deepEqual(closing({ nodePortAddresses: ["192.168.0.0/16", "127.0.0.0/8"] }), [
        "-d 192.168.10.11",
        "-d 127.0.0.1",
      ]);
    });

    test("answer on localhost unless that is switched off or ruled out", () => {
      assert.ok(guard({}));
      assert.ok(guard({ nodePortAddresses: ["127.0.0.0/8"] }));
      assert.ok(guard({ nodePortAddresses: ["127.0.0.1/32"] }));
      assert.ok(!guard({ nodePortAddresses: ["192.168.10.0/24"] }));
      assert.ok(!guard({ localhostNodePorts: false }));
      assert.deepEqual(closing({ localhostNodePorts: false }), ["-m addrtype --dst-type LOCAL ! -d 127.0.0.0/8"]);
      assert.deepEqual(closing({ localhostNodePorts: false, nodePortAddresses: ["127.0.0.0/8"] }), []);
    });
  });

  test("up to 1.7, masquerading all is said beside masquerading strangers", () => {
    const marks = (minor: number): readonly string[] =>
      linesOf({
        config: { release: { major: 1, minor }, masqueradeAll: true },
        servicePorts: [{ clusterIP: "10.96.0.9", endpoints: [{ ip: "10.244.0.6", port: 80 }] }],
      }).filter((line) => line.includes("cluster IP") && line.endsWith("-j KUBE-MARK-MASQ"));
    assert.deepEqual([marks(7).length, marks(8).length], [2, 1]);
    assert.ok(marks(7)[1]?.includes("! -s 10.244.0.0/16"));
  });

  test("the time of session affinity is free from 1.8 on", () => {
    const seconds = (minor: number): string | undefined =>
      linesOf({
        config: { release: { major: 1, minor } },
        servicePorts: [{ affinitySeconds: 60, endpoints: [{ ip: "10.244.0.6", port: 80 }] }],
      })
        .map((line) => /--seconds (\d+)/.exec(line)?.[1])
        .find((found) => found !== undefined);
    assert.deepEqual([2, 7, 8].map(seconds), ["180", "10800", "60"]);
  });

  test("the rule against invalid packets is left to the sysctl, from 1.29", () => {
    const invalid = (minor: number, conntrackLiberal: boolean): boolean =>
      linesOf({ config: { release: { major: 1, minor }, conntrackLiberal } }).some((line) => line.includes("INVALID"));
    assert.ok(invalid(29, false));
    assert.ok(!invalid(29, true));
    assert.ok(invalid(28, true));
  });

  test("the mark follows its bit, up to the highest", () => {
    assert.ok(linesOf({ config: { masqueradeBit: 31 } }).includes("-A KUBE-MARK-MASQ -j MARK --or-mark 0x80000000"));
    assert.ok(linesOf({ config: { masqueradeBit: 0 } }).includes("-A KUBE-MARK-MASQ -j MARK --or-mark 0x00000001"));
  });

  test("notes say where a release is not known from its own source", () => {
    const notes = (minor: number): readonly string[] =>
      generateRules(proxyInput({ config: { release: { major: 1, minor } } })).notes.map((note) => render(note));
    for (const minor of [2, 7, 8, 17, 22, 23, 24, 26, 36]) assert.deepEqual(notes(minor), [], `1.${minor}`);
    for (const minor of [1, 3, 18, 21, 25]) {
      assert.equal(notes(minor).length, 1);
      assert.ok(notes(minor)[0]?.includes(`1.${minor} `), notes(minor)[0]);
    }
  });
});

describe("lines lead back to what caused them", () => {
  const yaml = (start: number) => ({ uri: documentUri("file:///web.yaml"), start, end: start + 5 });
  const rules = generateRules(
    proxyInput({
      servicePorts: [
        { service: "web", because: yaml(10), endpoints: [{ ip: "10.244.0.5", port: 80, because: yaml(50) }] },
        { service: "other", clusterIP: "10.96.0.81", because: yaml(90), endpoints: [{ ip: "10.244.0.6", port: 80 }] },
      ],
    }),
  );

  test("to the endpoint, else to the port, else to nothing", () => {
    const cause = (chain: string): unknown =>
      printSave(rules).find((line) => line.rule?.chain === chain)?.because?.start;
    const start = (text: RegExp): unknown => printSave(rules).find((line) => text.test(line.text))?.because?.start;
    assert.equal(start(/^-A KUBE-SERVICES.*web cluster IP/), 10);
    assert.equal(start(/DNAT --to-destination 10\.244\.0\.5:80/), 50);
    assert.equal(start(/DNAT --to-destination 10\.244\.0\.6:80/), 90);
    assert.equal(cause("KUBE-MARK-MASQ"), undefined);
    assert.equal(cause("PREROUTING"), undefined);
  });

  test("the view of one Service shows its lines and those that every node has", () => {
    const view = printSave(restrictRules(rules, ({ service }) => service === "web")).map(({ text }) => text);
    const whole = printSave(rules).map(({ text }) => text);
    assert.deepEqual(
      view,
      whole.filter((line) => view.includes(line)),
    );
    assert.ok(view.some((line) => line.includes("10.244.0.5:80")));
    assert.ok(!view.some((line) => line.includes("other") || line.includes("10.244.0.6")));
    assert.ok(view.some((line) => line.startsWith("-A POSTROUTING")));
  });
});
