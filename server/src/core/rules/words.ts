import { list, type Message, message, quote } from "../base/message.ts";
import type { Label, Manifest, WorkloadManifest } from "../manifest/model.ts";

/** `Deployment "web"`. */
export const describeObject = ({ kind, name }: Manifest): Message => message`${kind.value} ${quote(name.value)}`;

/** `the pods of Deployment "web"`; a bare Pod is itself. */
export const describePods = (workload: WorkloadManifest): Message =>
  workload.kind.value === "Pod" ? describeObject(workload) : message`the pods of ${describeObject(workload)}`;

/** More of them than a sentence can bear are counted. */
const MOST_NAMED = 3;

/** `Deployment "web", StatefulSet "db" and 4 more`. */
export function listObjects(objects: readonly Manifest[]) {
  const named = objects.slice(0, MOST_NAMED).map(describeObject);
  const rest = objects.length - named.length;
  return list(rest > 0 ? [...named, message`${rest} more`] : named);
}

/** `"app=web"`. */
export const describeLabel = ({ key, value }: Label) => quote(`${key.value}=${value.value}`);

/** `"app=web" and "tier=front"`. */
export const listLabels = (labels: readonly Label[]) => list(labels.map(describeLabel));
