import assert from 'node:assert/strict';
import test, {describe} from 'node:test';
import fc from 'fast-check';
import {HORIZON_MS, isOpen, parseWindow, rememberWindow, type Window, windowAt} from '../../src/state/windows.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('a window is open at', () => {
  const night = {times: [time('22:00', '24:00'), time('00:00', '07:00')]};
  const rows: [string, object, string, boolean][] = [
    // The start belongs to it, the end does not.
    ['its first minute', {times: [time('08:00', '20:00')]}, '2026-06-01T08:00Z', true],
    ['not its end', {times: [time('08:00', '20:00')]}, '2026-06-01T20:00Z', false],
    ['the last millisecond', {times: [time('08:00', '20:00')]}, '2026-06-01T19:59:59.999Z', true],
    ['not the one before', {times: [time('08:00', '20:00')]}, '2026-06-01T07:59:59.999Z', false],
    // 24:00 is the end of the day, and a night is written as two ranges.
    ['the last minute before 24:00', night, '2026-06-01T23:59Z', true],
    ['midnight', night, '2026-06-02T00:00Z', true],
    ['not at the end of the night', night, '2026-06-02T07:00Z', false],
    // A field left out (or null) always matches, an empty one never.
    ['any time with no field', {}, '2026-06-02T03:00Z', true],
    ['any time with a null field', {weekdays: null}, '2026-06-02T03:00Z', true],
    ['no time with no times', {times: []}, '2026-06-02T03:00Z', false],
    ['no time with no weekdays', {weekdays: []}, '2026-06-02T03:00Z', false],
    ['no time with no years', {years: []}, '2026-06-02T03:00Z', false],
    // Names in any case; sunday is day 0.
    ['a friday', {weekdays: ['Monday:FRIDAY']}, '2026-06-05T12:00Z', true],
    ['not a saturday', {weekdays: ['monday:friday']}, '2026-06-06T12:00Z', false],
    ['a sunday that begins the range', {weekdays: ['sunday:monday']}, '2026-06-07T12:00Z', true],
    // Negative days count from the month's end.
    ['the last day of a 30-day month', {days_of_month: [-1]}, '2026-06-30T12:00Z', true],
    ['the last day of a leap february', {days_of_month: ['-1']}, '2028-02-29T12:00Z', true],
    ['not the last but one', {days_of_month: ['-1']}, '2028-02-28T12:00Z', false],
    ['the first of a month by -31 in a 31-day month', {days_of_month: ['-31']}, '2026-07-01T12:00Z', true],
    ['not the first by -31 in a 30-day month', {days_of_month: ['-31']}, '2026-06-01T12:00Z', false],
    ['the whole of february by -31:-1', {days_of_month: ['-31:-1']}, '2026-02-01T00:00Z', true],
    ['the middle by 10:-5', {days_of_month: ['10:-5']}, '2026-06-26T12:00Z', true],
    ['not after the middle by 10:-5', {days_of_month: ['10:-5']}, '2026-06-27T12:00Z', false],
    // An end beyond the month is cut; a start beyond it never matches.
    ['the 28th of february by 20:31', {days_of_month: ['20:31']}, '2026-02-28T12:00Z', true],
    ['not the 28th of february by 30:31', {days_of_month: ['30:31']}, '2026-02-28T12:00Z', false],
    ['not the 1st of march by 30:31', {days_of_month: ['30:31']}, '2026-03-01T12:00Z', false],
    // Months by name or number, years by range.
    ['a month by name', {months: ['May:august']}, '2026-08-31T23:59Z', true],
    ['a month by number', {months: [5, '7:8']}, '2026-07-01T00:00Z', true],
    ['not the month between', {months: [5, '7:8']}, '2026-06-30T23:59Z', false],
    ['the last year of a range', {years: ['2026:2028']}, '2028-12-31T23:59Z', true],
    ['not the year after', {years: ['2026:2028']}, '2029-01-01T00:00Z', false],
    // All fields must match.
    ['not a friday of another month', {weekdays: ['friday'], months: ['may']}, '2026-06-05T12:00Z', false],
    // Zones, also with 30 and 45 minutes; UTC when left out.
    ['08:00 in Moscow', {...day('Europe/Moscow')}, '2026-06-01T05:00Z', true],
    ['not 07:59 in Kolkata', {...day('Asia/Kolkata')}, '2026-06-01T02:29Z', false],
    ['08:00 in Kolkata', {...day('Asia/Kolkata')}, '2026-06-01T02:30Z', true],
    ['08:00 in Kathmandu', {...day('Asia/Kathmandu')}, '2026-06-01T02:15Z', true],
    ['not 07:59 in Kathmandu', {...day('Asia/Kathmandu')}, '2026-06-01T02:14Z', false],
    ['08:00 UTC for an empty location', {...day('')}, '2026-06-01T08:00Z', true],
    ['the local day', {weekdays: ['monday'], location: 'Pacific/Auckland'}, '2026-06-07T12:00Z', true],
    // Moscow was at UTC+4 in 2013 and has been at UTC+3 since October 2014.
    ['08:00 in Moscow of 2013', {...day('Europe/Moscow')}, '2013-06-01T04:00Z', true],
    // 02:00–03:00 in New York: there is none on 8 March 2026, and the same hour comes twice for 01:00–02:00 on 1 November.
    ['not inside the gap, before', {...hour('02:00', '03:00')}, '2026-03-08T06:59Z', false],
    ['not inside the gap, after', {...hour('02:00', '03:00')}, '2026-03-08T07:00Z', false],
    ['the first 01:30 of the fold', {...hour('01:00', '02:00')}, '2026-11-01T05:30Z', true],
    ['the second 01:30 of the fold', {...hour('01:00', '02:00')}, '2026-11-01T06:30Z', true],
    ['not 02:00 after the fold', {...hour('01:00', '02:00')}, '2026-11-01T07:00Z', false],
  ];
  for (const [name, interval, at, expected] of rows) {
    test(name, () => assert.equal(isOpen(parsed([interval]), Date.parse(at)), expected));
  }

  test('nothing, when it has no interval', () => assert.equal(isOpen(parsed([]), 0), false));
  test('what any of its intervals matches', () => {
    const window = parsed([{weekdays: ['monday']}, {weekdays: ['wednesday']}]);
    const days = [1, 2, 3].map((date) => isOpen(window, Date.UTC(2026, 5, date)));
    assert.deepEqual(days, [true, false, true]);
  });
  test('the local zone that the caller names', () => {
    const result = parseWindow({name: 'w', time_intervals: [day('Local')]}, {localZone: 'Asia/Tokyo'});
    assert.ok(result.ok && isOpen(result.window, Date.parse('2026-06-01T23:00Z')));
  });
});

