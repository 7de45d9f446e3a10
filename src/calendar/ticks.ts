import {createRequire} from 'node:module';
import {localTime, offsetAt} from '../state/zone-offsets.ts';

const load = createRequire(import.meta.url);

export interface Ticks {
  /** The last one at this time or before. Epoch milliseconds, as all of these. */
  readonly upTo: (at: number) => number;
  /** The first one after this time. */
  readonly after: (at: number) => number;
}

/**
 * When a cron expression of five fields ticks in a zone. cron-parser's own steps through a night in which the clocks are set
 * depend on where they begin, and lead elsewhere backwards than forwards; so it counts the wall clock's time, as though that
 * were UTC, and the zone says which moment that is. What falls into an hour that does not come ticks as much later, and what
 * falls into one that comes twice ticks in the first, unless it ticks in every hour.
 */
export function ticksOf(expression: string, zone: string): Ticks {
  // Loaded on first use: few configs have a cron expression, and its library of dates takes 2 MB.
  const {parseExpression}: typeof import('cron-parser') = load('cron-parser');
  const from = (local: number) => parseExpression(expression, {currentDate: local, tz: 'UTC'});
  const isHourly = from(1).fields.hour.length === 24;
  const momentsOf = (local: number): readonly number[] => {
    const usual = localTime(zone, local);
    if (!isHourly) return [usual];
    const all = offsetsAround(usual, zone).map((offset) => local - offset);
    const own = all.filter((moment) => moment + offsetAt(zone, moment).offset === local);
    return own.length > 0 ? own : [usual];
  };
  return {
    upTo: (at) => {
      // `prev()` looks strictly before its time, and a tick counts from its first millisecond.
      const cron = from(at + Math.max(...offsetsAround(at, zone)) + 1);
      for (let last = Number.NEGATIVE_INFINITY; ; ) {
        const local = cron.prev().getTime();
        const moments = momentsOf(local);
        last = Math.max(last, ...moments.filter((moment) => moment <= at));
        // Nothing earlier by the wall clock comes later than this.
        if (local - Math.min(...moments.flatMap((moment) => offsetsAround(moment, zone))) <= last) return last;
      }
    },
    after: (at) => {
      const cron = from(at + Math.min(...offsetsAround(at, zone)));
      for (let first = Number.POSITIVE_INFINITY; ; ) {
        const local = cron.next().getTime();
        const moments = momentsOf(local);
        first = Math.min(first, ...moments.filter((moment) => moment > at));
        if (local - Math.max(...moments.flatMap((moment) => offsetsAround(moment, zone))) >= first) return first;
      }
    },
  };
}

/** Summer time moves no clock by more than two hours (Antarctica/Troll). */
const NEAR_MS = 3 * 3_600_000;

/** How far the zone's clocks are from UTC near this moment: one offset, or two where they are set. */
function offsetsAround(at: number, zone: string): readonly number[] {
  return [...new Set([offsetAt(zone, at - NEAR_MS).offset, offsetAt(zone, at + NEAR_MS).offset])];
}
