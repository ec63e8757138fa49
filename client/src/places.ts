import * as vscode from "vscode";
import type { PageRange } from "../../server/src/lsp/protocol.ts";

/** The editor's form of a range of the protocol. */
export function rangeFrom({ start, end }: PageRange): vscode.Range {
  return new vscode.Range(start.line, start.character, end.line, end.character);
}
