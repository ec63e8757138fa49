import {
  type CancellationToken,
  CodeActionKind,
  type Connection,
  LSPErrorCodes,
  type Range,
  ResponseError,
} from "vscode-languageserver";
import type { DocumentUri, SourceRange } from "../core/base/source.ts";
import type { Analysis } from "../core/features/analysis.ts";
import type { RulesAnalysis } from "../core/features/node-rules/rules-analysis.ts";
import {
  actionOf,
  type Converter,
  hoverOf,
  lensOf,
  linesOf,
  locationOf,
  outlineOf,
  rangeOf,
  say,
  symbolOf,
} from "./convert.ts";
import { listChoices, pageResult, writePage } from "./pages.ts";
import {
  CHOICES_REQUEST,
  type Choices,
  type ChoicesParams,
  PAGE_REQUEST,
  type PageQuery,
  type PageResult,
} from "./protocol.ts";
import type { Session } from "./session.ts";
import { keyOf } from "./uris.ts";

/** What a handler works with: the workspace as it is when its turn has come. */
interface Turn {
  readonly key: DocumentUri;
  readonly analysis: Analysis;
  readonly converter: Converter;
  /** Of a text that holds rules. */
  readonly rules: RulesAnalysis | undefined;
}

/**
 * Answers the editor's requests.
 * @param ready resolves when the workspace has been read; an answer before that would be a guess
 */
export function handleRequests(connection: Connection, session: () => Session, ready: Promise<void>): void {
  connection.onHover((params, token) =>
    answerAt("hover", params.textDocument.uri, token, null, ({ key, analysis, converter, rules }) => {
      const offset = offsetAt(converter, key, params.position);
      const hover = rules ? rules.hover(offset) : analysis.hover(key, offset);
      return hover ? hoverOf(converter, hover) : null;
    }),
  );
  connection.onCodeLens((params, token) =>
    answerAt("codeLens", params.textDocument.uri, token, [], ({ key, analysis, converter, rules }) =>
      (rules ? rules.lenses() : analysis.lenses(key)).flatMap((lens) => lensOf(converter, lens) ?? []),
    ),
  );
  connection.onCodeAction((params, token) =>
    answerAt("codeAction", params.textDocument.uri, token, [], ({ key, analysis, converter }) => {
      const { only } = params.context;
      if (only && !only.some((kind) => CodeActionKind.QuickFix.startsWith(kind))) return [];
      return analysis
        .actions(key, sourceRangeOf(converter, key, params.range))
        .flatMap((action) => actionOf(converter, action) ?? []);
    }),
  );
  connection.onDocumentSymbol((params, token) =>
    answerAt("documentSymbol", params.textDocument.uri, token, [], ({ key, analysis, converter, rules }) =>
      (rules ? rules.outline() : analysis.outline(key)).flatMap((symbol) => outlineOf(converter, symbol) ?? []),
    ),
  );
  connection.onDefinition((params, token) =>
    answerAt("definition", params.textDocument.uri, token, [], ({ key, converter, rules }) =>
      (rules?.definition(offsetAt(converter, key, params.position)) ?? []).flatMap(
        (target) => locationOf(converter, target) ?? [],
      ),
    ),
  );
  connection.onReferences((params, token) =>
    answerAt("references", params.textDocument.uri, token, [], ({ key, converter, rules }) =>
      (rules?.references(offsetAt(converter, key, params.position)) ?? []).flatMap(
        (target) => locationOf(converter, target) ?? [],
      ),
    ),
  );
  connection.onDocumentHighlight((params, token) =>
    answerAt("documentHighlight", params.textDocument.uri, token, [], ({ key, converter, rules }) =>
      (rules?.references(offsetAt(converter, key, params.position)) ?? []).flatMap((target) => {
        const range = rangeOf(converter, target);
        return range ? [{ range }] : [];
      }),
    ),
  );
  connection.onFoldingRanges((params, token) =>
    answerAt("foldingRange", params.textDocument.uri, token, [], ({ converter, rules }) =>
      (rules?.folds() ?? []).flatMap((fold) => {
        const range = rangeOf(converter, fold);
        return range ? [{ startLine: range.start.line, endLine: range.end.line }] : [];
      }),
    ),
  );
  connection.onWorkspaceSymbol(({ query }, token) =>
    answer("workspaceSymbol", "", token, [], ({ analysis, converter }) =>
      analysis.symbols(query).flatMap((symbol) => symbolOf(converter, symbol) ?? []),
    ),
  );
  connection.onRequest(PAGE_REQUEST, (query: PageQuery, token: CancellationToken) => {
    const uri = query.kind === "endpoints" ? query.service.uri : query.uri;
    return answer(PAGE_REQUEST, uri, token, emptyPage, ({ analysis, converter }) => {
      const start = performance.now();
      const written = writePage({ cluster: analysis.cluster, converter, rulesIn: session().rules.text }, query);
      session().noteCost(performance.now() - start);
      return "error" in written ? failed(say(converter, written.error)) : pageResult(converter, written);
    });
  });
  connection.onRequest(CHOICES_REQUEST, (params: ChoicesParams, token: CancellationToken) =>
    answer(CHOICES_REQUEST, params.uri, token, noChoices, ({ analysis, converter }) =>
      listChoices({ cluster: analysis.cluster, converter, rulesIn: session().rules.text }, params),
    ),
  );

  /** Waits for the request's turn, and gives up if nobody wants the answer any more. */
  async function answer<Result>(
    method: string,
    uri: string,
    token: CancellationToken,
    empty: Result,
    work: (turn: Turn) => Result | ResponseError<void>,
  ): Promise<Result | ResponseError<void>> {
    await ready;
    await new Promise((resolve) => setImmediate(resolve));
    if (token.isCancellationRequested) return new ResponseError(LSPErrorCodes.RequestCancelled, "cancelled");
    const { analysis, converter, log } = session();
    try {
      const key = keyOf(uri);
      return work({ key, analysis: analysis(), converter: converter(), rules: session().rules.analysis(key) });
    } catch (error) {
      log(`${method} in ${uri}`, error);
      return empty;
    }
  }

  /** The same for a request about places in a text, which mean nothing in a later version of it. */
  function answerAt<Result>(
    method: string,
    uri: string,
    token: CancellationToken,
    empty: Result,
    work: (turn: Turn) => Result | ResponseError<void>,
  ): Promise<Result | ResponseError<void>> {
    const versionOf = (key: DocumentUri): number | undefined =>
      (session().texts.openText(key) ?? session().rules.document(key))?.version;
    const version = versionOf(keyOf(uri));
    return answer(method, uri, token, empty, (turn) =>
      versionOf(turn.key) === version ? work(turn) : new ResponseError(LSPErrorCodes.ContentModified, "changed"),
    );
  }
}

const emptyPage: PageResult = { title: "", text: "", links: [] };
const noChoices: Choices = { sources: [], destinations: [] };

const failed = (words: string): ResponseError<void> => new ResponseError(LSPErrorCodes.RequestFailed, words);

function offsetAt({ snapshot, otherText }: Converter, key: DocumentUri, position: Range["start"]): number {
  const file = snapshot.files.get(key);
  return (file ? linesOf(file) : otherText(key))?.offsetAt(position) ?? 0;
}

const sourceRangeOf = (converter: Converter, uri: DocumentUri, { start, end }: Range): SourceRange => ({
  uri,
  start: offsetAt(converter, uri, start),
  end: offsetAt(converter, uri, end),
});
