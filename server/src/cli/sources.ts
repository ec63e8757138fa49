import { accessSync, constants, existsSync, readdirSync, type Stats, statSync } from "node:fs";
import * as path from "node:path";
import { URI } from "vscode-uri";
import { type Message, message, quote } from "../core/base/message.ts";
import type { DocumentUri } from "../core/base/source.ts";
import { findNearest } from "../core/base/text.ts";
import { commonFolder, isWithin } from "../core/workspace/folders.ts";
import type { Complain } from "../shell/files.ts";
import { diskFiles } from "../shell/files-node.ts";
import { CallError } from "./call-error.ts";
import { displayPath, STANDARD_INPUT, uriOf } from "./paths.ts";

/** One text to be read. */
export interface Source {
  readonly uri: DocumentUri;
  /** `undefined` for standard input. */
  readonly path: string | undefined;
  /**
   * `named` by itself · `found` in a folder that was named · `beside` a file that was named: it is read because the
   * answer may depend on it, and is no subject of the answer.
   */
  readonly role: "named" | "found" | "beside";
}

/** What the PATHs of a call come to. */
export interface Sources {
  readonly sources: readonly Source[];
  /** Folder that counts as the workspace: what is named together belongs together. */
  readonly root: string;
  /** What could not be looked into, one message for each. */
  readonly complaints: readonly Message[];
  /** Some folder that was named is closed to the reader. */
  readonly isIncomplete: boolean;
}

/** Finds the texts of a call. @param operands files, folders and `-`, in any mix; none is the working directory */
export async function findSources(cwd: string, operands: readonly string[]): Promise<Sources> {
  const sources = new Map<DocumentUri, Source>();
  const complaints: Message[] = [];
  const complain: Complain = (uri, say) =>
    complaints.push(say(quote(displayPath(path, cwd, uriOf(path, URI.parse(uri).fsPath)) || ".")));
  let isIncomplete = false;
  const folders: string[] = [uriOf(path, cwd)];
  const add = (file: string, role: Source["role"]): void => {
    const uri = uriOf(path, file);
    const known = sources.get(uri);
    if (known === undefined || order[role] < order[known.role]) sources.set(uri, { uri, path: file, role });
  };
  for (const operand of operands.length === 0 ? ["."] : operands) {
    const absolute = path.resolve(cwd, operand);
    if (operand === STANDARD_INPUT) {
      const uri = uriOf(path, path.join(cwd, STANDARD_INPUT));
      sources.set(uri, { uri, path: undefined, role: "named" });
    } else if (statsOf(operand, absolute).isDirectory()) {
      for (const file of await filesBelow(absolute, complain)) add(file, "found");
      isIncomplete ||= !isOpen(absolute);
      folders.push(uriOf(path, absolute));
    } else {
      const { folder, files } = await surroundings(absolute);
      for (const file of files) add(file, "beside");
      add(absolute, "named");
      folders.push(uriOf(path, folder));
    }
  }
  const [home = "", ...others] = folders;
  const root = others.every((folder) => isWithin(folder, home)) ? home : others.reduce(commonFolder);
  return { sources: [...sources.values()].sort(byUri), root, complaints, isIncomplete };
}

const order = { named: 0, found: 1, beside: 2 } as const satisfies Record<Source["role"], number>;

const byUri = (a: Source, b: Source): number => (a.uri < b.uri ? -1 : 1);

function statsOf(operand: string, absolute: string): Stats {
  const stats = statSync(absolute, { throwIfNoEntry: false });
  if (stats) return stats;
  throw new CallError(missing(operand, absolute));
}

function isOpen(folder: string): boolean {
  try {
    accessSync(folder, constants.R_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function missing(operand: string, absolute: string): Message {
  const folder = path.dirname(absolute);
  const nearest = existsSync(folder) ? findNearest(path.basename(absolute), readdirSync(folder)) : undefined;
  if (nearest === undefined) return message`there is no file or folder ${quote(operand)}`;
  const meant = path.join(path.dirname(operand), nearest).replaceAll(path.sep, "/");
  return message`there is no file or folder ${quote(operand)}; did you mean ${quote(meant)}?`;
}

/**
 * What a file is deployed with, as far as a folder tells: the repository that it lies in, else the files beside it. Its
 * Service may be in one file and the pods in the next.
 */
async function surroundings(file: string): Promise<{ readonly folder: string; readonly files: readonly string[] }> {
  const home = path.dirname(file);
  for (let folder = home; ; folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, ".git"))) return { folder, files: await filesBelow(folder, () => {}) };
    if (folder === path.dirname(folder)) break;
  }
  const beside = await diskFiles(() => {}).listFolder(URI.file(home).toString());
  return { folder: home, files: beside.map((uri) => URI.parse(uri).fsPath) };
}

async function filesBelow(folder: string, complain: Complain): Promise<readonly string[]> {
  const files: string[] = [];
  for await (const uris of diskFiles(complain).list(URI.file(folder).toString())) {
    for (const uri of uris) files.push(URI.parse(uri).fsPath);
  }
  return files;
}
