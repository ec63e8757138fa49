// @ts-check
/** Draws `images/icon.png` from `images/icon.svg`, which is the one to edit. Needs Chromium. */

import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { runScript } from "./lib/process.mjs";
import { root } from "./lib/repository.mjs";
import { launchChromium } from "./vscode-host/chromium.mjs";

await runScript(async () => {
  const browser = await launchChromium();
  try {
    const page = await browser.newPage({ viewport: { width: 256, height: 256 } });
    await page.setContent(`<style>body { margin: 0 } svg { display: block }</style>${svg()}`);
    const path = join(root, "images", "icon.png");
    await page.screenshot({ path, omitBackground: true });
    console.log(`images/icon.png  ${Math.ceil(statSync(path).size / 1000)} kB`);
  } finally {
    await browser.close();
  }
});

function svg() {
  return readFileSync(join(root, "images", "icon.svg"), "utf8");
}
