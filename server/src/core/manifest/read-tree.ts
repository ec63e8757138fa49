import type { DocumentUri, SourceRange } from "../base/source.ts";
import { DEEPEST_FOR_PARSER, LARGEST_FOR_PARSER, MOST_ALIASED } from "./limits.ts";
import { mayNestDeeper } from "./nesting.ts";
import { readPlainYaml } from "./plain-yaml.ts";
import { readAnyYaml, type TreeReading } from "./read-any-yaml.ts";

/**
 * Reads one YAML document. Total: errors are values, and the tree holds what could be understood in spite of them.
 * @param at maps an offset in `text` to one in the file; the identity by default
 * @param mostAliased how many values aliases and merge keys may stand for; those beyond are left out
 */
export function readTree(
  uri: DocumentUri,
  text: string,
  at: (offset: number) => number = (offset) => offset,
  mostAliased: number = MOST_ALIASED,
): TreeReading {
  try {
    const plain = readPlainYaml(uri, text, at);
    if (plain) return { tree: plain, errors: [], hasComplexKeys: false, aliased: 0 };
    if (text.length > LARGEST_FOR_PARSER) return nothing("TOO_LARGE", rangeOfStart(uri, text, at));
    // An exhausted stack is an error that can be caught, but not while V8 compiles a pattern on the rest of it.
    if (mayNestDeeper(text, DEEPEST_FOR_PARSER)) return nothing("RESOURCE_EXHAUSTION", rangeOfStart(uri, text, at));
    return readAnyYaml(uri, text, at, mostAliased);
  } catch (error) {
    // The parser recurses; nesting beyond any manifest's exhausts its stack.
    if (!(error instanceof RangeError)) throw error;
    return nothing("RESOURCE_EXHAUSTION", rangeOfStart(uri, text, at));
  }
}

const nothing = (code: string, range: SourceRange): TreeReading => ({
  tree: undefined,
  errors: [{ code, text: code, range }],
  hasComplexKeys: false,
  aliased: 0,
});

function rangeOfStart(uri: DocumentUri, text: string, at: (offset: number) => number): SourceRange {
  const start = at(Math.max(0, text.search(/\S/)));
  return { uri, start, end: start };
}
