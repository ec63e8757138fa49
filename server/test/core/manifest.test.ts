import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { documentUri } from "../../src/core/base/source.ts";
import { LARGEST_FILE } from "../../src/core/manifest/limits.ts";
import type { Manifest, ParsedFile, ServiceManifest, WorkloadManifest } from "../../src/core/manifest/model.ts";
import { parseFile } from "../../src/core/manifest/parse.ts";

const uri = documentUri("shop/web.yaml");
const parse = (text: string, previous?: ParsedFile): ParsedFile => parseFile(uri, text, previous);

const service = `apiVersion: v1
kind: Service
metadata:
  name: web
  namespace: shop
spec:
  selector: { app: web }
  ports:
    - port: 80
      targetPort: http
`;

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    metadata:
      labels: { app: web }
    spec:
      containers:
        - name: web
          ports: [{ name: http, containerPort: 8080 }]
`;

const only = <T>(items: readonly T[]): T => {
  assert.equal(items.length, 1);
  return items[0] as T;
};

const asService = (manifest: Manifest | undefined): ServiceManifest => {
  assert.equal(manifest?.type, "Service");
  return manifest as ServiceManifest;
};

const asWorkload = (manifest: Manifest | undefined): WorkloadManifest => {
  assert.equal(manifest?.type, "Workload");
  return manifest as WorkloadManifest;
};

const names = (file: ParsedFile): readonly string[] =>
  file.manifests.map((manifest) => `${manifest.kind.value}/${manifest.name.value}`);

/** Every range of a parsed file, with the value it stands for. */
function* fieldsIn(
  value: unknown,
): Generator<{ readonly value: unknown; readonly range: { start: number; end: number }; readonly origin: string }> {
  if (typeof value !== "object" || value === null) return;
  if ("origin" in value && "range" in value && "value" in value) yield value as never;
  for (const part of Object.values(value)) yield* fieldsIn(part);
}

describe("a manifest", () => {
  it("keeps the range of every value", () => {
    const { ports, selector, name } = asService(only(parse(service).manifests));
    const textAt = ({ start, end }: { start: number; end: number }): string => service.slice(start, end);
    assert.equal(textAt(name.range), "web");
    assert.equal(textAt(only(ports).targetPort.range), "http");
    assert.equal(textAt(only(selector?.entries ?? []).value.range), "web");
    assert.equal(textAt(selector?.key as never), "selector");
  });

  it("is given the API's defaults, marked as such", () => {
    const web = asService(only(parse("apiVersion: v1\nkind: Service\nspec:\n  ports:\n  - port: 80\n").manifests));
    assert.deepEqual([web.serviceType.value, web.serviceType.origin], ["ClusterIP", "default"]);
    assert.deepEqual([web.namespace.value, web.namespace.origin], ["default", "default"]);
    const port = only(web.ports);
    assert.deepEqual([port.targetPort.value, port.targetPort.origin], [80, "default"]);
    assert.equal(port.targetPort.range.start, port.port.range.start);
    assert.deepEqual([port.protocol.value, port.protocol.origin], ["TCP", "default"]);
  });

  it("reads numbers as the Kubernetes client's YAML does", () => {
    const ports = ["0x50", "0o17", "010", "1_000", '"80"', "80.5"].map((port) => `  - port: ${port}\n`).join("");
    const web = asService(only(parse(`apiVersion: v1\nkind: Service\nspec:\n  ports:\n${ports}`).manifests));
    assert.deepEqual(
      web.ports.map((port) => port.port.value),
      [80, 15, 8, 1000, 0, 0],
    );
  });

  it("takes a targetPort of 0 or nothing for the port itself, and a quoted number for a name", () => {
    const text =
      "apiVersion: v1\nkind: Service\nspec:\n  ports:\n  - {port: 1, targetPort: 0}\n  - {port: 2, targetPort: ''}\n  - {port: 3, targetPort: '8080'}\n";
    const web = asService(only(parse(text).manifests));
    assert.deepEqual(
      web.ports.map(({ targetPort }) => targetPort.value),
      [1, 2, "8080"],
    );
  });

  it("resolves anchors, aliases and merge keys, and the nearer entry wins", () => {
    const text = `apiVersion: v1
kind: Service
metadata: { name: web, labels: &labels { app: web, tier: front } }
spec:
  selector: { <<: *labels, tier: back }
  ports: [{ port: 80 }]
`;
    const { selector } = asService(only(parse(text).manifests));
    assert.deepEqual(Object.fromEntries(selector?.entries.map(({ key, value }) => [key.value, value.value]) ?? []), {
      app: "web",
      tier: "back",
    });
  });

  it("notes names and values that only their case keeps from the API", () => {
    const text =
      "apiVersion: v1\nkind: service\nspec:\n  type: loadBalancer\n  externalIps: [80.34.23.66]\n  ports: []\n";
    const web = asService(only(parse(text).manifests));
    assert.deepEqual(
      web.miscased.map(({ what, written, right }) => [what, written.value, right]),
      [
        ["kind", "service", "Service"],
        ["field", "externalIps", "externalIPs"],
        ["value", "loadBalancer", "LoadBalancer"],
      ],
    );
    assert.deepEqual(web.externalIPs, []);
  });

  it("tells a sidecar from an init container that ends", () => {
    const text = `apiVersion: v1
