import { readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { URI } from "vscode-uri";

/** The address of a page of the documentation, such as `docs/rules.md#orphan-service`. */
export type Documentation = (page: string) => string;

/**
 * The documentation that comes with a program, so that it can be read without a network; `undefined` where it does
 * not come along. Sections are named by their line, which is where editors open a file.
 * @param program a file in a folder of the package
 */
export function packagedDocumentation(program = process.argv[1]): Documentation | undefined {
  const home = program && packageFolder(program);
  const rules = home ? readLines(join(home, "docs", "rules.md")) : undefined;
  if (!home || rules === undefined) return undefined;
  return (page) => {
    const [path = "", section = ""] = page.split("#");
    const line = rules.indexOf(`## ${section}`) + 1;
    const address = URI.file(join(home, path)).toString();
    return line > 0 ? `${address}#L${line}` : address;
  };
}

function packageFolder(program: string): string | undefined {
  try {
    return join(dirname(realpathSync(program)), "..");
  } catch {
    return undefined;
  }
}

function readLines(path: string): readonly string[] | undefined {
  try {
    return readFileSync(path, "utf8").split(/\r?\n/);
  } catch {
    return undefined;
  }
}
