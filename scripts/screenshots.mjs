// @ts-check
/**
 * Takes the pictures of the README from the packaged extension in the real workbench, into `docs/images/`.
 *
 *     npm run screenshots [-- name …]        all pictures without a name
 *
 * Needs Chromium, looks as intended with the fonts Inter, JetBrains Mono and Noto Sans CJK SC, and makes the pictures small
 * with pngquant; without it they are as they were taken, and not for a commit. Two runs are not byte for byte alike: look at
 * the pictures before committing them.
 */

import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "./lib/lifetime.mjs";
import { runOrFail, runScript, ScriptError } from "./lib/process.mjs";
import { root } from "./lib/repository.mjs";
import { launchChromium } from "./vscode-host/chromium.mjs";
import { installHost } from "./vscode-host/install.mjs";
import { createProfile, installExtension, startServer } from "./vscode-host/server.mjs";
import { calmSettings } from "./vscode-host/settings.mjs";
import { openWorkbench } from "./vscode-host/workbench.mjs";

/** Bytes: a README with five pictures still loads at once. */
const sizeLimit = 300_000;

/** The editor of a page that the extension writes. */
const pageEditor = '.monaco-editor[data-uri^="portolan:"]';

const dark = "Dark 2026";
const light = "Light 2026";

/** @type {Readonly<Record<string, unknown>>} */
const pictureSettings = {
  ...calmSettings,
  "breadcrumbs.enabled": false,
  "editor.codeLensFontFamily": "Inter, 'Noto Sans CJK SC'",
  "editor.fontFamily": "'JetBrains Mono', 'Noto Sans Mono CJK SC'",
  "editor.fontLigatures": false,
  "editor.fontSize": 14,
  "editor.guides.indentation": false,
  "editor.hover.above": false,
  "editor.lineHeight": 22,
  "editor.lineNumbersMinChars": 3,
  "editor.occurrencesHighlight": "off",
  "editor.overviewRulerBorder": false,
  "editor.renderLineHighlight": "none",
  "editor.scrollbar.horizontal": "hidden",
  "editor.scrollbar.vertical": "hidden",
  "editor.stickyScroll.enabled": false,
  "workbench.activityBar.location": "hidden",
  "workbench.editor.editorActionsLocation": "hidden",
  "workbench.statusBar.visible": false,
};

/**
 * @typedef {object} Scene
 * @property {string} name of the picture, without `.png`
 * @property {string} theme
 * @property {number} width in CSS pixels
 * @property {number} height
 * @property {number} scale pixels of the picture for each of them
 * @property {string} [language] of what the extension says
 * @property {(workbench: import("./vscode-host/workbench.mjs").Workbench) => Promise<void>} act until the picture can be taken
 */

/** @type {readonly Scene[]} */
const scenes = [
  { name: "diagnostic", theme: dark, width: 860, height: 540, scale: 2, act: hoverOrphan },
  { name: "diagnostic.zh-cn", theme: dark, width: 860, height: 540, scale: 2, language: "zh-cn", act: hoverOrphan },
  {
    name: "lenses-and-endpoints",
    theme: light,
    width: 1400,
    height: 480,
    scale: 1.5,
    act: async (workbench) => {
      await workbench.openFile("shop/cart.yaml", 35);
      await workbench.clickLens("endpoints");
      await page(workbench).nth(3).waitFor({ state: "attached" });
      await workbench.splitAt(510);
      await restMouse(workbench);
    },
  },
  {
    name: "trace",
    theme: dark,
    width: 1220,
    height: 1160,
    scale: 1.5,
    act: async (workbench) => {
      await workbench.openFile("shop/storefront.yaml", 33);
      await workbench.clickLens("Simulate request");
      await workbench.answerQuickPick("external");
      await workbench.answerQuickPick("node-1:30300");
      await maximizePage(workbench);
    },
  },
  {
    name: "iptables",
    theme: light,
    width: 1280,
    height: 640,
    scale: 1.5,
    act: async (workbench) => {
      await workbench.openFile("shop/storefront.yaml", 33);
      await workbench.clickLens("iptables path");
      await maximizePage(workbench);
      await goToLine(workbench, 53);
    },
  },
  {
    name: "node-rules",
    theme: dark,
    width: 1460,
    height: 600,
    scale: 1.5,
    act: async (workbench) => {
      await workbench.openFile("shop/node-1.iptables", 1);
      await workbench.runCommand("Portolan: Compare Rules with the Manifests");
      await page(workbench).nth(3).waitFor({ state: "attached" });
      await workbench.openFile("shop/node-1.iptables", 120);
      await workbench.splitAt(600);
      await restMouse(workbench);
    },
  },
];

