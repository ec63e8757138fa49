import assert from "node:assert/strict";
import * as vscode from "vscode";
import { eventually, fileUri, open } from "./workbench.ts";

describe("the extension", () => {
  it("becomes active when a YAML file opens", async () => {
    const extension = vscode.extensions.getExtension("portolan.portolan");
    assert.ok(extension);
    const [file] = await vscode.workspace.findFiles("**/*.yaml", undefined, 1);
    await open(file ?? fileUri("missing.yaml"));
    await eventually("the extension is active", () => extension.isActive || undefined);
  });
});
