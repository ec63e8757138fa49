// @ts-check
/**
 * Walks through the example harbour in the terminal: what is wrong, where Services lead, what becomes of a request.
 *
 *     npm run demo
 */

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { runOrFail, runScript, ScriptError } from "./lib/process.mjs";
import { root } from "./lib/repository.mjs";

/**
 * @typedef {object} Step
 * @property {string} heading
 * @property {readonly string[]} args of `portolan`
 * @property {(line: string, index: number) => boolean} [keeps] which lines are worth showing here; all, if not given
 */

/** @type {readonly Step[]} */
const steps = [
  { heading: "What is wrong, and what to do about it", args: ["check", "shop"] },
  {
    heading: "Every Service of the harbour at a glance",
    args: ["services"],
    keeps: (line) => line !== "" && !line.startsWith("~"),
  },
  { heading: "Where one of them leads, port by port", args: ["endpoints", "cart"], keeps: isTableOrRemark },
  {
    heading: "What becomes of a request from the storefront to the checkout",
    args: ["simulate", "--from", "deployment/storefront", "--to", "http://checkout", "shop"],
    keeps: (_, index) => index < 4,
  },
  {
    heading: "The rule of kube-proxy that answers it",
    args: ["iptables", "checkout", "shop"],
    keeps: (line) => line.includes("shop/checkout"),
  },
  {
    heading: "What a node still has, which was set up before these slips",
    args: ["compare", "shop/node-1.iptables", "shop"],
    keeps: (_, index) => index < 15,
  },
];

await runScript(async () => {
  await runOrFail(process.execPath, ["scripts/build.mjs"], { stdio: ["ignore", "ignore", "inherit"] });
  const colours = process.stdout.isTTY && !process.env["NO_COLOR"];
  for (const { heading, args, keeps = () => true } of steps) {
    const title = `── ${heading}`;
    console.log(`\n${colours ? `\u001b[1m${title}\u001b[0m` : title}\n$ portolan ${args.join(" ")}`);
    console.log(portolan(args).split("\n").filter(keeps).join("\n").trimEnd());
  }
  console.log("\nThe same while typing, in VS Code: npm run vscode");
});

/**
 * What the built program prints. Findings are what the example is for, so exit status 1 is as good as 0.
 * @param {readonly string[]} args
 */
function portolan(args) {
  const program = join(root, "dist", "cli.cjs");
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    cwd: join(root, "examples", "harbour"),
    encoding: "utf8",
  });
  if (status === 0 || status === 1) return stdout;
  throw new ScriptError(`\`portolan ${args.join(" ")}\` ended with exit status ${status}\n${stderr}`);
}

/** @param {string} line */
function isTableOrRemark(line) {
  return line !== "" && !/^ {2}(?:type|cluster IP|name|selector|scope) /.test(line);
}
