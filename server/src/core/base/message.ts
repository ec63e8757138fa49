/**
 * Words for people, kept apart from the language they are read in. The core says what it has to say with the
 * {@link message} tag; a shell renders it with the {@link Bundle} of the reader's language. The English template is
 * the key of the translation, in the form that VS Code's l10n uses: `no pod has {0}`.
 */
export interface Message {
  readonly template: string;
  readonly args: readonly Argument[];
}

/** What may stand in a message: text and numbers as they are, values of the user's in quotes, further messages, lists. */
export type Argument = string | number | Quoted | Message | List;

/** A value that came from a manifest or a request; shown in quotes, or as code where the surface knows code. */
export interface Quoted {
  readonly quoted: string;
}

/** Several things in a row, joined as the language joins them. */
export interface List {
  readonly items: readonly Argument[];
  readonly joiner: "and" | "or" | "comma";
}

/** Translations by English template. An empty bundle is English. */
export type Bundle = Readonly<Record<string, string>>;

/** Tags a template literal as a message: `` message`no pod has ${quote("app=web")}` ``. */
export function message(strings: TemplateStringsArray, ...args: readonly Argument[]): Message {
  return { template: strings.reduce((key, part, index) => `${key}{${index - 1}}${part}`), args };
}

/** Marks a value as the user's own: a name, a label, an address they wrote. */
export const quote = (value: string | number): Quoted => ({ quoted: String(value) });

/** `a, b and c`, or the same with `or` or with commas alone. */
export const list = (items: readonly Argument[], joiner: List["joiner"] = "and"): List => ({ items, joiner });

/** One of two messages, by count: English inflects, Chinese does not mind. */
export const plural = (count: number, one: Message, many: Message): Message => (count === 1 ? one : many);

/** How a surface shows the parts that are not plain words. */
export interface Style {
  readonly plain: (text: string) => string;
  readonly quoted: (text: string) => string;
}

/** Plain text: user values in double quotes, as Kubernetes prints them. */
export const plainText: Style = { plain: (text) => text, quoted: (text) => `"${text}"` };

/** Markdown: words are escaped, user values are code. */
export const markdown: Style = {
  plain: (text) => text.replace(/[\\`*_{}[\]()#+\-.!|<>~&]/g, "\\$&"),
  quoted: (text) => codeSpan(text),
};

/** Renders a message in the language of a bundle. Total: a missing translation is English, a missing argument is empty. */
export function render(said: Message, bundle: Bundle = {}, style: Style = plainText): string {
  const template = bundle[said.template] ?? said.template;
  let text = "";
  let from = 0;
  for (const hole of template.matchAll(/\{(\d+)\}/g)) {
    text += style.plain(template.slice(from, hole.index));
    const argument = said.args[Number(hole[1])];
    if (argument !== undefined) text += renderArgument(argument, bundle, style);
    from = hole.index + hole[0].length;
  }
  return text + style.plain(template.slice(from));
}

function renderArgument(argument: Argument, bundle: Bundle, style: Style): string {
  if (typeof argument === "string") return style.plain(argument);
  if (typeof argument === "number") return style.plain(String(argument));
  if ("quoted" in argument) return style.quoted(argument.quoted);
  if ("items" in argument) return renderList(argument, bundle, style);
  return render(argument, bundle, style);
}

function renderList({ items, joiner }: List, bundle: Bundle, style: Style): string {
  const rendered = items.map((item) => renderArgument(item, bundle, style));
  const last = rendered.pop();
  if (last === undefined) return "";
  if (rendered.length === 0) return last;
  const head = rendered.join(bundle[", "] ?? ", ");
  const tail = joiner === "comma" ? ", " : joiner === "and" ? " and " : " or ";
  return head + (bundle[tail] ?? tail) + last;
}

function codeSpan(text: string): string {
  let longest = 0;
  for (const [run] of text.matchAll(/`+/g)) longest = Math.max(longest, run.length);
  const fence = "`".repeat(longest + 1);
  return longest === 0 && !/^ | $/.test(text) ? `\`${text}\`` : `${fence} ${text} ${fence}`;
}
