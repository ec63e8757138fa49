import { message } from "../core/base/message.ts";
import type { Call, ExitStatus } from "./call.ts";
import { CallError } from "./call-error.ts";

/** `portolan lsp --stdio`: the language server, which ends the process itself when its editor leaves. */
export async function lsp(call: Call): Promise<ExitStatus> {
  if (!call.given.has("stdio")) {
    throw new CallError(message`the language server speaks over standard input and output: ${"portolan lsp --stdio"}`);
  }
  await import("../lsp/main-node.ts");
  return 0;
}
