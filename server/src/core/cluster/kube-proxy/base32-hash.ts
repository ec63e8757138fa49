import { sha256 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";

/** The first base32 characters of the SHA-256 of a text, of which kube-proxy makes names. Total for any string. */
export function base32Hash(text: string, length: number): string {
  const digest = sha256(bytesOf(text));
  const codes: number[] = [];
  for (let bit = 0; bit < 5 * length; bit += 5) {
    const pair = ((digest[bit >> 3] ?? 0) << 8) | (digest[(bit >> 3) + 1] ?? 0);
    codes.push(base32Code((pair >> (11 - (bit & 7))) & 31));
  }
  return String.fromCharCode(...codes);
}

/** The text in UTF-8. Names are ASCII, which needs no encoder. */
function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code > 127) return utf8ToBytes(text);
    bytes[index] = code;
  }
  return bytes;
}

/** The character code of five bits: `A` to `Z`, then `2` to `7`. */
const base32Code = (bits: number): number => (bits < 26 ? 65 + bits : 24 + bits);
