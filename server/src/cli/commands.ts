import { type Message, message } from "../core/base/message.ts";
import type { Call, ExitStatus } from "./call.ts";
import { check } from "./check.ts";
import { explain } from "./explain.ts";
import type { OptionName } from "./options.ts";

/** One command of the program. */
export interface Command {
  readonly name: string;
  /** What it takes besides options, as its help shows it. */
  readonly operands: string;
  readonly summary: Message;
  /** Options of its own, besides those of every command. */
  readonly options: readonly OptionName[];
  readonly examples: readonly string[];
  readonly run: (call: Call) => Promise<ExitStatus>;
}

/** Every command, in the order in which the help shows them. */
export const commands: readonly Command[] = [
  {
    name: "check",
    operands: "[PATH…]",
    summary: message`says what is wrong, where, and what to do about it`,
    options: ["fail-on", "severity"],
    examples: [
      "portolan check",
      "portolan check k8s/ --fail-on warning",
      "kustomize build overlays/prod | portolan check -",
      "portolan check --severity orphan-service=error --format json",
    ],
    run: check,
  },
  {
    name: "explain",
    operands: "[RULE]",
    summary: message`the documentation of a rule, or the list of rules`,
    options: [],
    examples: ["portolan explain", "portolan explain orphan-service"],
    run: explain,
  },
];
