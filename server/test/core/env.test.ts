import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  type EnvContainer,
  type EnvService,
  type ServiceVariable,
  serviceEnvironment,
  variablePrefix,
} from "../../src/core/cluster/env.ts";
import { defaultProfile, type Profile } from "../../src/core/settings/profile.ts";
import { field, makeService, placeAt, type ServiceSketch } from "./objects.ts";

const entry = (sketch: ServiceSketch, ip?: string): EnvService => ({
  service: makeService(sketch),
  clusterIPs: ip === undefined ? [] : [{ ip, origin: "simulated" }],
});

const container: EnvContainer = { namespace: "default", enableServiceLinks: true, own: [] };

const environment = (services: readonly EnvService[], more: Partial<EnvContainer> = {}, profile = defaultProfile) =>
  serviceEnvironment(profile, { ...container, ...more }, services);

const print = (variables: readonly ServiceVariable[]): readonly string[] =>
  variables.map(({ name, value }) => `${name}=${value}`);

/** What is set for the Services themselves, without the variables of `kubernetes`. */
const printed = (...services: readonly EnvService[]): readonly string[] =>
  print(environment(services)).filter((text) => !text.startsWith("KUBERNETES_"));

const names = (variables: readonly ServiceVariable[]): readonly string[] => variables.map(({ name }) => name);

test("a Service with one unnamed port makes seven variables", () => {
  assert.deepEqual(printed(entry({ name: "redis-primary", ports: [{ port: 6379 }] }, "10.0.0.11")), [
    "REDIS_PRIMARY_SERVICE_HOST=10.0.0.11",
    "REDIS_PRIMARY_SERVICE_PORT=6379",
    "REDIS_PRIMARY_PORT=tcp://10.0.0.11:6379",
    "REDIS_PRIMARY_PORT_6379_TCP=tcp://10.0.0.11:6379",
    "REDIS_PRIMARY_PORT_6379_TCP_PROTO=tcp",
    "REDIS_PRIMARY_PORT_6379_TCP_PORT=6379",
    "REDIS_PRIMARY_PORT_6379_TCP_ADDR=10.0.0.11",
  ]);
});

test("named ports make one variable more each", () => {
  const ports = [
    { name: "http", port: 80 },
    { name: "dns-udp", port: 53, protocol: "UDP" as const },
  ];
  assert.deepEqual(printed(entry({ name: "web", ports }, "10.96.0.20")), [
    "WEB_SERVICE_HOST=10.96.0.20",
    "WEB_SERVICE_PORT=80",
    "WEB_SERVICE_PORT_HTTP=80",
    "WEB_SERVICE_PORT_DNS_UDP=53",
    "WEB_PORT=tcp://10.96.0.20:80",
    "WEB_PORT_80_TCP=tcp://10.96.0.20:80",
    "WEB_PORT_80_TCP_PROTO=tcp",
    "WEB_PORT_80_TCP_PORT=80",
    "WEB_PORT_80_TCP_ADDR=10.96.0.20",
    "WEB_PORT_53_UDP=udp://10.96.0.20:53",
    "WEB_PORT_53_UDP_PROTO=udp",
    "WEB_PORT_53_UDP_PORT=53",
    "WEB_PORT_53_UDP_ADDR=10.96.0.20",
  ]);
});

test("an IPv6 address has brackets in URLs alone", () => {
  assert.deepEqual(printed(entry({ name: "v6", ports: [{ name: "g", port: 9000 }] }, "fd00::10")), [
    "V6_SERVICE_HOST=fd00::10",
    "V6_SERVICE_PORT=9000",
    "V6_SERVICE_PORT_G=9000",
    "V6_PORT=tcp://[fd00::10]:9000",
    "V6_PORT_9000_TCP=tcp://[fd00::10]:9000",
    "V6_PORT_9000_TCP_PROTO=tcp",
    "V6_PORT_9000_TCP_PORT=9000",
    "V6_PORT_9000_TCP_ADDR=fd00::10",
  ]);
});

const kubernetes = [
  "KUBERNETES_SERVICE_HOST=10.96.0.1",
  "KUBERNETES_SERVICE_PORT=443",
  "KUBERNETES_SERVICE_PORT_HTTPS=443",
  "KUBERNETES_PORT=tcp://10.96.0.1:443",
  "KUBERNETES_PORT_443_TCP=tcp://10.96.0.1:443",
  "KUBERNETES_PORT_443_TCP_PROTO=tcp",
  "KUBERNETES_PORT_443_TCP_PORT=443",
  "KUBERNETES_PORT_443_TCP_ADDR=10.96.0.1",
];

test("every container of every namespace knows the API server", () => {
  const web = entry({ name: "web", namespace: "shop" }, "10.96.0.20");
  for (const namespace of ["default", "shop", "elsewhere"]) {
    const variables = environment([web], { namespace, enableServiceLinks: false });
    assert.deepEqual(print(variables), kubernetes, namespace);
    assert.ok(variables.every(({ service, because }) => service === undefined && because === undefined));
  }
  const noServices: Profile = { ...defaultProfile, serviceCIDR: [] };
  assert.deepEqual(environment([], {}, noServices), []);
});

