/** Names one text: a file, an unsaved editor, or standard input. The core never looks inside it beyond its path. */
export type DocumentUri = string & { readonly __brand: "DocumentUri" };

/** The only way to make a {@link DocumentUri}: from the string that names the text at the shell. */
export const documentUri = (uri: string): DocumentUri => uri as DocumentUri;

/** A place in a document: UTF-16 code units, half-open `[start, end)`. */
export interface SourceRange {
  readonly uri: DocumentUri;
  readonly start: number;
  readonly end: number;
}

/**
 * Where a value comes from.
 * `written` in a manifest · `default` of the API · `observed` in a dumped object's status · `simulated`: an address
 * that only a cluster could hand out.
 */
export type Origin = "written" | "default" | "observed" | "simulated";

/** A value and the text it comes from. A default points at the nearest key that is written. */
export interface Field<T> {
  readonly value: T;
  readonly range: SourceRange;
  readonly origin: "written" | "default";
}

/** Ends a `switch` over a union: a kind that nobody handled does not compile. */
export function assertNever(value: never): never {
  throw new Error(`unexpected value ${JSON.stringify(value)}`);
}
