// @ts-check
/** The settings in `package.json`, and their words in `package.nls.json` and its translations. */

/** @typedef {import("./model.mjs").Model} Model */
/** @typedef {import("./model.mjs").Message} Message */
/** @typedef {import("./model.mjs").Bundle} Bundle */

/** Settings that are made here; others in `package.json` are left as they are. */
const isOurs = (/** @type {string} */ key) => /^portolan\.(?:cluster|rules|exclude)(?:\.|$)/.test(key);

/** Keys of `package.nls.json` that are made here. */
const isOurWord = (/** @type {string} */ key) => key.startsWith("setting.");

/**
 * The text of `package.json` with the settings of today.
 * @param {string} text
 * @param {Model} model
 */
export function withSettings(text, model) {
  const manifest = JSON.parse(text);
  const { configuration } = manifest.contributes;
  const others = Object.entries(configuration.properties).filter(([key]) => !isOurs(key));
  configuration.properties = Object.fromEntries([...others, ...properties(model)]);
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/** @param {Model} model */
function* properties({ settings, severities, rules }) {
  let order = 1;
  for (const { key, schema, words } of settings) {
    yield [
      key,
      {
        order: order++,
        scope: "resource",
        ...schema,
        markdownDescription: `%${wordKey(key)}%`,
        ...(words.length > 0 ? { enumDescriptions: words.map(({ word }) => `%${wordKey(key)}.${word}%`) } : {}),
      },
    ];
  }
  for (const { id, severity } of rules) {
    yield [
      `portolan.rules.${id}`,
      {
        order: order++,
        scope: "resource",
        type: "string",
        enum: severities.map(({ word }) => word),
        enumDescriptions: severities.map(({ word }) => `%setting.severity.${word}%`),
        default: severity,
        markdownDescription: `%setting.rules.${id}%`,
      },
    ];
  }
}

const wordKey = (/** @type {string} */ key) => key.replace(/^portolan\./, "setting.");

/**
 * The text of a `package.nls*.json` with the words of today's settings. What cannot be translated yet keeps the
 * translation it has, or is left out, and VS Code shows it in English.
 * @param {string} text
 * @param {Model} model
 * @param {Bundle} [bundle] translations; English without one
 */
export function withWords(text, model, bundle) {
  const known = JSON.parse(text);
  const others = Object.entries(known).filter(([key]) => !isOurWord(key));
  const ours = [...words(model)].flatMap(([key, messages, join]) => {
    const isComplete = bundle === undefined || messages.every((message) => model.isTranslated(message, bundle));
    const value = isComplete ? join(messages.map((message) => model.render(message, bundle))) : known[key];
    return value === undefined ? [] : [[key, value]];
  });
  return `${JSON.stringify(Object.fromEntries([...others, ...ours]), null, 2)}\n`;

  /**
   * @param {Model} model
   * @returns {Generator<[string, Message[], (parts: string[]) => string]>}
   */
  function* words({ settings, severities, ruleMessages }) {
    const [stop, space] = bundle === undefined ? [".", " "] : ["。", ""];
    for (const { key, description, words: meanings } of settings) {
      yield [wordKey(key), [description], ([only = ""]) => only];
      for (const { word, meaning } of meanings) yield [`${wordKey(key)}.${word}`, [meaning], ([only = ""]) => only];
    }
    for (const { word, meaning } of severities) yield [`setting.severity.${word}`, [meaning], ([only = ""]) => only];
    for (const { id, title, why } of ruleMessages) {
      yield [`setting.rules.${id}`, [title, why], (parts) => parts.map((part) => part + stop).join(space)];
    }
  }
}
