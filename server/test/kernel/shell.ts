import { spawnSync } from "node:child_process";

/** What came of a program that ran to its end. */
export interface Run {
  readonly ok: boolean;
  readonly stdout: string;
  /** Standard error, or why the program could not be started. */
  readonly complaint: string;
}

/** Runs a program to its end, for at most half a minute. Never throws. */
export function run(command: string, args: readonly string[], input = ""): Run {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    input,
    encoding: "utf8",
    timeout: 30_000,
    maxBuffer: 64 << 20,
  });
  return { ok: status === 0, stdout: stdout ?? "", complaint: error?.message ?? (stderr || `exit status ${status}`) };
}

/** Runs a program that must succeed, and gives its output. */
export function mustRun(command: string, args: readonly string[], input = ""): string {
  const { ok, stdout, complaint } = run(command, args, input);
  if (!ok) throw new Error(`${command} ${args.join(" ")}: ${complaint}`);
  return stdout;
}

/** `ip`, with its words in one text. */
export const ip = (words: string): string => mustRun("ip", words.split(" "));

/** Many commands of `ip` in one namespace, in turn. */
export const ipAll = (namespace: string, commands: readonly string[]): string =>
  mustRun("ip", ["-n", namespace, "-batch", "-"], `${commands.join("\n")}\n`);
