import type { Bundle, Message } from "../core/base/message.ts";
import { render } from "../core/base/message.ts";
import type { Arguments } from "./arguments.ts";
import { requireWord } from "./arguments.ts";
import type { OptionName } from "./options.ts";
import { harmless, type Paint, paintFor, type Terminal } from "./terminal.ts";

/** One call of one command: what was typed, and where the answer goes. */
export interface Call {
  /** Behind the name of the command. */
  readonly operands: readonly string[];
  readonly given: Arguments["given"];
  readonly terminal: Terminal;
  /** The language of the answer. */
  readonly bundle: Bundle;
}

/** Exit status: done; findings, or a request that is not delivered; a wrong call; a defect in Portolan. */
export type ExitStatus = 0 | 1 | 2 | 70;

/** The value of an option, the last one if it was given several times. */
export const optionOf = ({ given }: Call, name: OptionName): string | undefined => given.get(name)?.at(-1);

/** The format asked for; `text` if none was. */
export const formatOf = <Format extends string>(call: Call, formats: readonly Format[]): Format | "text" => {
  const value = optionOf(call, "format");
  return value === undefined ? "text" : requireWord("format", value, formats);
};

/** Words in the language of the call. */
export const say = ({ bundle }: Call, said: Message): string => render(said, bundle);

/** Prints a JSON document, as people read it and programs do. */
export const printJson = ({ terminal }: Call, document: object): void =>
  terminal.out.write(`${JSON.stringify(document, undefined, 2)}\n`);

/** The colours of standard output. */
export const paintOf = (call: Call): Paint => paintFor(call.terminal, call.terminal.out, call.given.has("no-color"));

/** Tells the reader something that is no part of the result: one line on standard error. */
export const notice = (call: Call, said: Message): void =>
  call.terminal.err.write(`portolan: ${harmless(say(call, said))}\n`);
