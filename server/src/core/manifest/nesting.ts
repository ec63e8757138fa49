/**
 * Whether a document may be nested deeper than so many levels: block collections begin in a column of their own, flow
 * collections with a bracket. Brackets in quotes and comments count as well, so a text of very many that are never
 * closed is taken for a deep one.
 */
export function mayNestDeeper(text: string, most: number): boolean {
  let column = 0;
  let isLineStart = true;
  let open = 0;
  for (let offset = 0; offset < text.length; offset += 1) {
    const character = text[offset] ?? "";
    if (character === "\n") {
      column = 0;
      isLineStart = true;
    } else if (isLineStart && " -?\t".includes(character)) {
      column += 1;
    } else {
      isLineStart = false;
      if (character === "[" || character === "{") open += 1;
      else if ((character === "]" || character === "}") && open > 0) open -= 1;
    }
    if (column + open > most) return true;
  }
  return false;
}
