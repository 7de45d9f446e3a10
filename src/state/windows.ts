import {offsetAt} from './zone-offsets.ts';

export {parseWindow} from './window-grammar.ts';

/** A named set of time intervals; it is open when any of them matches. Plain data: it may be frozen or sent to a worker. */
export interface Window {
  readonly name: string;
  readonly intervals: readonly Interval[];
}

/** Fields are joined by AND, the ranges of a field by OR. A field left out always matches, an empty one never. */
export interface Interval {
  /** Minutes of the day, `to` exclusive; sorted, with none touching another. */
  readonly times?: readonly Range[];
  /** 0 is Sunday; both ends inclusive, as in the fields below. */
  readonly weekdays?: readonly Range[];
  /** 1 is the first day, −1 the last. */
  readonly daysOfMonth?: readonly Range[];
  readonly months?: readonly Range[];
  readonly years?: readonly Range[];
  /** An IANA name. */
  readonly zone: string;
}

export interface Range {
  readonly from: number;
  readonly to: number;
}

/** The longest time around a moment in which a window neither opens nor closes. */
export interface WindowStretch {
  readonly open: boolean;
  /** Epoch milliseconds, inclusive; null when it did not change in the `HORIZON_MS` before. */
  readonly since: number | null;
  /** Epoch milliseconds, exclusive; null when it will not change in the `HORIZON_MS` to come. */
  readonly until: number | null;
}

