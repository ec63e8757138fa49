import { type Message, message, quote } from "../base/message.ts";
import { groupOf, isBuiltInGroup } from "../manifest/api-groups.ts";
import type { Manifest, Miscased } from "../manifest/model.ts";
import { isWithinRange, replaceScalar } from "./edits.ts";
import type { Rule } from "./rule.ts";

/**
 * A field, a value or a kind that differs from the API's only by case or separators.
 *
 * Mirrors the API server's decoding: names are case-sensitive, and a name that it does not know is dropped or rejected.
 */
export const wrongCase = {
  id: "wrong-case",
  on: "Object",
  severity: "error",
  title: message`Name is in the wrong case`,
  why: message`The API is case-sensitive: the API server rejects a name that it does not know, or drops it and leaves the intended field unset`,
  remedy: message`Spell the name as the API does`,
  source: "https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation",
  details: `
\`kubectl\` asks for strict validation, so that the API server answers \`unknown field "spec.externalIps"\`. Other clients do
not, and then the value is silently dropped and the field that was meant takes its default. Values such as
\`type: loadBalancer\` and kinds such as \`kind: service\` are always rejected.

Reported are names that equal one of the API's but for case, \`-\` and \`_\`, in the parts of a manifest that Portolan reads:
metadata, Services, workloads with their pod templates, EndpointSlices. Any other unknown field is left to a schema.
`,

  *check(manifest, { snapshot }) {
    for (const miscased of manifest.miscased) {
      const { path, written, right } = miscased;
      const isOwn = isWithinRange(written.range, manifest.range) && written.origin === "written";
      // The top level of a custom resource is its author's to name.
      if (!isOwn || (path === "" && miscased.what === "field" && !isOfTheApi(manifest, right))) continue;
      yield {
        range: written.range,
        message: describe(manifest, miscased),
        related: [],
        fixes: [
          {
            title: message`Write ${quote(right)}`,
            edits: [replaceScalar(snapshot, written.range, right)],
          },
        ],
      };
    }
  },
} as const satisfies Rule<"Object">;

/** Whether a field of the top level is the API's to name: every one of its own kinds, the header of any other. */
const isOfTheApi = ({ apiVersion }: Manifest, name: string): boolean =>
  ["apiVersion", "kind", "metadata"].includes(name) || isBuiltInGroup(groupOf(apiVersion.value));

function describe({ kind }: Manifest, { what, path, written, right }: Miscased): Message {
  switch (what) {
    case "field":
      return path === ""
        ? message`${kind.value} has no field ${quote(written.value)}; the API calls it ${quote(right)}`
        : message`${quote(path)} has no field ${quote(written.value)}; the API calls it ${quote(right)}`;
    case "value":
      return message`${quote(path)} cannot be ${quote(written.value)}; the API calls it ${quote(right)}`;
    case "kind":
      return message`there is no kind ${quote(written.value)}; the API calls it ${quote(right)}`;
  }
}
