import { formatCidr, parseCidr, parseIP } from "../../../base/ip.ts";
import { type Fraction, fraction } from "../../netfilter/fraction.ts";
import type { PortRange } from "../foreign.ts";
import { echoedProbability, probabilityText } from "../probability.ts";

// Readers of the values that options take. Each gives `undefined` for a text that is no such value.

/** `0x4000`, `16384`; 32 bits. */
export function readNumber(text: string): number | undefined {
  if (!/^(?:0[xX][0-9a-fA-F]{1,8}|\d{1,10})$/.test(text)) return undefined;
  const value = Number(text);
  return value <= ALL_BITS ? value : undefined;
}

/** `0x4000/0x4000`; without a mask all bits count. */
export function readMark(text: string): { readonly value: number; readonly mask: number } | undefined {
  const slash = text.indexOf("/");
  const value = readNumber(slash < 0 ? text : text.slice(0, slash));
  const mask = slash < 0 ? ALL_BITS : readNumber(text.slice(slash + 1));
  return value === undefined || mask === undefined ? undefined : { value, mask };
}

/** All 32 bits of a mark. */
export const ALL_BITS = 0xffffffff;

/** A port by its number. */
export function readPort(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : undefined;
  return port !== undefined && port <= 65535 ? port : undefined;
}

/** `80`, `1024:65535`, `:1023`, `1024:`. */
export function readPortRange(text: string): PortRange | undefined {
  const colon = text.indexOf(":");
  if (colon < 0) {
    const port = readPort(text);
    return port === undefined ? undefined : [port, port];
  }
  const first = colon === 0 ? 0 : readPort(text.slice(0, colon));
  const last = colon === text.length - 1 ? 65535 : readPort(text.slice(colon + 1));
  return first === undefined || last === undefined || first > last ? undefined : [first, last];
}

/**
 * An address or a block in canonical text. A single address keeps its prefix length or the lack of it; host bits of a
 * larger block are cleared; the mask of a block may be dotted.
 */
export function readBlock(text: string): string | undefined {
  const slash = text.indexOf("/");
  if (slash < 0) return parseIP(text);
  const mask = text.slice(slash + 1);
  const prefix = mask.includes(".") ? prefixOf(mask) : mask;
  const address = text.slice(0, slash);
  if (prefix === "32" || prefix === "128") {
    const ip = parseIP(address);
    if (ip !== undefined && (prefix === "128") === ip.includes(":")) return `${ip}/${prefix}`;
  }
  const block = parseCidr(`${address}/${prefix}`);
  return block && formatCidr(block);
}

/** The length of a dotted mask, if it is one run of ones. */
function prefixOf(mask: string): string {
  const ip = parseIP(mask);
  const bits = (ip ?? "")
    .split(".")
    .map((byte) => Number(byte).toString(2).padStart(8, "0"))
    .join("");
  return /^1*0*$/.test(bits) && bits.length === 32 ? String(bits.replace(/0+$/, "").length) : "";
}

/** A chance, and with how many decimals it is written. */
export interface Chance {
  readonly chance: Fraction;
  readonly decimals: 5 | 10 | 11;
}

/**
 * The chance behind the decimals of a `--probability`. One that reads like a part of a whole, `0.33333333349`, is that
 * part: 1/3. Any other is what the kernel makes of it, in steps of 2^-31.
 */
export function readProbability(text: string): Chance | undefined {
  if (!/^[01](?:\.\d{1,20})?$/.test(text)) return undefined;
  const value = Number(text);
  if (value > 1) return undefined;
  const digits = text.length < 2 ? 0 : text.length - 2;
  const parts = value > 0 ? Math.round(1 / value) : 0;
  if (parts > 1) {
    const part = fraction(1, parts);
    for (const decimals of digits === 5 ? ([5, 10] as const) : ([10, 5] as const)) {
      if (isWrittenLike(text, digits, part, decimals)) return { chance: part, decimals };
    }
  }
  return { chance: fraction(Math.round(value * STEPS), STEPS), decimals: 11 };
}

/** Whether a text is how kube-proxy writes a chance, or how the kernel gives that back, to as many digits as there are. */
function isWrittenLike(text: string, digits: number, chance: Fraction, decimals: 5 | 10): boolean {
  if (digits === decimals) return text === probabilityText(chance, decimals);
  const echo = echoedProbability(chance, decimals);
  return digits === 11 ? text === echo : Number(text).toFixed(digits) === Number(echo).toFixed(digits);
}

const STEPS = 2 ** 31;

/** `-m statistic` of one in so many: what `iptables` takes for `--every` and `--packet`. */
export const readCount = (text: string): number | undefined => (/^\d{1,9}$/.test(text) ? Number(text) : undefined);
