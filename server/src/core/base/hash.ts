/**
 * A number that stands for a text: well spread, the same on every machine, and no secret.
 * FNV-1a over UTF-16 code units, its bits mixed once more as MurmurHash3 does at its end.
 * @returns 0 to 2³² − 1
 */
export function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
