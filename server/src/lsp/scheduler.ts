import type { DocumentUri } from "../core/base/source.ts";
import { analyze } from "../core/features/analysis.ts";
import type { FileReport } from "../core/rules/run.ts";
import type { Settings } from "../core/settings/settings.ts";
import { createDependents } from "../core/workspace/dependents.ts";
import { alteredReads, EVERYTHING, recordReads, textOf } from "../core/workspace/reads.ts";
import type { Snapshot } from "../core/workspace/snapshot.ts";
import type { FileChange } from "../core/workspace/store.ts";

/** Decides which files are checked when. Every check is made against the workspace as it is at that moment. */
export interface Scheduler {
  /**
   * Checks the changed files at once, and in the background those whose answers were made from what changed.
   * @returns whether others can see the change at all
   */
  readonly changed: (before: Snapshot, after: Snapshot, changes: readonly FileChange[]) => boolean;
  /** Checks one file at once, such as one that was opened. */
  readonly check: (uri: DocumentUri) => void;
  /** Checks every file anew, in the background. */
  readonly recheckAll: () => void;
  /** Checks nothing until the returned function is called. What should have been is made up for then. */
  readonly hold: () => () => void;
  /** Whether nothing is held back, and nothing is left to check. */
  readonly isIdle: () => boolean;
  readonly dispose: () => void;
}

/** Whom a {@link Scheduler} serves. */
export interface SchedulerHost {
  readonly snapshot: () => Snapshot;
  readonly settingsAt: () => (uri: DocumentUri) => Settings;
  readonly isOpen: (uri: DocumentUri) => boolean;
  /** Called with every report, and with an empty one for a file that is gone. */
  readonly publish: (report: FileReport) => void;
  readonly log: (what: string, error: unknown) => void;
}

/** Milliseconds of checking after which others get their turn: a keystroke waits for a slice or two. */
const SLICE = 2;

/** A scheduler without anything to do. */
export function createScheduler({ snapshot, settingsAt, isOpen, publish, log }: SchedulerHost): Scheduler {
  const dependents = createDependents();
  /** Files in front of somebody's eyes come first. */
  const urgent = new Set<DocumentUri>();
  const pending = new Set<DocumentUri>();
  let holds = 0;
  let next: NodeJS.Immediate | undefined;

  const check = (uri: DocumentUri): void => {
    urgent.delete(uri);
    pending.delete(uri);
    if (snapshot().files.get(uri) === undefined) {
      dependents.set(uri, new Set());
      publish(nothing(uri));
      return;
    }
    try {
      const { snapshot: seen, take } = recordReads(snapshot());
      const report = analyze(seen, settingsAt()).check(uri);
      const elsewhere = report.reports.flatMap(({ related }) => related.map(({ range }) => textOf(range.uri)));
      dependents.set(uri, new Set([...take(), ...elsewhere]));
      for (const { rule, error } of report.defects) log(`${rule} on ${uri}`, error);
      publish(report);
    } catch (error) {
      log(`checking ${uri}`, error);
    }
  };
  const queue = (uri: DocumentUri): void => {
    if (isOpen(uri)) urgent.add(uri);
    else pending.add(uri);
  };
  const run = (): void => {
    next = undefined;
    const end = performance.now() + SLICE;
    for (const queued of [urgent, pending]) {
      for (const uri of queued) {
        check(uri);
        if (performance.now() < end) continue;
        resume();
        return;
      }
    }
  };
  const resume = (): void => {
    if (holds > 0 || next !== undefined || urgent.size + pending.size === 0) return;
    next = setImmediate(run);
  };
  const pause = (): void => {
    if (next !== undefined) clearImmediate(next);
    next = undefined;
  };

  return {
    changed(before, after, changes) {
      const uris = changes.flatMap((change) => (change.after ?? change.before)?.uri ?? []);
      const altered = alteredReads(before, after, changes);
      for (const uri of dependents.of(altered)) queue(uri);
      // One text is somebody typing. Many are files that came or went, and nobody waits for any of them.
      if (holds === 0 && uris.length === 1) uris.forEach(check);
      else uris.forEach(queue);
      resume();
      return altered.has(EVERYTHING);
    },
    check(uri) {
      if (holds === 0) check(uri);
      else queue(uri);
    },
    recheckAll() {
      for (const [uri] of snapshot().files.entries()) queue(uri);
      resume();
    },
    hold() {
      holds += 1;
      pause();
      let held = true;
      return () => {
        if (held) holds -= 1;
        held = false;
        resume();
      };
    },
    isIdle: () => holds === 0 && urgent.size + pending.size === 0,
    dispose: pause,
  };
}

const nothing = (uri: DocumentUri): FileReport => ({ uri, reports: [], defects: [] });
