/** The environment variable that says which seeds to try, such as `17` or `1-5000`. */
export const SEEDS = "PORTOLAN_KERNEL_SEEDS";

/** The seeds to try: those that the environment names, else the first so many. */
export function chosenSeeds(count: number): readonly number[] {
  const chosen = process.env[SEEDS] ?? `1-${count}`;
  const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(chosen) ?? [];
  if (first === undefined) throw new Error(`${SEEDS} is to be like 17 or 1-5000, not ${chosen}`);
  return Array.from({ length: Number(last) - Number(first) + 1 }, (_, index) => Number(first) + index);
}