describe('a stretch', () => {
  const rows: [string, object[], string, string | null, string | null][] = [
    // A night is one stretch although it is written as two ranges; DST makes it an hour shorter or longer.
    ['of a plain night', [night('Europe/Berlin')], '2026-06-02T00:30Z', '2026-06-01T20:00Z', '2026-06-02T05:00Z'],
    [
      'of the night that loses an hour',
      [night('Europe/Berlin')],
      '2026-03-29T00:30Z',
      '2026-03-28T21:00Z',
      '2026-03-29T05:00Z',
    ],
    [
      'of the night that gains an hour',
      [night('Europe/Berlin')],
      '2026-10-25T00:30Z',
      '2026-10-24T20:00Z',
      '2026-10-25T06:00Z',
    ],
    // The day of the change lasts 23 hours.
    [
      'of a day of 23 hours',
      [{days_of_month: [29], location: 'Europe/Berlin'}],
      '2026-03-29T12:00Z',
      '2026-03-28T23:00Z',
      '2026-03-29T22:00Z',
    ],
    // Lord Howe moves its clocks by half an hour.
    [
      'of a day of 23.5 hours',
      [{days_of_month: [4], location: 'Australia/Lord_Howe'}],
      '2026-10-04T02:00Z',
      '2026-10-03T13:30Z',
      '2026-10-04T13:00Z',
    ],
    // 02:15–02:45 does not exist on 8 March: the window stays shut from one day to the one after.
    ['around a gap', [hour('02:15', '02:45')], '2026-03-08T12:00Z', '2026-03-07T07:45Z', '2026-03-09T06:15Z'],
    // A range that reaches into the gap opens when the clock jumps into it.
    [
      'that starts inside the gap',
      [hour('02:30', '04:00')],
      '2026-03-08T07:10Z',
      '2026-03-08T07:00Z',
      '2026-03-08T08:00Z',
    ],
    // 01:00–02:00 comes twice in a row, which is one stretch of two hours.
    ['over a fold', [hour('01:00', '02:00')], '2026-11-01T05:30Z', '2026-11-01T05:00Z', '2026-11-01T07:00Z'],
    // 01:15–01:45 comes twice with a break between.
    ['before the fold', [hour('01:15', '01:45')], '2026-11-01T05:30Z', '2026-11-01T05:15Z', '2026-11-01T05:45Z'],
    [
      'in the break of the fold',
      [hour('01:15', '01:45')],
      '2026-11-01T06:00Z',
      '2026-11-01T05:45Z',
      '2026-11-01T06:15Z',
    ],
    // Samoa had no 30 December 2011.
    [
      'around a day that never was',
      [{days_of_month: [30], location: 'Pacific/Apia'}],
      '2011-12-31T00:00Z',
      '2011-12-01T10:00Z',
      '2012-01-29T10:00Z',
    ],
    // Adjoining intervals are one stretch.
    [
      'over adjoining intervals',
      [hour('08:00', '12:00', 'UTC'), hour('12:00', '18:00', 'UTC')],
      '2026-06-01T09:00Z',
      '2026-06-01T08:00Z',
      '2026-06-01T18:00Z',
    ],
    // 29 February lies at most four years off here.
    [
      'between leap days',
      [{days_of_month: [29], months: [2]}],
      '2026-06-01T00:00Z',
      '2024-03-01T00:00Z',
      '2028-02-29T00:00Z',
    ],
    // Nothing changes within the horizon.
    ['of a window that is always open', [{}], '2026-06-01T00:00Z', null, null],
    ['of a window that never opens', [], '2026-06-01T00:00Z', null, null],
    ['of a year long ago', [{years: [2010], location: 'Europe/Berlin'}], '2026-06-01T00:00Z', null, null],
  ];
  for (const [name, intervals, at, since, until] of rows) {
    test(name, () => {
      const stretch = windowAt(parsed(intervals), Date.parse(at));
      assert.deepEqual([iso(stretch.since), iso(stretch.until)], [since, until]);
    });
  }
});

