/** The suite that an editor runs: any build of VS Code that is given this module as its `extensionTestsPath`. */

import { readdirSync } from "node:fs";
import { join } from "node:path";
import Mocha from "mocha";

/**
 * Runs every `*.test.cjs` that lies beside this bundled module.
 * Writes Mocha's JSON report into the file that `PORTOLAN_EDITOR_REPORT` names; prints to the console without one.
 * @returns when all tests have passed; rejects when one has failed or none was found
 */
export async function run(): Promise<void> {
  process.setSourceMapsEnabled(true);
  const report = process.env["PORTOLAN_EDITOR_REPORT"];
  const mocha = new Mocha({
    ui: "bdd",
    color: false,
    timeout: 20_000,
    ...(report === undefined ? { reporter: "spec" } : { reporter: "json", reporterOption: { output: report } }),
  });
  const files = readdirSync(__dirname).filter((name) => name.endsWith(".test.cjs"));
  if (files.length === 0) throw new Error(`no tests in ${__dirname}`);
  for (const name of files.sort()) mocha.addFile(join(__dirname, name));
  const failures = await new Promise<number>((resolve) => {
    mocha.run(resolve);
  });
  if (failures > 0) throw new Error(`${failures} of the editor tests failed`);
}
