import { message, quote } from "../base/message.ts";
import type { Manifest } from "../manifest/model.ts";
import { atLeast } from "../settings/profile.ts";
import type { Snapshot } from "../workspace/snapshot.ts";
import { addBeforeField, isWithinRange, replaceScalar, textAt, yamlString } from "./edits.ts";
import { findRemovedApi, type RemovedApi } from "./removed-apis.ts";
import type { Fix, Rule, TextEdit } from "./rule.ts";

/**
 * An object in a version of its API that the cluster's release serves no more.
 *
 * Mirrors the API server's answer: no matches for kind "Deployment" in version "extensions/v1beta1".
 */
export const removedApiVersion = {
  id: "removed-api-version",
  on: "Object",
  severity: "error",
  title: message`API version has been removed`,
  why: message`The API server knows no such kind in that version, so the object cannot be created`,
  remedy: message`Use the version that replaces it, or set cluster.kubernetesVersion to the older release that is meant`,
  source: "https://kubernetes.io/docs/reference/using-api/deprecation-guide/",
  details: `
Whether a version is gone depends on the release in the setting \`cluster.kubernetesVersion\`; for a release that still
serves it nothing is reported. Portolan reads the object all the same, so that Services find its pods.

There is a fix where the schema has stayed the same. It adds the selector that \`apps/v1\` requires of a workload, from the
labels of its pod template. Ingress, CustomResourceDefinition, webhook configurations and others have changed more than
their version, so they have none.
`,

  *check(manifest, { snapshot, profileAt }) {
    const { apiVersion, kind, range } = manifest;
    const removed = findRemovedApi(apiVersion.value, kind.value);
    if (removed === undefined || !atLeast(profileAt(range.uri), 1, removed.removedIn)) return;
    if (!isWithinRange(apiVersion.range, range) || apiVersion.origin !== "written") return;
    const release = `1.${removed.removedIn}`;
    yield {
      range: apiVersion.range,
      message: removed.use
        ? message`Kubernetes serves no ${kind.value} in ${quote(apiVersion.value)} since ${release}; it is ${quote(removed.use)} now`
        : message`Kubernetes serves no ${kind.value} in ${quote(apiVersion.value)} since ${release}, and nothing replaces it`,
      related: [],
      fixes: fixesFor(snapshot, manifest, removed),
    };
  },
} as const satisfies Rule<"Object">;

function fixesFor(snapshot: Snapshot, manifest: Manifest, { use, sameUnless }: RemovedApi): readonly Fix[] {
  if (use === undefined || sameUnless === undefined || sameUnless.test(textAt(snapshot, manifest.range))) return [];
  const selector = selectorFor(snapshot, manifest, use);
  if (selector === undefined) return [];
  const version = replaceScalar(snapshot, manifest.apiVersion.range, use);
  return [{ title: message`Use ${quote(use)}`, edits: [version, ...selector] }];
}

/** The selector that an older version took from the labels of the template; `undefined` where it cannot be added. */
function selectorFor(snapshot: Snapshot, manifest: Manifest, use: string): readonly TextEdit[] | undefined {
  if (use !== "apps/v1" || manifest.type !== "Workload" || manifest.selector !== undefined) return [];
  const { labels, key } = manifest.template;
  if (labels.entries.length === 0) return undefined;
  const pairs = labels.entries.map(({ key: name, value }) => [name.value, value.value] as const);
  const edit = addBeforeField(
    snapshot,
    key,
    ["selector:", "  matchLabels:", ...pairs.map(([name, value]) => `    ${yamlString(name)}: ${yamlString(value)}`)],
    (quoted) => {
      const text = quoted ? JSON.stringify : yamlString;
      const entries = pairs.map(([name, value]) => `${text(name)}: ${text(value)}`).join(", ");
      return `${text("selector")}: { ${text("matchLabels")}: { ${entries} } }`;
    },
  );
  return edit && [edit];
}
