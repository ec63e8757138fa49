import type { Family } from "../../../base/ip.ts";
import type { DocumentUri, SourceRange } from "../../../base/source.ts";
import type { TableName } from "../rule.ts";
import { type Capture, type CaptureReader, readCapture } from "./capture.ts";
import type { Place } from "./rule-line.ts";
import type { TableReader } from "./table-reader.ts";

/** Collects captures, and decides where one ends and the next begins. */
export interface CaptureList {
  /** Notes the comment above a table that says who printed it. */
  readonly head: (family: Family, by: string, place: Place) => void;
  /** Opens a table where a line begins it, in a new capture if it cannot belong to the one before. */
  readonly open: (begin: TableBegin) => TableReader;
  /** Counts a line to the capture that is open. */
  readonly extend: (place: Place) => void;
  readonly finish: () => readonly Capture[];
}

/** Where and how a table begins. */
export interface TableBegin {
  readonly name: TableName;
  readonly place: Place;
  readonly header: SourceRange | undefined;
  readonly isExcerpt: boolean;
  /** The family of the command that was typed above, for a table without a comment of its own. */
  readonly typed: Family | undefined;
}

/** A list of no captures. */
export function listCaptures(uri: DocumentUri): CaptureList {
  const captures: Capture[] = [];
  let capture: CaptureReader | undefined;
  let heading: { readonly family: Family; readonly by: string; readonly place: Place } | undefined;
  const end = (): void => {
    if (capture) captures.push(capture.finish());
    capture = undefined;
  };
  return {
    head(family, by, place) {
      heading = { family, by, place };
    },
    open({ name, place, header, isExcerpt, typed }) {
      const { by, place: above } = heading ?? {};
      const family = heading?.family ?? typed;
      heading = undefined;
      const isOtherFamily = family !== undefined && family !== (capture?.heading?.family ?? "IPv4");
      if (capture && (capture.isExcerpt !== isExcerpt || isOtherFamily)) end();
      const known = capture?.open(name, header);
      if (known) return known;
      end();
      capture = readCapture(uri, family && { family, by }, isExcerpt, (above ?? place).start);
      const opened = capture.open(name, header);
      if (opened === undefined) throw new Error("a capture without tables has none of that name");
      return opened;
    },
    extend: (place) => capture?.extend(place),
    finish() {
      end();
      return captures;
    },
  };
}
