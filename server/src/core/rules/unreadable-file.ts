import { message } from "../base/message.ts";
import type { Rule } from "./rule.ts";
import { problemsOf } from "./text-problems.ts";

/** A file that is not read at all: too large, or no text. */
export const unreadableFile = {
  id: "unreadable-file",
  on: "File",
  severity: "warning",
  title: message`File is not read`,
  why: message`Its contents are not taken into account, so other findings may be wrong or missing`,
  remedy: message`Split the file, or leave it out with the exclude setting`,
  source: "https://yaml.org/spec/1.2.2/#51-character-set",
  details: `
Files of more than 10 MB are not read, nor are files that hold a NUL character, which YAML does not allow: nobody writes
manifests like that. Patterns in the \`exclude\` setting keep such files out of sight.
`,

  *check(file) {
    yield* problemsOf(file, "unreadable-file");
  },
} as const satisfies Rule<"File">;
