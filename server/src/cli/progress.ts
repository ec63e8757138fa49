import { message } from "../core/base/message.ts";
import { type Call, say } from "./call.ts";

/** Tells a reader at a terminal how far long work is. */
export interface Progress {
  readonly step: () => void;
  /** Takes the line away again. */
  readonly end: () => void;
}

/** Starts to count steps on standard error; says nothing where that is no terminal, or the work is short. */
export function startProgress(call: Call, total: number): Progress {
  const { err } = call.terminal;
  if (!err.isTerminal || total < 2 * INTERVAL) return { step: () => {}, end: () => {} };
  let done = 0;
  return {
    step: () => {
      done += 1;
      if (done % INTERVAL === 0) err.write(`\r${say(call, message`reading ${done} of ${total} files`)}`);
    },
    end: () => err.write("\r\u001b[K"),
  };
}

/** Steps between two updates. */
const INTERVAL = 250;
