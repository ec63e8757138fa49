import { type ChildProcess, spawn } from "node:child_process";
import readline from "node:readline";
import { fileURLToPath } from "node:url";
import type { Answer, Observation, Order } from "./agent-protocol.ts";
import { openNamespaces } from "./namespaces.ts";
import { run } from "./shell.ts";

/** Somebody in a namespace who listens and connects there. */
export interface Agent {
  readonly obey: (order: Order) => Promise<readonly Observation[]>;
  readonly close: () => Promise<void>;
}

/** Starts an agent in a network namespace: a process for TCP and UDP, and another for SCTP, which Node does not speak. */
export function startAgent(namespace: string): Agent {
  const own = startProgram(namespace, [process.execPath, fileURLToPath(new URL("agent.js", import.meta.url))]);
  const sctp = whyNoSctp() === undefined ? startProgram(namespace, [PYTHON, sctpProgram]) : undefined;
  return {
    obey: (order) => (order.protocol === "SCTP" ? (sctp?.obey(order) ?? Promise.resolve([])) : own.obey(order)),
    close: async () => {
      await Promise.all([own.close(), sctp?.close()]);
    },
  };
}

/** Why nobody can speak SCTP here; `undefined` where they can. Then an order about SCTP is answered with nothing. */
export function whyNoSctp(): string | undefined {
  verdict ??= { reason: tryPython() };
  return verdict.reason;
}

let verdict: { readonly reason: string | undefined } | undefined;

function tryPython(): string | undefined {
  const namespaces = openNamespaces();
  try {
    const { ok, complaint } = run("ip", ["netns", "exec", namespaces.create("sctp"), PYTHON, sctpProgram]);
    return ok ? undefined : `kernel ring skipped in part: no SCTP (${complaint.trim().split("\n").at(-1)})`;
  } finally {
    namespaces.close();
  }
}

const PYTHON = "python3";
const sctpProgram = fileURLToPath(new URL("../../../../server/test/kernel/sctp-agent.py", import.meta.url));

function startProgram(namespace: string, program: readonly string[]): Agent {
  const child = spawn("ip", ["netns", "exec", namespace, ...program], { stdio: ["pipe", "pipe", "inherit"] });
  const waiting = new Map<number, (answer: Answer) => void>();
  readline.createInterface({ input: child.stdout }).on("line", (line) => {
    const { id, answer } = JSON.parse(line) as { readonly id: number; readonly answer: Answer };
    waiting.get(id)?.(answer);
    waiting.delete(id);
  });
  const ended = endOf(child);
  ended.then(() => {
    for (const tell of waiting.values()) tell({ failure: `the agent in ${namespace} is gone` });
  });
  let count = 0;
  return {
    obey: async (order) => {
      const id = count++;
      const answer = await new Promise<Answer>((resolve) => {
        waiting.set(id, resolve);
        child.stdin.write(`${JSON.stringify({ id, order })}\n`);
      });
      if ("failure" in answer) throw new Error(answer.failure);
      return answer.observations;
    },
    close: () => {
      child.stdin.end();
      return ended;
    },
  };
}

const endOf = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    child.once("close", () => resolve());
    child.once("error", () => resolve());
  });
