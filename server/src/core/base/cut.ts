import { type Argument, type List, list, type Message, message } from "./message.ts";

/** The first of some things, and how many more there are. */
export function cut<Item>(items: readonly Item[], most: number): { readonly shown: readonly Item[]; more: number } {
  // One more line says nothing shorter than the item itself.
  const count = items.length <= most + 1 ? items.length : most;
  return { shown: items.slice(0, count), more: items.length - count };
}

/** Some things in a row; of many, the first ones and how many more there are. */
export function listCut(items: readonly Argument[], most: number, joiner: List["joiner"] = "and"): Message {
  const { shown, more } = cut(items, most);
  return more > 0 ? message`${list(shown, "comma")} and ${more} more` : message`${list(shown, joiner)}`;
}
