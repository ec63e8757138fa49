import { type Message, message, quote } from "../base/message.ts";
import type { Manifest, ServicePort } from "../manifest/model.ts";
import type { LinkedWords } from "./markdown.ts";

/** `Deployment "web"`, leading to where the object bears its name. */
export const linkTo = (manifest: Manifest): LinkedWords => ({ said: nameOf(manifest), source: manifest.name.range });

/** `Deployment "web"`. */
export const nameOf = ({ kind, name }: Manifest): Message => message`${kind.value} ${quote(name.value)}`;

/** `http 80/TCP`, or `80/TCP` for a port without a name. */
export const portText = ({ name, port, protocol }: ServicePort): string =>
  name ? `${name.value} ${port.value}/${protocol.value}` : `${port.value}/${protocol.value}`;
