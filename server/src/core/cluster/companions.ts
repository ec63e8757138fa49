/** A file with variants of some objects, beside others of that kind. */
export interface VariantFile {
  readonly path: string;
  /** What the objects in it are, as far as other files define them again. */
  readonly identities: ReadonlySet<string>;
}

/**
 * The files that go together with one of several in a folder: none of them defines again what another has, and of those
 * that might go together the ones with the most words of the name in common do (`web-dev.yaml`, `worker-dev.yaml`).
 * @returns the file itself first; alone, where there are so many that nobody would choose between them
 */
export function companionsOf(file: VariantFile, all: readonly VariantFile[]): readonly VariantFile[] {
  const chosen = [file];
  if (all.length > MOST_FILES) return chosen;
  const words = wordsOf(file);
  const likeness = ({ path }: VariantFile): number => wordsOf({ path }).filter((word) => words.includes(word)).length;
  const ranked = all.map((other) => ({ other, rank: likeness(other) })).sort((a, b) => b.rank - a.rank);
  const taken = new Set(file.identities);
  for (const { other } of ranked) {
    if ([...other.identities].some((identity) => taken.has(identity))) continue;
    chosen.push(other);
    for (const identity of other.identities) taken.add(identity);
  }
  return chosen;
}

const MOST_FILES = 64;

/** Of `a/web-dev.yaml`: `web`, `dev` and `yaml`. */
const wordsOf = ({ path }: Pick<VariantFile, "path">): readonly string[] =>
  path.slice(path.lastIndexOf("/") + 1).split(/[^\p{L}\p{N}]+/u);
