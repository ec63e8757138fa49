import { type ChildProcess, spawn } from "node:child_process";
import readline from "node:readline";
import { fileURLToPath } from "node:url";
import type { Answer, Observation, Order } from "./agent-protocol.ts";

/** A process in a namespace that listens and connects there. */
export interface Agent {
  readonly obey: (order: Order) => Promise<readonly Observation[]>;
  readonly close: () => Promise<void>;
}

/** Starts an agent in a network namespace. */
export function startAgent(namespace: string): Agent {
  const script = fileURLToPath(new URL("agent.js", import.meta.url));
  const child = spawn("ip", ["netns", "exec", namespace, process.execPath, script], {
    stdio: ["pipe", "pipe", "inherit"],
  });
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