await runScript(async () => {
  const chosen = choose(process.argv.slice(2));
  const isSmall = hasPngquant();
  if (!isSmall) console.log("pngquant is not installed: the pictures will be too large to commit");
  const host = await installHost();
  const run = temporaryFolder("pictures");
  const vsix = join(run, "portolan.vsix");
  await runOrFail(process.execPath, ["scripts/package.mjs", "--out", vsix]);
  const browser = await launchChromium();
  try {
    for (const scene of chosen) {
      await take(scene, { host, browser, vsix, isSmall, folder: join(run, scene.name) });
    }
  } finally {
    await browser.close();
  }
});

/** Whether the system has the program that draws a picture with 256 well-chosen colours, at a third of its size. */
function hasPngquant() {
  return spawnSync("pngquant", ["--version"]).status === 0;
}

/**
 * @param {readonly string[]} names
 * @returns {readonly Scene[]}
 */
function choose(names) {
  const unknown = names.find((name) => !scenes.some((scene) => scene.name === name));
  if (unknown !== undefined) {
    throw new ScriptError(`no picture is called "${unknown}"; there are ${scenes.map(({ name }) => name).join(", ")}`);
  }
  return names.length === 0 ? scenes : scenes.filter(({ name }) => names.includes(name));
}

/**
 * @param {Scene} scene
 * @param {object} stage
 * @param {import("./vscode-host/install.mjs").Host} stage.host
 * @param {import("playwright-core").Browser} stage.browser
 * @param {string} stage.vsix
 * @param {boolean} stage.isSmall whether the picture is to be made small, and kept within the limit
 * @param {string} stage.folder for everything that this picture needs
 */
async function take(scene, { host, browser, vsix, isSmall, folder }) {
  const workspace = join(folder, "harbour");
  cpSync(join(root, "examples", "harbour"), workspace, { recursive: true });
  const profile = createProfile(folder, { ...pictureSettings, "workbench.colorTheme": scene.theme });
  await installExtension(host, profile, vsix);
  const server = await startServer(host, profile, {});
  try {
    const workbench = await openWorkbench(browser, server, workspace, scene);
    await workbench.runCommand("View: Close Primary Side Bar");
    await scene.act(workbench);
    const path = join(root, "docs", "images", `${scene.name}.png`);
    mkdirSync(join(root, "docs", "images"), { recursive: true });
    await workbench.capture(path);
    if (isSmall) {
      await runOrFail("pngquant", ["--quality=80-98", "--speed=1", "--strip", "--force", `--output=${path}`, path]);
    }
    await workbench.page.context().close();
    const { size } = statSync(path);
    console.log(`docs/images/${scene.name}.png  ${Math.ceil(size / 1000)} kB`);
    if (isSmall && size > sizeLimit) throw new ScriptError(`that is more than ${sizeLimit / 1000} kB: show less`);
  } finally {
    await server.stop();
  }
}

/**
 * The finding on a selector that matches no pod, with what the hover says of it.
 * @param {import("./vscode-host/workbench.mjs").Workbench} workbench
 */
async function hoverOrphan({ page, openFile, findText }) {
  await openFile("shop/checkout.yaml", 32);
  // Lenses push the text down when they arrive; the hover has to come after them.
  await page.locator(".codelens-decoration a").first().waitFor();
  await page.locator('[class*="squiggly-"]').first().waitFor({ state: "attached" });
  await (await findText("checkout.yaml", "chekcout")).hover();
  await page.locator(".monaco-hover:visible", { hasText: "chekcout" }).first().waitFor();
}

/**
 * The lines of the page that the extension shows.
 * @param {import("./vscode-host/workbench.mjs").Workbench} workbench
 */
function page(workbench) {
  return workbench.page.locator(`${pageEditor} .view-line`);
}

/** @param {import("./vscode-host/workbench.mjs").Workbench} workbench */
async function maximizePage(workbench) {
  await page(workbench).nth(3).waitFor({ state: "attached" });
  await workbench.page.keyboard.press("Control+2"); // the second editor group
  await workbench.runCommand("View: Toggle Maximize Editor Group");
  await restMouse(workbench);
}

/**
 * Where the pointer lights up nothing.
 * @param {import("./vscode-host/workbench.mjs").Workbench} workbench
 */
async function restMouse(workbench) {
  const { width } = workbench.page.viewportSize() ?? { width: 100 };
  await workbench.page.mouse.move(width - 40, 16);
}

/**
 * @param {import("./vscode-host/workbench.mjs").Workbench} workbench
 * @param {number} line
 */
async function goToLine(workbench, line) {
  await workbench.page.keyboard.press("Control+G");
  await workbench.page.keyboard.type(String(line));
  await workbench.page.keyboard.press("Enter");
}
