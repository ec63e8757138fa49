import { type Message, message } from "../../base/message.ts";
import type { ConnectError } from "../../cluster/iptables/reject-answer.ts";

/** What the client of a rejected connection reads. */
export const connectErrorWords = {
  "connection refused": message`connection refused`,
  "no route to host": message`no route to host`,
  "network is unreachable": message`network is unreachable`,
  "permission denied": message`permission denied`,
  "protocol not available": message`protocol not available`,
} as const satisfies Record<ConnectError, Message>;
