import type { Message } from "../core/base/message.ts";

/** The call itself is wrong, or nothing could be read: the program says so in one line and ends with status 2. */
export class CallError extends Error {
  readonly said: Message;

  /** @param said what is wrong and how to mend it */
  constructor(said: Message) {
    super(said.template);
    this.said = said;
  }
}
