import { describe } from "node:test";
import { render } from "../../src/core/base/message.ts";
import { testMarks } from "./marks.ts";

describe("lenses stand above Services and pod templates", () => {
  testMarks("test-fixtures/lens", (analysis, uri) =>
    analysis.lenses(uri).map(({ range, title, action }) => ({
      start: range.start,
      end: range.start + 1,
      lines: [`lens ${typeof title === "string" ? title : render(title)} (${action.kind})`],
    })),
  );
});
