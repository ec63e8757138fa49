import type { Field, SourceRange } from "../base/source.ts";
import type {
  Container,
  ContainerPort,
  Label,
  Manifest,
  ParsedFile,
  ServiceManifest,
  ServicePort,
  WorkloadManifest,
} from "../manifest/model.ts";

/** What stands at a place of a text, with the range of the very words. */
export type Spot = { readonly range: SourceRange } & (
  | { readonly kind: "service"; readonly service: ServiceManifest }
  | { readonly kind: "workload"; readonly workload: WorkloadManifest }
  | { readonly kind: "selector-placeholder"; readonly service: ServiceManifest; readonly placeholder: Field<string> }
  | { readonly kind: "selector-entry"; readonly service: ServiceManifest; readonly entry: Label }
  | {
      readonly kind: "service-port";
      readonly service: ServiceManifest;
      readonly port: ServicePort;
      readonly field: ServicePortField;
    }
  | { readonly kind: "pod-label"; readonly workload: WorkloadManifest; readonly label: Label }
  | {
      readonly kind: "container-port";
      readonly workload: WorkloadManifest;
      readonly container: Container;
      readonly port: ContainerPort;
      readonly field: ContainerPortField;
    }
);

export type ServicePortField = "name" | "port" | "protocol" | "targetPort" | "nodePort";
export type ContainerPortField = "name" | "containerPort" | "protocol";

/**
 * What stands at an offset: of an object its kind or name, of a field its value or the key before it.
 * `undefined` where nothing stands that Portolan could say anything about.
 */
export function findAt(file: ParsedFile, offset: number): Spot | undefined {
  for (const manifest of file.manifests) {
    if (offset < manifest.range.start || offset > manifest.range.end) continue;
    const spot = findIn(manifest, (range) => wordsAt(file.text, range, offset));
    if (spot) return spot;
  }
  return undefined;
}

/** The part of the text that belongs to a value and holds the offset; `undefined` if the offset lies elsewhere. */
type Touch = (range: SourceRange) => SourceRange | undefined;

function findIn(manifest: Manifest, touch: Touch): Spot | undefined {
  switch (manifest.type) {
    case "Service":
      return findInService(manifest, touch);
    case "Workload":
      return findInWorkload(manifest, touch);
    case "Endpoints":
    case "NetworkPolicy":
    case "Node":
    case "Other":
      return undefined;
  }
}

function findInService(service: ServiceManifest, touch: Touch): Spot | undefined {
  for (const entry of service.selector?.entries ?? []) {
    const range = touchLabel(entry, touch);
    if (range) return { kind: "selector-entry", range, service, entry };
  }
  const { selectorPlaceholder: placeholder } = service;
  const filledIn = placeholder && touch(placeholder.range);
  if (filledIn) return { kind: "selector-placeholder", range: filledIn, service, placeholder };
  for (const port of service.ports) {
    for (const field of servicePortFields) {
      const range = touchWritten(port[field], touch);
      if (range) return { kind: "service-port", range, service, port, field };
    }
  }
  const range = touchHeader(service, touch);
  return range && { kind: "service", range, service };
}

function findInWorkload(workload: WorkloadManifest, touch: Touch): Spot | undefined {
  for (const label of workload.template.labels.entries) {
    const range = touchLabel(label, touch);
    if (range) return { kind: "pod-label", range, workload, label };
  }
  for (const container of workload.template.containers) {
    for (const port of container.ports) {
      for (const field of containerPortFields) {
        const range = touchWritten(port[field], touch);
        if (range) return { kind: "container-port", range, workload, container, port, field };
      }
    }
  }
  const range = touchHeader(workload, touch);
  return range && { kind: "workload", range, workload };
}

const servicePortFields = ["name", "port", "protocol", "targetPort", "nodePort"] as const satisfies ServicePortField[];
const containerPortFields = ["name", "containerPort", "protocol"] as const satisfies ContainerPortField[];

function touchHeader({ kind, name }: Manifest, touch: Touch): SourceRange | undefined {
  return touchWritten(name, touch) ?? touchWritten(kind, touch);
}

const touchWritten = (field: Field<unknown> | undefined, touch: Touch): SourceRange | undefined =>
  field?.origin === "written" ? touch(field.range) : undefined;

/** Key and value are one: a label is never half meant. */
function touchLabel({ key, value }: Label, touch: Touch): SourceRange | undefined {
  const range = touch(value.range) ?? touch(key.range);
  return range && { ...value.range, start: Math.min(key.range.start, value.range.start) };
}

/** A value's range; the key before it belongs to it, where both stand on one line. */
function wordsAt(text: string, range: SourceRange, offset: number): SourceRange | undefined {
  if (offset > range.end) return undefined;
  if (offset >= range.start) return range;
  const lineStart = text.lastIndexOf("\n", range.start - 1) + 1;
  if (offset < lineStart) return undefined;
  const key = /[\w"'./-]+\s*:\s+(?:[&!]\S+\s+)*$/.exec(text.slice(lineStart, range.start));
  if (key === null || offset < lineStart + key.index) return undefined;
  return { ...range, start: lineStart + key.index };
}