describe('any window', () => {
  const zones = [
    'UTC',
    'Europe/Moscow',
    'America/New_York',
    'Australia/Lord_Howe',
    'Asia/Kathmandu',
    'Pacific/Chatham',
  ];
  const clockTime = fc.integer({min: 0, max: 47});
  const range = (min: number, max: number) =>
    fc.tuple(fc.integer({min, max}), fc.integer({min, max})).map(([a, b]) => `${Math.min(a, b)}:${Math.max(a, b)}`);
  const maybe = <T>(item: fc.Arbitrary<T>) => fc.option(fc.array(item, {maxLength: 3}), {nil: undefined, freq: 2});
  const times = fc
    .tuple(clockTime, clockTime)
    .filter(([a, b]) => a !== b)
    .map(([a, b]) => time(halfHour(Math.min(a, b)), halfHour(Math.max(a, b))));
  const weekday = fc.constantFrom('sunday', 'monday:friday', 'Tuesday', 'thursday:saturday');
  const interval = fc.record({
    times: maybe(times),
    weekdays: maybe(weekday),
    days_of_month: maybe(fc.oneof(range(1, 28), fc.constantFrom('-1', '-7:-1', '15:-5', '31'))),
    months: maybe(range(1, 12)),
    years: maybe(range(2024, 2030)),
    location: fc.constantFrom(...zones),
  });
  const intervals = fc.array(interval, {maxLength: 3});
  // Half of the moments lie within two days of a change of New York's clocks.
  const around = (at: string) => fc.integer({min: -2 * 1440, max: 2 * 1440}).map((m) => Date.parse(at) + m * MINUTE);
  const moment = fc.oneof(
    fc.integer({min: Date.UTC(2024, 0), max: Date.UTC(2030, 0)}),
    around('2026-03-08T07:00Z'),
    around('2026-11-01T06:00Z'),
    around('2026-10-03T15:30Z'),
  );

  test('is open exactly when Alertmanager would say so', () => {
    fc.assert(
      fc.property(intervals, moment, (spec, at) => {
        assert.equal(
          isOpen(parsed(spec), at),
          spec.some((each) => alertmanagerContains(each, at)),
        );
      }),
      {numRuns: 1000},
    );
  });

  test('stays as it is from since to until, minute by minute, and changes at both', () => {
    fc.assert(
      fc.property(intervals, moment, (spec, at) => {
        const window = parsed(spec);
        const {open, since, until} = windowAt(window, at);
        assert.equal(open, isOpen(window, at));
        const from = Math.max(since ?? Number.NEGATIVE_INFINITY, at - 2 * DAY);
        const to = Math.min(until ?? Number.POSITIVE_INFINITY, at + 2 * DAY);
        for (let t = from; t < to; t += MINUTE) assert.equal(isOpen(window, t), open);
        if (since !== null) assert.notEqual(isOpen(window, since - 1), open);
        if (until !== null) assert.notEqual(isOpen(window, until), open);
        assert.ok(since === null || (since <= at && since >= at - HORIZON_MS - 400 * DAY));
      }),
      {numRuns: 150},
    );
  });

  test('has stretches that follow one another without a gap', () => {
    fc.assert(
      fc.property(intervals, moment, (spec, at) => {
        const window = parsed(spec);
        const here = windowAt(window, at);
        if (here.until === null) return;
        const next = windowAt(window, here.until);
        assert.deepEqual([next.open, next.since], [!here.open, here.until]);
      }),
      {numRuns: 300},
    );
  });

  test('answers the same when its last answer is remembered', () => {
    fc.assert(
      fc.property(intervals, moment, fc.array(fc.integer({min: -90, max: 90}), {maxLength: 20}), (spec, at, hours) => {
        const window = parsed(spec);
        const remembered = rememberWindow(window);
        for (const offset of hours) {
          assert.equal(remembered.isOpen(at + offset * HOUR), isOpen(window, at + offset * HOUR));
        }
      }),
    );
  });
});

