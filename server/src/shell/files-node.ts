import { type Dirent, readFileSync, statSync } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { URI } from "vscode-uri";
import { type Message, message, type Quoted } from "../core/base/message.ts";
import { LARGEST_FILE } from "../core/manifest/limits.ts";
import { decodeText } from "./decode-text.ts";
import { type Complain, type FileSource, isSkipped, mayHoldManifests } from "./files.ts";

/**
 * The files of this machine. Links are followed, but no folder is entered twice. Nothing is thrown: what cannot be read
 * is complained of, and everything beside it still counts.
 */
export function diskFiles(complain: Complain): FileSource {
  const tell: Tell = (path, say) => complain(uriOf(path), say);
  return {
    list: (folder) => walk(pathOf(folder), tell),
    listFolder: async (folder) => (await readFolder(pathOf(folder), tell)).files,
    read: async (uri) => readText(pathOf(uri), tell),
  };
}

/** Complains of a path. */
type Tell = (path: string, say: (name: Quoted) => Message) => void;

interface FolderContent {
  readonly files: readonly string[];
  /** Names. */
  readonly folders: readonly string[];
  /** Paths. */
  readonly links: readonly string[];
}

/** A folder on the way to it, and as it is called without links. */
interface Visit {
  readonly path: string;
  readonly real: string;
}

async function* walk(start: string, tell: Tell): AsyncGenerator<readonly string[]> {
  const entered = new Set<string>();
  const pending = [await visitOf(start)];
  const links: string[] = [];
  while (pending.length > 0 || links.length > 0) {
    // Links come last, so that a folder is read where it really is.
    const link = pending.length === 0 ? links.shift() : undefined;
    if (link !== undefined) {
      const target = await followLink(link, tell);
      if (target === "file" && mayHoldManifests(link)) yield [uriOf(link)];
      if (target === "folder") pending.push(await visitOf(link));
      continue;
    }
    const visits = pending.splice(0, FOLDERS_AT_ONCE).filter(isFirst);
    const contents = await Promise.all(visits.map(({ path }) => readFolder(path, tell)));
    for (const [index, { files, folders, links: found }] of contents.entries()) {
      const { path, real } = visits[index] ?? { path: start, real: start };
      for (const name of folders) pending.push({ path: join(path, name), real: join(real, name) });
      links.push(...found);
      yield files;
    }
  }

  function isFirst({ real }: Visit): boolean {
    if (entered.has(real)) return false;
    entered.add(real);
    return true;
  }
}

const visitOf = async (path: string): Promise<Visit> => ({ path, real: await realpath(path).catch(() => path) });

const FOLDERS_AT_ONCE = 16;

async function readFolder(folder: string, tell: Tell): Promise<FolderContent> {
  let entries: readonly Dirent[];
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (!isMissing(error)) tell(folder, (name) => message`the folder ${name} cannot be read: ${codeOf(error)}`);
    return { files: [], folders: [], links: [] };
  }
  const names = (chosen: (entry: Dirent) => boolean): readonly string[] =>
    entries.filter((entry) => !isSkipped(entry.name) && chosen(entry)).map(({ name }) => name);
  const paths = (chosen: (entry: Dirent) => boolean): readonly string[] =>
    names(chosen).map((name) => join(folder, name));
  return {
    files: paths((entry) => entry.isFile() && mayHoldManifests(`/${entry.name}`)).map(uriOf),
    folders: names((entry) => entry.isDirectory()),
    links: paths((entry) => entry.isSymbolicLink()),
  };
}

async function followLink(link: string, tell: Tell): Promise<"file" | "folder" | undefined> {
  try {
    const target = await stat(link);
    if (target.isFile()) return "file";
    if (!target.isDirectory()) return undefined;
    const real = await realpath(link);
    if (!link.startsWith(join(real, "/"))) return "folder";
    tell(link, (name) => message`the link ${name} leads to a folder that it lies in, and is not followed`);
  } catch (error) {
    tell(link, (name) => message`the link ${name} leads nowhere: ${codeOf(error)}`);
  }
  return undefined;
}

/** At once: to a small file the round trips of an asynchronous read are ten times the reading. */
function readText(path: string, tell: Tell): string | undefined {
  try {
    const { size } = statSync(path);
    if (size <= LARGEST_FILE) return decodeText(readFileSync(path));
    tell(path, (name) => message`${name} has ${Math.round(size / 1024 / 1024)} MB and is not read`);
  } catch (error) {
    if (!isMissing(error)) tell(path, (name) => message`${name} cannot be read: ${codeOf(error)}`);
  }
  return undefined;
}

const isMissing = (error: unknown): boolean => /^(?:ENOENT|ENOTDIR|EISDIR)$/.test(codeOf(error));

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error ? String(error.code) : String(error);

const pathOf = (uri: string): string => URI.parse(uri).fsPath;
const uriOf = (path: string): string => URI.file(path).toString();
