import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after } from "node:test";
import { type Installation, run } from "../../src/cli/program.ts";
import { repository } from "../harness/files.ts";

/** What came of one call. */
export interface Outcome {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

/** How a call differs from one in a pipe, in an empty environment, with nothing on standard input. */
export interface Circumstances {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | (() => string);
  readonly isTerminal?: boolean;
  readonly installation?: Partial<Installation>;
}

/** A new folder with some files in it, gone after the tests. */
export function workspace(files: Readonly<Record<string, string>>): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "portolan-cli-")));
  after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

/** Runs the program in this process. */
export async function portolan(
  cwd: string,
  args: readonly string[],
  { env = {}, input = "", isTerminal = false, installation }: Circumstances = {},
): Promise<Outcome> {
  let out = "";
  let err = "";
  const terminal = {
    cwd,
    env,
    readInput: async () => (typeof input === "string" ? input : input()),
    out: {
      isTerminal,
      write: (text: string) => {
        out += text;
      },
    },
    err: {
      isTerminal,
      write: (text: string) => {
        err += text;
      },
    },
  };
  const bundles = { en: {}, "zh-cn": {} };
  const status = await run(args, terminal, { version: "1.2.3", bundles, ...installation });
  return { status, out, err };
}

/** The JSON document that a call prints. */
export async function json(cwd: string, args: readonly string[], circumstances?: Circumstances): Promise<unknown> {
  const { out } = await portolan(cwd, [...args, "--format", "json"], circumstances);
  return JSON.parse(out);
}

/** The program as it is started, compiled. */
export const program = join(repository, "out", "server", "src", "cli", "main.js");

/** Runs the program in a process of its own. */
export function portolanProcess(cwd: string, args: readonly string[], input = ""): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], { cwd });
    let out = "";
    let err = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      err += text;
    });
    child.once("error", reject);
    child.once("close", (status) => resolve({ status, out, err }));
    child.stdin.end(input);
  });
}
