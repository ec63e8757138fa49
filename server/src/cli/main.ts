import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Bundle } from "../core/base/message.ts";
import { type Installation, run } from "./program.ts";
import type { Output } from "./terminal.ts";

/** The process around the program: its streams, its exit status, and the files that it was installed with. */
async function main(): Promise<void> {
  const terminal = {
    cwd: process.cwd(),
    env: process.env,
    readInput,
    out: outputOf(process.stdout),
    err: outputOf(process.stderr),
  };
  process.exitCode = await run(process.argv.slice(2), terminal, installation());
}

function outputOf(stream: NodeJS.WriteStream): Output {
  // Whoever reads may have seen enough.
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
  return { write: (text) => stream.write(text), isTerminal: stream.isTTY === true };
}

async function readInput(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

function installation(): Installation {
  const manifest = readJson("package.json") as { readonly version?: string } | undefined;
  const translations = (readJson(join("l10n", "bundle.l10n.zh-cn.json")) ?? {}) as Bundle;
  return { version: manifest?.version ?? "0.0.0", bundles: { en: {}, "zh-cn": translations } };
}

/** A file of the package, searched for upwards from the program. */
function readJson(name: string): unknown {
  const program = process.argv[1];
  if (program === undefined) return undefined;
  for (let folder = dirname(realpathSync(program)); ; folder = dirname(folder)) {
    const file = join(folder, name);
    if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8"));
    if (folder === dirname(folder)) return undefined;
  }
}

void main();
