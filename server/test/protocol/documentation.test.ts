import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { URI } from "vscode-uri";
import { documentationOf, rules } from "../../src/core/rules/index.ts";
import { packagedDocumentation } from "../../src/lsp/documentation-node.ts";
import { repository } from "../harness/files.ts";

test("the documentation that comes along has a section for every rule", () => {
  const addressOf = packagedDocumentation(join(repository, "scripts", "build.mjs"));
  assert.ok(addressOf);
  for (const { id } of rules) {
    const { fsPath, fragment } = URI.parse(addressOf(documentationOf(id)));
    const line = readFileSync(fsPath, "utf8").split(/\r?\n/)[Number(fragment.slice(1)) - 1];
    assert.equal(line, `## ${id}`);
  }
});

test("there is none beside a program that is no part of a package", () => {
  assert.equal(packagedDocumentation(join(repository, "nowhere", "server.cjs")), undefined);
});
