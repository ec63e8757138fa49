import { listCut } from "../../base/cut.ts";
import { type Message, message, plural } from "../../base/message.ts";
import type { ComparedPort, LeftOut, RulesComparison } from "../../cluster/node-rules/comparison/comparison.ts";
import { blank, indented, linked, title } from "../layout.ts";
import type { Line, Page } from "../page.ts";
import {
  describeComparisonNote,
  describeDifference,
  leftOutWords,
  obstacleWords,
  portName,
} from "./comparison-words.ts";

/** What a node's rules and the manifests differ in, Service by Service; then what is the same, and what is not compared. */
export const comparisonPage = (comparisons: readonly RulesComparison[]): Page => ({
  lines: comparisons.flatMap((comparison, index) => [...(index === 0 ? [] : [blank]), ...section(comparison)]),
});

/** Whether rules and manifests differ in anything. */
export const differAtAll = (comparisons: readonly RulesComparison[]): boolean =>
  comparisons.some(({ ports }) => ports.some(({ differences }) => differences.length > 0));

/** Whether anything was compared at all. */
export const isCompared = (comparisons: readonly RulesComparison[]): boolean =>
  comparisons.some(({ obstacle }) => obstacle === undefined);

function section(comparison: RulesComparison): readonly Line[] {
  const { ports, notes } = comparison;
  const differing = ports.filter(({ differences }) => differences.length > 0);
  const absent = differing.filter(isAbsent);
  const same = ports.filter(({ differences, left }) => differences.length === 0 && !left.some(leavesEndpoints));
  return [
    ...summary(comparison, differing.length),
    ...differing.flatMap((port): readonly Line[] => (isAbsent(port) ? [] : [blank, ...portLines(port)])),
    ...absentLines(absent),
    ...(same.length > 0
      ? [blank, [title(message`Same on both sides`)], indented(1, { text: namesOf(same, MOST_NAMES) })]
      : []),
    ...leftLines(ports),
    ...(notes.length > 0 ? [blank] : []),
    ...notes.map((note): Line => [{ text: message`Note: ${describeComparisonNote(note)}` }]),
  ];
}

function summary({ capture, family, ports, obstacle }: RulesComparison, differing: number): readonly Line[] {
  const tool = family === "IPv6" ? "ip6tables" : "iptables";
  const subject: Line = [
    { text: message`the rules of ${capture.by ?? tool}, beside what the manifests come to`, source: capture.range },
  ];
  if (obstacle !== undefined) {
    return [[{ text: message`not comparable`, role: "bad" }, { text: message`: ${obstacleWords[obstacle]}` }], subject];
  }
  const verdict: Line =
    ports.length === 0
      ? [{ text: message`nothing to compare: neither side has a Service` }]
      : differing === 0
        ? [{ text: message`no difference`, role: "good" }, { text: message` in ${counted(ports.length)}` }]
        : [{ text: message`different`, role: "bad" }, { text: share(differing, ports.length) }];
  return [verdict, subject];
}

const share = (differing: number, all: number): Message =>
  plural(all, message` in its only Service port`, message`: ${differing} of ${counted(all)}`);

const counted = (count: number): Message => plural(count, message`one Service port`, message`${count} Service ports`);

/** A port, and below it what differs: the one leads to the manifest, the other to the node's rule. */
function portLines(port: ComparedPort): readonly Line[] {
  const { number, protocol, inManifest, onNode, differences } = port;
  const other = inManifest === undefined ? undefined : onNode;
  return [
    [linked(portName(port), inManifest ?? onNode, "title"), { text: `  ${number}/${protocol}` }],
    ...differences.map((difference) => indented(1, linked(describeDifference(difference), other))),
  ];
}

const isAbsent = ({ differences: [first] }: ComparedPort): boolean => first?.kind === "only-in-manifests";

/** What the node does not have, in a row: the same could be said below each. */
function absentLines(ports: readonly ComparedPort[]): readonly Line[] {
  if (ports.length === 0) return [];
  return [
    blank,
    [title(message`Only in the manifests: the node has no rule for these`)],
    ...ports.map((port) =>
      indented(1, linked(portName(port), port.inManifest), { text: `  ${port.number}/${port.protocol}` }),
    ),
  ];
}

/** Whether the endpoints were not compared at all, so that nobody can say that both sides are the same. */
const leavesEndpoints = (left: LeftOut): boolean => withoutEndpoints.has(left);

const withoutEndpoints: ReadonlySet<LeftOut> = new Set([
  "endpoints-by-others",
  "endpoints-by-placeholder",
  "endpoints-of-one-node",
  "endpoints-by-hints",
  "endpoints-not-shown",
]);

const MOST_NAMES = 40;

const namesOf = (ports: readonly ComparedPort[], most: number): Message => listCut(ports.map(portName), most, "comma");

const MOST_EXAMPLES = 4;

/** What is not compared, each reason once. */
function leftLines(ports: readonly ComparedPort[]): readonly Line[] {
  const reasons = (Object.keys(leftOutWords) as LeftOut[]).flatMap((left): Line[] => {
    const concerned = ports.filter((port) => port.left.includes(left));
    if (concerned.length === 0) return [];
    const names = namesOf(concerned, MOST_EXAMPLES);
    return [indented(1, { text: leftOutWords[left] }), indented(2, { text: names, role: "faint" })];
  });
  return reasons.length > 0 ? [blank, [title(message`Not compared`)], ...reasons] : [];
}
