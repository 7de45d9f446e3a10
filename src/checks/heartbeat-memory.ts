import {z} from 'zod';
import type {Report} from './check.ts';

/** Runs that have begun and not ended; the oldest beyond these are forgotten. */
export const STARTS_MAX = 100;

const kinds = ['success', 'fail', 'start', 'log'] as const satisfies readonly Report['kind'][];
const memory = z.object({
  version: z.literal(1),
  /** Epoch milliseconds since which reports are waited for. */
  since: z.number(),
  /** When the last success or failure was reported. */
  lastAt: z.number().optional(),
  /** The last of them was a failure, for this reason. */
  failed: z.string().optional(),
  /** The oldest first. */
  starts: z.array(z.object({rid: z.string(), at: z.number()})),
  /** What was sent along with the last report. */
  sent: z.object({at: z.number(), kind: z.enum(kinds), body: z.string()}).optional(),
});

/** What a heartbeat keeps from report to report, and across restarts. */
export type HeartbeatMemory = z.infer<typeof memory>;

/** Begins anew where there is none, or none that can be read. */
export function recall(text: string | undefined, now: number): HeartbeatMemory {
  try {
    const read = memory.safeParse(JSON.parse(text ?? 'null'));
    if (read.success) return read.data;
  } catch {
    // What another version has left here is as good as nothing.
  }
  return {version: 1, since: now, starts: []};
}

/** The memory after a report, and how long the run took that it ends, where its start was reported. */
export function after(
  before: HeartbeatMemory,
  report: Report,
  {now, maxRunMs}: {readonly now: number; readonly maxRunMs: number},
): {readonly memory: HeartbeatMemory; readonly runMs?: number} {
  const {kind, rid, body} = report;
  const sent = {at: now, kind, body};
  if (kind === 'log') return {memory: {...before, sent}};
  const others = before.starts.filter((start) => start.rid !== rid);
  if (kind === 'start') {
    return {memory: {...before, sent, starts: [...others, {rid, at: now}].slice(-STARTS_MAX)}};
  }
  const began = before.starts.find((start) => start.rid === rid)?.at;
  // A run that has taken too long was reported as failed; it must not outlive the success of a later one.
  const starts = others.filter(({at}) => now - at <= maxRunMs);
  const {failed: _, ...rest} = before;
  const next = {...rest, sent, starts, lastAt: now, ...(kind === 'fail' && {failed: reasonOf(report)})};
  return {memory: next, ...(began !== undefined && {runMs: Math.max(0, now - began)})};
}

/** Nothing can have happened in the future: when the wall clock was set back, what it said before is brought down to now. */
export function notBeyond(now: number, memory: HeartbeatMemory): HeartbeatMemory {
  const {since, lastAt = now, starts} = memory;
  if (since <= now && lastAt <= now && starts.every(({at}) => at <= now)) return memory;
  return {
    ...memory,
    since: Math.min(since, now),
    ...(memory.lastAt !== undefined && {lastAt: Math.min(lastAt, now)}),
    starts: starts.map(({rid, at}) => ({rid, at: Math.min(at, now)})),
  };
}

const SHOWN_CHARS_MAX = 150;

/** One line for a chat: the reporter's word, and the first line with something in it of what was sent along. */
function reasonOf({reason, body}: Report): string {
  const line = /[^\p{Cc}\s][^\r\n]*/u.exec(body)?.[0] ?? '';
  const text = [reason, line].filter((part) => part !== '').join(': ');
  const clean = text.replaceAll(/\p{Cc}+/gu, ' ').trim();
  const shown = clean.length > SHOWN_CHARS_MAX ? `${clean.slice(0, SHOWN_CHARS_MAX)}…` : clean;
  return shown === '' ? 'reported a failure' : `reported a failure: ${shown}`;
}
