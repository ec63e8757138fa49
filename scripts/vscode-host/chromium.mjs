// @ts-check
/** The browser that shows the workbench of the browser-hosted VS Code. */

import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium } from "playwright-core";
import { ScriptError } from "../lib/process.mjs";

/**
 * Finds an installed Chromium or Chrome: `CHROMIUM_PATH` where it is set, else the usual names and places.
 * @returns {string} the path of the executable
 * @throws {ScriptError} that says what to install where there is none
 */
export function findChromium() {
  const wanted = process.env["CHROMIUM_PATH"];
  if (wanted !== undefined && wanted !== "") {
    if (isExecutable(wanted)) return wanted;
    throw new ScriptError(`CHROMIUM_PATH is ${wanted}, which is not an executable file`);
  }
  const found = candidates().find(isExecutable);
  if (found !== undefined) return found;
  throw new ScriptError("no Chromium found: install Chromium or Google Chrome, or set CHROMIUM_PATH");
}

/**
 * Starts the browser without a window. Nothing but this machine can be reached from it.
 * It ends with `browser.close()` and, at the latest, with this process.
 */
export function launchChromium() {
  return chromium.launch({
    executablePath: findChromium(),
    // Playwright's own handlers would end the process before ours have cleaned up.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
    args: [
      "--no-sandbox", // needed by root, as in a container; the only pages shown are our own
      "--disable-dev-shm-usage",
      "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ],
  });
}

function candidates() {
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
  const folders = ["/usr/bin", ...(process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "")];
  return [
    ...names.flatMap((name) => folders.map((folder) => join(folder, name))),
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  ];
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
