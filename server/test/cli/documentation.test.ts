import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { commands } from "../../src/cli/commands.ts";
import { options } from "../../src/cli/options.ts";
import { repository } from "../harness/files.ts";
import { portolan } from "./program.ts";
import { schemaNames, validate } from "./schemas.ts";

const updates = process.env["UPDATE_FIXTURES"] === "1";
const page = join(repository, "docs", "cli.md");
const harbour = join(repository, "examples", "harbour");
const text = readFileSync(page, "utf8");

/** What is typed in an example, and what is printed. */
interface Example {
  readonly block: string;
  readonly args: readonly string[];
  readonly printed: string;
}

const examples = [...text.matchAll(/^```console\n\$ portolan (.*)\n([\s\S]*?)^```$/gm)].map(
  ([block, line = "", printed = ""]): Example => ({ block, args: line.split(" "), printed }),
);

describe("docs/cli.md", () => {
  it("shows what the example harbour really comes to", async () => {
    let updated = text;
    for (const { block, args, printed } of examples) {
      const { out } = await portolan(harbour, args);
      const isJson = args.includes("json");
      const shown = isJson ? `${compact(JSON.parse(out))}\n` : out.replace(/ +$/gm, "");
      if (updates)
        updated = updated.replace(block, () => `\`\`\`console\n$ portolan ${args.join(" ")}\n${shown}\`\`\``);
      else if (isJson) assert.deepEqual(JSON.parse(printed), JSON.parse(out), args.join(" "));
      else assert.equal(printed, shown, args.join(" "));
    }
    if (updates) writeFileSync(page, updated);
  });

  for (const { args, printed } of examples.filter((example) => example.args.includes("json"))) {
    it(`has an example of ${args[0]} that is as its schema says`, () => validate(args[0] ?? "", JSON.parse(printed)));
  }

  it("tells of every command, every option and every schema", () => {
    for (const { name } of commands) assert.match(text, new RegExp(`^## ${name}$`, "m"));
    for (const name of Object.keys(options)) assert.ok(text.includes(`--${name}`), name);
    for (const name of schemaNames) assert.ok(text.includes(`(schemas/${name}.schema.json)`), name);
  });
});

/** JSON with as much on a line as fits. */
function compact(value: unknown, indentation = "", behind = 0): string {
  const whole = JSON.stringify(value, undefined, 1)?.replace(/\n\s*/g, " ") ?? "null";
  if (whole.length + indentation.length + behind < 116 || typeof value !== "object" || value === null) return whole;
  const inner = `${indentation}  `;
  const lines = Array.isArray(value)
    ? value.map((item) => inner + compact(item, inner))
    : Object.entries(value).map(([key, item]) => `${inner}"${key}": ${compact(item, inner, key.length + 4)}`);
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  return `${open}\n${lines.join(",\n")}\n${indentation}${close}`;
}
