import { existsSync, readFileSync, statSync } from "node:fs";
import * as path from "node:path";
import { message, quote } from "../core/base/message.ts";
import type { DocumentUri } from "../core/base/source.ts";
import { type Cluster, createCluster } from "../core/cluster/cluster.ts";
import { rules } from "../core/rules/index.ts";
import { effectiveSettings } from "../core/settings/effective-settings.ts";
import { proxyModes } from "../core/settings/profile.ts";
import { parseSettings, type SettingsLayer, type SettingsProblem } from "../core/settings/settings.ts";
import { folderOf, parentOf } from "../core/workspace/folders.ts";
import { type Change, WorkspaceStore } from "../core/workspace/store.ts";
import { decodeText } from "../shell/decode-text.ts";
import { createExclusion } from "../shell/exclude.ts";
import { requireWord } from "./arguments.ts";
import { type Call, notice, optionOf, say } from "./call.ts";
import { CallError } from "./call-error.ts";
import { displayPath, uriOf } from "./paths.ts";
import { type Places, placesIn, placesOf } from "./places.ts";
import { startProgress } from "./progress.ts";
import { severitiesOf } from "./severity-option.ts";
import { findSources, type Source } from "./sources.ts";
import { harmless } from "./terminal.ts";

/** Everything that a call is about, read. */
export interface Workspace {
  readonly cluster: Cluster;
  /** The texts that the call names, by themselves or by their folder, in order; others are read for their sake. */
  readonly subjects: readonly DocumentUri[];
  readonly places: Places;
  /** How output names a text. */
  readonly pathOf: (uri: DocumentUri) => string;
}

/** Reads what the PATHs of a call name. What cannot be read is told on standard error, and the rest still counts. */
export async function openWorkspace(call: Call, operands: readonly string[]): Promise<Workspace> {
  const over = settingsLayers(call);
  const { sources, root, complaints, isIncomplete } = await findSources(call.terminal.cwd, operands);
  const pathOf = (uri: DocumentUri): string => displayPath(path, call.terminal.cwd, uri);
  for (const complaint of complaints) notice(call, complaint);

  const store = new WorkspaceStore([root]);
  const ownSettings = !call.given.has("config");
  if (ownSettings) store.apply(readSettingsFiles(sources));
  reportSettingsProblems(call, store, pathOf);
  const settingsAt = effectiveSettings(store.snapshot, ruleIds, ...over);
  const isExcluded = createExclusion(store.snapshot, settingsAt, () => uriOf(path, call.terminal.cwd));

  const wanted = sources.filter(({ uri, role }) => {
    if (uri.endsWith(`/${SETTINGS_FILE}`)) return false;
    return role === "named" || !isExcluded(uri);
  });
  const read = await readTexts(call, wanted, pathOf);
  if (read.length === 0 && (isIncomplete || wanted.length > 0)) throw new CallError(message`nothing could be read`);
  store.apply(read);

  const { snapshot } = store;
  return {
    cluster: createCluster(snapshot, settingsAt),
    subjects: wanted.filter(({ uri, role }) => role !== "beside" && snapshot.files.get(uri)).map(({ uri }) => uri),
    places: placesIn(snapshot),
    pathOf,
  };
}

const ruleIds: readonly string[] = rules.map(({ id }) => id);

const SETTINGS_FILE = ".portolan.yaml";

/** Larger files are not even opened; smaller ones that are too large all the same, the core complains of itself. */
const LARGEST_OPENED = 64 * 1024 * 1024;

/** What the call itself says about settings; the last layer wins. */
function settingsLayers(call: Call): readonly SettingsLayer[] {
  const mode = optionOf(call, "proxy-mode");
  const byOptions: SettingsLayer = {
    values: mode === undefined ? {} : { "cluster.proxy.mode": requireWord("proxy-mode", mode, proxyModes) },
    rules: severitiesOf(call.given.get("severity") ?? [], ruleIds),
  };
  const config = optionOf(call, "config");
  if (config === undefined) return [byOptions];
  const file = path.resolve(call.terminal.cwd, config);
  const text = readText(file);
  if (text === undefined) throw new CallError(message`the settings in ${quote(config)} cannot be read`);
  const uri = uriOf(path, file);
  const { layer, problems } = parseSettings(uri, text, ruleIds);
  const places = placesOf(() => text);
  for (const problem of problems) reportProblem(call, places, config, problem);
  return [layer, byOptions];
}

/** The settings files in the folders of some texts, and in all folders above. */
function readSettingsFiles(sources: readonly Source[]): readonly Change[] {
  const visited = new Set<string>();
  const found: Change[] = [];
  for (const { uri } of sources) {
    for (let folder: string | undefined = folderOf(uri); folder !== undefined; folder = parentOf(folder)) {
      if (visited.has(folder)) break;
      visited.add(folder);
      const file = path.normalize(`${folder}/${SETTINGS_FILE}`);
      const text = existsSync(file) ? readText(file) : undefined;
      if (text !== undefined) found.push([uriOf(path, file), text]);
    }
  }
  return found;
}

function reportSettingsProblems(call: Call, { snapshot }: WorkspaceStore, pathOf: Workspace["pathOf"]): void {
  const places = placesIn(snapshot);
  for (const [uri, file] of snapshot.files.entries()) {
    const { problems } = parseSettings(uri, file.text, ruleIds);
    for (const problem of problems) reportProblem(call, places, pathOf(uri), problem);
  }
}

function reportProblem(call: Call, places: Places, shown: string, { range, message: said }: SettingsProblem): void {
  const { line, column } = places.startOf(range);
  call.terminal.err.write(`${harmless(`${shown}:${line}:${column}: ${say(call, said)}`)}\n`);
}

async function readTexts(call: Call, sources: readonly Source[], pathOf: Workspace["pathOf"]): Promise<Change[]> {
  const texts: Change[] = [];
  const progress = startProgress(call, sources.length);
  for (const { uri, path: file, role } of sources) {
    progress.step();
    const text = file === undefined ? await call.terminal.readInput() : readText(file);
    if (text !== undefined) texts.push([uri, text]);
    else if (role !== "beside") notice(call, message`${pathOf(uri)} cannot be read`);
  }
  progress.end();
  return texts;
}

/** `undefined` for a file that cannot be read, or is too large to be looked at. */
function readText(file: string): string | undefined {
  try {
    return statSync(file).size > LARGEST_OPENED ? undefined : decodeText(readFileSync(file));
  } catch {
    return undefined;
  }
}
