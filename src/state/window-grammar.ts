import type {Interval, Range, Window} from './windows.ts';
import {zoneName} from './zone-offsets.ts';

/** One mistake in a window: `path` leads to it from the element of `time_intervals:`. */
export interface WindowProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

export type ParsedWindow =
  | {readonly ok: true; readonly window: Window}
  | {readonly ok: false; readonly problems: readonly WindowProblem[]};

type Path = readonly (string | number)[];
type Report = (path: Path, message: string) => void;

/**
 * Reads one element of the top-level `time_intervals:` in Alertmanager's grammar (timeinterval.go), with its rules and its
 * words for what is wrong; all problems at once. Two things are stricter, as they can only be mistakes: a month outside
 * 1–12, and `time_intervals` left out, which would keep the window shut for ever without a word.
 * `localZone` is what `location: Local` means; UTC when left out.
 */
export function parseWindow(input: unknown, options: {readonly localZone?: string} = {}): ParsedWindow {
  const problems: WindowProblem[] = [];
  const report: Report = (path, message) => problems.push({path, message});
  const fields = readMapping(input, [], ['name', 'time_intervals'], report);
  const name = fields && readName(fields.name, report);
  const intervals = (fields && readIntervals(fields.time_intervals, options.localZone ?? 'UTC', report)) ?? [];
  if (problems.length > 0 || name === undefined) return {ok: false, problems};
  return {ok: true, window: {name, intervals}};
}

function readName(value: unknown, report: Report): string | undefined {
  if (typeof value === 'string' && value !== '') return value;
  report(['name'], `expected a name such as working-hours, found ${show(value)}: ${nameProblem(value)}`);
  return undefined;
}

function nameProblem(value: unknown): string {
  if (isBlank(value)) return 'missing name in time interval; add one';
  return `a name is a text; ${typeof value === 'object' ? 'write one' : `put it in quotes: "${value}"`}`;
}

function readIntervals(value: unknown, localZone: string, report: Report): readonly Interval[] {
  if (Array.isArray(value)) {
    return value.map((item, index) => readInterval(item, ['time_intervals', index], localZone, report));
  }
  const cure = "write at least one, such as - weekdays: ['monday:friday'], or [] for a window that never opens";
  report(['time_intervals'], `expected a list of intervals, found ${show(value)}; ${cure}`);
  return [];
}

const INTERVAL_KEYS = ['times', 'weekdays', 'days_of_month', 'months', 'years', 'location'] as const;

function readInterval(value: unknown, path: Path, localZone: string, report: Report): Interval {
  const fields: Record<string, unknown> = readMapping(value, path, INTERVAL_KEYS, report) ?? {};
  const list = (key: string, read: (item: unknown) => Range | string) =>
    readList(fields[key], [...path, key], read, report);
  const times = mergeTimes(readTimes(fields.times, [...path, 'times'], report));
  const weekdays = list('weekdays', (item) => readRange(item, WEEKDAYS));
  const daysOfMonth = list('days_of_month', (item) => readRange(item, DAYS_OF_MONTH));
  const months = list('months', (item) => readRange(item, MONTHS));
  const years = list('years', (item) => readRange(item, YEARS));
  return {
    ...(times && {times}),
    ...(weekdays && {weekdays}),
    ...(daysOfMonth && {daysOfMonth}),
    ...(months && {months}),
    ...(years && {years}),
    zone: readLocation(fields.location, [...path, 'location'], localZone, report),
  };
}

/** A field whose value is null counts as left out, as it does in Alertmanager. */
function readList(
  value: unknown,
  path: Path,
  read: (item: unknown) => Range | string,
  report: Report,
): readonly Range[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) {
    report(path, `expected a list, found ${show(value)}; put it in brackets: [${showPlain(value)}]`);
    return undefined;
  }
  return value.flatMap((item, index) => {
    const range = read(item);
    if (typeof range !== 'string') return [range];
    report([...path, index], range);
    return [];
  });
}

