import type { Message, Quoted } from "../core/base/message.ts";

/** Where texts come from that no editor has open. Folders and files are named by their URIs, as the editor spells them. */
export interface FileSource {
  /** The files in a folder and below it that may hold manifests or bear on them, a few at a time. */
  readonly list: (folder: string) => AsyncIterable<readonly string[]>;
  /** Those directly in a folder. */
  readonly listFolder: (folder: string) => Promise<readonly string[]>;
  /** The text of a file without its byte order mark; `undefined` where there is none that could be read. */
  readonly read: (uri: string) => Promise<string | undefined>;
}

/**
 * Told of what cannot be read, once for each time that it is met. Files go by other names in each shell.
 * @param say what there is to say, given the name that a reader knows
 */
export type Complain = (uri: string, say: (name: Quoted) => Message) => void;

/** Whether a name is that of a text worth reading. */
export const mayHoldManifests = (uri: string): boolean =>
  /\.(?:ya?ml|json)$/i.test(uri) || /\/Kustomization$/.test(uri);

/** Whether a path leads through a folder that holds other people's files, or none of anybody's. */
export const isSkipped = (path: string): boolean =>
  /(?:^|\/)(?:\.git|\.hg|\.svn|\.terraform|node_modules|vendor)(?:\/|$)/.test(path);
