import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Place } from "../../src/cli/places.ts";
import { deployment, documents, service } from "./manifests.ts";
import { json, portolan, workspace } from "./program.ts";

const sound = { "web/service.yaml": service("web"), "web/deployment.yaml": deployment("web") };
const orphan = { "shop/service.yaml": service("web"), "shop/deployment.yaml": deployment("web", "wbe") };
const broken = { "bad/service.yaml": "apiVersion: v1\nkind: Service\nspec: *nowhere\n" };

describe("portolan check", () => {
  it("has nothing to say about a sound folder", async () => {
    const { status, out, err } = await portolan(workspace(sound), ["check"]);
    assert.deepEqual([status, out, err], [0, "1 Service in 2 files: nothing to report\n", ""]);
  });

  it("prints findings as JSON that lead to the text they speak of", async () => {
    const document = (await json(workspace(orphan), ["check"])) as CheckDocument;
    const [finding, ...others] = document.findings;
    assert.ok(finding);
    assert.deepEqual(others, []);
    assert.equal(document.version, 1);
    assert.equal(finding.rule, "orphan-service");
    assert.equal(finding.severity, "warning");
    assert.equal(finding.scope, "plain:shop");
    assert.deepEqual(finding.object, { apiVersion: "v1", kind: "Service", namespace: "default", name: "web" });
    assert.equal(finding.documentation, "docs/rules.md#orphan-service");
    assert.match(textAt(orphan, finding), /^(?:selector|web)$/);
    assert.deepEqual(
      finding.related.map(({ file }) => file),
      ["shop/deployment.yaml"],
    );
    const edited = finding.fixes[0]?.edits.map((edit) => [edit.file, textAt(orphan, edit), edit.newText]);
    assert.deepEqual(edited, [["shop/service.yaml", "web", "wbe"]]);
    assert.deepEqual(document.summary, {
      files: 2,
      documents: 2,
      services: 1,
      errors: 0,
      warnings: 1,
      information: 0,
      hints: 0,
    });
  });

  it("shows the same like a compiler: place, words, the line, the other half, the way out", async () => {
    const folder = workspace(orphan);
    const { findings } = (await json(folder, ["check"])) as CheckDocument;
    const { status, out } = await portolan(folder, ["check"]);
    assert.equal(status, 0);
    const [{ file, range, severity, message, rule, related, fixes } = assert.fail()] = findings;
    const line = orphan["shop/service.yaml"].split("\n")[range.start.line - 1];
    assert.deepEqual(out.split("\n"), [
      `${file}:${range.start.line}:${range.start.column}: ${severity}: ${message} [${rule}]`,
      ` ${range.start.line} | ${line}`,
      `   | ${" ".repeat(range.start.column - 1)}${"^".repeat(range.end.column - range.start.column)}`,
      ...related.map(
        (other) => `    ${other.file}:${other.range.start.line}:${other.range.start.column}: ${other.message}`,
      ),
      `    fix: ${fixes[0]?.title}`,
      "",
      "1 Service in 2 files: 1 warning",
      "",
    ]);
  });

  it("has exit status 1 for findings at or above --fail-on", async () => {
    const folder = workspace(orphan);
    const statusOf = async (...args: string[]) => (await portolan(folder, ["check", ...args])).status;
    assert.equal(await statusOf("--fail-on", "error"), 0);
    assert.equal(await statusOf("--fail-on", "warning"), 1);
    assert.equal(await statusOf("--fail-on=hint"), 1);
    assert.equal(await statusOf("--severity", "orphan-service=error"), 1);
    assert.equal(await statusOf("--severity", "orphan-service=error", "--fail-on", "never"), 0);
    assert.equal(await statusOf("--severity", "orphan-service=error", "--severity", "orphan-service=off"), 0);
  });

  it("reports a document that cannot be read, and everything around it", async () => {
    const { status, out } = await portolan(workspace({ ...broken, ...orphan }), ["check"]);
    assert.equal(status, 1);
    assert.match(out, /^bad\/service\.yaml:3:7: error: .*nowhere.* \[yaml-syntax\]$/m);
    assert.match(out, /\[orphan-service\]/);
    assert.match(out, /: 1 error, 1 warning\n$/);
  });

  it("reads standard input, alone or beside files", async () => {
    const both = documents(service("web"), deployment("web", "wbe"));
    const alone = await portolan(workspace({}), ["check", "-"], { input: both });
    assert.match(alone.out, /^-:\d+:\d+: warning: .*\[orphan-service\]$/m);
    const folder = workspace({ "deployment.yaml": deployment("web") });
    const beside = await portolan(folder, ["check", "-", "deployment.yaml"], { input: service("web") });
    assert.equal(beside.out, "1 Service in 2 files: nothing to report\n");
  });

  it("reports on the files that are named, and reads what lies beside them", async () => {
    const folder = workspace({ ...sound, "web/other.yaml": service("other") });
    const { out } = await portolan(folder, ["check", "web/service.yaml"]);
    assert.equal(out, "1 Service in 1 file: nothing to report\n");
  });

  it("reads the whole repository for the sake of one file in it", async () => {
    const files = { "services/web.yaml": service("web"), "pods/web.yaml": deployment("web"), ".git/HEAD": "" };
    const { out } = await portolan(workspace(files), ["check", "services/web.yaml"]);
    assert.equal(out, "1 Service in 1 file: nothing to report\n");
  });

  it("takes what is named together as belonging together", async () => {
    const folder = workspace({
      "a/service.yaml": service("web"),
      "b/deployment.yaml": deployment("web"),
      "here/x": "",
    });
    const { out } = await portolan(`${folder}/here`, ["check", "../a", "../b"]);
    assert.equal(out, "1 Service in 2 files: nothing to report\n");
    const alone = await portolan(`${folder}/here`, ["check", "../a"]);
    assert.match(alone.out, /^\.\.\/a\/service\.yaml:\d+:\d+: hint: /);
  });

  it("is at peace with a folder that holds no manifests", async () => {
    const { status, out } = await portolan(workspace({ "notes.yaml": "- just\n- a list\n" }), ["check"]);
    assert.deepEqual([status, out], [0, "no manifests found\n"]);
  });

  it("keeps to one scope with --scope", async () => {
    const folder = workspace({
      ...orphan,
      "other/service.yaml": service("db"),
      "other/db.yaml": deployment("db", "bd"),
    });
    const { out } = await portolan(folder, ["check", "--scope", "plain:other"]);
    assert.match(out, /^other\/service\.yaml/);
    assert.doesNotMatch(out, /shop/);
    const { status, err } = await portolan(folder, ["check", "--scope", "plain:others"]);
    assert.deepEqual([status, err], [2, 'portolan: there is no scope "plain:others"; did you mean "plain:other"?\n']);
  });

  it("counts columns in UTF-16 code units, without the byte order mark, whatever the line breaks", async () => {
    const text = `\ufeff# 🚢\r\n{ "apiVersion": "v1", "kind": "Service", "metadata": { "name": "web", "annotations": { "a": "🚢🚢" } }, "spec": *x }\r\n`;
    const { out } = await portolan(workspace({ "web.yaml": text }), ["check"]);
    const line = text.split("\r\n")[1] ?? "";
    assert.match(out, new RegExp(`^web\\.yaml:2:${line.indexOf("*x") + 1}: error`, "m"));
  });

  it("underlines the right columns behind tabs and wide characters", async () => {
    const text = `apiVersion: v1\nkind: Service\nmetadata: {\tname: "港口", labels: *x }\n`;
    const { out } = await portolan(workspace({ "web.yaml": text }), ["check"]);
    const [, source = "", carets = ""] = out.split("\n");
    const wide = 2;
    assert.equal(carets.indexOf("^"), source.indexOf("*x") + wide);
  });

  it("shows a part of a line that is longer than any screen", async () => {
    const text = `{"apiVersion":"v1","kind":"Service","metadata":{"name":"web","annotations":{"a":"${"x".repeat(5000)}"}},"spec":*x}`;
    const { out } = await portolan(workspace({ "web.json": text }), ["check"]);
    const [, source = "", carets = ""] = out.split("\n");
    assert.ok(source.length < 200, source);
    assert.equal(source.slice(carets.indexOf("^")).startsWith("*x"), true);
  });

  it("lets no control character of a manifest reach the terminal", async () => {
    const text = 'apiVersion: v1\nkind: Service\nmetadata: { name: "a\\e[2J\\x07" }\nspec: *\u001b[2J\n';
    const { out } = await portolan(workspace({ "web.yaml": text }), ["check"], {
      isTerminal: true,
      env: { NO_COLOR: "1" },
    });
    assert.match(out, /error/);
    assert.doesNotMatch(out.replaceAll("\n", ""), /\p{Cc}/u);
  });
});

interface CheckDocument {
  readonly version: number;
  readonly findings: readonly CheckFinding[];
  readonly summary: object;
}

interface Located {
  readonly file: string;
  readonly range: { readonly start: Place; readonly end: Place };
}

interface CheckFinding extends Located {
  readonly rule: string;
  readonly severity: string;
  readonly message: string;
  readonly scope: string;
  readonly object: object | null;
  readonly related: readonly (Located & { readonly message: string })[];
  readonly fixes: readonly {
    readonly title: string;
    readonly edits: readonly (Located & { readonly newText: string })[];
  }[];
  readonly documentation: string;
}

/** What stands at a place that a document names, on one line. */
function textAt(files: Readonly<Record<string, string>>, { file, range: { start, end } }: Located): string {
  const line = files[file]?.split("\n")[start.line - 1] ?? "";
  return start.line === end.line ? line.slice(start.column - 1, end.column - 1) : "";
}
