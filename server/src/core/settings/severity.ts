/** How grave a finding is, from the least to the gravest. */
export const severities = ["hint", "information", "warning", "error"] as const;
export type Severity = (typeof severities)[number];
