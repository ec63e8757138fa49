/** Documents that are applied together. Only within one scope does a Service meet pods. */
export interface Scope {
  readonly kind: "plain" | "kustomize" | "helm";
  /** The folder that holds it, relative to the workspace; `.` for the whole of it. */
  readonly folder: string;
  /**
   * Why something that is not seen here may be there all the same; `undefined` for a closed scope, where an absence
   * can be reported.
   */
  readonly open: OpenReason | undefined;
}

/** What keeps a scope from being complete. */
export type OpenReason = "kustomization" | "chart" | "template" | "unreadable" | "custom-resource";

/** The name by which settings, the command line and JSON know a scope: `plain:shop`. */
export const scopeName = (scope: Scope): string => `${scope.kind}:${scope.folder}`;
