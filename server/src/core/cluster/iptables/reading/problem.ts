import type { Message } from "../../../base/message.ts";
import type { SourceRange } from "../../../base/source.ts";

/** What could not be read, or only be guessed, and where; each thing once. */
export interface RulesProblem {
  readonly code: "unreadable-lines" | "unreadable-rule" | "table-unknown" | "table-assumed" | "cut-off" | "other-form";
  readonly range: SourceRange;
  readonly message: Message;
}
