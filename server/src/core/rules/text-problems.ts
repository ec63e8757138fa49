import type { ParsedFile, ProblemCode } from "../manifest/model.ts";
import type { Finding, Fix } from "./rule.ts";

/** The complaints of one kind that reading a file, or a document of it, brought up, as findings. */
export function* problemsOf(
  { problems }: Pick<ParsedFile, "problems">,
  code: ProblemCode,
  fixes: readonly Fix[] = [],
): Generator<Finding> {
  for (const problem of problems) {
    if (problem.code === code) yield { range: problem.range, message: problem.message, related: [], fixes };
  }
}
