/**
 * An immutable map of strings whose versions share what they have in common: a new version costs one bucket, however
 * large the map is. Snapshots of a workspace are made of these.
 */
export interface SharedMap<Key extends string, Value> {
  readonly size: number;
  readonly get: (key: Key) => Value | undefined;
  readonly entries: () => IterableIterator<readonly [Key, Value]>;
  /** The map with some keys set, or removed where the value is `undefined`. */
  readonly with: (changes: Iterable<readonly [Key, Value | undefined]>) => SharedMap<Key, Value>;
}

type Bucket<Key, Value> = ReadonlyMap<Key, Value>;

/** 4096 buckets: at 100,000 keys a change copies about 25 of them and one list of pointers. */
const BUCKETS = 4096;

/** A map without keys. */
export const emptyMap = <Key extends string, Value>(): SharedMap<Key, Value> => sharedMap([], 0);

function sharedMap<Key extends string, Value>(
  buckets: readonly (Bucket<Key, Value> | undefined)[],
  size: number,
): SharedMap<Key, Value> {
  return {
    size,
    get: (key) => buckets[bucketOf(key)]?.get(key),
    *entries() {
      for (const bucket of buckets) if (bucket) yield* bucket.entries();
    },
    with(changes) {
      const next =
        buckets.length > 0 ? [...buckets] : new Array<Bucket<Key, Value> | undefined>(BUCKETS).fill(undefined);
      const owned = new Map<number, Map<Key, Value>>();
      let count = size;
      for (const [key, value] of changes) {
        const index = bucketOf(key);
        const bucket = owned.get(index) ?? new Map(next[index]);
        owned.set(index, bucket);
        next[index] = bucket;
        count -= bucket.size;
        if (value === undefined) bucket.delete(key);
        else bucket.set(key, value);
        count += bucket.size;
      }
      return sharedMap(next, count);
    },
  };
}

/** FNV-1a over UTF-16 code units. */
function bucketOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index++) hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  return (hash ^ (hash >>> 15)) & (BUCKETS - 1);
}