test("a manifest of the Service kubernetes is taken at its word; one in the own namespace hides it", () => {
  const seen = entry({ name: "kubernetes", namespace: "default", ports: [{ name: "https", port: 6443 }] }, "10.3.0.1");
  const own = entry({ name: "kubernetes", namespace: "shop", ports: [{ port: 1 }] }, "10.3.0.2");
  assert.deepEqual(print(environment([seen], { enableServiceLinks: false })).slice(0, 2), [
    "KUBERNETES_SERVICE_HOST=10.3.0.1",
    "KUBERNETES_SERVICE_PORT=6443",
  ]);
  assert.equal(environment([seen]).length, 8, "it is not listed twice in its own namespace");
  assert.equal(print(environment([seen, own], { namespace: "shop" }))[0], "KUBERNETES_SERVICE_HOST=10.3.0.2");
  assert.equal(
    print(environment([seen, own], { namespace: "shop", enableServiceLinks: false }))[0],
    "KUBERNETES_SERVICE_HOST=10.3.0.1",
  );
});

test("only Services with a cluster IP, of the pod's namespace, by name", () => {
  const services = [
    entry({ name: "zoo", namespace: "shop" }, "10.96.0.21"),
    entry({ name: "cart", namespace: "shop", type: "LoadBalancer", selector: false }, "10.96.0.22"),
    entry({ name: "far", namespace: "other" }, "10.96.0.23"),
    entry({ name: "quiet", namespace: "shop", headless: true }, "10.96.0.24"),
    entry({ name: "mail", namespace: "shop", type: "ExternalName", externalName: "x.example" }, "10.96.0.25"),
    entry({ name: "full", namespace: "shop" }),
    entry({ name: "portless", namespace: "shop", ports: [] }, "10.96.0.26"),
    entry({ name: "anywhere" }, "10.96.0.27"),
  ];
  const hosts = names(environment(services, { namespace: "shop" })).filter((name) => name.endsWith("_SERVICE_HOST"));
  assert.deepEqual(hosts, ["KUBERNETES_SERVICE_HOST", "CART_SERVICE_HOST", "ZOO_SERVICE_HOST"]);
  const byDefault = names(environment(services)).filter((name) => name.endsWith("_SERVICE_HOST"));
  assert.deepEqual(byDefault, ["KUBERNETES_SERVICE_HOST", "ANYWHERE_SERVICE_HOST"]);
});

test("what the container sets itself wins", () => {
  const own = [field("WEB_PORT", 77), field("OTHER")];
  const variables = environment([entry({ name: "web" }, "10.96.0.20")], { own });
  const shadowed = variables.filter(({ shadowedBy }) => shadowedBy !== undefined);
  assert.deepEqual(names(shadowed), ["WEB_PORT"]);
  assert.deepEqual(shadowed[0]?.shadowedBy?.range, placeAt(77));
});

test("two Services that make one variable are told of", () => {
  const services = [
    entry({ name: "web", ports: [{ port: 80 }] }, "10.96.0.20"),
    entry({ name: "web-port-80", ports: [{ port: 1 }] }, "10.96.0.21"),
    entry({ name: "web-port", ports: [{ name: "tcp", port: 9 }] }, "10.96.0.22"),
    entry({ name: "web-service", ports: [{ port: 7 }] }, "10.96.0.23"),
  ];
  const contested = environment(services).filter((variable) => variable.contested);
  assert.deepEqual([...new Set(names(contested))], ["WEB_SERVICE_PORT"]);
  assert.deepEqual(
    contested.map(({ service }) => service?.name.value),
    ["web", "web-service"],
  );
});

test("values say where they come from", () => {
  const service = makeService({
    name: "web",
    clusterIPs: ["10.96.0.20"],
    ports: [{ port: 80 }, { name: "b", port: 81 }],
  });
  const written: EnvService = { service, clusterIPs: [{ ip: "10.96.0.20", origin: "written" }] };
  const origins = (services: readonly EnvService[]) =>
    environment(services)
      .slice(8)
      .map(({ name, origin, because }) => `${name.slice(4)} ${origin} ${because?.start}`);
  assert.deepEqual(origins([written]).slice(0, 5), [
    "SERVICE_HOST written 10",
    "SERVICE_PORT written 100",
    "SERVICE_PORT_B written 101",
    "PORT written 10",
    "PORT_80_TCP written 100",
  ]);
  assert.deepEqual(origins([{ service, clusterIPs: [{ ip: "10.96.0.9", origin: "simulated" }] }]).slice(0, 2), [
    "SERVICE_HOST simulated 1",
    "SERVICE_PORT written 100",
  ]);
});

test("names keep everything but case and dashes", () => {
  assert.equal(variablePrefix("redis-primary"), "REDIS_PRIMARY");
  assert.equal(variablePrefix("1-web"), "1_WEB");
});

test("a Service makes 2 + named + 1 + 4 × ports variables", () => {
  const ports = fc.uniqueArray(
    fc.record({
      port: fc.integer({ min: 1, max: 65535 }),
      name: fc.option(fc.stringMatching(/^[a-z][a-z0-9-]{0,5}$/), { nil: undefined }),
    }),
    { selector: ({ port }) => port, minLength: 1, maxLength: 6 },
  );
  fc.assert(
    fc.property(ports, fc.constantFrom("10.96.0.20", "fd00::20"), (all, ip) => {
      const sketches = all.map(({ port, name }) => (name === undefined ? { port } : { port, name }));
      const variables = environment([entry({ name: "web", ports: sketches }, ip)]).slice(kubernetes.length);
      const named = all.filter(({ name }) => name !== undefined).length;
      assert.equal(variables.length, 2 + named + 1 + 4 * all.length);
      for (const { name, value } of variables) {
        assert.match(name, /^WEB_[A-Z0-9_]+$/);
        assert.equal(value.includes("["), value.includes("://") && ip.includes(":"));
      }
    }),
  );
});
