// @ts-check
/**
 * Measures one thing about the rules of many Services in a process of its own, and prints it as JSON; started by
 * `rules.mjs`.
 *
 *     node --expose-gc scripts/bench/rules-probe.mjs CORE TASK SERVICES [FILE]
 */

import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { clusterIPOf, nameOf, proxyInput } from "./service-ports.mjs";
import { median } from "./statistics.mjs";

const [corePath = "", task = "", count = "", file = ""] = process.argv.slice(2);
const core = await import(pathToFileURL(corePath).href);
const services = Number(count);
const input = {
  ...proxyInput(services),
  config: core.kubeadmConfig({ major: 1, minor: 34 }, ["10.128.0.0/9"], ["10.96.0.0/16"]),
};

/** Around the node there are no manifests. */
const cluster = core.createCluster(new core.WorkspaceStore([]).snapshot, () => core.defaultSettings);

/** Times what is timed: once is a first time, several are medians. */
const RUNS = 5;
const timed = (/** @type {() => unknown} */ work) => {
  globalThis.gc?.();
  const start = performance.now();
  work();
  return performance.now() - start;
};
const repeated = (/** @type {(run: number) => unknown} */ work) =>
  median(Array.from({ length: RUNS }, (_, run) => timed(() => work(run))));

const middle = Math.floor(services / 2);
const tasks = { generate, print, walk, read, request };
console.log(JSON.stringify(tasks[/** @type {keyof typeof tasks} */ (task.split(":")[0])]()));

/** Rules of a mode, from the first time that anything is asked of a fresh process on. */
function generate() {
  const before = heapNow();
  const start = performance.now();
  const filter = core.generateFilter(task.split(":")[1], input);
  const first = performance.now() - start;
  const peak = process.resourceUsage().maxRSS * 1024;
  const heap = heapNow() - before;
  // What is measured must be alive until now.
  const { tool } = filter;
  return { first, heap, peak, again: repeated(() => core.generateFilter(tool, input)) };
}

/** The text that iptables-restore is to load. */
function print() {
  const { rules } = core.generateFilter("iptables", input);
  let text = "";
  const first = timed(() => {
    text = core.joinLines(core.printSave(rules));
  });
  writeFileSync(file, text);
  return { first, bytes: text.length };
}

/** A packet through all rules of a mode: the first one, and others. */
function walk() {
  const mode = task.split(":")[1];
  warmUp((some) => walkOne(core.generateFilter(mode, some), 7));
  const filters = Array.from({ length: RUNS }, () => core.generateFilter(mode, input));
  const first = median(filters.map((filter, run) => timed(() => walkOne(filter, middle + run))));
  return { first, again: repeated((run) => walkOne(filters[0], (middle + 100 * run) % services)) };
}

/**
 * @param {unknown} filter
 * @param {number} index
 */
function walkOne(filter, index) {
  const packet = { protocol: "tcp", source: "10.200.0.7", destinationPort: 80, origin: "arrives", inInterface: "cni0" };
  const host = { localAddresses: ["192.168.10.11"] };
  const { branches } = core.walkFilter(filter, host, { ...packet, destination: clusterIPOf(index) });
  const ends = branches.map((/** @type {{ verdict: { kind: string } }} */ { verdict }) => verdict.kind);
  if (!ends.includes("delivered")) throw new Error("a request did not arrive");
}

/** The text of a real node. */
function read() {
  const text = readFileSync(file, "utf8");
  const first = timed(() => core.readRules("/node.iptables", text));
  return { first, again: repeated(() => core.readRules("/node.iptables", text)) };
}

/** A request through the rules of a real node, up to the page that explains it: the first one after reading, and others. */
function request() {
  const text = readFileSync(file, "utf8");
  warmUp((some) => {
    const { rules } = core.generateFilter("iptables", some);
    const small = core.readRules("/small.iptables", core.joinLines(core.printSave(rules)));
    for (const [from = "", to = ""] of requests(7)) explain(small, from, to);
  });
  const kinds = requests(middle).map((_, kind) => {
    const texts = Array.from({ length: RUNS }, () => core.readRules("/node.iptables", text));
    const ask = (/** @type {unknown} */ rules, /** @type {number} */ index) => {
      const [from = "", to = ""] = requests(index)[kind] ?? [];
      explain(rules, from, to);
    };
    return {
      first: median(texts.map((rules) => timed(() => ask(rules, middle)))),
      again: repeated((run) => ask(texts[0], (middle + 100 * run) % services)),
    };
  });
  const worst = (/** @type {"first" | "again"} */ which) => Math.max(...kinds.map((kind) => kind[which]));
  return { first: worst("first"), again: worst("again") };
}

/**
 * Requests to a Service by name and by address, from inside and from outside.
 * @param {number} index
 */
function requests(index) {
  const address = `${clusterIPOf(index)}:80`;
  return [
    ["pod:any", `http://${nameOf(index)}`],
    ["node:node", address],
    ["external", address],
  ];
}

/**
 * @param {unknown} rules
 * @param {string} from
 * @param {string} to
 */
function explain(rules, from, to) {
  const typed = core.parseRequest(from, to);
  const asked = core.requestTo(typed, typed.destination);
  const trace = core.simulateThroughRules(cluster, "/node.iptables", rules, asked);
  if (core.rulesTracePage(trace).lines.length < 3) throw new Error("a request was not explained");
}

/** Lets what is measured be compiled: an editor's server has run for a while, and a node is new to it. */
function warmUp(/** @type {(some: object) => void} */ work) {
  for (let run = 0; run < 20; run++) work({ ...input, servicePorts: proxyInput(100).servicePorts });
}

function heapNow() {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
