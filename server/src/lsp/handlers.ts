import {
  type CancellationToken,
  type Connection,
  LSPErrorCodes,
  type Range,
  ResponseError,
} from "vscode-languageserver";
import type { DocumentUri, SourceRange } from "../core/base/source.ts";
import type { Analysis } from "../core/features/analysis.ts";
import { actionOf, type Converter, hoverOf, lensOf, linesOf } from "./convert.ts";
import type { Session } from "./session.ts";
import { keyOf } from "./uris.ts";

/** What a handler works with: the workspace as it is when its turn has come. */
interface Turn {
  readonly key: DocumentUri;
  readonly analysis: Analysis;
  readonly converter: Converter;
}

/**
 * Answers the editor's requests.
 * @param ready resolves when the workspace has been read; an answer before that would be a guess
 */
export function handleRequests(connection: Connection, session: () => Session, ready: Promise<void>): void {
  connection.onHover((params, token) =>
    answer("hover", params.textDocument.uri, token, null, ({ key, analysis, converter }) => {
      const hover = analysis.hover(key, offsetAt(converter, key, params.position));
      return hover ? hoverOf(converter, hover) : null;
    }),
  );
  connection.onCodeLens((params, token) =>
    answer("codeLens", params.textDocument.uri, token, [], ({ key, analysis, converter }) =>
      analysis.lenses(key).flatMap((lens) => lensOf(converter, lens) ?? []),
    ),
  );
  connection.onCodeAction((params, token) =>
    answer("codeAction", params.textDocument.uri, token, [], ({ key, analysis, converter }) =>
      analysis
        .actions(key, sourceRangeOf(converter, key, params.range))
        .flatMap((action) => actionOf(converter, action) ?? []),
    ),
  );

  /** Waits for the request's turn, and gives up if nobody wants the answer any more or its text is another by then. */
  async function answer<Result>(
    method: string,
    uri: string,
    token: CancellationToken,
    empty: Result,
    work: (turn: Turn) => Result,
  ): Promise<Result | ResponseError<void>> {
    const { texts, analysis, converter, log } = session();
    const key = keyOf(uri);
    const version = texts.openText(key)?.version;
    await ready;
    await new Promise((resolve) => setImmediate(resolve));
    if (token.isCancellationRequested) return new ResponseError(LSPErrorCodes.RequestCancelled, "cancelled");
    if (texts.openText(key)?.version !== version) return new ResponseError(LSPErrorCodes.ContentModified, "changed");
    try {
      return work({ key, analysis: analysis(), converter: converter() });
    } catch (error) {
      log(`${method} in ${uri}`, error);
      return empty;
    }
  }
}

function offsetAt({ snapshot }: Converter, key: DocumentUri, position: Range["start"]): number {
  const file = snapshot.files.get(key);
  return file ? linesOf(file).offsetAt(position) : 0;
}

const sourceRangeOf = (converter: Converter, uri: DocumentUri, { start, end }: Range): SourceRange => ({
  uri,
  start: offsetAt(converter, uri, start),
  end: offsetAt(converter, uri, end),
});
