import { describe } from "node:test";
import { renderPlain } from "../../src/core/features/markdown.ts";
import { testMarks } from "./marks.ts";

describe("a hover says what is known of the words under the cursor", () => {
  testMarks("test-fixtures/hover", (analysis, uri, asked) =>
    asked.map((mark) => {
      const hover = analysis.hover(uri, mark.start);
      if (hover === undefined) return { ...mark, lines: ["hover nothing"] };
      const [first = "", ...more] = renderPlain(hover.prose).split("\n");
      return { start: hover.range.start, end: hover.range.end, lines: [`hover ${first}`, ...more] };
    }),
  );
});
