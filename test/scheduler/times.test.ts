import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {createHandClock} from '../support/hand-clock.ts';
import {createBench, gaps, SECOND} from './bench.ts';

describe('a job with skip_in_first', () => {
  test('does not run until then, and keeps its interval afterwards', async () => {
    const {clock, job, start, times} = createBench();
    start([job('late', 10 * SECOND, 0, {skipFirstMs: 60 * SECOND}), job('soon', 10 * SECOND)]);
    await clock.advance(59_999);
    assert.deepEqual(times('late'), []);
    assert.ok(times('soon').length >= 5);
    await clock.advance(60 * SECOND);
    const [first, second = 0, ...rest] = times('late');
    assert.equal(first, 60 * SECOND);
    assert.deepEqual(new Set(gaps([second, ...rest])), new Set([10 * SECOND]));
  });

  test('counts from the start of the program, not from a reload', async () => {
    const clock = createHandClock();
    await clock.advance(3_600 * SECOND);
    const {job, start, times} = createBench({clock, startedAt: 0});
    start([job('late', 10 * SECOND, 0, {skipFirstMs: 60 * SECOND})]);
    await clock.advance(0);
    assert.equal(times('late').length, 1);
  });

  test('does not run at a time of the calendar before then', async () => {
    const {clock, job, start, rings, ran} = createBench();
    start([job('nightly', SECOND, 0, {at: '0 3 * * *', skipFirstMs: 60 * SECOND})]);
    await clock.advance(59_999);
    rings[0]?.ring();
    assert.equal(ran.length, 0);
    await clock.advance(1);
    rings[0]?.ring();
    assert.equal(ran.length, 1);
  });
});

describe('a job with times of the calendar', () => {
  test('runs when the calendar says so, in the time zone of the config, and at no other time', async () => {
    const {clock, job, start, rings, ran} = createBench();
    start([job('nightly', SECOND, 0, {at: '0 3 * * *'})]);
    assert.deepEqual(
      rings.map(({expression, zone}) => [expression, zone]),
      [['0 3 * * *', 'Europe/Moscow']],
    );
    await clock.advance(86_400 * SECOND);
    assert.equal(ran.length, 0);
    rings[0]?.ring();
    await clock.advance(3_600 * SECOND);
    assert.equal(ran.length, 1);
  });

  test('never runs twice at once, and says that a time was skipped', async () => {
    const {clock, job, start, rings, ran, busy, lines} = createBench();
    start([job('nightly', SECOND, 90 * SECOND, {at: '* * * * *'})]);
    for (let minute = 0; minute < 3; minute++) {
      rings[0]?.ring();
      await clock.advance(60 * SECOND);
    }
    assert.deepEqual([ran.length, busy.sameJob], [2, 0]);
    assert.deepEqual(
      lines.map(({check, skipped}) => [check, skipped]),
      [['nightly', 1]],
    );
  });

  test('is not called any more after a stop', async () => {
    const {job, start, rings} = createBench();
    const scheduler = start([job('nightly', SECOND, 0, {at: '0 3 * * *'})]);
    await scheduler.stop();
    assert.deepEqual(rings, []);
  });
});

describe('after a sleep of the machine', () => {
  test('each job runs once, not all at the same time, and what was skipped is counted in one line', async () => {
    const {clock, job, start, ran, lines} = createBench();
    const names = Array.from({length: 1_000}, (_, index) => `job-${index}`);
    start(names.map((name) => job(name, 60 * SECOND)));
    await clock.advance(150 * SECOND);
    const from = ran.length;
    clock.sleepThrough(3_600 * SECOND);
    await clock.advance(10 * SECOND);
    const after = ran.slice(from);
    assert.equal(after.length, 1_000);
    assert.equal(new Set(after.map(({name}) => name)).size, 1_000);
    const perSecond = new Map<number, number>();
    for (const {at} of after) perSecond.set(Math.floor(at / SECOND), (perSecond.get(Math.floor(at / SECOND)) ?? 0) + 1);
    assert.ok(Math.max(...perSecond.values()) <= 101, `a hundred a second: ${[...perSecond.values()]}`);
    const [line, ...others] = lines;
    assert.deepEqual([line?.checks, others.length], [1_000, 0]);
    // Sixty slots each, of which the last is the one that runs now.
    assert.ok(Math.abs(Number(line?.skipped) - 59_000) <= 1_000, String(line?.skipped));
  });

  test('the phases are what they were', async () => {
    const {clock, job, start, times} = createBench();
    start([job('api', 60 * SECOND)]);
    await clock.advance(300 * SECOND);
    const before = times('api').at(-1) ?? 0;
    clock.sleepThrough(86_400 * SECOND + 12_345);
    await clock.advance(300 * SECOND);
    assert.equal(Math.round(((times('api').at(-1) ?? 0) - before) % (60 * SECOND)), 0);
  });

  test('that the monotonic clock knows nothing of, every job goes on as if nothing had been', async () => {
    const {clock, job, start, times, lines} = createBench();
    start([job('api', 60 * SECOND)]);
    await clock.advance(300 * SECOND);
    clock.stepWall(86_400 * SECOND);
    await clock.advance(300 * SECOND);
    const [, ...slots] = times('api');
    assert.deepEqual(new Set(gaps(slots)), new Set([60 * SECOND]));
    assert.deepEqual(lines, []);
  });
});

test('a check that always overruns says so once a minute, with the sum', async () => {
  const {clock, job, start, lines} = createBench();
  start([job('slow', SECOND, 2_500)]);
  await clock.advance(200 * SECOND);
  const sums = lines.map(({skipped}) => Number(skipped));
  assert.ok(sums.length === 4, `${sums}`);
  assert.ok(
    sums.slice(1).every((sum) => sum >= 38 && sum <= 42),
    `${sums}`,
  );
});
