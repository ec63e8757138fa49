// @ts-check
/** What is generated from: the compiled rules and settings, and the fixtures. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { filesBelow } from "../lib/files.mjs";
import { ScriptError } from "../lib/process.mjs";
import { root } from "../lib/repository.mjs";

/**
 * @typedef {object} RuleText
 * @property {string} id
 * @property {string} severity
 * @property {string} title
 * @property {string} why
 * @property {string} remedy
 * @property {string} source
 * @property {string} details
 * @property {{ text: string, messages: string[] }} example
 */

/** @typedef {{ template: string, args: readonly unknown[] }} Message */
/** @typedef {Readonly<Record<string, string>>} Bundle */

/**
 * @typedef {object} SettingText
 * @property {string} key as VS Code knows it
 * @property {Record<string, unknown>} schema default included
 * @property {Message} description
 * @property {readonly { word: string, meaning: Message }[]} words
 */

/**
 * @typedef {object} Model
 * @property {readonly RuleText[]} rules
 * @property {readonly { id: string, severity: string, title: Message, why: Message }[]} ruleMessages
 * @property {readonly SettingText[]} settings every one but the severities of rules
 * @property {readonly { word: string, meaning: Message }[]} severities
 * @property {(message: Message, bundle?: Bundle) => string} render
 * @property {(message: Message, bundle: Bundle) => boolean} isTranslated
 */

/** @returns {Promise<Model>} */
export async function loadModel() {
  const { rules } = await compiled("server/src/core/rules/index.js");
  const { render } = await compiled("server/src/core/base/message.js");
  const { settingsTable, severityType, schemaOf } = await compiled("server/src/core/settings/settings-schema.js");
  const { parseFixture } = await compiled("server/test/harness/fixture.js");
  return {
    rules: rules.map((/** @type {any} */ rule) => ({
      id: rule.id,
      severity: rule.severity,
      title: render(rule.title),
      why: render(rule.why),
      remedy: render(rule.remedy),
      source: rule.source,
      details: rule.details,
      example: exampleOf(rule.id, parseFixture),
    })),
    ruleMessages: rules,
    settings: Object.entries(settingsTable).map(([key, { type, description }]) => ({
      key: `portolan.${key}`,
      schema: schemaOf(key),
      description,
      words: wordsOf(type),
    })),
    severities: wordsOf(severityType),
    render,
    isTranslated,
  };
}

/**
 * @param {{ schema: { enum?: readonly string[] }, words?: readonly Message[] }} type
 * @returns {readonly { word: string, meaning: Message }[]}
 */
const wordsOf = ({ schema, words }) =>
  (words ?? []).map((meaning, index) => ({ word: schema.enum?.[index] ?? "", meaning }));

/**
 * Whether a bundle has every template of a message.
 * @param {Message} message
 * @param {Bundle} bundle
 * @returns {boolean}
 */
const isTranslated = ({ template, args }, bundle) =>
  bundle[template] !== undefined &&
  args.every(
    (arg) =>
      typeof arg !== "object" ||
      arg === null ||
      !("template" in arg) ||
      isTranslated(/** @type {Message} */ (arg), bundle),
  );

/**
 * The example of a rule: its first fixture that is called one, without the marks, and what is said about it.
 * @param {string} id
 * @param {(text: string) => { files: { path: string, text: string, marks: { lines: string[] }[] }[] }} parseFixture
 */
function exampleOf(id, parseFixture) {
  const path = filesBelow(`test-fixtures/rules/${id}`, ".yaml").find((file) => /\/example-[^/]*$/.test(file));
  if (path === undefined) throw new ScriptError(`test-fixtures/rules/${id} has no example-….yaml to print`);
  const { files } = parseFixture(readFileSync(join(root, path), "utf8"));
  const texts = files.map(({ path: name, text }) =>
    files.length === 1 ? printable(text) : `# ${name.slice(1)}\n${printable(text)}`,
  );
  const messages = files.flatMap(({ marks }) =>
    marks.map(({ lines }) => lines[0]?.replace(/^\w+\[[\w-]+\]: /, "") ?? ""),
  );
  return { text: texts.join("---\n").trimEnd(), messages };
}

/**
 * What is no text is shown as a picture of itself.
 * @param {string} text
 */
const printable = (text) => text.replaceAll("\0", "\u2400");

/** @param {string} path below `out/` */
async function compiled(path) {
  try {
    return await import(pathToFileURL(join(root, "out", path)).href);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new ScriptError(`out/${path} is not there: run \`npm run generate\`, which compiles it`);
  }
}
