import { listCut } from "../base/cut.ts";
import { type Argument, list, type Message, message, quote } from "../base/message.ts";
import type { Label, Manifest, WorkloadManifest } from "../manifest/model.ts";

/** `Deployment "web"`. */
export const describeObject = ({ kind, name }: Manifest): Message => message`${kind.value} ${quote(name.value)}`;

/** `the pods of Deployment "web"`; a bare Pod is itself. */
export const describePods = (workload: WorkloadManifest): Message =>
  workload.kind.value === "Pod" ? describeObject(workload) : message`the pods of ${describeObject(workload)}`;

/** More of them than a sentence can bear are counted. */
const MOST_NAMED = 3;

/** `Deployment "web", StatefulSet "db" and 4 more`. */
export const listObjects = (objects: readonly Manifest[]): Message => listCut(objects.map(describeObject), MOST_NAMED);

/** Each of some names or numbers of ports once: `8080, 9090 and 12 more`. */
export const listPorts = (ports: readonly string[], say: (port: string) => Argument = (port) => port): Message =>
  listCut([...new Set(ports)].map(say), MOST_PORTS, "comma");

const MOST_PORTS = 8;

/** `"app=web"`. */
export const describeLabel = ({ key, value }: Label) => quote(`${key.value}=${value.value}`);

/** `"app=web" and "tier=front"`. */
export const listLabels = (labels: readonly Label[]) => list(labels.map(describeLabel));
