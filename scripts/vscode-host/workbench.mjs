// @ts-check
/** Drives the workbench in a browser as a person would: opens files, runs commands, hovers, takes pictures. */

import { setTimeout as delay } from "node:timers/promises";
import { ScriptError } from "../lib/process.mjs";

/** Milliseconds that any single step may take. */
const patience = 20_000;

/** Hides the caret and what only this host shows, and brings the font that a desktop would use. */
const pictureStyle = `
  body, .monaco-workbench { font-family: Inter, "Noto Sans CJK SC", sans-serif !important; }
  .monaco-editor .cursors-layer { display: none !important; }
  [id="status.host"], [id="status.forwardedPorts"], [id="status.workbench.keyboardLayout"] { display: none !important; }
`;

/**
 * @typedef {object} Workbench
 * @property {import("playwright-core").Page} page
 * @property {(file: string, line?: number) => Promise<void>} openFile by its path in the workspace; the cursor goes to the line
 * @property {(title: string) => Promise<void>} runCommand by its title in the command palette
 * @property {(file: string, text: string) => Promise<import("playwright-core").Locator>} findText a token of an open editor
 * @property {(title: string) => Promise<void>} clickLens the first lens on screen whose title contains this
 * @property {(text: string) => Promise<void>} answerQuickPick types into the next quick pick and accepts
 * @property {(x: number) => Promise<void>} splitAt moves the border between two editors
 * @property {(path: string, selector?: string) => Promise<void>} capture saves a picture of the window or of one part
 */

/**
 * Opens a folder and waits until the workbench is drawn.
 * @param {import("playwright-core").Browser} browser
 * @param {import("./server.mjs").RunningServer} server
 * @param {string} folder
 * @param {object} options
 * @param {number} options.width in CSS pixels
 * @param {number} options.height
 * @param {number} [options.scale] pixels of a picture for each CSS pixel, 2 by default
 * @param {string} [options.language] for extensions; the workbench itself has no other language on board than English
 * @returns {Promise<Workbench>}
 */
export async function openWorkbench(browser, server, folder, { width, height, scale = 2, language }) {
  const context = await browser.newContext({
    viewport: { width, height },
    deviceScaleFactor: scale,
    permissions: ["clipboard-read", "clipboard-write"],
  });
  context.setDefaultTimeout(patience);
  if (language !== undefined) {
    await context.addInitScript((name) => {
      Object.defineProperty(globalThis, "_VSCODE_NLS_LANGUAGE", { get: () => name, set: () => {} });
    }, language);
  }
  const page = await context.newPage();
  await page.goto(`${server.origin}/?${new URLSearchParams({ folder })}`);
  await page.locator(".monaco-workbench").waitFor();
  await page.locator(".explorer-folders-view .monaco-list-row").first().waitFor();
  return {
    page,
    openFile: (file, line) => openFile(page, file, line),
    runCommand: (title) => runCommand(page, title),
    findText: (file, text) => findText(page, file, text),
    clickLens: (title) => clickLens(page, title),
    answerQuickPick: (text) => answerQuickPick(page, text),
    splitAt: (x) => splitAt(page, x),
    capture: (path, selector) => capture(page, path, selector),
  };
}

/**
 * Repeats a probe until it gives something.
 * @template T
 * @param {string} what for the failure's message
 * @param {() => Promise<T | undefined | false>} probe
 * @returns {Promise<T>}
 */
export async function eventually(what, probe) {
  for (const deadline = Date.now() + patience; Date.now() < deadline; await delay(100)) {
    const found = await probe();
    if (found !== undefined && found !== false) return found;
  }
  throw new ScriptError(`${what}: not within ${patience / 1000} seconds`);
}

/**
 * @param {import("playwright-core").Page} page
 * @param {string} file
 * @param {number} [line]
 */
async function openFile(page, file, line) {
  const name = file.split("/").at(-1) ?? file;
  await eventually(`${file} opens`, async () => {
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+P");
    await page
      .locator(quickInput)
      .first()
      .fill(line === undefined ? file : `${file}:${line}`);
    return appears(page.locator(quickRow).first().filter({ hasText: name }));
  });
  await page.keyboard.press("Enter");
  await page.locator(editor(name)).first().waitFor();
}

/**
 * The palette lists the commands that are known when it opens, so a command of an extension that is still starting
 * appears only in a later attempt.
 * @param {import("playwright-core").Page} page
 * @param {string} title
 */
async function runCommand(page, title) {
  await eventually(`the command "${title}" appears`, async () => {
    await page.keyboard.press("Escape");
    await page.keyboard.press("F1");
    await page.locator(quickInput).first().fill(`>${title}`);
    return appears(page.locator(quickRow).first().filter({ hasText: title }));
  });
  await page.keyboard.press("Enter");
}

/** @param {import("playwright-core").Locator} locator */
function appears(locator) {
  return locator.waitFor({ timeout: 2000 }).then(
    () => true,
    () => false,
  );
}

/**
 * @param {import("playwright-core").Page} page
 * @param {string} file
 * @param {string} text
 */
async function findText(page, file, text) {
  const exact = new RegExp(`^\\s*${text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}\\s*$`);
  const token = page
    .locator(`${editor(file)} .view-line span span`)
    .filter({ hasText: exact })
    .first();
  await token.waitFor();
  return token;
}

/**
 * Clicks where the lens is once it rests in sight. `locator.click()` would scroll the editor's own containers to it,
 * which the editor does not expect.
 * @param {import("playwright-core").Page} page
 * @param {string} title
 */
async function clickLens(page, title) {
  const lens = page.locator(".codelens-decoration a", { hasText: title }).first();
  let before = "";
  const box = await eventually(`a lens with "${title}" rests in sight`, async () => {
    const now = await lens.boundingBox({ timeout: 1000 }).catch(() => null);
    const rests = before === JSON.stringify(now);
    before = JSON.stringify(now);
    return now !== null && rests && now.y > belowTabs && now;
  });
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
}

/**
 * @param {import("playwright-core").Page} page
 * @param {string} text
 */
async function answerQuickPick(page, text) {
  const input = page.locator(quickInput).first();
  await page.locator(quickRow).first().waitFor();
  await input.fill(text);
  await page.locator(quickRow).first().filter({ hasText: text }).waitFor();
  await page.keyboard.press("Enter");
  await eventually(
    "the answer is taken",
    async () => !(await input.isVisible()) || (await input.inputValue()) !== text,
  );
}

/**
 * @param {import("playwright-core").Page} page
 * @param {number} x in CSS pixels
 */
async function splitAt(page, x) {
  const editors = page.locator(".part.editor .editor-group-container");
  await editors.nth(1).waitFor();
  const box = await editors.nth(1).boundingBox();
  if (box === null) throw new ScriptError("there are no two editors side by side");
  await page.mouse.move(box.x, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(x, box.y + box.height / 2, { steps: 5 });
  await page.mouse.up();
}

/**
 * @param {import("playwright-core").Page} page
 * @param {string} path
 * @param {string} [selector]
 */
async function capture(page, path, selector) {
  await delay(400); // fades and the last layout; no event tells their end
  const options = { path, style: pictureStyle };
  if (selector === undefined) await page.screenshot(options);
  else await page.locator(selector).first().screenshot(options);
}

/** CSS pixels from the top of the window where editors begin. */
const belowTabs = 40;

const quickInput = ".quick-input-widget input[type=text]";
const quickRow = ".quick-input-list .monaco-list-row";

/** @param {string} file a name, or the end of a path */
function editor(file) {
  return `.monaco-editor[data-uri$="${file}"]`;
}
