import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {hoursByDay} from '../../../src/bot/pictures/hours.ts';

const HOUR = 3_600_000;
const SLOT = 300_000;

/** A good run each five minutes. */
function slotsWithin(from: number, to: number) {
  return Array.from({length: Math.round((to - from) / SLOT)}, (_, index) => ({
    at: from + index * SLOT,
    ok: 1,
    failed: 0,
  }));
}

/** Midnight of that date in Berlin, which is `offset` hours ahead of UTC then. */
const berlin = (date: string, offset: number) => Date.parse(`${date}T00:00:00Z`) - offset * HOUR;

describe('the hours of the days', () => {
  test('are those of the zone', () => {
    const from = berlin('2026-11-18', 1);
    const to = from + 48 * HOUR;
    const slots = [
      {at: from + 23.5 * HOUR, ok: 4, failed: 1},
      {at: to - 1, ok: 0, failed: 2},
    ];
    const days = hoursByDay(slots, [], {from, to}, 'Europe/Berlin');
    assert.deepEqual(
      days.map(({date}) => new Date(date).toISOString().slice(0, 10)),
      ['2026-11-18', '2026-11-19'],
    );
    assert.deepEqual(days[0]?.hours[23], {ok: 4, failed: 1, planned: false, exists: true});
    assert.deepEqual(days[1]?.hours[23], {ok: 0, failed: 2, planned: false, exists: true});
    assert.ok(days.every(({hours}) => hours.length === 24 && hours.every(({exists}) => exists)));
  });

  test('lack the one that the clocks are set forward over', () => {
    const from = berlin('2026-03-29', 1);
    const to = from + 23 * HOUR;
    const days = hoursByDay(slotsWithin(from, to), [], {from, to}, 'Europe/Berlin');
    assert.equal(days.length, 1);
    assert.deepEqual(
      days[0]?.hours.flatMap(({exists}, hour) => (exists ? [] : [hour])),
      [2],
    );
    assert.deepEqual(
      days[0]?.hours.flatMap(({ok}, hour) => (ok === 12 ? [] : [[hour, ok]])),
      [[2, 0]],
    );
  });

  test('have the one that comes twice once, with the runs of both', () => {
    const from = berlin('2026-10-25', 2);
    const to = from + 25 * HOUR;
    const days = hoursByDay(slotsWithin(from, to), [], {from, to}, 'Europe/Berlin');
    assert.equal(days.length, 1);
    assert.deepEqual(
      days[0]?.hours.flatMap(({ok}, hour) => (ok === 12 ? [] : [[hour, ok]])),
      [[2, 24]],
    );
    assert.ok(days[0]?.hours.every(({exists}) => exists));
  });

  test('follow a zone whose summer time is half an hour, and one that is a quarter off', () => {
    for (const [zone, offset] of [
      ['Australia/Lord_Howe', 11],
      ['Asia/Kathmandu', 5.75],
    ] as const) {
      const from = Date.parse('2026-01-10T00:00:00Z') - offset * HOUR;
      const days = hoursByDay(slotsWithin(from, from + 24 * HOUR), [], {from, to: from + 24 * HOUR}, zone);
      assert.deepEqual(
        days.map(({hours}) => hours.map(({ok}) => ok)),
        [Array(24).fill(12)],
        zone,
      );
    }
  });

  test('do not count the runs of a maintenance', () => {
    const from = berlin('2026-11-18', 1);
    const planned = [{from: from + 3 * HOUR, to: from + 4.5 * HOUR}];
    const days = hoursByDay(
      slotsWithin(from, from + 24 * HOUR),
      planned,
      {from, to: from + 24 * HOUR},
      'Europe/Berlin',
    );
    assert.deepEqual(
      days[0]?.hours.slice(2, 6).map(({ok, planned}) => [ok, planned]),
      [
        [12, false],
        [0, true],
        [6, true],
        [12, false],
      ],
    );
  });
});
