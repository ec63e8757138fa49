import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { decodeText } from "../shell/decode-text.ts";
import { bundleFor } from "../shell/locale.ts";
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
  return decodeText(Buffer.concat(chunks));
}

const installation = (): Installation => ({
  version: version(),
  bundles: { en: bundleFor("en"), "zh-cn": bundleFor("zh-cn") },
});

/** That of the package which the program is a part of. */
function version(): string {
  const program = process.argv[1];
  if (program === undefined) return UNKNOWN_VERSION;
  for (let folder = dirname(realpathSync(program)); ; folder = dirname(folder)) {
    const file = join(folder, "package.json");
    if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8")).version ?? UNKNOWN_VERSION;
    if (folder === dirname(folder)) return UNKNOWN_VERSION;
  }
}

const UNKNOWN_VERSION = "0.0.0";

void main();
