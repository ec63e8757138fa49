// @ts-check
/**
 * Writes what derives from the rules, the settings and the fixtures: `docs/rules.md`, the table of rules in the README,
 * the settings in `package.json` and their words. Tells which translations are missing or not used any more.
 *
 *     npm run generate            writes
 *     node scripts/generate.mjs --check    only tells what would change, and fails if anything would
 */

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { withSettings, withWords } from "./generate/contributions.mjs";
import { loadModel } from "./generate/model.mjs";
import { rulesPage, withRulesTable } from "./generate/rules-page.mjs";
import { compareTranslations } from "./generate/translations.mjs";
import { runScript } from "./lib/process.mjs";
import { root } from "./lib/repository.mjs";

const BUNDLE = "l10n/bundle.l10n.zh-cn.json";

await runScript(async () => {
  const { values } = parseArgs({ options: { check: { type: "boolean", default: false } } });
  const model = await loadModel();
  const bundle = JSON.parse(read(BUNDLE) || "{}");
  const files = {
    "docs/rules.md": rulesPage(model),
    "README.md": withRulesTable(read("README.md"), model),
    "package.json": withSettings(read("package.json"), model),
    "package.nls.json": withWords(read("package.nls.json"), model),
    "package.nls.zh-cn.json": withWords(read("package.nls.zh-cn.json"), model, bundle),
  };
  const changed = Object.entries(files).filter(([path, text]) => read(path) !== text);
  if (!values.check) for (const [path, text] of changed) writeFileSync(join(root, path), text);
  for (const [path] of changed) console.log(values.check ? `${path} is not up to date` : `${path} written`);
  if (values.check && changed.length > 0) console.log("run `npm run generate`, and commit what it writes");

  const { missing, unused } = compareTranslations(bundle);
  if (missing.length > 0) console.log(`\n${BUNDLE} has no translation of`);
  for (const { key, place } of missing) console.log(`  ${place}: ${JSON.stringify(key)}`);
  if (unused.length > 0) console.log(`\n${BUNDLE} translates what nobody says any more`);
  for (const key of unused) console.log(`  ${JSON.stringify(key)}`);
  return values.check && changed.length + missing.length + unused.length > 0 ? 1 : 0;
});

/**
 * The text of a file of the repository; empty where it is not there.
 * @param {string} path
 */
function read(path) {
  const file = join(root, path);
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}
