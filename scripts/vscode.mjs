// @ts-check
/**
 * Opens a folder of manifests in VS Code with this extension, freshly built.
 *
 *     npm run vscode [-- folder]        the example harbour without a folder
 *
 * Uses the installed VS Code (`code` on the PATH). Where there is none, it serves the browser-hosted one to any browser
 * of this machine, until Ctrl+C.
 */

import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { temporaryFolder } from "./lib/lifetime.mjs";
import { runOrFail, runScript, runToEnd, ScriptError } from "./lib/process.mjs";
import { root } from "./lib/repository.mjs";
import { installHost } from "./vscode-host/install.mjs";
import { createProfile, installExtension, startServer } from "./vscode-host/server.mjs";

await runScript(async () => {
  const { positionals } = parseArgs({ allowPositionals: true });
  const folder = resolve(positionals[0] ?? join(root, "examples", "harbour"));
  if (!existsSync(folder)) throw new ScriptError(`${folder} does not exist`);
  if (isInstalled("code")) {
    await runOrFail(process.execPath, ["scripts/build.mjs"]);
    return runToEnd("code", [`--extensionDevelopmentPath=${root}`, folder]);
  }
  console.log("VS Code is not installed here (no `code` on the PATH); serving it to a browser instead.");
  return serve(folder);
});

/** @param {string} folder */
async function serve(folder) {
  const host = await installHost();
  const run = temporaryFolder("vscode");
  const vsix = join(run, "portolan.vsix");
  await runOrFail(process.execPath, ["scripts/package.mjs", "--out", vsix]);
  const profile = createProfile(run, {
    "chat.disableAIFeatures": true,
    "telemetry.telemetryLevel": "off",
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "workbench.startupEditor": "none",
  });
  await installExtension(host, profile, vsix);
  // Whoever reaches the server can run programs here, so only who reads this terminal is let in.
  const token = randomBytes(16).toString("hex");
  const server = await startServer(host, profile, { token });
  console.log(`\nOpen ${server.origin}/?${new URLSearchParams({ tkn: token, folder })}\nCtrl+C ends it.`);
  return server.exited;
}

/** @param {string} program */
function isInstalled(program) {
  const names = process.platform === "win32" ? [`${program}.cmd`] : [program];
  return (process.env["PATH"] ?? "").split(delimiter).some((dir) => names.some((name) => existsSync(join(dir, name))));
}
