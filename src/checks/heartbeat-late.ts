import {nextTick} from './cron.ts';
import {formatDuration} from './duration.ts';
import type {HeartbeatMemory} from './heartbeat-memory.ts';

/** When reports are expected. */
export interface Rhythm {
  readonly every: {readonly periodMs: number} | {readonly cron: string; readonly zone: string};
  readonly graceMs: number;
  readonly maxRunMs: number;
}

/**
 * After the program was down, a report that it has missed may be a whole period away. Of short periods one more is waited
 * for; a nightly backup must not stay unproven until the next night for that.
 */
const CATCH_UP_MS_MAX = 300_000;
/** A job's clock that is fast reports before its time: that is the report of this time, not of the one before. */
const EARLY_MS = 10_000;

/** What is wrong at this time, for people; undefined: nothing. `reachableSince`: since when reports could arrive. */
export function lateness(rhythm: Rhythm, memory: HeartbeatMemory, now: number, reachableSince: number) {
  const {graceMs, maxRunMs} = rhythm;
  const start = memory.starts.at(-1);
  if (start) {
    const catchUp = reachableSince + Math.min(maxRunMs, CATCH_UP_MS_MAX) + graceMs;
    if (now <= Math.max(start.at + maxRunMs, catchUp)) return undefined;
    return `started ${span(now - start.at)} ago and not finished (it may take ${span(maxRunMs)})`;
  }
  const lastAt = memory.lastAt ?? memory.since;
  const due = dueAfter(rhythm.every, lastAt);
  const catchUp = Math.min(dueAfter(rhythm.every, reachableSince), reachableSince + CATCH_UP_MS_MAX);
  if (now <= Math.max(due, catchUp) + graceMs) return undefined;
  if (memory.lastAt === undefined) return `nothing was ever reported (${expected(rhythm.every)})`;
  return `no data for ${span(now - lastAt)} (${wanted(rhythm.every, now - due)})`;
}

function dueAfter(every: Rhythm['every'], at: number): number {
  return 'periodMs' in every ? at + every.periodMs : nextTick(every.cron, at + EARLY_MS, every.zone);
}

function expected(every: Rhythm['every']): string {
  return 'periodMs' in every ? `expected every ${span(every.periodMs)}` : `expected at ${every.cron}`;
}

function wanted(every: Rhythm['every'], overdueMs: number): string {
  return 'periodMs' in every ? `interval ${span(every.periodMs)}` : `due ${span(overdueMs)} ago, ${every.cron}`;
}

const SECONDS_MAX = 600;

/** Whole seconds while they are few, since that is what people compare with the config. */
function span(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return seconds < SECONDS_MAX ? `${seconds} s` : formatDuration(seconds * 1000);
}