kind: Pod
metadata: { name: web, labels: { app: web } }
spec:
  containers: [{ name: main }]
  initContainers: [{ name: setup }, { name: proxy, restartPolicy: Always }]
`;
    const pod = asWorkload(only(parse(text).manifests));
    assert.deepEqual(
      pod.template.containers.map(({ name, role }) => [name.value, role]),
      [
        ["main", "main"],
        ["setup", "init"],
        ["proxy", "sidecar"],
      ],
    );
  });

  it("knows pods of an unknown kind as possible ones, and tells groups of one kind apart", () => {
    const custom = `apiVersion: example.com/v1\nkind: Fleet\nmetadata: { name: f }\nspec: { template: { metadata: { labels: { app: f } }, spec: { containers: [{ name: c }] } } }\n`;
    assert.equal(asWorkload(only(parse(custom).manifests)).certainty, "possible");
    const knative =
      "apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: { name: k }\nspec: { template: { spec: { containers: [{ name: c }] } } }\n";
    assert.equal(only(parse(knative).manifests).type, "Workload");
  });

  it("reads what a dump observed", () => {
    const text = `apiVersion: v1
kind: Pod
metadata: { name: web-x, labels: { app: web } }
spec: { nodeName: node-7, containers: [{ name: c }] }
status: { phase: Running, podIP: 10.1.13.2, conditions: [{ type: Ready, status: "False" }] }
`;
    const { observed } = asWorkload(only(parse(text).manifests));
    assert.equal(observed?.nodeName, "node-7");
    assert.equal(observed?.ready, false);
    assert.equal(only(observed?.podIPs ?? []).value, "10.1.13.2");
  });
});

describe("a file", () => {
  it("holds many documents, lists and typed lists", () => {
    const list = `apiVersion: v1
kind: List
items:
- { apiVersion: v1, kind: Service, metadata: { name: a } }
- apiVersion: v1
  kind: ServiceList
  items: [{ metadata: { name: b } }]
`;
    assert.deepEqual(names(parse(`# nothing\n---\n${service}---\n---\n${list}`)), [
      "Service/web",
      "Service/a",
      "Service/b",
    ]);
  });

  it("may be JSON, one object or several", () => {
    const object = (name: string): string =>
      JSON.stringify({ apiVersion: "v1", kind: "Service", metadata: { name: `${name}}{` } }, null, 2);
    assert.deepEqual(names(parse(object("a"))), ["Service/a}{"]);
    assert.deepEqual(names(parse(`${object("a")}\n${object("b")}`)), ["Service/a}{", "Service/b}{"]);
  });

  it("reads the same with CRLF, a byte order mark or no last line end", () => {
    const { ports } = asService(only(parse(`\ufeff${service.trimEnd().replaceAll("\n", "\r\n")}`).manifests));
    assert.equal(only(ports).targetPort.value, "http");
  });

  it("is left alone when it is no manifest", () => {
    for (const text of ["", "a: [", "services:\n  web: {image: x}\n", "openapi: 3.0.0\nkind: ["]) {
      const file = parse(text);
      assert.deepEqual([file.manifests, file.problems], [[], []], text);
    }
  });

  it("is no YAML yet where a template language has actions", () => {
    const text = `${service}---\napiVersion: v1\nkind: Service\nmetadata:\n  name: {{ .Values.name }}\n---\n{{- if .Values.x }}\napiVersion: v1\nkind: Service\n{{- end }}\n`;
    const file = parse(text);
    assert.deepEqual(names(file), ["Service/web"]);
    assert.deepEqual(file.problems, []);
    assert.deepEqual(
      file.parts.map(({ opaque }) => opaque),
      [undefined, "template", "template"],
    );
  });

  it("is no YAML yet either where another template language begins it", () => {
    const file = parse(`{% if x %}\n${deployment}{% endif %}\n`);
    assert.deepEqual([file.manifests, file.problems, file.parts[0]?.opaque], [[], [], "template"]);
  });

  it("stays what it was when a document with braces in a string cannot be read for a while", () => {
    const noted = service.replace("  namespace: shop", "  namespace: shop\n  annotations: { summary: '{{ $value }}' }");
    const after = parse(noted.replace("{ app: web }", "{ app: web "), parse(noted));
    assert.deepEqual([names(after), only(after.problems).code], [["Service/web"], "yaml-syntax"]);
  });

  it("reports a broken document once and keeps its neighbours", () => {
    const file = parse(`${service}---\napiVersion: v1\nkind: Service\nmetadata: {name: "x\n---\n${deployment}`);
    assert.ok(names(file).includes("Service/web") && names(file).includes("Deployment/web"));
    assert.equal(only(file.problems).code, "yaml-syntax");
  });

  it("understands tab indentation and says where it begins", () => {
    const text =
      "apiVersion: v1\nkind: Service\nmetadata:\n\tname: redis\nspec:\n\tselector:\n\t\tapp: redis\n\tports:\n\t-\tport: 6379\n\t\ttargetPort: 6380\n";
    const file = parse(text);
    const problem = only(file.problems);
    assert.deepEqual([problem.code, problem.range.start], ["tab-indentation", text.indexOf("\t")]);
    const redis = asService(only(file.manifests));
    const port = only(redis.ports);
    assert.equal(text.slice(port.targetPort.range.start, port.targetPort.range.end), "6380");
    assert.equal(text.slice(redis.name.range.start, redis.name.range.end), "redis");
  });

  it("says that it is too large or binary, and reads no further", () => {
    assert.equal(only(parse(`${service}\0`).problems).code, "unreadable-file");
    const large = parse(service + "#".repeat(LARGEST_FILE));
    assert.deepEqual([only(large.problems).code, large.manifests], ["unreadable-file", []]);
  });

  it("survives nesting and aliases without end", () => {
    const levels = Array.from(
      { length: 60 },
      (_, index) => `- &a${index + 1} { apiVersion: v1, kind: List, items: [${`*a${index},`.repeat(9)}] }`,
    );
    const bomb = `apiVersion: v1\nkind: List\nitems:\n- &a0 { apiVersion: v1, kind: Service, metadata: { name: x } }\n${levels.join("\n")}\n`;
    assert.ok(parse(bomb).manifests.length > 0);
    const deep = parse(`apiVersion: v1\nkind: Service\nspec: ${"[".repeat(20_000)}`);
    assert.equal(deep.problems.length, 1);
    assert.equal(only(parse("apiVersion: v1\nkind: Service\nspec: *nowhere\n").problems).code, "yaml-syntax");
  });
});

