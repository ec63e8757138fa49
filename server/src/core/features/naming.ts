import { type Argument, type List, list, type Message, message, quote } from "../base/message.ts";
import type { Manifest, ServicePort } from "../manifest/model.ts";
import type { LinkedWords } from "./markdown.ts";

/** `Deployment "web"`, leading to where the object bears its name. */
export const linkTo = (manifest: Manifest): LinkedWords => ({ said: nameOf(manifest), source: manifest.name.range });

/** `Deployment "web"`. */
export const nameOf = ({ kind, name }: Manifest): Message => message`${kind.value} ${quote(name.value)}`;

/** `http 80/TCP`, or `80/TCP` for a port without a name. */
export const portText = ({ name, port, protocol }: ServicePort): string =>
  name ? `${name.value} ${port.value}/${protocol.value}` : `${port.value}/${protocol.value}`;

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
