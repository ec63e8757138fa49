import { duplicateObject } from "./duplicate-object.ts";
import { orphanService } from "./orphan-service.ts";
import { removedApiVersion } from "./removed-api-version.ts";
import { selectorTemplateMismatch } from "./selector-template-mismatch.ts";
import { tabIndentation } from "./tab-indentation.ts";
import { undeclaredTargetPort } from "./undeclared-target-port.ts";
import { unreadableFile } from "./unreadable-file.ts";
import { unresolvedTargetPort } from "./unresolved-target-port.ts";
import { wrongCase } from "./wrong-case.ts";
import { yamlSyntax } from "./yaml-syntax.ts";

/** Every rule, in the order in which the documentation shows them. */
export const rules = [
  orphanService,
  unresolvedTargetPort,
  undeclaredTargetPort,
  selectorTemplateMismatch,
  wrongCase,
  removedApiVersion,
  duplicateObject,
  tabIndentation,
  yamlSyntax,
  unreadableFile,
] as const;

export type RuleId = (typeof rules)[number]["id"];

/** The page of a rule in the documentation. */
export const documentationOf = (rule: RuleId): string => `docs/rules.md#${rule}`;