describe("a document that is being typed in", () => {
  const broken = service.replace("targetPort: http", 'targetPort: "ht');

  it("keeps its last good reading, marked as stale, at the place where it now stands", () => {
    const before = parse(`${service}---\n${deployment}`, parse(service));
    const after = parse(
      `# a line\n---\n${broken}---\n${deployment}`,
      parse(`# a line\n---\n${service}---\n${deployment}`, before),
    );
    const web = asService(after.manifests[0]);
    assert.equal(web.stale, true);
    assert.equal(after.text.slice(web.name.range.start, web.name.range.end), "web");
    assert.equal(only(web.ports).targetPort.value, "http");
    assert.equal(asWorkload(after.manifests[1]).stale, false);
    assert.equal(only(after.problems).code, "yaml-syntax");
  });

  it("keeps it where documents come and go around it", () => {
    const before = parse(`${broken}---\n${deployment}`, parse(`${service}---\n${deployment}`));
    const inserted = parse(`${deployment}---\n${before.text}`, before);
    assert.deepEqual(names(inserted), ["Deployment/web", "Service/web", "Deployment/web"]);
    const web = asService(inserted.manifests[1]);
    assert.deepEqual([web.stale, web.document, only(web.ports).targetPort.value], [true, 1, "http"]);
    assert.equal(inserted.text.slice(web.name.range.start, web.name.range.end), "web");
    assert.deepEqual(parse(before.text, inserted), before);
    assert.deepEqual(names(parse(`${broken}---\n`, inserted)), ["Service/web"]);
  });

  it("is read afresh when it is whole again", () => {
    const before = parse(broken, parse(service));
    const after = parse(service.replace("http", "https"), before);
    const web = asService(only(after.manifests));
    assert.deepEqual([web.stale, only(web.ports).targetPort.value], [false, "https"]);
  });
});

describe("reading", () => {
  const fragments = fc.constantFrom(
    ...service.split("\n"),
    ...deployment.split("\n"),
    "---",
    "\t- x",
    "{{ .x }}",
    "&a b: *a",
    '"',
    "[",
    "}",
    "<<: *labels",
    "\u{1F600}: 名",
  );
  const documents = fc.array(fragments, { maxLength: 30 }).map((lines) => lines.join("\n"));

  it("never throws, and every written value is the text of its range", () => {
    fc.assert(
      fc.property(fc.oneof(documents, fc.string({ unit: "binary" })), (text) => {
        for (const { value, range, origin } of fieldsIn(parse(text).manifests)) {
          assert.ok(range.start >= 0 && range.start <= range.end && range.end <= text.length);
          const written = text.slice(range.start, range.end);
          if (origin === "written" && typeof value === "string" && /^[a-z]+$/.test(written)) {
            assert.equal(value.toLowerCase().replace(/s$/, ""), written.toLowerCase().replace(/s$/, ""));
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it("gives with a previous reading what it gives without, unless it falls back on that", () => {
    fc.assert(
      fc.property(documents, documents, (first, second) => {
        const again = parse(second, parse(first));
        fc.pre(again.manifests.every(({ stale }) => !stale));
        assert.deepEqual(again, parse(second));
      }),
      { numRuns: 500 },
    );
  });
});
