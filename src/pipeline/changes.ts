import type {CheckState} from '../state/vocabulary.ts';
import type {Commit} from '../store/store.ts';

/** Whether there is more to write of a check than its counters. */
export function differs(before: CheckState, after: CheckState): boolean {
  return (
    before.status !== after.status ||
    before.known !== after.known ||
    before.downRuns !== after.downRuns ||
    before.flap.changes !== after.flap.changes ||
    before.flap.last !== after.flap.last
  );
}

/** Whether these parts of a commit write anything. */
export function hasContent(parts: Omit<Commit, 'now'>): boolean {
  return (
    (parts.counters?.length ?? 0) > 0 ||
    (parts.checkStates?.length ?? 0) > 0 ||
    (parts.forgotten?.length ?? 0) > 0 ||
    (parts.memories?.size ?? 0) > 0 ||
    (parts.superseded?.length ?? 0) > 0 ||
    parts.audit !== undefined ||
    parts.language !== undefined ||
    parts.access !== undefined ||
    parts.handledUpdate !== undefined
  );
}
