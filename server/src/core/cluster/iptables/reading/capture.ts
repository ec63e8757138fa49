import { type Family, familyOf } from "../../../base/ip.ts";
import type { DocumentUri, SourceRange } from "../../../base/source.ts";
import type { Rule, RuleSet, Table, TableName } from "../rule.ts";
import type { Place } from "./rule-line.ts";
import { readTable, type TableReader, type TableText } from "./table-reader.ts";

/** The packet filter of one node in one family, as a program printed it or would take it. */
export interface Capture {
  readonly ruleSet: RuleSet;
  /** What the comment above it says of its origin: `iptables-save v1.8.9 on …`. */
  readonly by: string | undefined;
  /**
   * `save`: what a node has, with the policies of its built-in chains · `restore`: what a program adds to it ·
   * `excerpt`: rules whose table no line tells.
   */
  readonly form: "save" | "restore" | "excerpt";
  readonly range: SourceRange;
  readonly tables: ReadonlyMap<TableName, TableText>;
}

/** Who printed what follows, as far as a line tells. */
export interface Heading {
  readonly family: Family;
  readonly by: string | undefined;
}

/** Collects the tables of one node and family. */
export interface CaptureReader {
  readonly isExcerpt: boolean;
  readonly heading: Heading | undefined;
  /** The table of a name; `undefined` where it has been printed already, so that what follows is another node's. */
  readonly open: (name: TableName, header: SourceRange | undefined) => TableReader | undefined;
  readonly extend: (place: Place) => void;
  readonly finish: () => Capture;
}

/** A capture with nothing in it. */
export function readCapture(
  uri: DocumentUri,
  heading: Heading | undefined,
  isExcerpt: boolean,
  from: number,
): CaptureReader {
  const tables = new Map<TableName, TableReader>();
  let end = from;
  return {
    isExcerpt,
    heading,
    open(name, header) {
      const known = tables.get(name);
      if (known !== undefined) return known.hasPolicies() ? undefined : known;
      const table = readTable(name, header);
      tables.set(name, table);
      return table;
    },
    extend(place) {
      end = Math.max(end, place.end);
    },
    finish() {
      const finished = [...tables.values()].map((table) => [table.name, table.finish()] as const);
      const isSave = [...tables.values()].some((table) => table.hasPolicies());
      const contents = finished.map(([, { table }]) => table);
      // What iptables-save prints of a node has policies; where they are missing somebody has left out lines.
      const isCut = isExcerpt || (heading?.by !== undefined && !isSave);
      const partial = finished.flatMap(([name, { text }]) => (text.isWhole ? [] : [name]));
      return {
        ruleSet: {
          family: heading?.family ?? inferFamily(contents),
          tables: new Map(contents.map((table) => [table.name, table])),
          ...(partial.length > 0 ? { partial: new Set(partial) } : {}),
          notes: [],
        },
        by: heading?.by,
        form: isCut ? "excerpt" : isSave ? "save" : "restore",
        range: { uri, start: from, end },
        tables: new Map(finished.map(([name, { text }]) => [name, text])),
      };
    },
  };
}

/** The family of the first address; IPv4 where there is none. */
function inferFamily(tables: readonly Table[]): Family {
  for (const { restored } of tables) {
    for (const rule of restored) {
      const address = addressIn(rule);
      if (address !== undefined) return familyOf(address);
    }
  }
  return "IPv4";
}

function addressIn({ matches, target }: Rule): string | undefined {
  for (const match of matches) {
    if (match.kind === "source" || match.kind === "destination") return match.block;
    // Blackened for a bug report, such as `xxxx:3000::/112`.
    if (match.kind === "other" && /^-[sd] \S*:/.test(match.text)) return "::";
    if (match.kind === "icmp-type") return match.module === "icmp" ? "0.0.0.0" : "::";
  }
  return "ip" in target ? target.ip : undefined;
}