/** Alertmanager's ContainsTime, written anew from its definition over Temporal's own calendar. */
function alertmanagerContains(spec: {[key: string]: unknown}, at: number): boolean {
  const local = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(String(spec.location ?? 'UTC'));
  const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
  const clock = `${String(local.hour).padStart(2, '0')}:${String(local.minute).padStart(2, '0')}`;
  const any = (key: string, test: (from: string, to: string) => boolean) =>
    (spec[key] as string[] | undefined)?.some((item) => {
      const [from = '', to = from] = String(item).toLowerCase().split(':');
      return test(from, to);
    }) ?? true;
  const ofMonth = (day: string) => (Number(day) < 0 ? local.daysInMonth + Number(day) + 1 : Number(day));
  const within = (value: number, from: number, to: number) => value >= from && value <= to;
  const times = spec.times as {start_time: string; end_time: string}[] | undefined;
  return (
    (times?.some((each) => clock >= each.start_time && clock < each.end_time) ?? true) &&
    any('weekdays', (from, to) => within(local.dayOfWeek % 7, weekdays.indexOf(from), weekdays.indexOf(to))) &&
    any('days_of_month', (from, to) => within(local.day, ofMonth(from), ofMonth(to))) &&
    any('months', (from, to) => within(local.month, Number(from), Number(to))) &&
    any('years', (from, to) => within(local.year, Number(from), Number(to)))
  );
}

function parsed(intervals: readonly object[]): Window {
  const result = parseWindow({name: 'w', time_intervals: intervals});
  assert.ok(result.ok, JSON.stringify(result));
  return result.window;
}

function time(start: string, end: string) {
  return {start_time: start, end_time: end};
}

function day(location: string) {
  return {times: [time('08:00', '20:00')], location};
}

function night(location: string) {
  return {times: [time('22:00', '24:00'), time('00:00', '07:00')], location};
}

function hour(start: string, end: string, location = 'America/New_York') {
  return {times: [time(start, end)], location};
}

function halfHour(index: number): string {
  return `${String(Math.floor(index / 2)).padStart(2, '0')}:${index % 2 === 0 ? '00' : '30'}`;
}

function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString().replace(':00.000Z', 'Z');
}
