import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, it } from "node:test";
import { commands } from "../../src/cli/commands.ts";
import { rules } from "../../src/core/rules/index.ts";
import { deployment, service } from "./manifests.ts";
import { portolan, portolanProcess, program, workspace } from "./program.ts";

const folder = workspace({ "web.yaml": service("web"), "pods.yaml": deployment("web", "wbe") });

describe("a wrong call ends with status 2 and one line that says how to mend it", () => {
  const wrong: readonly (readonly [args: string, said: string])[] = [
    ["chek", 'there is no command "chek"; did you mean "check"?'],
    ["wibble", `there is no command "wibble"; there are `],
    ["check --formt json", 'there is no option "--formt"; did you mean "--format"?'],
    ["check -x", 'there is no option "-x"; see portolan --help'],
    ["check --format", "--format needs a value: text|json"],
    ["check --format --no-color", "--format needs a value: text|json"],
    ["check --format=", "--format needs a value: text|json"],
    ["check --format xml", '--format takes text or json, not "xml"'],
    ["check --format sarif", '--format takes text or json, not "sarif"'],
    ["check --no-color=1", '--no-color takes no value; leave "=1" out'],
    ["check --locale de", '--locale takes en or zh-cn, not "de"'],
    ["check --fail-on fatal", '--fail-on takes hint, information, warning, error or never, not "fatal"'],
    ["check --severity orphan-servise=off", 'there is no rule "orphan-servise"; did you mean "orphan-service"?'],
    ["check --severity wibble=off", 'there is no rule "wibble"; portolan explain lists them all'],
    ["check --severity orphan-service", "--severity takes a rule and a severity"],
    ["check --severity orphan-service=loud", "--severity takes a rule and a severity"],
    ["check web.yml", 'there is no file or folder "web.yml"; did you mean "web.yaml"?'],
    ["check wibble", 'there is no file or folder "wibble"'],
    ["check --config wibble.yaml", 'the settings in "wibble.yaml" cannot be read'],
    ["explain --fail-on error", '"explain" has no option "--fail-on"; see portolan explain --help'],
    ["explain orphan-servic", 'there is no rule "orphan-servic"; did you mean "orphan-service"?'],
    ["explain orphan-service tab", 'one rule at a time: leave "tab" out'],
  ];
  for (const [args, said] of wrong) {
    it(`portolan ${args}`, async () => {
      const { status, out, err } = await portolan(folder, args.split(" "));
      assert.deepEqual([status, out], [2, ""]);
      assert.ok(err.startsWith(`portolan: ${said}`), err);
      assert.match(err, /^[^\n]+\n$/);
    });
  }

  it("portolan check, where nothing can be read", async () => {
    const { status, err } = await portolan(workspace({}), ["check", "--config", "."]);
    assert.deepEqual([status, err], [2, 'portolan: the settings in "." cannot be read\n']);
  });
});

describe("help", () => {
  it("lists every command, alone and with --help", async () => {
    const alone = await portolan(folder, []);
    const asked = await portolan(folder, ["--help"]);
    assert.deepEqual(alone, asked);
    assert.equal(alone.status, 0);
    for (const { name } of commands) assert.match(alone.out, new RegExp(`^ {2}${name} `, "m"));
  });

  for (const { name, options } of commands) {
    it(`tells what ${name} does, with all its options`, async () => {
      const { status, out } = await portolan(folder, [name, "--help"]);
      assert.equal(status, 0);
      for (const option of [...options, "format", "scope", "config", "locale", "no-color", "help", "version"]) {
        assert.ok(out.includes(`--${option}`), option);
      }
      assert.ok(out.includes(`portolan ${name}`));
    });
  }

  it("answers to the word help as well", async () => {
    assert.deepEqual(await portolan(folder, ["help"]), await portolan(folder, ["--help"]));
    assert.deepEqual(await portolan(folder, ["help", "check"]), await portolan(folder, ["check", "--help"]));
    assert.match((await portolan(folder, ["help", "chek"])).err, /did you mean "check"\?/);
  });

  it("prints the version", async () => {
    assert.deepEqual(await portolan(folder, ["--version"]), { status: 0, out: "1.2.3\n", err: "" });
  });
});

