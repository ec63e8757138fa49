import { listCut } from "../../base/cut.ts";
import { list, type Message, message, quote } from "../../base/message.ts";
import { assertNever } from "../../base/source.ts";
import {
  type Assumption,
  type Condition,
  keyOf,
  type Literal,
  type Undecided,
} from "../../cluster/netfilter/condition.ts";

/** What is taken to be so, as it stands behind "if". */
export function describeAssumption({ literals, all }: Assumption): Message {
  // That not all of them are so is said of each: one or another is not.
  const [only, ...others] = literals.map(({ condition, is }) => describeLiteral({ condition, is: is === all }));
  if (only === undefined) return message`nothing is assumed`;
  return others.length === 0 ? only : message`${list([only, ...others], all ? "and" : "or")}`;
}

/** What the ends of a request depend on, as it stands behind "whether"; `undefined` where they depend on nothing. */
export function describeDependence(assumptions: readonly Assumption[]): Message | undefined {
  const conditions = new Map<string, Condition>();
  for (const { literals } of assumptions) {
    for (const { condition } of literals) conditions.set(keyOf(condition), condition);
  }
  const said = [...conditions.values()].map((condition) => describeLiteral({ condition, is: true }));
  return said.length === 0 ? undefined : listCut(said, MOST_CONDITIONS);
}

const MOST_CONDITIONS = 4;

function describeLiteral({ condition, is }: Literal): Message {
  switch (condition.kind) {
    case "set":
      return is
        ? message`the ipset ${quote(condition.set)} holds ${condition.of}`
        : message`the ipset ${quote(condition.set)} does not hold ${condition.of}`;
    case "interface":
      return describeInterface(condition.way, condition.name, is);
    case "local-address":
      return is
        ? message`${condition.address} is an address of the node`
        : message`${condition.address} is no address of the node`;
    case "source-port":
      return is
        ? message`the client sends from port ${condition.ports}`
        : message`the client does not send from port ${condition.ports}`;
    case "rate":
      return is ? message`not more than ${condition.rate} have come` : message`more than ${condition.rate} have come`;
    case "bridge":
      return is
        ? message`the packet comes in through a port of a bridge`
        : message`the packet does not come in through a port of a bridge`;
    case "match":
      return is ? message`${quote(condition.text)} holds` : message`${quote(condition.text)} does not hold`;
    case "chain":
      return is
        ? message`chain ${quote(condition.chain)}, which is not shown, lets the packet come back`
        : message`chain ${quote(condition.chain)}, which is not shown, decides`;
    default:
      return assertNever(condition);
  }
}

/** A name that ends in `+` is the beginning of many. */
function describeInterface(way: "in" | "out", name: string, is: boolean): Message {
  const which = name.endsWith("+")
    ? message`an interface called ${quote(`${name.slice(0, -1)}…`)}`
    : message`interface ${quote(name)}`;
  if (way === "in") return is ? message`the packet comes by ${which}` : message`the packet does not come by ${which}`;
  return is ? message`the packet leaves by ${which}` : message`the packet does not leave by ${which}`;
}

/** Why nobody can tell what becomes of a packet. */
export function describeUndecided(because: Undecided): Message {
  switch (because.kind) {
    case "condition": {
      const first = describeLiteral({ condition: because.condition, is: true });
      return message`too much depends on what the rules do not tell, next on whether ${first}`;
    }
    case "target":
      return because.text === "IPVS"
        ? message`IPVS chooses the endpoint; what it has to choose from stands in ${"ipvsadm -L -n"}, not in these rules`
        : message`the rules do not tell what ${quote(because.text)} does`;
    case "chain":
      return message`chain ${quote(because.chain)} is not shown`;
  }
}
