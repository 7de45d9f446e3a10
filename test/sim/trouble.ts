import type {CheckConfig} from '../../src/config/config.ts';
import type {HoldReason} from '../../src/state/vocabulary.ts';

/** One stretch of a check's being false, as the oracle knows it. */
export interface Trouble {
  readonly check: string;
  readonly openedAt: number;
  closedAt?: number;
  removed?: true;
  /** Channels whose message about it was queued, … */
  readonly told: Set<string>;
  /** … and the one about its end. */
  readonly toldOver: Set<string>;
  readonly escalated: Set<string>;
  /** Channels whose list of what came and went was full, so that it was perhaps counted there; a later list may name it. */
  readonly counted: Set<string>;
  /** Those that show it, by what was last heard of it. */
  cards: readonly number[];
  /** Channels that refused its only card: another one's copy is enough. */
  readonly excused: Set<string>;
  readonly remindedAt: Map<string, number>;
  /** Why it had to wait, so far. */
  readonly waited: Set<HoldReason>;
  /** Nothing but its window had kept people from being told when it was over: they are owed a line. */
  missed?: true;
  /** Since when nothing keeps people from being told what they are owed of it; monotonic. */
  freeSince?: number;
  /** Its card is in the fallback's hands. */
  handedOver?: true;
  /** It may have been told by a message about the check's flapping. */
  flapped?: true;
}

export function newTrouble(check: string, openedAt: number): Trouble {
  const set = () => new Set<string>();
  const sets = {told: set(), toldOver: set(), escalated: set(), counted: set(), excused: set()};
  return {check, openedAt, ...sets, cards: [], remindedAt: new Map(), waited: new Set()};
}

/** It had to wait, and for nothing else. */
export function hasWaitedFor({waited}: Trouble, reasons: readonly HoldReason[]): boolean {
  return waited.size > 0 && [...waited].every((reason) => reasons.includes(reason));
}

/** A card of it is in another channel now; the former may have one more. */
export function handOver(
  trouble: Trouble,
  list: 'told' | 'escalated',
  {from, to, stays}: {readonly from: string; readonly to: string; readonly stays: boolean},
): void {
  trouble.handedOver = true;
  if (!trouble[list].has(from)) return;
  trouble[list].add(to);
  if (!stays) trouble[list].delete(from);
}

/** The line of what broke and recovered is full: what is not on it is counted. */
export function countUnlisted(troubles: Iterable<Trouble>, channel: string): void {
  for (const trouble of troubles) {
    // What was told is owed its end, which is a message of its own.
    if (trouble.closedAt === undefined || trouble.told.has(channel)) continue;
    for (const set of [trouble.told, trouble.toldOver, trouble.counted]) set.add(channel);
  }
}

/** A late digest of what was to be told elsewhere, too: only those that still have a card of their own know. */
export function regroup(trouble: Trouble, known: ReadonlySet<string | undefined>, channel: string): void {
  for (const other of trouble.told) {
    if (known.has(other)) continue;
    trouble.handedOver = true;
    trouble.told.delete(other);
  }
  if (!trouble.told.has(channel) && !trouble.escalated.has(channel)) trouble.handedOver = true;
  trouble.told.add(channel);
}

/** Time is asked for again every minute, as the wall clock may be set meanwhile; the rest is slack. */
export const LATE_MS = 75_000;

/** A digest may be gathering; and when a parent is back, a failure is waited for, as an ok may be the first of enough. */
export function boundOf({alerts, dependsOn, maxIntervalMs, intervalMs, timeoutMs, recoverAfter}: CheckConfig): number {
  const look = (recoverAfter + 2) * Math.max(maxIntervalMs, intervalMs) + 4 * timeoutMs;
  return LATE_MS + 2 * alerts.groupWaitMs + (dependsOn.length > 0 ? look : 0);
}