/** One field's words: how its values are written, read and checked. */
interface Field {
  readonly expected: string;
  readonly member: (word: string) => number | undefined;
  /** What is wrong with a word that `member` does not know. */
  readonly unknown: (word: string) => string;
  /** What is wrong with the range, and the cure; undefined when nothing is. */
  readonly mistake: (range: Range) => string | undefined;
}

function readRange(item: unknown, field: Field): Range | string {
  const refuse = (why: string) => `expected ${field.expected}, found ${show(item)}: ${why}`;
  if (typeof item !== 'string' && typeof item !== 'number') return refuse('it must be a word or a number');
  const text = String(item).toLowerCase();
  const words = text.split(':');
  const [first = '', last = first] = words;
  if (words.length > 2) return refuse(`couldn't parse range ${text}, invalid format; write two ends with one colon`);
  const from = field.member(first);
  if (from === undefined) return refuse(field.unknown(first));
  const to = field.member(last);
  if (to === undefined) return refuse(field.unknown(last));
  const mistake = field.mistake({from, to});
  return mistake === undefined ? {from, to} : refuse(mistake);
}

const WEEKDAY_NAMES = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const MONTH_NAMES = [
  ...['january', 'february', 'march', 'april', 'may', 'june'],
  ...['july', 'august', 'september', 'october', 'november', 'december'],
];

const WEEKDAYS: Field = {
  expected: 'a weekday such as monday, or a range such as monday:friday',
  member: (word) => indexOf(WEEKDAY_NAMES, word),
  unknown: (word) => `${word} is not a valid weekday; write its full English name, without spaces`,
  mistake: ({from, to}) =>
    from > to
      ? `start day cannot be before end day; the week begins on sunday and a range does not wrap, so list ${span(from, 6, WEEKDAY_NAMES)} and ${span(0, to, WEEKDAY_NAMES)}`
      : undefined,
};

const MONTHS: Field = {
  expected: 'a month such as may or 5, or a range such as may:august',
  member: (word) => {
    const index = indexOf(MONTH_NAMES, word);
    return index === undefined ? integer(word) : index + 1;
  },
  unknown: (word) => `${word} is not a valid month; write its full English name or a number from 1 to 12`,
  mistake: ({from, to}) => {
    const wrong = [from, to].find((month) => month < 1 || month > 12);
    if (wrong !== undefined) return `${wrong} is not a valid month: out of range; months are 1 to 12`;
    const names = ['', ...MONTH_NAMES];
    return from > to
      ? `end month ${names[to]} is before start month ${names[from]}; a range does not wrap, so list ${span(from, 12, names)} and ${span(1, to, names)}`
      : undefined;
  },
};

const YEARS: Field = {
  expected: 'a year such as 2026, or a range such as 2026:2028',
  member: integer,
  unknown: (word) => `${word} is not a number; write the year in digits`,
  mistake: ({from, to}) => (from > to ? `end year ${to} is before start year ${from}; write ${to}:${from}` : undefined),
};

const DAYS_OF_MONTH: Field = {
  expected: 'a day of the month from 1 to 31, or -1 (the last) to -31, or a range such as 1:15 or -3:-1',
  member: integer,
  unknown: (word) => `${word} is not a number; write the day in digits`,
  mistake: ({from, to}) => {
    const wrong = [from, to].find((day) => day === 0 || day < -31 || day > 31);
    if (wrong !== undefined)
      return `${wrong} is not a valid day of the month: out of range; the first is 1, the last -1`;
    if (from < 0 && to > 0) return 'end day must be negative if start day is negative; -1 is the last day';
    // The shortest month is taken, since a range that is empty in every month can only be a mistake.
    const inShortMonth = (day: number) => (day < 0 ? 28 + day : day);
    return inShortMonth(from) > inShortMonth(to)
      ? `end day ${to} is always before start day ${from}; begin with the earlier one, or list two ranges`
      : undefined;
  },
};

function readTimes(value: unknown, path: Path, report: Report): readonly Range[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) {
    report(path, `expected a list, found ${show(value)}; write - {start_time: '08:00', end_time: '20:00'}`);
    return undefined;
  }
  return value.flatMap((item, index) => readTimeRange(item, [...path, index], report) ?? []);
}

