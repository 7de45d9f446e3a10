import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {createBench, gaps, SECOND} from './scheduler/bench.ts';
import {createHandClock, START} from './support/hand-clock.ts';

describe('the scheduler', () => {
  test('runs a job at once, and from its first slot on exactly at its interval', async () => {
    const {clock, job, start, times} = createBench();
    start([job('api', 60 * SECOND)]);
    await clock.advance(600 * SECOND);
    const [first = 0, second = 0, ...rest] = times('api');
    assert.equal(first, 0);
    assert.ok(second >= 30 * SECOND && second < 90 * SECOND, `the first slot is after ${second} ms`);
    assert.deepEqual(new Set(gaps([second, ...rest])), new Set([60 * SECOND]));
  });

  test('is late by nothing while it turns, and by more and more when it does not or its stop does not end', async () => {
    const {clock, job, start} = createBench();
    const scheduler = start([job('api', SECOND), job('slow', SECOND, 5 * SECOND)]);
    for (let second = 0; second < 20; second++) {
      await clock.advance(SECOND);
      assert.ok(scheduler.lagMs() <= 5, `${scheduler.lagMs()} ms`);
    }
    clock.sleepThrough(60 * SECOND);
    assert.ok(scheduler.lagMs() >= 59 * SECOND);
    await clock.advance(SECOND);
    assert.ok(scheduler.lagMs() <= 5);
    void scheduler.stop();
    clock.sleepThrough(60 * SECOND);
    assert.ok(scheduler.lagMs() >= 60 * SECOND);
  });

  test('keeps each job to its own interval', async () => {
    const {clock, job, start, times} = createBench();
    start([job('fast', SECOND), job('slow', 60 * SECOND)]);
    await clock.advance(600 * SECOND);
    assert.ok(Math.abs(times('fast').length - 600) <= 1);
    assert.ok(Math.abs(times('slow').length - 10) <= 1);
  });

  test('spreads jobs over the interval, however alike their names are', async () => {
    const {clock, job, start, ran} = createBench();
    start(Array.from({length: 600}, (_, index) => job(`shop-${index}`, 60 * SECOND)));
    await clock.advance(120 * SECOND);
    const from = ran.length;
    await clock.advance(60 * SECOND);
    const slots = Array.from({length: 12}, () => 0);
    for (const {at} of ran.slice(from)) {
      const slot = Math.floor((at % (60 * SECOND)) / (5 * SECOND));
      slots[slot] = (slots[slot] ?? 0) + 1;
    }
    assert.equal(ran.length - from, 600);
    assert.ok(Math.min(...slots) >= 20 && Math.max(...slots) <= 85, `50 in each would be even: ${slots}`);
  });

  test('has the same phases after a restart', async () => {
    const phases = async (upMs: number) => {
      const {clock, job, start, times} = createBench({clock: createHandClock(START + upMs)});
      start([job('api', 60 * SECOND)]);
      await clock.advance(300 * SECOND);
      return times('api')
        .slice(1)
        .map((at) => (START + upMs + at) % (60 * SECOND));
    };
    const before = await phases(0);
    const after = await phases(12_345);
    assert.equal(new Set([...before, ...after].map(Math.round)).size, 1);
  });

  test('says how late each run begins: those that wait for a place the longest', async () => {
    const lates: number[] = [];
    const {clock, job, start} = createBench({concurrency: 1, onStart: (lateMs) => void lates.push(lateMs)});
    start([job('one', 60 * SECOND, SECOND), job('two', 60 * SECOND, SECOND)]);
    await clock.advance(3 * SECOND);
    // The second job is due 10 ms after the first, and has its place when that is done.
    assert.deepEqual(lates, [0, SECOND - 10]);
  });

  test('a run called up by the calendar is not late for having no interval', async () => {
    const lates: number[] = [];
    const {clock, job, start, rings} = createBench({onStart: (lateMs) => void lates.push(lateMs)});
    start([job('nightly', 60 * SECOND, 0, {at: '0 3 * * *'})]);
    await clock.advance(500 * SECOND);
    rings[0]?.ring();
    await clock.advance(SECOND);
    assert.deepEqual(lates, [0]);
  });

  test('counts the runs that it leaves out', async () => {
    let skipped = 0;
    const {clock, job, start} = createBench({
      onSkipped: (runs) => {
        skipped += runs;
      },
    });
    start([job('slow', 10 * SECOND, (run) => (run === 2 ? 25 * SECOND : 0))]);
    await clock.advance(100 * SECOND);
    assert.equal(skipped, 2);
  });

  test('does not notice that the wall clock is set', async () => {
    const {clock, job, start, times} = createBench();
    start([job('api', 60 * SECOND)]);
    await clock.advance(100 * SECOND);
    clock.stepWall(-3_600 * SECOND);
    await clock.advance(200 * SECOND);
    clock.stepWall(86_400 * SECOND);
    await clock.advance(200 * SECOND);
    const [, ...slots] = times('api');
    assert.deepEqual(new Set(gaps(slots)), new Set([60 * SECOND]));
  });

  test('never runs a job twice at once: a run that overruns skips slots, keeps its phase and says so', async () => {
    const {clock, job, start, times, busy, lines} = createBench();
    start([job('slow', 10 * SECOND, (run) => (run === 3 ? 25 * SECOND : SECOND))]);
    await clock.advance(120 * SECOND);
    const [, second = 0, third = 0, fourth = 0, ...rest] = times('slow');
    assert.equal(busy.sameJob, 0);
    assert.deepEqual(gaps([second, third, fourth]), [10 * SECOND, 30 * SECOND]);
    assert.deepEqual(new Set(gaps([fourth, ...rest])), new Set([10 * SECOND]));
    assert.deepEqual(
      lines.map(({msg, check, skipped}) => ({msg, check, skipped})),
      [{msg: 'the check overran its interval', check: 'slow', skipped: 2}],
    );
  });

  test('a run that ends exactly at its next slot skips nothing', async () => {
    const {clock, job, start, times, lines} = createBench();
    start([job('tight', 10 * SECOND, 10 * SECOND)]);
    await clock.advance(100 * SECOND);
    const [, ...slots] = times('tight');
    assert.deepEqual(new Set(gaps(slots)), new Set([10 * SECOND]));
    assert.deepEqual(lines, []);
  });

  test('lets only so many run at once, and the rest in their order', async () => {
    const {clock, job, start, busy, ran} = createBench({concurrency: 3});
    const names = Array.from({length: 10}, (_, index) => `job-${index}`);
    start(names.map((name) => job(name, 600 * SECOND, SECOND)));
    await clock.advance(5 * SECOND);
    assert.equal(busy.most, 3);
    assert.deepEqual(
      ran.map(({name}) => name),
      names,
    );
  });

  test('10,000 jobs all run within one interval, once', async () => {
    const {clock, job, start, ran} = createBench();
    start(Array.from({length: 10_000}, (_, index) => job(`job-${index}`, 20 * SECOND)));
    await clock.advance(9_999);
    assert.ok(new Set(ran.map(({name}) => name)).size === ran.length, 'nobody runs twice in half an interval');
    await clock.advance(10_001);
    assert.equal(new Set(ran.map(({name}) => name)).size, 10_000);
  });

  test('has one timer, however many jobs there are', async () => {
    const {clock, job, start} = createBench();
    start(Array.from({length: 100}, (_, index) => job(`job-${index}`, 60 * SECOND)));
    await clock.advance(200 * SECOND);
    assert.equal(clock.waiting(), 1);
  });

  test('sets its timer again only for an earlier time: not at the end of every run', async () => {
    const {clock, job, start, ran} = createBench();
    start(Array.from({length: 1_000}, (_, index) => job(`job-${index}`, 10 * SECOND, SECOND)));
    await clock.advance(20 * SECOND);
    const [ranThen, setThen] = [ran.length, clock.everSet()];
    await clock.advance(10 * SECOND);
    assert.equal(ran.length - ranThen, 1_000);
    // One for each run is what the job itself sleeps by.
    assert.ok(clock.everSet() - setThen - 1_000 <= 1_000, `${clock.everSet() - setThen} timers`);
  });

  test('without jobs does nothing', async () => {
    const {clock, start} = createBench();
    const scheduler = start([]);
    assert.equal(clock.waiting(), 0);
    await scheduler.stop();
  });

  test('stop aborts what runs, waits for it, and starts nothing more', async () => {
    const {clock, job, start, busy, ran} = createBench({concurrency: 2});
    const scheduler = start([
      job('a', 10 * SECOND, 3_600 * SECOND),
      job('b', 10 * SECOND, 3_600 * SECOND),
      job('c', SECOND),
    ]);
    await clock.advance(SECOND);
    assert.equal(busy.now, 2);
    await scheduler.stop();
    assert.equal(busy.now, 0);
    assert.equal(clock.waiting(), 0);
    const before = ran.length;
    await clock.advance(60 * SECOND);
    assert.equal(ran.length, before);
    assert.ok(!ran.some(({name}) => name === 'c'), 'what waited its turn has lost it');
  });

  test('closes what the jobs hold, once they have let go', async () => {
    const {clock, job, start, busy} = createBench();
    const closed: number[] = [];
    const scheduler = start([job('held', 10 * SECOND, 3_600 * SECOND, {close: () => void closed.push(busy.now)})]);
    await clock.advance(SECOND);
    await scheduler.stop();
    assert.deepEqual(closed, [0]);
  });
});
