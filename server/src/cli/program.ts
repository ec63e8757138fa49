import { type Bundle, list, type Message, message, quote, render } from "../core/base/message.ts";
import { findNearest } from "../core/base/text.ts";
import { type Arguments, parseArguments, requireOptions, requireWord } from "./arguments.ts";
import type { Call, ExitStatus } from "./call.ts";
import { CallError } from "./call-error.ts";
import { type Command, commands } from "./commands.ts";
import { commandHelp, overview } from "./help.ts";
import { chooseLocale, type Locale } from "./locale.ts";
import { harmless, type Terminal } from "./terminal.ts";

/** What the program carries with itself. */
export interface Installation {
  readonly version: string;
  readonly bundles: Readonly<Record<Locale, Bundle>>;
}

/**
 * The whole program, but for the process that it runs in. Never throws.
 * @param args what was typed behind the program's name
 */
export async function run(
  args: readonly string[],
  terminal: Terminal,
  installation: Installation,
): Promise<ExitStatus> {
  const given = parseArguments(args);
  const bundle = installation.bundles[chooseLocale(given, terminal.env)];
  try {
    return await dispatch(
      given,
      { operands: given.operands.slice(1), given: given.given, terminal, bundle },
      installation,
    );
  } catch (error) {
    if (error instanceof CallError) {
      terminal.err.write(`portolan: ${harmless(render(error.said, bundle))}\n`);
      return 2;
    }
    terminal.err.write(`${render(apology, bundle)}\n\n${describe(error, installation)}\n`);
    return 70;
  }
}

async function dispatch(
  { operands, given, complaints }: Arguments,
  call: Call,
  { version }: Installation,
): Promise<ExitStatus> {
  const [complaint] = complaints;
  if (complaint) throw new CallError(complaint);
  const locale = given.get("locale")?.at(-1);
  if (locale !== undefined) requireWord("locale", locale, ["en", "zh-cn"]);
  const asksForHelp = operands[0] === "help";
  const name = asksForHelp ? operands[1] : operands[0];
  if (given.has("version")) {
    call.terminal.out.write(`${version}\n`);
    return 0;
  }
  if (name === undefined) {
    call.terminal.out.write(overview(call));
    return 0;
  }
  const command = findCommand(name);
  if (asksForHelp || given.has("help")) {
    call.terminal.out.write(commandHelp(call, command));
    return 0;
  }
  requireOptions(given, command.name, command.options);
  return command.run(call);
}

function findCommand(name: string): Command {
  const command = commands.find((known) => known.name === name);
  if (command) return command;
  const names = commands.map((known) => known.name);
  const nearest = findNearest(name, names);
  throw new CallError(
    nearest === undefined
      ? message`there is no command ${quote(name)}; there are ${list(names)}`
      : message`there is no command ${quote(name)}; did you mean ${quote(nearest)}?`,
  );
}

const apology: Message = message`Portolan failed because of a defect of its own. Please report it, with the command that you ran and the lines below; of the manifests nothing is needed but the smallest part with which it happens again.`;

/** What a report needs, and nothing of any manifest's contents. */
function describe(error: unknown, { version }: Installation): string {
  return `portolan ${version}, node ${process.version}, ${process.platform} ${process.arch}\n${stackOf(error)}`;
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : `\nbecause of ${stackOf(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
