import { CodeLensRefreshRequest, type Connection } from "vscode-languageserver";
import { type Bundle, quote } from "../core/base/message.ts";
import type { DocumentUri } from "../core/base/source.ts";
import { type Analysis, analyze } from "../core/features/analysis.ts";
import { parseSettings, type Settings } from "../core/settings/settings.ts";
import type { Snapshot } from "../core/workspace/snapshot.ts";
import type { FileChange } from "../core/workspace/store.ts";
import { createExclusion, type Exclusion } from "../shell/exclude.ts";
import type { Complain, FileSource } from "../shell/files.ts";
import type { ClientAbilities } from "./abilities.ts";
import { type Converter, say } from "./convert.ts";
import { type EditorSettings, noEditorSettings, ruleIds, settingsIn } from "./editor-settings.ts";
import { CHANGED_NOTIFICATION } from "./protocol.ts";
import { createPublisher } from "./publish.ts";
import { createRulesTexts, type RulesTexts } from "./rules-texts.ts";
import { createScheduler, type Scheduler } from "./scheduler.ts";
import { createTexts, type Texts } from "./texts.ts";
import { throttle } from "./throttle.ts";
import { keyOf, nameIn } from "./uris.ts";
import { createWatching, type Watching } from "./watching.ts";

/** One editor and its workspace: what is known of both, kept up to date. */
export interface Session {
  readonly client: ClientAbilities;
  readonly texts: Texts;
  readonly rules: RulesTexts;
  readonly watching: Watching;
  readonly scheduler: Scheduler;
  /** Of the workspace as it is now; the same one until something changes. */
  readonly analysis: () => Analysis;
  readonly converter: () => Converter;
  /** Replaces the folders of the workspace; their files are read with the next scan. */
  readonly setFolders: (uris: readonly string[]) => void;
  readonly applySettings: (settings: EditorSettings) => void;
  /** How long a page took to write, in milliseconds: the more, the less often the editor is told to ask again. */
  readonly noteCost: (milliseconds: number) => void;
  /** Writes a line to the log of the editor. Names things, and never tells what a manifest holds. */
  readonly log: (what: string, error?: unknown) => void;
  readonly dispose: () => void;
}

/** What a session is begun with. */
export interface SessionOptions {
  readonly client: ClientAbilities;
  readonly bundle: Bundle;
  readonly documentation: ((page: string) => string) | undefined;
  readonly files: (complain: Complain) => FileSource;
}

/** Milliseconds in which pages and lenses follow an edit. */
const FOLLOW = 150;
/** Pages take no more than this part of the time in which somebody types. */
const SHARE = 1 / 5;

/** Begins a session: nothing is open, no folder is known, and nobody has set anything. */
export function createSession(connection: Connection, options: SessionOptions): Session {
  const { client } = options;
  let editor = noEditorSettings;
  let settings: SettingsInForce | undefined;
  let known: { readonly snapshot: Snapshot; readonly analysis: Analysis } | undefined;
  const settingsFiles = new Set<DocumentUri>();
  let excluded = "[[],[]]";
  let cost = 0;

  const log = (what: string, error?: unknown): void => {
    if (error === undefined) connection.console.info(what);
    else
      connection.console.error(`${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  };
  const inForce = (): SettingsInForce => {
    settings ??= settingsInForce(texts.snapshot(), editor);
    return settings;
  };
  const analysis = (): Analysis => {
    const snapshot = texts.snapshot();
    if (known?.snapshot !== snapshot) known = { snapshot, analysis: analyze(snapshot, inForce().settingsAt) };
    return known.analysis;
  };
  const uriOf = (key: DocumentUri): string => rules.document(key)?.uri ?? texts.uriOf(key);
  const converter = (): Converter => ({ ...options, snapshot: texts.snapshot(), uriOf, otherText: rules.document });

  const tellChanged = throttle(
    () => Math.max(FOLLOW, cost / SHARE),
    () => {
      connection.sendNotification(CHANGED_NOTIFICATION).catch(() => undefined);
    },
  );
  const refreshLenses = throttle(
    () => FOLLOW,
    () => {
      if (client.lensRefresh) connection.sendRequest(CodeLensRefreshRequest.type).catch(() => undefined);
    },
  );

  const settingsChanged = (): void => {
    settings = undefined;
    known = undefined;
    scheduler.recheckAll();
    refreshLenses();
    const now = exclusionsOf(texts.snapshot(), editor, settingsFiles);
    if (now !== excluded && !texts.isListing()) texts.rescan();
    excluded = now;
  };

  const watching = createWatching(connection, client, log);
  const texts = createTexts({
    files: options.files((uri, about) =>
      log(say(converter(), about(quote(nameIn(texts.snapshot().roots, keyOf(uri)))))),
    ),
    watchAround: watching.watchAround,
    exclusion: () => inForce().exclusion,
    onChange(before, after, changes) {
      const ofSettings = changes.filter(isOfSettings);
      for (const { before: old, after: now } of ofSettings) {
        if (now) settingsFiles.add(now.uri);
        else if (old) settingsFiles.delete(old.uri);
      }
      if (ofSettings.length > 0) settingsChanged();
      if (scheduler.changed(before, after, changes)) {
        refreshLenses();
        rules.recheck();
      }
      tellChanged();
    },
    onOpen: (key) => scheduler.check(key),
    hold: () => scheduler.hold(),
    log,
  });
  const scheduler = createScheduler({
    snapshot: texts.snapshot,
    settingsAt: () => inForce().settingsAt,
    isOpen: (key) => texts.openText(key) !== undefined,
    publish: createPublisher(connection, converter, (key) => texts.openText(key)?.version),
    log,
  });

  const rules = createRulesTexts(connection, converter, () => analysis().cluster, log, tellChanged);

  return {
    client,
    texts,
    rules,
    watching,
    scheduler,
    analysis,
    converter,
    log,
    noteCost(milliseconds) {
      cost = milliseconds;
    },
    setFolders(uris) {
      texts.setFolders(uris);
      settings = undefined;
      known = undefined;
    },
    applySettings(next) {
      editor = next;
      settingsChanged();
      tellChanged();
    },
    dispose() {
      for (const { dispose } of [tellChanged, refreshLenses, rules, scheduler]) dispose();
    },
  };
}

interface SettingsInForce {
  readonly settingsAt: (uri: DocumentUri) => Settings;
  readonly exclusion: Exclusion;
}

function settingsInForce(snapshot: Snapshot, editor: EditorSettings): SettingsInForce {
  const settingsAt = settingsIn(snapshot, editor);
  return { settingsAt, exclusion: createExclusion(snapshot, settingsAt) };
}

const isOfSettings = ({ before, after }: FileChange): boolean => (after ?? before)?.role === "settings";

/** Everything that says which files are left out, to see whether it changed. */
function exclusionsOf(snapshot: Snapshot, editor: EditorSettings, settingsFiles: Iterable<DocumentUri>): string {
  const inFiles = [...settingsFiles].sort().map((uri) => {
    const { exclude } = parseSettings(uri, snapshot.files.get(uri)?.text ?? "", ruleIds).layer.values;
    return exclude && [uri, exclude];
  });
  const inEditor = editor.layers.map(({ folder, layer }) => layer.values.exclude && [folder, layer.values.exclude]);
  return JSON.stringify([inEditor.filter(Boolean), inFiles.filter(Boolean)]);
}
