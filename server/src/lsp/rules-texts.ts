import type { Connection, Diagnostic, TextDocumentContentChangeEvent } from "vscode-languageserver";
import { TextDocument } from "vscode-languageserver-textdocument";
import type { DocumentUri } from "../core/base/source.ts";
import type { Cluster } from "../core/cluster/cluster.ts";
import { type RulesText, readRules } from "../core/cluster/iptables/reading/read-rules.ts";
import { analyzeRules, type RulesAnalysis } from "../core/features/node-rules/rules-analysis.ts";
import { type Converter, rulesDiagnosticOf } from "./convert.ts";
import { throttle } from "./throttle.ts";
import { isShadow, keyOf } from "./uris.ts";

/** The open texts that hold rules of iptables. They are no part of the workspace: nothing else depends on them. */
export interface RulesTexts {
  /** Takes an opened text if it holds rules; says whether it does. */
  readonly open: (document: TextDocument) => boolean;
  /** Says whether the text is one of these. */
  readonly change: (uri: string, changes: readonly TextDocumentContentChangeEvent[], version: number) => boolean;
  readonly close: (uri: string) => boolean;
  readonly document: (key: DocumentUri) => TextDocument | undefined;
  readonly text: (key: DocumentUri) => RulesText | undefined;
  readonly analysis: (key: DocumentUri) => RulesAnalysis | undefined;
  /** The manifests have changed, and with them what the rules are compared with. */
  readonly recheck: () => void;
  /** Whether all of them have been checked. */
  readonly isIdle: () => boolean;
  readonly dispose: () => void;
}

/** Milliseconds in which complaints follow an edit, at least: rules are long, and nobody writes them by hand. */
const FOLLOW = 150;

/** The rules of a large node take a while to check: for so many times as long the server is there for all else. */
const REST = 3;

/**
 * No rules are open.
 * @param onChange pages about the rules may read differently now
 */
export function createRulesTexts(
  connection: Connection,
  converter: () => Converter,
  cluster: () => Cluster,
  log: (what: string, error: unknown) => void,
  onChange: () => void,
): RulesTexts {
  const open = new Map<DocumentUri, { document: TextDocument; text: RulesText | undefined }>();
  const published = new Map<DocumentUri, string>();

  /** Milliseconds that reading a text took, and that checking all of them did, the last time. */
  const took = { reading: 0, checking: 0 };

  const read = (key: DocumentUri): RulesText | undefined => {
    const known = open.get(key);
    if (known === undefined || known.text !== undefined) return known?.text;
    const start = Date.now();
    known.text = readRules(key, known.document.getText());
    took.reading = Date.now() - start;
    return known.text;
  };
  const publish = (key: DocumentUri, diagnostics: Diagnostic[]): void => {
    const document = open.get(key)?.document;
    const now = JSON.stringify([document?.version, diagnostics]);
    if (published.get(key) === now) return;
    published.set(key, now);
    const { client, uriOf } = converter();
    const versioned = document !== undefined && client.versions ? { version: document.version } : {};
    connection.sendDiagnostics({ uri: uriOf(key), diagnostics, ...versioned }).catch(() => undefined);
  };
  const check = (key: DocumentUri): void => {
    const text = read(key);
    if (text === undefined) return;
    try {
      const now = converter();
      const complaints = analyzeRules(cluster(), text).check();
      publish(
        key,
        complaints.flatMap((complaint) => rulesDiagnosticOf(now, complaint) ?? []),
      );
    } catch (error) {
      log(`checking ${key}`, error);
    }
  };
  let isWaiting = false;
  const checkAll = throttle(
    () => Math.max(FOLLOW, REST * (took.reading + took.checking)),
    () => {
      for (const key of open.keys()) read(key);
      const start = Date.now();
      for (const key of open.keys()) check(key);
      took.checking = Date.now() - start;
      isWaiting = false;
    },
  );
  const recheck = (): void => {
    if (open.size === 0) return;
    isWaiting = true;
    checkAll();
  };

  return {
    open(document) {
      if (isShadow(document.uri) || !holdsRules(document)) return false;
      const key = keyOf(document.uri);
      open.set(key, { document, text: undefined });
      recheck();
      onChange();
      return true;
    },
    change(uri, changes, version) {
      const known = open.get(keyOf(uri));
      if (known === undefined) return false;
      known.document = TextDocument.update(known.document, [...changes], version);
      known.text = undefined;
      recheck();
      onChange();
      return true;
    },
    close(uri) {
      const key = keyOf(uri);
      if (!open.has(key)) return false;
      publish(key, []);
      published.delete(key);
      return open.delete(key);
    },
    document: (key) => open.get(key)?.document,
    text: read,
    analysis(key) {
      const text = read(key);
      return text && analyzeRules(cluster(), text);
    },
    recheck,
    isIdle: () => !isWaiting,
    dispose: () => checkAll.dispose(),
  };
}

/** By the language that an editor knows it by; where it knows none, by its name or its first line. */
function holdsRules(document: TextDocument): boolean {
  const { languageId, uri } = document;
  if (languageId === "iptables-rules" || languageId === "iptables") return true;
  if (languageId === "yaml" || languageId === "json" || languageId === "helm") return false;
  return /\.iptables$|\/rules\.v[46]$/.test(uri) || FIRST_LINE.test(document.getText());
}

const FIRST_LINE =
  /^\ufeff?(?:# Generated by (?:xtables-)?ip6?tables(?:-nft|-legacy)?-save |\*(?:nat|filter|mangle|raw)\s*[\r\n])/;
