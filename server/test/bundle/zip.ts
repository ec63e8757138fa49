/** Reads the table of contents of a ZIP archive, which lies at its end. */

const endOfDirectory = 0x06054b50;
const directoryEntry = 0x02014b50;

/**
 * The names of the files in an archive, in the order of its directory.
 * @throws where the bytes are no archive; archives beyond 4 GB are not understood
 */
export function listZip(archive: Buffer): string[] {
  const end = lastIndexOfSignature(archive, endOfDirectory);
  const count = archive.readUInt16LE(end + 10);
  const names: string[] = [];
  let at = archive.readUInt32LE(end + 16);
  for (let entry = 0; entry < count; entry += 1) {
    if (archive.readUInt32LE(at) !== directoryEntry) throw new Error(`no directory entry at ${at}`);
    const nameLength = archive.readUInt16LE(at + 28);
    names.push(archive.toString("utf8", at + 46, at + 46 + nameLength));
    at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  return names;
}

function lastIndexOfSignature(archive: Buffer, signature: number): number {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(signature);
  const index = archive.lastIndexOf(bytes);
  if (index < 0) throw new Error("not a ZIP archive");
  return index;
}
