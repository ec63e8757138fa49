import { type Message, message, quote } from "../base/message.ts";
import type { SourceRange } from "../base/source.ts";
import { LARGEST_FOR_PARSER } from "./limits.ts";

/** A complaint about the YAML of a document. */
export interface YamlError {
  readonly code: string;
  /** The parser's own words, in English; of an alias its name. */
  readonly text: string;
  readonly range: SourceRange;
}

/** What a complaint says to people: in our own words, where we have some. */
export function describeYamlError({ code, text }: YamlError): Message {
  switch (code) {
    case "UNRESOLVED_ALIAS":
      return message`no anchor ${quote(`&${text}`)} is defined before this alias`;
    case "RESOURCE_EXHAUSTION":
      return message`this document is nested too deeply to be read`;
    case "TOO_MANY_ALIASED":
      return message`the aliases of this document stand for more values than are read: from here on they are not taken into account`;
    case "TOO_LARGE":
      return message`this document is too large: beyond ${LARGEST_FOR_PARSER / 1024 / 1024} MB only plain YAML and JSON are read`;
    case "TAB_AS_INDENT":
      return message`YAML allows no tabs in indentation`;
    default:
      return message`YAML cannot read this: ${text}`;
  }
}
