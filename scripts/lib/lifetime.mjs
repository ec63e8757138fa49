// @ts-check
/** Clean-up on every way a script can end: normally, by an exception, by a signal. Only `SIGKILL` escapes. */

import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** @type {Set<() => void>} */
const cleanUps = new Set();

const signals = /** @type {const} */ ({ SIGHUP: 129, SIGINT: 130, SIGTERM: 143 });

let watching = false;

/**
 * Registers a synchronous clean-up, run once at the latest when the process ends; the last registered runs first.
 * @param {() => void} cleanUp
 * @returns {() => void} runs the clean-up now, unless it has already run
 */
export function atEnd(cleanUp) {
  watch();
  const once = () => {
    if (cleanUps.delete(once)) cleanUp();
  };
  cleanUps.add(once);
  return once;
}

/**
 * A new folder below the system's temporary folder, removed at the end of the process.
 * @param {string} purpose a word for its name
 * @returns {string} its real path
 */
export function temporaryFolder(purpose) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), `portolan-${purpose}-`)));
  atEnd(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }));
  return folder;
}

function watch() {
  if (watching) return;
  watching = true;
  process.on("exit", runCleanUps);
  for (const [signal, code] of Object.entries(signals)) {
    process.on(signal, () => process.exit(code));
  }
}

function runCleanUps() {
  for (const cleanUp of [...cleanUps].reverse()) {
    try {
      cleanUp();
    } catch (error) {
      console.error(error);
    }
  }
}
