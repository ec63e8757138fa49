import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { URI } from "vscode-uri";

/** The address of the package that this program is a part of, where it brings its documentation along. */
export function packagedDocumentation(): string | undefined {
  const program = process.argv[1];
  if (program === undefined) return undefined;
  try {
    const home = join(dirname(realpathSync(program)), "..");
    return existsSync(join(home, "docs", "rules.md")) ? `${URI.file(home)}/` : undefined;
  } catch {
    return undefined;
  }
}
