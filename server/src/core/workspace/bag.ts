/**
 * Items in no particular order. A large bag shares with its next version all but a few hundred places, so that one label
 * on every pod of a workspace does not make each edit of a pod as dear as the workspace is large. An array is a bag.
 */
export interface Bag<Item> extends Iterable<Item> {
  readonly length: number;
}

/** The bag without some of its items, and with others. */
export function exchange<Item>(bag: Bag<Item>, gone: ReadonlySet<Item>, come: readonly Item[]): Bag<Item> {
  const chunks: (readonly Item[])[] = [];
  let waiting = come;
  for (const chunk of chunksOf(bag)) {
    const left = holdsAny(chunk, gone) ? chunk.filter((item) => !gone.has(item)) : chunk;
    const hasRoom = left !== chunk && left.length + waiting.length <= CHUNK;
    const next = hasRoom ? [...left, ...waiting] : left;
    if (hasRoom) waiting = [];
    if (next.length > 0) chunks.push(next);
  }
  const last = chunks.at(-1);
  if (last && last.length + waiting.length <= CHUNK) {
    if (waiting.length > 0) chunks[chunks.length - 1] = [...last, ...waiting];
  } else {
    for (let from = 0; from < waiting.length; from += CHUNK) chunks.push(waiting.slice(from, from + CHUNK));
  }
  return chunks.length > 1 ? chunked(chunks) : (chunks[0] ?? []);
}

/** Items that are copied together. */
const CHUNK = 256;

interface ChunkedBag<Item> extends Bag<Item> {
  readonly chunks: readonly (readonly Item[])[];
}

const chunked = <Item>(chunks: readonly (readonly Item[])[]): ChunkedBag<Item> => ({
  chunks,
  length: chunks.reduce((sum, chunk) => sum + chunk.length, 0),
  *[Symbol.iterator]() {
    for (const chunk of chunks) yield* chunk;
  },
});

/** Bags are made here alone: one without chunks is an array. */
const chunksOf = <Item>(bag: Bag<Item>): readonly (readonly Item[])[] =>
  "chunks" in bag ? (bag as ChunkedBag<Item>).chunks : bag.length > 0 ? [bag as readonly Item[]] : [];

/** Of few items each is looked for by itself: that is many times as fast as to ask for every item of the chunk. */
function holdsAny<Item>(chunk: readonly Item[], items: ReadonlySet<Item>): boolean {
  if (items.size > 4) return chunk.some((item) => items.has(item));
  for (const item of items) if (chunk.includes(item)) return true;
  return false;
}
