import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {createBench, gaps, SECOND} from './bench.ts';

const MINUTE = 60 * SECOND;

describe('a job that somebody wants to run now', () => {
  test('runs between its times, and these stay what they were', async () => {
    const {clock, job, start, times} = createBench();
    const scheduler = start([job('api', MINUTE)]);
    await clock.advance(3 * MINUTE);
    const before = times('api').length;
    let hasRun: boolean | undefined;
    void scheduler.runNow('api').then((value) => (hasRun = value));
    await clock.advance(0);
    assert.deepEqual([times('api').length, hasRun], [before + 1, true]);
    await clock.advance(3 * MINUTE);
    const regular = times('api').filter((_, index) => index > 0 && index !== before);
    assert.deepEqual(new Set(gaps(regular)), new Set([MINUTE]));
  });

  test('counts for the slot that comes while it runs', async () => {
    const {clock, job, start, times, busy, lines} = createBench();
    const scheduler = start([job('api', MINUTE, (run) => (run === 3 ? 50 * SECOND : 0))]);
    await clock.advance(89 * SECOND);
    const [, slot = 0] = times('api');
    await clock.advance(slot + MINUTE - 10 * SECOND - clock.monotonic());
    assert.equal(times('api').length, 2);
    void scheduler.runNow('api');
    await clock.advance(2 * MINUTE);
    assert.deepEqual(
      times('api')
        .slice(2)
        .map((at) => at - slot),
      [50 * SECOND, 2 * MINUTE],
    );
    assert.deepEqual([busy.sameJob, lines.filter(({level}) => level >= 40)], [0, []]);
  });

  test('that runs already is waited for, by everybody who asked', async () => {
    const {clock, job, start, times} = createBench();
    const scheduler = start([job('api', MINUTE, 5 * SECOND)]);
    await clock.advance(SECOND);
    const over: boolean[] = [];
    for (let one = 0; one < 3; one++) void scheduler.runNow('api').then((value) => over.push(value));
    await clock.advance(SECOND);
    assert.deepEqual(over, []);
    await clock.advance(10 * SECOND);
    assert.deepEqual([over, times('api').length], [[true, true, true], 1]);
  });

  test('waits for its turn where the limits are reached', async () => {
    const {clock, job, start, times} = createBench({concurrency: 1});
    const scheduler = start([job('slow', MINUTE, 5 * SECOND), job('api', MINUTE)]);
    await clock.advance(30);
    void scheduler.runNow('api');
    await clock.advance(SECOND);
    assert.equal(times('api').length, 0);
    await clock.advance(10 * SECOND);
    assert.equal(times('api').length, 1);
  });

  test('does not run when there is none of this name, or when everything stops', async () => {
    const {clock, job, start} = createBench({concurrency: 1});
    const scheduler = start([job('slow', MINUTE, MINUTE), job('api', MINUTE)]);
    await clock.advance(30);
    assert.equal(await scheduler.runNow('other'), false);
    const waiting = scheduler.runNow('api');
    const running = scheduler.runNow('slow');
    await scheduler.stop();
    assert.deepEqual([await waiting, await running, await scheduler.runNow('api')], [false, false, false]);
  });
});
