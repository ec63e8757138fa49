#!/usr/bin/env node
// @ts-check
/**
 * Installs the browser-hosted VS Code that the editor tests and the screenshots use, unless it is already there, and
 * says where it and the browser are. The other scripts do this by themselves; this one is for trying it alone.
 */

import { runScript } from "./lib/process.mjs";
import { findChromium } from "./vscode-host/chromium.mjs";
import { installHost } from "./vscode-host/install.mjs";

await runScript(async () => {
  const host = await installHost();
  console.log(`node      ${host.node}\nserver    ${host.server}\nchromium  ${findChromium()}`);
});
