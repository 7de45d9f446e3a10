import {offsetAt} from '../../state/zone-offsets.ts';
import {createInside, type Span} from './spans.ts';

/** Good and failed runs of a few minutes. */
export interface Slot {
  /** Its beginning. */
  readonly at: number;
  readonly ok: number;
  readonly failed: number;
}

/** One hour of the wall clock on one day. */
export interface Hour {
  ok: number;
  failed: number;
  /** Some of it was maintenance, whose runs do not count. */
  planned: boolean;
  /** False: the clocks were set forward over it. */
  exists: boolean;
}

export interface Day {
  /** Midnight of that date as if it were UTC: for its name and its day of the week. */
  readonly date: number;
  readonly hours: readonly Hour[];
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** The clocks of every zone stand a multiple of this from UTC, at least since the days of steam. */
const STEP_MS = 15 * 60_000;

/**
 * The days that the span touches in this zone, oldest first, 24 hours each. When the clocks are set back an hour comes twice:
 * both are in the same place; when they are set forward one is not there. `slots` in order; `planned` is merged.
 */
export function hoursByDay(slots: readonly Slot[], planned: readonly Span[], span: Span, zone: string): readonly Day[] {
  const days = new Map<number, Day>();
  const hourAt = (at: number) => {
    const wall = at + offsetAt(zone, at).offset;
    const date = Math.floor(wall / DAY_MS) * DAY_MS;
    const day = days.get(date) ?? {date, hours: Array.from({length: 24}, emptyHour)};
    days.set(date, day);
    return day.hours[Math.floor((wall - date) / HOUR_MS)] ?? emptyHour();
  };
  const isPlannedThen = createInside(planned);
  // From a whole day before to a whole day after, so that the hours of the first and of the last day are known too.
  for (let at = floorTo(span.from, STEP_MS); at < span.to; at += STEP_MS) {
    const hour = hourAt(at);
    hour.exists = true;
    if (isPlannedThen(at)) hour.planned = true;
  }
  markRest(days, zone);
  const isPlanned = createInside(planned);
  for (const {at, ok, failed} of slots) {
    if (at < span.from || at >= span.to || isPlanned(at)) continue;
    const hour = hourAt(at);
    hour.ok += ok;
    hour.failed += failed;
  }
  return [...days.values()].sort((a, b) => a.date - b.date);
}

/** The hours of the first and the last day that lie outside the span exist all the same. */
function markRest(days: ReadonlyMap<number, Day>, zone: string): void {
  for (const {date, hours} of days.values()) {
    const guess = date - offsetAt(zone, date).offset;
    for (let at = guess - 2 * HOUR_MS; at < guess + DAY_MS + 2 * HOUR_MS; at += STEP_MS) {
      const wall = at + offsetAt(zone, at).offset - date;
      const hour = wall >= 0 && wall < DAY_MS ? hours[Math.floor(wall / HOUR_MS)] : undefined;
      if (hour) hour.exists = true;
    }
  }
}

function emptyHour(): Hour {
  return {ok: 0, failed: 0, planned: false, exists: false};
}

function floorTo(value: number, step: number): number {
  return Math.floor(value / step) * step;
}
