// @ts-check
/**
 * Measures the rules on real workspaces with known answers: which findings are right, which are false alarms, and which
 * defects are found. Needs the compiled tests and a corpus beside the repository.
 *
 *     node scripts/corpus.mjs [--hints] [--all-rules]
 */

import { join } from "node:path";
import { parseArgs } from "node:util";
import { runScript, ScriptError } from "./lib/process.mjs";
import { root } from "./lib/repository.mjs";

const { values: options } = parseArgs({
  options: { hints: { type: "boolean", default: false }, "all-rules": { type: "boolean", default: false } },
});

await runScript(async () => {
  const measured = await import(join(root, "out", "server", "test", "corpus", "measure.js")).catch(() => {
    throw new ScriptError("the tests are not compiled yet: npx tsc -b server/test");
  });
  for (const line of measured.describeMeasurement(options)) console.log(line);
});
