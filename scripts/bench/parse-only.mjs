// @ts-check
/**
 * Parses every YAML and JSON file of a folder with `yaml` alone, and does nothing else.
 *
 *     node scripts/bench/parse-only.mjs FOLDER
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";

let documents = 0;
for (const entry of readdirSync(process.argv[2] ?? ".", { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !/\.(?:ya?ml|json)$/.test(entry.name)) continue;
  const parsed = parseAllDocuments(readFileSync(join(entry.parentPath, entry.name), "utf8"));
  documents += parsed.length;
}
console.log(documents);
