import assert from 'node:assert/strict';
import test, {describe} from 'node:test';
import fc from 'fast-check';
import {parseWindow} from '../../src/state/window-grammar.ts';

describe('a mistake is named with its place:', () => {
  const rows: [string, object, (string | number)[], RegExp][] = [
    // Times.
    [
      'a wrap past midnight',
      {times: [time('22:00', '07:00')]},
      ['times', 0],
      /start time cannot be equal or greater.*list 22:00–24:00 and 00:00–07:00/,
    ],
    ['equal ends', {times: [time('08:00', '08:00')]}, ['times', 0], /start time cannot be equal or greater/],
    [
      'one digit',
      {times: [time('8:00', '20:00')]},
      ['times', 0, 'start_time'],
      /couldn't parse timestamp 8:00, invalid format/,
    ],
    ['24:01', {times: [time('08:00', '24:01')]}, ['times', 0, 'end_time'], /couldn't parse timestamp 24:01/],
    ['no end', {times: [{start_time: '08:00'}]}, ['times', 0], /both start and end times must be provided/],
    ['times as one mapping', {times: time('08:00', '09:00')}, ['times'], /expected a list, found a mapping/],
    // Weekdays.
    [
      'a week that wraps',
      {weekdays: ['friday:monday']},
      ['weekdays', 0],
      /start day cannot be before end day.*friday:saturday and sunday:monday/,
    ],
    ['a weekday by number', {weekdays: [1]}, ['weekdays', 0], /1 is not a valid weekday/],
    ['a short weekday', {weekdays: ['mon']}, ['weekdays', 0], /mon is not a valid weekday/],
    ['three ends', {weekdays: ['monday:tuesday:friday']}, ['weekdays', 0], /couldn't parse range .* invalid format/],
    ['a space', {weekdays: ['monday: friday']}, ['weekdays', 0], / friday is not a valid weekday.*without spaces/],
    [
      'a bare word',
      {weekdays: 'monday'},
      ['weekdays'],
      /expected a list, found "monday"; put it in brackets: \[monday\]/,
    ],
    // Days of the month, checked for a month of 28 days.
    ['day 0', {days_of_month: [0]}, ['days_of_month', 0], /0 is not a valid day of the month: out of range/],
    ['day 32', {days_of_month: ['1:32']}, ['days_of_month', 0], /32 is not a valid day/],
    ['day -32', {days_of_month: ['-32:-1']}, ['days_of_month', 0], /-32 is not a valid day/],
    [
      'a negative start with a positive end',
      {days_of_month: ['-5:5']},
      ['days_of_month', 0],
      /end day must be negative if start day is negative/,
    ],
    ['days backwards', {days_of_month: ['10:5']}, ['days_of_month', 0], /end day 5 is always before start day 10/],
    [
      'days backwards in a short month',
      {days_of_month: ['28:-1']},
      ['days_of_month', 0],
      /end day -1 is always before start day 28/,
    ],
    ['half a day', {days_of_month: [1.5]}, ['days_of_month', 0], /1.5 is not a number/],
    // Months and years.
    [
      'months that wrap',
      {months: ['november:february']},
      ['months', 0],
      /end month february is before start month november.*november:december and january:february/,
    ],
    ['month 13', {months: [13]}, ['months', 0], /13 is not a valid month/],
    ['a misspelt month', {months: ['mai']}, ['months', 0], /mai is not a valid month/],
    [
      'years backwards',
      {years: ['2028:2026']},
      ['years', 0],
      /end year 2026 is before start year 2028; write 2026:2028/,
    ],
    ['a year in words', {years: ['next']}, ['years', 0], /next is not a number/],
    // Places and keys.
    ['no such place', {location: 'Europe/Nowhere'}, ['location'], /unknown time zone/],
    ['a place in lower case', {location: 'europe/moscow'}, ['location'], /unknown time zone; write Europe\/Moscow/],
    [
      'the local zone in lower case',
      {location: 'local'},
      ['location'],
      /found "local": unknown time zone; write Local$/,
    ],
    ['an offset for a place', {location: '+03:00'}, ['location'], /unknown time zone/],
    [
      'an unknown key',
      {weekday: ['monday']},
      ['weekday'],
      /expected one of times, weekdays, .*found "weekday": unknown key/,
    ],
  ];
  for (const [name, interval, path, message] of rows) {
    test(name, () => {
      const [problem, ...others] = problemsOf({name: 'w', time_intervals: [interval]});
      assert.deepEqual([problem?.path, others], [['time_intervals', 0, ...path], []]);
      assert.match(problem?.message ?? '', message);
    });
  }

  test('all at once', () => {
    const problems = problemsOf({time_intervals: [{weekdays: ['x', 'monday', 'y']}, null], extra: 1});
    const paths = problems.map((problem) => problem.path.join('.'));
    assert.deepEqual(paths, [
      'extra',
      'name',
      'time_intervals.0.weekdays.0',
      'time_intervals.0.weekdays.2',
      'time_intervals.1',
    ]);
  });
  test('a window that is not a mapping', () =>
    assert.match(problemsOf('always')[0]?.message ?? '', /expected a mapping/));
  const names: [unknown, RegExp][] = [
    [5, /^expected a name such as working-hours, found 5: a name is a text; put it in quotes: "5"$/],
    [true, /found true: a name is a text; put it in quotes: "true"$/],
    [['day'], /found a list: a name is a text; write one$/],
    ['', /found "": missing name in time interval; add one$/],
    [undefined, /found nothing: missing name in time interval; add one$/],
  ];
  for (const [name, message] of names) {
    test(`${JSON.stringify(name)} for a name`, () => {
      const [problem, ...others] = problemsOf({name, time_intervals: []});
      assert.deepEqual([problem?.path, others], [['name'], []]);
      assert.match(problem?.message ?? '', message);
    });
  }
  test('a window without intervals', () => {
    assert.match(problemsOf({name: 'w'})[0]?.message ?? '', /expected a list of intervals, found nothing/);
  });
  test('nothing that YAML can hold makes the reader throw', () => {
    fc.assert(
      fc.property(fc.object({key: fc.constantFrom('name', 'time_intervals', 'times', 'weekdays', 'x')}), (value) => {
        const result = parseWindow(value);
        assert.ok(result.ok || result.problems.every((problem) => problem.message !== ''));
      }),
    );
  });
});

function problemsOf(input: unknown) {
  const result = parseWindow(input);
  return result.ok ? [] : result.problems;
}

function time(start: string, end: string) {
  return {start_time: start, end_time: end};
}
