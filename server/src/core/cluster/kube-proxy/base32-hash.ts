import { sha256 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";

/** The first base32 characters of the SHA-256 of a text, of which kube-proxy makes names. Total for any string. */
export function base32Hash(text: string, length: number): string {
  const digest = sha256(utf8ToBytes(text));
  let characters = "";
  for (let bit = 0; bit < 5 * length; bit += 5) {
    const pair = ((digest[bit >> 3] ?? 0) << 8) | (digest[(bit >> 3) + 1] ?? 0);
    characters += BASE32.charAt((pair >> (11 - (bit & 7))) & 31);
  }
  return characters;
}

const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
