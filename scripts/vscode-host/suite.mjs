// @ts-check
/** Runs an extension's test suite inside the browser-hosted VS Code, as VS Code's own browser tests do. */

import { format } from "node:util";
import { atEnd } from "../lib/lifetime.mjs";
import { ScriptError } from "../lib/process.mjs";
import { launchChromium } from "./chromium.mjs";
import { startServer } from "./server.mjs";

/** How long a whole suite may take, start of the workbench included. */
const timeLimit = 180_000;

/** Errors that every start of this host logs: parts that are not built here and that no test needs. */
const hostNoise = /spdlog|native-watchdog|Service Worker/;

/**
 * @typedef {object} Suite
 * @property {string | undefined} workspace a folder or a `.code-workspace` file; an empty window without
 * @property {readonly string[]} developmentPaths folders of extensions under development
 * @property {string} testsPath a CommonJS module that exports `run(): Promise<void>`
 * @property {boolean} disableExtensions leaves out the installed extensions
 */

/**
 * Runs the suite and prints the errors of a failed run; `PORTOLAN_HOST_LOG=info` (or another level) prints everything
 * that the workbench logs. What the suite wants to say it writes into a file, as its console is part of that log.
 * @param {import("./install.mjs").Host} host
 * @param {import("./server.mjs").Profile} profile
 * @param {Suite} suite
 * @returns {Promise<number>} 0 where `run()` resolved, 1 where it rejected
 * @throws {ScriptError} where the suite never came to an answer
 */
export async function runSuite(host, profile, suite) {
  const log = process.env["PORTOLAN_HOST_LOG"];
  const server = await startServer(host, profile, { testDriver: true, ...(log ? { log } : {}) });
  try {
    const browser = await launchChromium();
    const closed = atEnd(() => void browser.close());
    try {
      const context = await browser.newContext({
        viewport: { width: 1440, height: 900 },
        permissions: ["clipboard-read", "clipboard-write"],
      });
      const page = await context.newPage();
      const finished = suiteEnd(page, server);
      /** @type {string[]} */
      const errors = [];
      await page.exposeFunction("codeAutomationLog", (/** @type {string} */ type, /** @type {unknown[]} */ args) => {
        const text = format(...args);
        if (log) console.log(text);
        else if (type === "error" && !hostNoise.test(text)) errors.push(text);
      });
      await page.goto(pageAddress(server, suite));
      const code = await finished;
      if (code !== 0) for (const error of errors) console.error(error);
      return code;
    } finally {
      await browser.close();
      closed();
    }
  } finally {
    await server.stop();
  }
}

/**
 * The suite's exit code; rejects where the page, the server or the clock ends the run first.
 * @param {import("playwright-core").Page} page
 * @param {import("./server.mjs").RunningServer} server
 * @returns {Promise<number>}
 */
function suiteEnd(page, server) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new ScriptError(`the test suite did not finish within ${timeLimit / 1000} seconds`));
    }, timeLimit);
    const settle = (/** @type {() => void} */ end) => {
      clearTimeout(timer);
      end();
    };
    page.on("crash", () => settle(() => reject(new ScriptError("the workbench's page crashed"))));
    void server.exited.then((code) =>
      settle(() => reject(new ScriptError(`the server ended with exit code ${code} before the test suite did`))),
    );
    page
      .exposeFunction("codeAutomationExit", (/** @type {number} */ code) => settle(() => resolve(code)))
      .catch((error) => settle(() => reject(error)));
  });
}

/**
 * @param {import("./server.mjs").RunningServer} server
 * @param {Suite} suite
 */
function pageAddress(server, suite) {
  const remote = (/** @type {string} */ path) => `vscode-remote://127.0.0.1:${server.port}${encodeURI(path)}`;
  const payload = [
    ...suite.developmentPaths.map((path) => ["extensionDevelopmentPath", remote(path)]),
    ["extensionTestsPath", remote(suite.testsPath)],
    ["skipWelcome", "true"],
    ...(suite.disableExtensions ? [["disableExtensions", "true"]] : []),
  ];
  const query = new URLSearchParams({ payload: JSON.stringify(payload) });
  if (suite.workspace === undefined) query.set("ew", "true");
  else query.set(suite.workspace.endsWith(".code-workspace") ? "workspace" : "folder", suite.workspace);
  return `${server.origin}/?${query}`;
}
