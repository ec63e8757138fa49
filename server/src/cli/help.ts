import { type Message, message } from "../core/base/message.ts";
import { displayWidth } from "../core/features/page.ts";
import { type Call, paintOf, say } from "./call.ts";
import { type Command, commands } from "./commands.ts";
import { commonOptions, type Option, type OptionName, options } from "./options.ts";
import type { Paint } from "./terminal.ts";

/** What the program is, and its commands. */
export function overview(call: Call): string {
  const paint = paintOf(call);
  const rows = commands.map(({ name, summary }) => [name, say(call, summary)] as const);
  return [
    say(call, message`Portolan shows where Kubernetes Services really go, from manifests alone.`),
    "",
    usage(paint, call, "portolan COMMAND [OPTION…]"),
    "",
    paint("title", say(call, message`Commands`)),
    ...table(paint, rows),
    "",
    ...optionTable(call, paint, message`Options of every command`, commonOptions),
    "",
    say(call, message`${"portolan COMMAND --help"} tells more about a command.`),
    "",
  ].join("\n");
}

/** One command: what it does, its options, and examples. */
export function commandHelp(call: Call, command: Command): string {
  const paint = paintOf(call);
  const own = command.options.length === 0 ? [] : [...optionTable(call, paint, message`Options`, command.options), ""];
  return [
    say(call, message`${`portolan ${command.name}`}: ${command.summary}`),
    "",
    usage(paint, call, `portolan ${command.name} ${command.operands} [OPTION…]`),
    "",
    ...(command.operands.includes("PATH") ? [say(call, aboutPaths), ""] : []),
    ...own,
    ...optionTable(call, paint, message`Options of every command`, commonOptions),
    "",
    paint("title", say(call, message`Examples`)),
    ...command.examples.map((example) => `  ${example}`),
    "",
  ].join("\n");
}

const aboutPaths: Message = message`PATH is a file, a folder or ${"-"} for standard input; none means the current folder.`;

const usage = (paint: Paint, call: Call, form: string): string =>
  `${paint("title", say(call, message`Usage`))}  ${form}`;

function optionTable(call: Call, paint: Paint, title: Message, names: readonly OptionName[]): readonly string[] {
  const rows = names.map((name) => {
    const { value, short }: Option = options[name];
    const shown = `${short === undefined ? "" : `-${short}, `}--${name}${value === undefined ? "" : ` ${value}`}`;
    return [shown, say(call, options[name].help)] as const;
  });
  return [paint("title", say(call, title)), ...table(paint, rows)];
}

/** Two columns; a first cell that is too wide has the second below it. */
function table(paint: Paint, rows: readonly (readonly [string, string])[]): readonly string[] {
  const widths = rows.map(([first]) => displayWidth(first)).filter((width) => width <= WIDEST_CELL);
  const width = Math.max(0, ...widths);
  return rows.flatMap(([first, second]) => {
    const fill = " ".repeat(Math.max(0, width - displayWidth(first)));
    if (displayWidth(first) <= WIDEST_CELL) return [`  ${paint("label", first)}${fill}  ${second}`];
    return [`  ${paint("label", first)}`, `  ${" ".repeat(width)}  ${second}`];
  });
}

const WIDEST_CELL = 28;
