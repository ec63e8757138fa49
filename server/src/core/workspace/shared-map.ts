import { hash32 } from "../base/hash.ts";

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
type Group<Key, Value> = readonly (Bucket<Key, Value> | undefined)[];

/** 64 groups of 64 buckets: at 100,000 keys a change copies about 25 of them and two short lists. */
const WIDTH = 64;

/** A map without keys. */
export const emptyMap = <Key extends string, Value>(): SharedMap<Key, Value> => sharedMap([], 0);

function sharedMap<Key extends string, Value>(
  groups: readonly (Group<Key, Value> | undefined)[],
  size: number,
): SharedMap<Key, Value> {
  return {
    size,
    get: (key) => {
      const place = placeOf(key);
      return groups[Math.floor(place / WIDTH)]?.[place % WIDTH]?.get(key);
    },
    *entries() {
      for (const group of groups) for (const bucket of group ?? []) if (bucket) yield* bucket.entries();
    },
    with(changes) {
      const next = groups.length > 0 ? [...groups] : emptyList<Group<Key, Value>>();
      const ownGroups = new Map<number, (Bucket<Key, Value> | undefined)[]>();
      const ownBuckets = new Map<number, Map<Key, Value>>();
      let count = size;
      for (const [key, value] of changes) {
        const place = placeOf(key);
        const at = Math.floor(place / WIDTH);
        const group = ownGroups.get(at) ?? [...(next[at] ?? emptyList<Bucket<Key, Value>>())];
        ownGroups.set(at, group);
        next[at] = group;
        const bucket = ownBuckets.get(place) ?? new Map(group[place % WIDTH]);
        ownBuckets.set(place, bucket);
        group[place % WIDTH] = bucket;
        count -= bucket.size;
        if (value === undefined) bucket.delete(key);
        else bucket.set(key, value);
        count += bucket.size;
      }
      return sharedMap(next, count);
    },
  };
}

const emptyList = <Item>(): (Item | undefined)[] => new Array<Item | undefined>(WIDTH).fill(undefined);

/** Which bucket, of all groups. Long keys are paths, and it is at their ends that they differ. */
const placeOf = (key: string): number => hash32(key.slice(-LONGEST)) & (WIDTH * WIDTH - 1);

/** UTF-16 code units of a key that are looked at. */
const LONGEST = 256;
