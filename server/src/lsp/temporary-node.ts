import { mkdtempSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { URI } from "vscode-uri";
import type { KeepText } from "./commands.ts";

/** Keeps texts in a folder that is made for the first of them, and goes when the process ends. */
export function temporaryTexts(): KeepText {
  let folder: string | undefined;
  return async (name, text) => {
    folder ??= temporaryFolder();
    // Some systems know more characters that no file may be called by than others.
    const path = join(folder, name.replace(/[^\w.,=→ -]+/g, "_"));
    await writeFile(path, text);
    return URI.file(path).toString();
  };
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "portolan-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
