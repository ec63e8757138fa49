/**
 * Where a quoted text ends that its own line closes, as in JSON and in most YAML. One look at each character: patterns
 * for this run out of stack in long texts.
 * @param start the offset of the opening quote, single or double
 * @returns the offset behind the closing one; `undefined` where the line ends first
 */
export function endOfQuoted(text: string, start: number): number | undefined {
  const quote = text.charCodeAt(start);
  for (let offset = start + 1; offset < text.length; offset++) {
    const code = text.charCodeAt(offset);
    if (code === LINE_FEED || code === CARRIAGE_RETURN) return undefined;
    if (code === quote) {
      if (quote === DOUBLE_QUOTE || text.charCodeAt(offset + 1) !== quote) return offset + 1;
      offset += 1;
    } else if (code === BACKSLASH && quote === DOUBLE_QUOTE && text.charCodeAt(offset + 1) >= SPACE) {
      offset += 1;
    }
  }
  return undefined;
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const DOUBLE_QUOTE = 0x22;
const BACKSLASH = 0x5c;