describe("the terminal", () => {
  const ESC = "\u001b[";

  it("gets colours, unless somebody wants none", async () => {
    const colours = async (env: Record<string, string>, isTerminal: boolean, ...more: string[]) =>
      (await portolan(folder, ["check", ...more], { env, isTerminal })).out.includes(ESC);
    assert.equal(await colours({}, true), true);
    assert.equal(await colours({}, false), false);
    assert.equal(await colours({ NO_COLOR: "1" }, true), false);
    assert.equal(await colours({ NO_COLOR: "" }, true), true);
    assert.equal(await colours({ TERM: "dumb" }, true), false);
    assert.equal(await colours({}, true, "--no-color"), false);
    assert.equal(await colours({}, true, "--format", "json"), false);
  });

  it("has the same words with colours and without", async () => {
    const plain = await portolan(folder, ["check"]);
    const painted = await portolan(folder, ["check"], { isTerminal: true });
    assert.equal(
      painted.out
        .split(ESC)
        .map((part, index) => (index === 0 ? part : part.replace(/^\d+m/, "")))
        .join(""),
      plain.out,
    );
  });

  it("sees progress on long work, and no other stream does", async () => {
    const files = Object.fromEntries(Array.from({ length: 600 }, (_, index) => [`${index}.yaml`, "a: 1\n"]));
    const many = workspace(files);
    const { err } = await portolan(many, ["check"], { isTerminal: true });
    assert.deepEqual(err.split("\r"), ["", "reading 250 of 600 files", "reading 500 of 600 files", `${ESC}K`]);
    assert.equal((await portolan(many, ["check"])).err, "");
  });
});

describe("the language", () => {
  const template = "nothing to report";
  const installation = { bundles: { en: {}, "zh-cn": { [template]: "没有问题", warning: "警告" } } };
  const isChinese = async (args: readonly string[], env: Record<string, string> = {}) =>
    /警告/.test((await portolan(folder, ["check", ...args], { env, installation })).out);

  it("is the one that is asked for, else in text that of the environment", async () => {
    assert.equal(await isChinese([]), false);
    assert.equal(await isChinese(["--locale", "zh-cn"]), true);
    assert.equal(await isChinese([], { LANG: "zh_CN.UTF-8" }), true);
    assert.equal(await isChinese([], { LC_ALL: "C", LANG: "zh_CN.UTF-8" }), false);
    assert.equal(await isChinese(["--locale", "en"], { LANG: "zh_CN.UTF-8" }), false);
  });

  it("is English for programs, unless they ask", async () => {
    const said = { "the closest pod labels: {0}": "最接近的 Pod 标签：{0}" };
    const chinese = { installation: { bundles: { en: {}, "zh-cn": said } }, env: { LANG: "zh_CN.UTF-8" } };
    const messageOf = async (...args: string[]) =>
      (await portolan(folder, ["check", "--format", "json", ...args], chinese)).out;
    assert.doesNotMatch(await messageOf(), /最接近/);
    assert.match(await messageOf("--locale", "zh-cn"), /最接近/);
  });
});

describe("explain", () => {
  it("lists every rule, and documents each", async () => {
    const { out } = await portolan(folder, ["explain"]);
    for (const { id } of rules) {
      assert.match(out, new RegExp(`^${id} `, "m"));
      const page = await portolan(folder, ["explain", id]);
      assert.equal(page.status, 0);
      assert.ok(page.out.includes(id) && page.out.includes("https://"), page.out);
    }
  });
});

describe("a defect in Portolan", () => {
  it("ends with status 70, apologizes, and says what to report", async () => {
    const { status, out, err } = await portolan(folder, ["check", "-"], {
      input: () => {
        throw new TypeError("on purpose");
      },
    });
    assert.deepEqual([status, out], [70, ""]);
    assert.match(err, /^Portolan failed.*report/);
    assert.match(err, /^portolan 1\.2\.3, node v/m);
    assert.match(err, /TypeError: on purpose/);
  });
});

describe("the process", () => {
  it("prints findings and ends with their status", async () => {
    const { status, out, err } = await portolanProcess(folder, ["check", "--fail-on", "warning"]);
    assert.deepEqual([status, err], [1, ""]);
    assert.match(out, /\[orphan-service\]/);
  });

  it("reads standard input", async () => {
    const { status, out } = await portolanProcess(folder, ["check", "-", "--fail-on", "warning"], service("db"));
    assert.equal(status, 0);
    assert.match(out, /^-:\d+:\d+: hint/);
  });

  it("knows its version", async () => {
    assert.match((await portolanProcess(folder, ["--version"])).out, /^\d+\.\d+\.\d+\n$/);
  });

  it("does not mind a reader that has seen enough", async () => {
    const many = workspace(
      Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`${index}.yaml`, service(`web-${index}`)])),
    );
    const child = spawn(process.execPath, [program, "check", "--format", "json"], { cwd: many });
    let err = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      err += text;
    });
    child.stdout.once("data", () => child.stdout.destroy());
    const [status] = await once(child, "close");
    assert.deepEqual([status, err], [0, ""]);
  });
});
