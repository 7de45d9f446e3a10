import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import fc from 'fast-check';
import {dictionaries} from '../../../src/bot/languages.ts';
import {en} from '../../../src/bot/messages/en.ts';
import {createFormat} from '../../../src/bot/messages/format.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('a span of time', () => {
  const {duration} = createFormat(en, 'UTC');
  const table: [number, string][] = [
    [0, '0s'],
    [400, '0s'],
    [1_000, '1s'],
    [59_000, '59s'],
    [59_600, '1m'],
    [60_000, '1m'],
    [7 * MINUTE + 3 * SECOND, '7m 3s'],
    [61 * MINUTE, '1h 1m'],
    // No third unit, however large it is.
    [HOUR + 59 * SECOND, '1h'],
    [2 * DAY + 3 * HOUR + 59 * MINUTE, '2d 3h'],
    [400 * DAY, '400d'],
    // The wall clock was set back between the two ends.
    [-5_000, '0s'],
    [-3 * DAY, '0s'],
  ];
  for (const [ms, words] of table) test(`of ${ms} ms is ${words}`, () => assert.equal(duration(ms), words));

  test('has one unit or two, and never a zero beside another', () => {
    fc.assert(
      fc.property(fc.integer({min: -DAY, max: 900 * DAY}), (ms) => {
        assert.match(duration(ms), /^(0s|([1-9]\d*[dhms])( [1-9]\d*[hms])?)$/);
      }),
    );
  });
});

describe('a time', () => {
  const at = Date.UTC(2026, 10, 20, 14, 3, 7);

  test('of today has no date', () => {
    assert.equal(createFormat(en, 'UTC').time(at, at + 9 * HOUR), '14:03:07');
  });

  test('of another day has its date', () => {
    assert.equal(createFormat(en, 'UTC').time(at, at + 10 * HOUR), 'Nov 20, 2026 14:03:07');
    assert.equal(createFormat(en, 'UTC').time(at + 10 * HOUR, at), 'Nov 21, 2026 00:03:07');
  });

  test('is told in the configured zone, and so is the day that it is on', () => {
    assert.equal(createFormat(en, 'Asia/Tokyo').time(at, at), '23:03:07');
    assert.equal(createFormat(en, 'Asia/Tokyo').time(at, at + HOUR), 'Nov 20, 2026 23:03:07');
    assert.equal(createFormat(en, 'America/St_Johns').time(at, at), '10:33:07');
  });

  test('follows the change of the clocks', () => {
    const {time} = createFormat(en, 'Europe/Berlin');
    const change = Date.UTC(2026, 2, 29, 1);
    assert.equal(time(change - SECOND, change), '01:59:59');
    assert.equal(time(change, change), '03:00:00');
  });
});

test('times and spans have two digits and units of the language everywhere', () => {
  const at = Date.UTC(2026, 10, 20, 4, 3, 7);
  const shown = (['en', 'ru', 'es', 'zh'] as const).map((locale) => {
    const {duration, latency, time} = createFormat(dictionaries[locale], 'UTC');
    return [duration(423_000), duration(0), latency(1_234.5), time(at, at), time(at, at + DAY)].map((text) =>
      text.replaceAll('\u00a0', ' '),
    );
  });
  assert.deepEqual(shown, [
    ['7m 3s', '0s', '1,235 ms', '04:03:07', 'Nov 20, 2026 04:03:07'],
    ['7 мин 3 с', '0 с', '1 235 мс', '04:03:07', '20 нояб. 2026 г. 04:03:07'],
    ['7min 3s', '0s', '1235 ms', '04:03:07', '20 nov 2026 04:03:07'],
    ['7分钟3秒', '0秒', '1,235毫秒', '04:03:07', '2026年11月20日 04:03:07'],
  ]);
});
