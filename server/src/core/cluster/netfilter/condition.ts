/** Something that decides about a packet and that no rule tells. */
export type Condition =
  /** Whether an ipset holds the parts of the packet that a rule looks up. */
  | { readonly kind: "set"; readonly set: string; readonly of: string }
  /**
   * The interface by which the packet comes or leaves; a name that ends in `+` is the beginning of many.
   * `among`: all that there are of a kind, so that what is none of the others is this one.
   */
  | {
      readonly kind: "interface";
      readonly way: "in" | "out";
      readonly name: string;
      readonly among?: readonly string[];
    }
  | { readonly kind: "local-address"; readonly address: string }
  | { readonly kind: "source-port"; readonly ports: string }
  /** Whether fewer packets have come than a limit lets through. */
  | { readonly kind: "rate"; readonly rate: string }
  /** Whether the packet came in through a port of a bridge. */
  | { readonly kind: "bridge" }
  /** Whether a match holds of which only the text is known. */
  | { readonly kind: "match"; readonly text: string; readonly of: string }
  /** Whether a chain that is not shown lets the packet come back. */
  | { readonly kind: "chain"; readonly table: string; readonly chain: string };

/** A condition, taken to hold or not. */
export interface Literal {
  readonly condition: Condition;
  readonly is: boolean;
}

/** What is assumed on one side of a fork: that all of some things are so, or that not all of them are. */
export interface Assumption {
  readonly literals: readonly Literal[];
  readonly all: boolean;
  /** The same object on both sides. */
  readonly fork: object;
  /** Whether this is the side on which a rule matched. */
  readonly matched: boolean;
}

/** Why nobody can tell what becomes of a packet. */
export type Undecided =
  | { readonly kind: "condition"; readonly condition: Condition }
  /** A target of which only the text is known. */
  | { readonly kind: "target"; readonly text: string }
  /** A chain that the text does not show. */
  | { readonly kind: "chain"; readonly chain: string };

/** Both sides of a fork: all of some literals hold, or not all of them do; of a single one, it is otherwise. */
export function forkOn(literals: readonly Literal[]): { readonly yes: Assumption; readonly no: Assumption } {
  const fork = {};
  const [only, ...others] = literals;
  const isSingle = only !== undefined && others.length === 0;
  return {
    yes: { literals, all: true, fork, matched: true },
    no: isSingle
      ? { literals: [{ ...only, is: !only.is }], all: true, fork, matched: false }
      : { literals, all: false, fork, matched: false },
  };
}

/** Whether a condition holds under some assumptions; `undefined` where they do not decide it. */
export function answerUnder(assumptions: readonly Assumption[], condition: Condition): boolean | undefined {
  if (assumptions.length === 0) return undefined;
  if (condition.kind === "interface") return answerInterface(assumptions, condition);
  const key = keyOf(condition);
  for (const { literals, all } of assumptions) {
    const own = literals.find((literal) => keyOf(literal.condition) === key);
    if (own === undefined) continue;
    if (all) return own.is;
    // Not all of them are so, and all the others are: then this one is not.
    const others = literals.filter((literal) => literal !== own);
    if (others.every(({ condition: other, is }) => sure(assumptions, other) === is)) return !own.is;
  }
  return undefined;
}

/** Whether some assumptions say that not all of these can be so. */
export function excludes(assumptions: readonly Assumption[], literals: readonly Literal[]): boolean {
  const keys = new Set(literals.map(textOf));
  return assumptions.some((assumption) => !assumption.all && assumption.literals.every((one) => keys.has(textOf(one))));
}

/** What tells one condition from another. */
export const keyOf = (condition: Condition): string => Object.values(condition).join(" ");

const textOf = ({ condition, is }: Literal): string => `${is} ${keyOf(condition)}`;

function sure(assumptions: readonly Assumption[], condition: Condition): boolean | undefined {
  const key = keyOf(condition);
  for (const { literals, all } of assumptions) {
    const own = all ? literals.find((literal) => keyOf(literal.condition) === key) : undefined;
    if (own) return own.is;
  }
  return undefined;
}

/** A packet has one interface on each way: who comes by one does not come by another. */
function answerInterface(
  assumptions: readonly Assumption[],
  { way, name, among }: Extract<Condition, { kind: "interface" }>,
): boolean | undefined {
  /** Whether it is one of a kind to which the name belongs. */
  let isOfKind = false;
  for (const { literals, all } of assumptions) {
    if (!all) continue;
    for (const { condition, is } of literals) {
      if (condition.kind !== "interface" || condition.way !== way) continue;
      if (is) {
        if (covers(name, condition.name)) return true;
        if (!covers(condition.name, name)) return false;
        isOfKind = true;
      } else if (covers(condition.name, name)) return false;
    }
  }
  if (!isOfKind || among === undefined) return undefined;
  const others = among.filter((other) => !covers(name, other));
  return others.every((other) => answerInterface(assumptions, { kind: "interface", way, name: other }) === false)
    ? true
    : undefined;
}

/** Whether every interface that one pattern means is meant by another. */
const covers = (pattern: string, name: string): boolean =>
  pattern.endsWith("+") ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