function readTimeRange(item: unknown, path: Path, report: Report): Range | undefined {
  const fields = readMapping(item, path, ['start_time', 'end_time'], report);
  if (fields === undefined) return undefined;
  const {start_time: start, end_time: end} = fields;
  if (isBlank(start) || isBlank(end)) {
    const found = `start_time ${show(start)} and end_time ${show(end)}`;
    report(path, `expected start_time and end_time, found ${found}: both start and end times must be provided`);
    return undefined;
  }
  const from = readTime(start, [...path, 'start_time'], report);
  const to = readTime(end, [...path, 'end_time'], report);
  if (from === undefined || to === undefined) return undefined;
  if (from < to) return {from, to};
  const why = 'start time cannot be equal or greater than end time';
  const cure = `for a night, list ${start}–24:00 and 00:00–${end} as two ranges`;
  report(path, `expected a start before the end, found ${start}–${end}: ${why}; ${cure}`);
  return undefined;
}

/** Minutes since midnight. */
function readTime(value: unknown, path: Path, report: Report): number | undefined {
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  if (/^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$/.test(text))
    return Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
  const why = `couldn't parse timestamp ${showPlain(value)}, invalid format`;
  report(
    path,
    `expected a time from 00:00 to 24:00, found ${show(value)}: ${why}; write two digits, a colon, two digits`,
  );
  return undefined;
}

/** Sorted, overlapping and touching ranges made one; a whole day is as good as no field at all. */
function mergeTimes(times: readonly Range[] | undefined): readonly Range[] | undefined {
  if (times === undefined) return undefined;
  const merged: Range[] = [];
  for (const range of times.toSorted((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last === undefined || range.from > last.to) merged.push(range);
    else merged[merged.length - 1] = {from: last.from, to: Math.max(last.to, range.to)};
  }
  const [only] = merged;
  return merged.length === 1 && only?.from === 0 && only.to === 1440 ? undefined : merged;
}

/** As with Go's time.LoadLocation, an empty name is UTC and names are spelt as the time zone database has them. */
function readLocation(value: unknown, path: Path, localZone: string, report: Report): string {
  if (value === undefined || value === null || value === '') return 'UTC';
  if (value === 'Local') return localZone;
  const zone = typeof value === 'string' ? zoneName(value) : undefined;
  if (zone !== undefined && zone === value) return zone;
  const meant = typeof value === 'string' && value.toLowerCase() === 'local' ? 'Local' : zone;
  const cure = meant === undefined ? 'look its name up in the time zone database' : `write ${meant}`;
  report(
    path,
    `expected a time zone such as Europe/Moscow, Local or UTC, found ${show(value)}: unknown time zone; ${cure}`,
  );
  return 'UTC';
}

function readMapping<Key extends string>(
  value: unknown,
  path: Path,
  keys: readonly Key[],
  report: Report,
): {readonly [K in Key]?: unknown} | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    report(path, `expected a mapping with ${keys.join(', ')}, found ${show(value)}; write key: value pairs`);
    return undefined;
  }
  for (const key of Object.keys(value)) {
    if ((keys as readonly string[]).includes(key)) continue;
    report([...path, key], `expected one of ${keys.join(', ')}, found ${show(key)}: unknown key; correct or remove it`);
  }
  return value;
}

function indexOf(words: readonly string[], word: string): number | undefined {
  const index = words.indexOf(word);
  return index === -1 ? undefined : index;
}

function integer(word: string): number | undefined {
  return /^[+-]?\d{1,9}$/.test(word) ? Number(word) : undefined;
}

function span(from: number, to: number, names: readonly string[]): string {
  return from === to ? `${names[from]}` : `${names[from]}:${names[to]}`;
}

function isBlank(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

function show(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (typeof value === 'object') return Array.isArray(value) ? 'a list' : 'a mapping';
  return typeof value === 'string' ? `"${showPlain(value)}"` : String(value);
}

function showPlain(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, SHOWN_LENGTH_MAX) : show(value);
}

const SHOWN_LENGTH_MAX = 60;
