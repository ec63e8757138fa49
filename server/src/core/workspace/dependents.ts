import type { DocumentUri } from "../base/source.ts";
import { EVERYTHING, isOfText, type Read } from "./reads.ts";

/** Which answers were made from what: one answer a text. */
export interface Dependents {
  /** Replaces what the answer of a text was made from. Without reads the text is forgotten. */
  readonly set: (uri: DocumentUri, reads: ReadonlySet<Read>) => void;
  /** The texts whose answers may be others now. */
  readonly of: (altered: ReadonlySet<Read>) => ReadonlySet<DocumentUri>;
}

/** An answer made from more than this counts as made from everything: to know its sources would cost more than asking again. */
const MOST_READS = 200;

/** No answers yet. */
export function createDependents(): Dependents {
  const sources = new Map<Read, Source>();
  const byText = new Map<DocumentUri, readonly Source[]>();
  const sourceOf = (read: Read): Source => {
    const known = sources.get(read);
    if (known) return known;
    const source: Source = { read, readers: new Set() };
    sources.set(read, source);
    return source;
  };
  return {
    set(uri, reads) {
      const old = byText.get(uri) ?? [];
      const now = new Set(coarsened(reads).map(sourceOf));
      for (const source of now) source.readers.add(uri);
      for (const source of old) {
        if (now.has(source)) continue;
        source.readers.delete(uri);
        if (source.readers.size === 0) sources.delete(source.read);
      }
      if (now.size > 0) byText.set(uri, [...now]);
      else byText.delete(uri);
    },
    of(altered) {
      const found = new Set<DocumentUri>();
      for (const read of altered) for (const uri of sources.get(read)?.readers ?? []) found.add(uri);
      return found;
    },
  };
}

const coarsened = (reads: ReadonlySet<Read>): readonly Read[] =>
  reads.size > MOST_READS ? [EVERYTHING, ...[...reads].filter(isOfText)] : [...reads];

/** One read, and the texts whose answers were made from it. */
interface Source {
  readonly read: Read;
  readonly readers: Set<DocumentUri>;
}
