import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {formatDuration, parseDuration} from '../../src/checks/duration.ts';

test('a duration is a number with its unit, or several of them from the largest to the smallest', () => {
  const table: readonly (readonly [string, number])[] = [
    ['10s', 10_000],
    ['2m', 120_000],
    ['500ms', 500],
    ['0.5s', 500],
    ['1h30m', 5_400_000],
    ['7d', 604_800_000],
    ['2w', 1_209_600_000],
    ['0s', 0],
  ];
  for (const [text, ms] of table) assert.equal(parseDuration(text), ms, text);
});

test('what has no unit, the wrong order or anything else in it is no duration', () => {
  for (const text of ['', '60', 'ten', '10 s', '30m1h', '-5s', '5s5s', '1.s', '10S', '1e3s', `${'9'.repeat(400)}s`])
    assert.equal(parseDuration(text), undefined, text);
});

test('a formatted duration reads back as the same number', () => {
  fc.assert(
    fc.property(fc.integer({min: 0, max: 10_000_000_000}), (ms) => {
      assert.equal(parseDuration(formatDuration(ms)), ms);
    }),
  );
  assert.equal(formatDuration(90_000), '1m30s');
});
