/**
 * The text in the bytes of a file, without a byte order mark: UTF-8, or UTF-16 with such a mark, as PowerShell writes what
 * is sent to a file. What is neither comes as text with replacement characters, or with NUL. Nothing is thrown.
 */
export function decodeText(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  const text = bytes.toString("utf8");
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}
