import { message } from "../base/message.ts";
import type { Rule } from "./rule.ts";
import { problemsOf } from "./text-problems.ts";

/** A file that is not read, or not in full: too large, no text, or more than can be read of what its aliases stand for. */
export const unreadableFile = {
  id: "unreadable-file",
  on: "File",
  severity: "warning",
  title: message`File is not read in full`,
  why: message`Not all of its contents are taken into account, so other findings may be wrong or missing`,
  remedy: message`Make the file smaller or plainer, or leave it out with the exclude setting`,
  source: "https://yaml.org/spec/1.2.2/#51-character-set",
  details: `
Files of more than 10 MB are not read, nor are files that hold a NUL character, which YAML does not allow: nobody writes
manifests like that. Documents of more than 2 MB are read if they are JSON or plain YAML: without tabs, tags, anchors and
text that is folded over lines.

A few lines can name each other so often that they stand for more values than any memory holds. So where the aliases and
merge keys of a document stand for more than 100,000 values, or those of a file for more than a million, the others are
not taken into account. \`kubectl\` has a limit as well: *document contains excessive aliasing*.

Patterns in the \`exclude\` setting keep such files out of sight.
`,

  *check(file) {
    yield* problemsOf(file, "unreadable-file");
  },
} as const satisfies Rule<"File">;
