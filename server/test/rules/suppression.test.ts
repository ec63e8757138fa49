import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { check } from "../harness/check.ts";

describe("what tells a rule to keep silent", () => {
  const blanks = " ".repeat(300_000);
  const reportsOf = (annotation: string, comment: string): readonly string[] => {
    const orphan = `apiVersion: v1
kind: Service
metadata: { name: web, annotations: { ${annotation} } }
spec:
  ${comment}
  selector: { app: wbe }
  ports: [{ port: 80 }]
`;
    const pod = "apiVersion: v1\nkind: Pod\nmetadata: { name: web, labels: { app: web } }\nspec: {}\n";
    const files = [{ path: "/web.yaml", text: `${orphan}---\n${pod}`, flags: [], marks: [] }];
    return check({ description: [], files }).reports.map(({ rule }) => rule);
  };

  it("may stand in a line of any length", () => {
    assert.deepEqual(reportsOf(`portolan.dev/ignore: "orphan-service${blanks}"`, ""), []);
    assert.deepEqual(reportsOf("", `# portolan-ignore x,${blanks}orphan-service${blanks}`), []);
  });

  it("says nothing where more follows than names and a reason", () => {
    for (const [annotation, comment] of [
      [`portolan.dev/ignore: orphan-service${blanks}!`, ""],
      ["", `# portolan-ignore${blanks}!`],
      ["", `# portolan-ignore orphan-service${blanks}!`],
      ["", `# portolan-ignore ${"a ".repeat(150_000)}!`],
    ] as const) {
      assert.deepEqual(reportsOf(annotation, comment), ["orphan-service"]);
    }
  });
});
