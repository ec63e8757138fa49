import type { SourceRange } from "../base/source.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { ParsedFile } from "../manifest/model.ts";
import { findAt, type Spot } from "./at.ts";
import { describeContainerPort, describePodLabel, describeWorkload } from "./hover-pods.ts";
import { describeServicePort } from "./hover-port.ts";
import { describeSelectorEntry, describeSelectorPlaceholder } from "./hover-selector.ts";
import { describeService } from "./hover-service.ts";
import { bearsMark, legend } from "./layout.ts";
import { type Prose, renderPlain } from "./markdown.ts";

/** What is known about the words at a place. */
export interface Hover {
  /** The words. */
  readonly range: SourceRange;
  readonly prose: Prose;
}

/** Explains what stands at an offset of a file; `undefined` where there is nothing to explain. */
export function findHover(cluster: Cluster, file: ParsedFile, offset: number): Hover | undefined {
  const spot = findAt(file, offset);
  return spot && { range: spot.range, prose: withLegend(describe(cluster, spot)) };
}

/** Says what the mark of simulated addresses means, behind the last block that bears it: a hover may scroll. */
function withLegend(prose: Prose): Prose {
  const last = prose.findLastIndex((block) => bearsMark(renderPlain([block])));
  return last < 0 ? prose : prose.toSpliced(last + 1, 0, { kind: "paragraph", words: legend });
}

function describe(cluster: Cluster, spot: Spot): Prose {
  switch (spot.kind) {
    case "service":
      return describeService(cluster, spot.service);
    case "selector-placeholder":
      return describeSelectorPlaceholder(spot.placeholder);
    case "selector-entry":
      return describeSelectorEntry(cluster, spot.service, spot.entry);
    case "service-port":
      return describeServicePort(cluster, spot.service, spot.port);
    case "workload":
      return describeWorkload(cluster, spot.workload);
    case "pod-label":
      return describePodLabel(cluster, spot.workload, spot.label);
    case "container-port":
      return describeContainerPort(cluster, spot.workload, spot.port);
  }
}
