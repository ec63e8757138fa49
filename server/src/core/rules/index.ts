import { orphanService } from "./orphan-service.ts";

/** Every rule, in the order in which the documentation shows them. */
export const rules = [orphanService] as const;

export type RuleId = (typeof rules)[number]["id"];

/** The page of a rule in the documentation. */
export const documentationOf = (rule: RuleId): string => `docs/rules.md#${rule}`;
