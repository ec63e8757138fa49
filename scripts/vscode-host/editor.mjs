// @ts-check
/** Chooses the VS Code that runs the editor tests. */

import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { downloadAndUnzipVSCode, SilentReporter } from "@vscode/test-electron";
import { root } from "../lib/repository.mjs";
import { findChromium } from "./chromium.mjs";
import { hostVersion, installHost } from "./install.mjs";

/**
 * @typedef {object} Editor
 * @property {string} description for the person who runs the tests
 * @property {string} executable for `@vscode/test-electron`
 * @property {readonly string[]} leadingArguments that come before all others
 */

/** Milliseconds without an answer after which the download counts as impossible. */
const downloadTimeout = 5000;

/**
 * The first that there is: the executable named by `PORTOLAN_VSCODE`, a downloaded VS Code, the browser-hosted one.
 * @returns {Promise<Editor>}
 * @throws an error that says why there is none
 */
export async function findEditor() {
  const wanted = process.env["PORTOLAN_VSCODE"] ?? "";
  if (wanted !== "" && wanted !== "stand-in") return electron(wanted, "from PORTOLAN_VSCODE");
  if (wanted === "") {
    const downloaded = await download();
    if (downloaded !== undefined) return downloaded;
  }
  findChromium();
  await installHost();
  return {
    description: `browser-hosted VS Code (code-server ${hostVersion})`,
    executable: join(root, "scripts", "vscode-stand-in.mjs"),
    leadingArguments: [],
  };
}

/** @returns {Promise<Editor | undefined>} nothing where the network or a display is missing */
async function download() {
  if (!hasDisplay() && !hasVirtualDisplay()) return undefined;
  try {
    const executable = await downloadAndUnzipVSCode({
      version: "stable",
      timeout: downloadTimeout,
      cachePath: join(root, ".vscode-test"),
      reporter: new SilentReporter(),
    });
    return electron(executable, "downloaded");
  } catch {
    return undefined;
  }
}

/**
 * @param {string} executable
 * @param {string} origin
 * @returns {Editor}
 */
function electron(executable, origin) {
  const description = `${executable} (${origin})`;
  if (hasDisplay() || !hasVirtualDisplay()) return { description, executable, leadingArguments: [] };
  return { description, executable: "xvfb-run", leadingArguments: ["-a", executable] };
}

const hasDisplay = () =>
  process.platform !== "linux" || Boolean(process.env["DISPLAY"]) || Boolean(process.env["WAYLAND_DISPLAY"]);

function hasVirtualDisplay() {
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, "xvfb-run"), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