export interface RememberedWindow {
  readonly window: Window;
  isOpen(at: number): boolean;
  at(at: number): WindowStretch;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** How far `windowAt` looks: five years, which holds a 29 February (except around 1900 and 2100). */
export const HORIZON_MS = 5 * 366 * DAY_MS;

/** Whether messages may be sent at this moment (epoch milliseconds). */
export function isOpen(window: Window, at: number): boolean {
  return window.intervals.some((interval) => matches(interval, at));
}

/**
 * When the window last changed and when it will change next, as seen from this moment (epoch milliseconds). It walks from
 * edge to edge of the intervals, so a nightly window costs microseconds and one that never changes up to a millisecond.
 */
export function windowAt(window: Window, at: number): WindowStretch {
  return {open: isOpen(window, at), since: findChange(window, at, 'before'), until: findChange(window, at, 'after')};
}

/** The window with its last answer kept, for those who ask at every observation. Ends given as null are asked again daily. */
export function rememberWindow(window: Window): RememberedWindow {
  let last: WindowStretch | undefined;
  let from = 0;
  let to = 0;
  const look = (at: number): WindowStretch => {
    if (last !== undefined && at >= from && at < to) return last;
    last = windowAt(window, at);
    from = last.since ?? at - DAY_MS;
    to = last.until ?? at + DAY_MS;
    return last;
  };
  return {window, isOpen: (at) => look(at).open, at: look};
}

type Direction = 'before' | 'after';

/** The first moment of the neighbouring stretch (after), or of this one (before); null when there is none in sight. */
function findChange(window: Window, at: number, direction: Direction): number | null {
  const open = isOpen(window, at);
  const limit = direction === 'after' ? at + HORIZON_MS : at - HORIZON_MS;
  let cursor = at;
  while (direction === 'after' ? cursor < limit : cursor > limit) {
    const edge = steadyUntil(window, cursor, open, direction);
    if (!Number.isFinite(edge)) return null;
    cursor = direction === 'after' ? edge : edge - 1;
    if (isOpen(window, cursor) !== open) return edge;
  }
  return null;
}

/** How far from the cursor the window surely stays as it is: while one open interval is, or while all are closed. */
function steadyUntil(window: Window, cursor: number, open: boolean, direction: Direction): number {
  const edges = window.intervals
    .filter((interval) => !open || matches(interval, cursor))
    .map((interval) => intervalEdge(interval, cursor, direction));
  const farthest = direction === 'after' ? Math.max : Math.min;
  const nearest = direction === 'after' ? Math.min : Math.max;
  return open ? farthest(...edges) : nearest(...edges);
}

/** An edge of the interval, or of a stretch of its zone: between it and the cursor the interval stays as it is. */
function intervalEdge(interval: Interval, cursor: number, direction: Direction): number {
  const stretch = offsetAt(interval.zone, cursor);
  const local = cursor + stretch.offset;
  const day = Math.floor(local / DAY_MS);
  const hasTimes = interval.times !== undefined && dayMatches(interval, day);
  const edge = hasTimes ? timesEdge(interval, local, day, direction) : daysEdge(interval, day, stretch, direction);
  return direction === 'after'
    ? Math.min(edge - stretch.offset, stretch.to)
    : Math.max(edge - stretch.offset, stretch.from);
}

/** The nearest start or end of a time range within the day, or the day's own. Local milliseconds. */
function timesEdge(interval: Interval, local: number, day: number, direction: Direction): number {
  const inDay = local - day * DAY_MS;
  const edges = [
    0,
    ...(interval.times ?? []).flatMap((range) => [range.from * MINUTE_MS, range.to * MINUTE_MS]),
    DAY_MS,
  ];
  const edge = direction === 'after' ? edges.find((each) => each > inDay) : edges.findLast((each) => each <= inDay);
  return day * DAY_MS + (edge ?? 0);
}

/** Where the run of days that match alike ends, as far as this stretch of the zone and the horizon go. Local milliseconds. */
function daysEdge(
  interval: Interval,
  day: number,
  stretch: {readonly from: number; readonly to: number; readonly offset: number},
  direction: Direction,
): number {
  if (hasNoDayFields(interval)) return direction === 'after' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  const matching = dayMatches(interval, day);
  const step = direction === 'after' ? 1 : -1;
  const daysMax = HORIZON_MS / DAY_MS;
  const bound = (direction === 'after' ? stretch.to : stretch.from) + stretch.offset;
  let next = day + step;
  for (let count = 0; count < daysMax && dayMatches(interval, next) === matching; count += 1) {
    if (direction === 'after' ? next * DAY_MS >= bound : next * DAY_MS < bound) break;
    next += step;
  }
  return (direction === 'after' ? next : next + 1) * DAY_MS;
}

function hasNoDayFields(interval: Interval): boolean {
  return !interval.weekdays && !interval.daysOfMonth && !interval.months && !interval.years;
}

function matches(interval: Interval, at: number): boolean {
  const local = at + offsetAt(interval.zone, at).offset;
  const day = Math.floor(local / DAY_MS);
  const minute = Math.floor((local - day * DAY_MS) / MINUTE_MS);
  const inTimes = interval.times?.some((range) => minute >= range.from && minute < range.to) ?? true;
  return inTimes && dayMatches(interval, day);
}

/** `day` counts days since 1970-01-01 in the interval's own zone. */
function dayMatches(interval: Interval, day: number): boolean {
  const weekday = (((day + 4) % 7) + 7) % 7;
  if (!includes(interval.weekdays, weekday)) return false;
  if (!interval.daysOfMonth && !interval.months && !interval.years) return true;
  const date = civilDate(day);
  return (
    includes(interval.years, date.year) &&
    includes(interval.months, date.month) &&
    (interval.daysOfMonth?.some((range) => dayOfMonthMatches(range, date)) ?? true)
  );
}

function includes(ranges: readonly Range[] | undefined, value: number): boolean {
  return ranges?.some((range) => value >= range.from && value <= range.to) ?? true;
}

/** A range that begins after the month's end never matches; one that ends after it is cut there by there being no such day. */
function dayOfMonthMatches(range: Range, date: CivilDate): boolean {
  const days = daysInMonth(date);
  const from = range.from < 0 ? days + range.from + 1 : range.from;
  const to = range.to < 0 ? days + range.to + 1 : range.to;
  return date.day >= from && date.day <= to;
}

interface CivilDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** Days since 1970 as a Gregorian date: Howard Hinnant's `civil_from_days`, which counts eras of 400 years from 1 March. */
function civilDate(days: number): CivilDate {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const ofEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365,
  );
  const ofYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const fromMarch = Math.floor((5 * ofYear + 2) / 153);
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  const day = ofYear - Math.floor((153 * fromMarch + 2) / 5) + 1;
  return {year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day};
}

function daysInMonth({year, month}: CivilDate): number {
  if (month !== 2) return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}
