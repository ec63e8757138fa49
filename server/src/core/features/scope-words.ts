import { type Message, message, quote } from "../base/message.ts";
import type { Resolution } from "../cluster/resolution.ts";
import { scopeName } from "../cluster/scope.ts";

/** What tells one answer of a Service from its others: the scope, and where that is not enough the namespace. */
export function scopeLabel({ scope, service }: Resolution, all: readonly Resolution[]): Message {
  const name = scopeName(scope);
  const isAlone = all.filter((other) => scopeName(other.scope) === name).length < 2;
  return isAlone ? message`${quote(name)}` : message`${quote(name)} in namespace ${quote(service.namespace.value)}`;
}
