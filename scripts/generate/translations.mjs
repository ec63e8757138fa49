// @ts-check
/** Whether everything that is said is translated, and everything that is translated is said. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { filesBelow } from "../lib/files.mjs";
import { messagesIn } from "../lib/message-templates.mjs";
import { root } from "../lib/repository.mjs";

/** What lists are joined with: `render` in server/src/core/base/message.ts asks for them by these keys. */
const JOINERS = [", ", " and ", " or "];

/**
 * @param {Readonly<Record<string, string>>} bundle
 * @returns {{ missing: { key: string, place: string }[], unused: string[] }}
 */
export function compareTranslations(bundle) {
  /** @type {Map<string, string>} */
  const places = new Map(JOINERS.map((key) => [key, "server/src/core/base/message.ts"]));
  for (const folder of ["server/src", "client/src"]) {
    for (const path of filesBelow(folder, ".ts")) {
      for (const { key, line } of messagesIn(readFileSync(join(root, path), "utf8"))) {
        if (!places.has(key)) places.set(key, `${path}:${line}`);
      }
    }
  }
  return {
    missing: [...places].filter(([key]) => bundle[key] === undefined).map(([key, place]) => ({ key, place })),
    unused: Object.keys(bundle).filter((key) => !places.has(key)),
  };
}
