import type { Assumption } from "./condition.ts";
import { formatFraction } from "./fraction.ts";
import type { Branch, StepFacts } from "./walk.ts";

/**
 * Branches without the assumptions on which nothing depends: where a packet comes to the same end on both sides of a
 * fork, the question need not be asked. Of the two ways the one stays on which the rule in question did not match. Ends
 * are the same for an endpoint on the node and elsewhere, if what it sees is.
 */
export const mergeBranches = <Step extends StepFacts>(branches: readonly Branch<Step>[]): readonly Branch<Step>[] =>
  mergeFrom(branches, 0);

function mergeFrom<Step extends StepFacts>(branches: readonly Branch<Step>[], depth: number): readonly Branch<Step>[] {
  const merged: Branch<Step>[] = [];
  const forks = new Map<object, { readonly yes: Branch<Step>[]; readonly no: Branch<Step>[] }>();
  for (const branch of branches) {
    const assumption = assumptionsOf(branch)[depth];
    if (assumption === undefined) {
      merged.push(branch);
      continue;
    }
    const fork = forks.get(assumption.fork) ?? { yes: [], no: [] };
    forks.set(assumption.fork, fork);
    fork[assumption.matched ? "yes" : "no"].push(branch);
  }
  for (const fork of forks.values()) {
    const [yes, no] = [mergeFrom(fork.yes, depth + 1), mergeFrom(fork.no, depth + 1)];
    if (outcomesOf(yes, depth + 1) !== outcomesOf(no, depth + 1)) merged.push(...yes, ...no);
    else merged.push(...no.map((branch) => ({ ...branch, assumptions: assumptionsOf(branch).toSpliced(depth, 1) })));
  }
  return merged;
}

const assumptionsOf = <Step extends StepFacts>({ assumptions = [] }: Branch<Step>): readonly Assumption[] =>
  assumptions;

/** All ends with their odds, and what they depend on beyond a depth. */
const outcomesOf = <Step extends StepFacts>(branches: readonly Branch<Step>[], depth: number): string =>
  branches
    .map((branch) => {
      const { endpoint: _, onThisNode: __, ...verdict } = { endpoint: undefined, onThisNode: false, ...branch.verdict };
      const beyond = assumptionsOf(branch)
        .slice(depth)
        .map(({ literals, all }) => ({ literals, all }));
      return JSON.stringify([formatFraction(branch.odds), verdict, beyond]);
    })
    .sort()
    .join("\n");
