import { orphanService } from "./orphan-service.ts";
import { undeclaredTargetPort } from "./undeclared-target-port.ts";
import { unresolvedTargetPort } from "./unresolved-target-port.ts";

/** Every rule, in the order in which the documentation shows them. */
export const rules = [orphanService, unresolvedTargetPort, undeclaredTargetPort] as const;

export type RuleId = (typeof rules)[number]["id"];

/** The page of a rule in the documentation. */
export const documentationOf = (rule: RuleId): string => `docs/rules.md#${rule}`;
