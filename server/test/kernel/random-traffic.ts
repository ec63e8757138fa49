import { relative } from "node:path";
import { after, before, test } from "node:test";
import type { ProxyInput } from "../../src/core/cluster/kube-proxy/proxy-input.ts";
import { judge } from "./judge.ts";
import type { Network } from "./lab.ts";
import type { Oracle } from "./oracle.ts";
import { type Findings, together } from "./probe.ts";
import { randomInput } from "./random-input.ts";
import { chosenSeeds, SEEDS } from "./seeds.ts";
import { shrink } from "./shrink.ts";
import { tryOut } from "./try-out.ts";
import { inFamily } from "./twin.ts";

/** A packet filter whose rules are drawn by lot. */
export interface Subject<Laboratory extends Network> {
  readonly open: () => Promise<Laboratory>;
  /** The cluster of a seed as this packet filter can have it. */
  readonly adapt?: (input: ProxyInput, seed: number) => ProxyInput;
  /** Puts the rules of an input in the place of those before, and predicts by them. */
  readonly load: (lab: Laboratory, input: ProxyInput) => Oracle;
  readonly print: (input: ProxyInput) => string;
}

/** Tries out the clusters of so many seeds, each with its rules for both families at once. Belongs into a suite. */
export function tryRandomRules<Laboratory extends Network>(count: number, subject: Subject<Laboratory>): void {
  const { open, adapt = (input) => input, load, print } = subject;
  let lab: Laboratory;
  before(async () => {
    lab = await open();
  });
  after(() => lab.close());

  const attempt = (input: ProxyInput): Promise<Findings> => tryOut(lab, load(lab, input), input, "few");

  for (const seed of chosenSeeds(count)) {
    test(`seed ${seed}`, { timeout: 120_000 }, async (context) => {
      const drawn = adapt(randomInput(seed), seed);
      const inputs = (["IPv4", "IPv6"] as const).map((family) => inFamily(family, drawn));
      const found = await Promise.all(inputs.map(attempt));
      const bad = inputs.find((_, index) => found[index]?.disagreements.length);
      const deadline = performance.now() + MILLISECONDS_TO_SHRINK;
      const least = bad && (await shrink(bad, deadline, async (one) => (await attempt(one)).disagreements.length > 0));
      const explanation = least && [
        `again: ${commandFor(seed)}`,
        "as much of the input as it takes:",
        asJson(least),
        print(least),
      ];
      judge(context, inputs.length, together(found), explanation);
    });
  }
}

const MILLISECONDS_TO_SHRINK = 20_000;

/** What tries a seed of the present test file again, and nothing else. */
const commandFor = (seed: number): string =>
  `npx tsc -b && ${SEEDS}=${seed} node --test ${relative(process.cwd(), process.argv[1] ?? "")}`;

const asJson = (input: ProxyInput): string =>
  JSON.stringify(input, (key, value) => (key === "label" ? undefined : value));
