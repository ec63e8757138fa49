// @ts-check
/**
 * Finds the words for people in TypeScript sources: `` message`no pod has ${labels}` `` and `l10n.t("Go to {0}")`.
 * A small lexer, no parser: it knows strings, comments, regular expressions and nested templates.
 */

/**
 * @typedef {object} Found
 * @property {string} key the English template as translations know it: `no pod has {0}`
 * @property {number} line counted from 1
 */

/**
 * The keys of everything that a source says.
 * @param {string} source TypeScript
 * @returns {Found[]} in no particular order
 */
export function messagesIn(source) {
  /** @type {Found[]} */
  const found = [];
  scanCode(source, 0, false, found);
  return found;
}

/** What may stand before a `/` that begins a regular expression, besides the beginning of the source. */
const BEFORE_REGEXP = /(?:^|[(,=:[!&|?{};~+\-*%<>^])$|\b(?:return|typeof|case|in|of|void|delete|yield|await)$/;

/**
 * @param {string} source
 * @param {number} start
 * @param {boolean} inHole whether a `}` ends it, being the end of a `${…}`
 * @param {Found[]} found
 * @returns {number} the offset behind the code
 */
function scanCode(source, start, inHole, found) {
  let depth = 0;
  let code = "";
  let at = start;
  while (at < source.length) {
    const rest = source.slice(at, at + 2);
    const character = source.charAt(at);
    if (rest === "//") {
      at = endOf(source, at, "\n");
    } else if (rest === "/*") {
      at = endOf(source, at + 2, "*/");
    } else if (character === '"' || character === "'") {
      const end = endOfString(source, at);
      if (/\bl10n\.t\(\s*$/.test(code))
        found.push({ key: cooked(source.slice(at + 1, end - 1)), line: lineOf(source, at) });
      code += '""';
      at = end;
    } else if (character === "`") {
      const isMessage = /\bmessage$/.test(code) || /\bl10n\.t\(\s*$/.test(code);
      at = scanTemplate(source, at, isMessage, found);
      code += "``";
    } else if (character === "/" && BEFORE_REGEXP.test(code.trimEnd())) {
      at = endOfRegexp(source, at);
      code += "0";
    } else {
      if (character === "{") depth += 1;
      if (character === "}") {
        if (depth === 0 && inHole) return at + 1;
        depth -= 1;
      }
      code = (code + character).slice(-200);
      at += 1;
    }
  }
  return at;
}

/**
 * @param {string} source
 * @param {number} start of the opening backtick
 * @param {boolean} isMessage
 * @param {Found[]} found
 * @returns {number} the offset behind the closing backtick
 */
function scanTemplate(source, start, isMessage, found) {
  let key = "";
  let holes = 0;
  let at = start + 1;
  while (at < source.length && source.charAt(at) !== "`") {
    if (source.startsWith("${", at)) {
      key += `{${holes}}`;
      holes += 1;
      at = scanCode(source, at + 2, true, found);
    } else {
      const length = source.charAt(at) === "\\" ? 2 : 1;
      key += source.slice(at, at + length);
      at += length;
    }
  }
  if (isMessage) found.push({ key: cooked(key), line: lineOf(source, start) });
  return at + 1;
}

/**
 * @param {string} source
 * @param {number} start
 */
function endOfString(source, start) {
  let at = start + 1;
  while (at < source.length && source.charAt(at) !== source.charAt(start)) at += source.charAt(at) === "\\" ? 2 : 1;
  return at + 1;
}

/**
 * @param {string} source
 * @param {number} start
 */
function endOfRegexp(source, start) {
  let inClass = false;
  let at = start + 1;
  for (; at < source.length; at += 1) {
    const character = source.charAt(at);
    if (character === "\\") at += 1;
    else if (character === "[") inClass = true;
    else if (character === "]") inClass = false;
    else if (character === "/" && !inClass) break;
  }
  return at + 1;
}

/**
 * @param {string} source
 * @param {number} from
 * @param {string} what
 */
function endOf(source, from, what) {
  const end = source.indexOf(what, from);
  return end < 0 ? source.length : end + what.length;
}

/**
 * The string that a literal stands for.
 * @param {string} text between the quotes
 */
const cooked = (text) =>
  text.replace(/\\(?:u\{([\da-f]+)\}|u([\da-f]{4})|x([\da-f]{2})|([\s\S]))/gi, (_, brace, four, two, other) => {
    const code = brace ?? four ?? two;
    if (code !== undefined) return String.fromCodePoint(Number.parseInt(code, 16));
    return { n: "\n", t: "\t", r: "\r", "\n": "" }[/** @type {string} */ (other)] ?? other;
  });

/**
 * @param {string} source
 * @param {number} offset
 */
const lineOf = (source, offset) => source.slice(0, offset).split("\n").length;
