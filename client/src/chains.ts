import * as vscode from "vscode";
import { nftLanguage, rulesLanguage } from "./client.ts";
import { nftBlocks, nftTables } from "./nft-blocks.ts";
import { pageScheme } from "./page-document.ts";

/** Pages of rules, and files for nft. Of files for iptables, which hold the rules of real nodes, the server knows more. */
const rulesToRead: vscode.DocumentSelector = [
  { scheme: pageScheme, language: rulesLanguage },
  { language: nftLanguage },
];

/** A chain of a listing, or a set or map of nftables, and the lines `[start, end)` that are about it. */
export interface Chain {
  readonly name: string;
  /** Where it is declared. */
  readonly range: vscode.Range;
  readonly start: number;
  readonly end: number;
}

/** Lets readers of rules go from chain to chain, see them as an outline and fold them. */
export function registerChains(): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.languages.registerDefinitionProvider(rulesToRead, { provideDefinition: declarationsAt }),
    vscode.languages.registerReferenceProvider(rulesToRead, { provideReferences: mentionsAt }),
    vscode.languages.registerDocumentHighlightProvider(rulesToRead, {
      provideDocumentHighlights: (document, position) =>
        mentionsAt(document, position).map(({ range }) => new vscode.DocumentHighlight(range)),
    }),
    vscode.languages.registerDocumentSymbolProvider(rulesToRead, {
      provideDocumentSymbols: symbolsOf,
    }),
    vscode.languages.registerFoldingRangeProvider(rulesToRead, {
      provideFoldingRanges: (document) =>
        [...tablesOf(document), ...chainsOf(document)]
          .filter(({ start, end }) => end - start > 1)
          .map(({ start, end }) => new vscode.FoldingRange(start, end - 1, vscode.FoldingRangeKind.Region)),
    }),
  );
}

function declarationsAt(document: vscode.TextDocument, position: vscode.Position): vscode.Location[] {
  const name = chainNameAt(document, position);
  const chains = chainsOf(document).filter((chain) => chain.name === name);
  const table = tablesOf(document).find(({ start, end }) => start <= position.line && position.line < end);
  // A jump stays in its table, and other tables may have a chain of the same name.
  const own = table ? chains.filter(({ start }) => table.start <= start && start < table.end) : [];
  return (own.length > 0 ? own : chains).map(({ range }) => new vscode.Location(document.uri, range));
}

function mentionsAt(document: vscode.TextDocument, position: vscode.Position): vscode.Location[] {
  const name = chainNameAt(document, position);
  if (name === undefined || !chainsOf(document).some((chain) => chain.name === name)) return [];
  const text = document.getText();
  const [before, after] = isNft(document) ? ["(?<![\\w./-])", "(?![\\w./-])"] : ["(?<![\\w-])", "(?![\\w-])"];
  const pattern = new RegExp(`${before}${name.replaceAll(/[^\w-]/g, "\\$&")}${after}`, "g");
  return [...text.matchAll(pattern)].map(({ index }) => {
    const range = new vscode.Range(document.positionAt(index), document.positionAt(index + name.length));
    return new vscode.Location(document.uri, range);
  });
}

function chainNameAt(document: vscode.TextDocument, position: vscode.Position): string | undefined {
  const word = isNft(document) ? /[A-Za-z][\w./-]*/ : /[A-Za-z][\w-]*/;
  const range = document.getWordRangeAtPosition(position, word);
  return range === undefined ? undefined : document.getText(range);
}

/** Names of nftables have dots and slashes in them. */
const isNft = ({ languageId }: vscode.TextDocument): boolean => languageId === nftLanguage;

/**
 * The chains of both forms. `iptables -L` prints a chain in one piece. `iptables-save` declares all chains of a table
 * first and prints the rules of each in one run after them; a chain without rules is its declaration.
 */
function chainsOf(document: vscode.TextDocument): readonly Chain[] {
  const lines = document.getText().split(/\r?\n/);
  if (isNft(document)) return nftBlocks(lines);
  const chains: Chain[] = [];
  for (const [index, line] of lines.entries()) {
    const [, lead, name] = /^(Chain |:)(\S+)/.exec(line) ?? [];
    if (lead === undefined || name === undefined) continue;
    const range = new vscode.Range(index, lead.length, index, lead.length + name.length);
    const [start, end] = lead === ":" ? runOf(name, lines, index) : [index, endOfListing(lines, index)];
    chains.push({ name, range, start, end });
  }
  return chains;
}

/** The first run of lines that append to a chain, within the table of its declaration. */
function runOf(name: string, lines: readonly string[], declared: number): readonly [number, number] {
  const appends = (line: string | undefined): boolean => line?.startsWith(`-A ${name} `) ?? false;
  let start = declared + 1;
  while (start < lines.length && lines[start] !== "COMMIT" && !appends(lines[start])) start += 1;
  if (!appends(lines[start])) return [declared, declared + 1];
  let end = start + 1;
  while (appends(lines[end])) end += 1;
  return [start, end];
}

function endOfListing(lines: readonly string[], start: number): number {
  let end = start + 1;
  while (end < lines.length && lines[end]?.trim() !== "") end += 1;
  return end;
}

/** The tables of a listing of nftables, which may have several. */
const tablesOf = (document: vscode.TextDocument): readonly Chain[] =>
  isNft(document) ? nftTables(document.getText().split(/\r?\n/)) : [];

/** Chains in the order of the text; in their tables, where there are several. */
function symbolsOf(document: vscode.TextDocument): vscode.DocumentSymbol[] {
  const chains = chainsOf(document);
  const tables = tablesOf(document);
  if (tables.length < 2) return chains.map(symbolOf);
  return tables.map((table) => {
    const symbol = symbolOf(table);
    symbol.kind = vscode.SymbolKind.Namespace;
    symbol.children = chains.filter(({ start }) => table.start <= start && start < table.end).map(symbolOf);
    return symbol;
  });
}

function symbolOf({ name, range, start, end }: Chain): vscode.DocumentSymbol {
  const whole = new vscode.Range(start, 0, end - 1, Number.MAX_SAFE_INTEGER);
  const selection = whole.contains(range) ? range : new vscode.Range(start, 3, start, 3 + name.length);
  return new vscode.DocumentSymbol(name, "", vscode.SymbolKind.Function, whole, selection);
}
