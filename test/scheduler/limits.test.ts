import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import fc from 'fast-check';
import {createBench, SECOND} from './bench.ts';

describe('the limit per host', () => {
  test('so many of one host run at once, and those of other hosts do not wait for them', async () => {
    const {clock, job, start, busy, times} = createBench({concurrencyPerHost: 2});
    const slow = Array.from({length: 20}, (_, index) =>
      job(`slow-${index}`, 7_200 * SECOND, 60 * SECOND, {host: 'till'}),
    );
    const quick = Array.from({length: 20}, (_, index) =>
      job(`quick-${index}`, 7_200 * SECOND, 0, {host: `shop-${index}`}),
    );
    start([...slow, ...quick, job('local', 7_200 * SECOND)]);
    await clock.advance(SECOND);
    assert.equal(busy.now, 2);
    for (const {name} of [...quick, {name: 'local'}]) assert.equal(times(name).length, 1, name);
    await clock.advance(700 * SECOND);
    assert.equal(busy.most, 3, 'two of the slow ones and one other');
    assert.deepEqual(
      slow.map(({name}) => times(name).length),
      slow.map(() => 1),
    );
  });

  test('0 is no limit', async () => {
    const {clock, job, start, busy} = createBench({concurrencyPerHost: 0});
    start(Array.from({length: 50}, (_, index) => job(`job-${index}`, 600 * SECOND, 60 * SECOND, {host: 'till'})));
    await clock.advance(SECOND);
    assert.equal(busy.now, 50);
  });
});

test('under every interleaving: no job runs twice at once, no limit is passed, and nobody is forgotten', async () => {
  const plan = fc.record({
    jobs: fc.array(
      fc.record({
        intervalMs: fc.integer({min: 1_000, max: 20_000}),
        takesMs: fc.array(fc.integer({min: 0, max: 15_000}), {minLength: 1, maxLength: 5}),
        host: fc.constantFrom(undefined, 'a', 'b'),
        skipFirstMs: fc.constantFrom(0, 0, 5_000),
      }),
      {minLength: 1, maxLength: 12},
    ),
    concurrency: fc.integer({min: 1, max: 6}),
    concurrencyPerHost: fc.integer({min: 0, max: 3}),
    moves: fc.array(
      fc.record({kind: fc.constantFrom('advance', 'sleep', 'step'), ms: fc.integer({min: 1, max: 60_000})}),
      {
        maxLength: 12,
      },
    ),
  });
  await fc.assert(
    fc.asyncProperty(plan, async ({jobs, concurrency, concurrencyPerHost, moves}) => {
      const {clock, job, start, busy, times} = createBench({concurrency, concurrencyPerHost});
      const atHost = new Map<string, number>();
      let mostAtHost = 0;
      const made = jobs.map(({intervalMs, takesMs, host, skipFirstMs}, index) => {
        const more = {skipFirstMs, ...(host !== undefined && {host})};
        const one = job(`job-${index}`, intervalMs, (run) => takesMs[run % takesMs.length] ?? 0, more);
        if (host === undefined) return one;
        const run = async (signal: AbortSignal) => {
          atHost.set(host, (atHost.get(host) ?? 0) + 1);
          mostAtHost = Math.max(mostAtHost, atHost.get(host) ?? 0);
          await one.run(signal);
          atHost.set(host, (atHost.get(host) ?? 0) - 1);
        };
        return {...one, run};
      });
      const scheduler = start(made);
      for (const {kind, ms} of moves) {
        if (kind === 'advance') await clock.advance(ms);
        else if (kind === 'sleep') clock.sleepThrough(ms);
        else clock.stepWall(ms - 30_000);
      }
      await clock.advance(600 * SECOND);
      for (const {name} of made) assert.ok(times(name).length > 0, `${name} never ran`);
      await scheduler.stop();
      assert.equal(busy.sameJob, 0);
      assert.ok(busy.most <= concurrency);
      assert.ok(concurrencyPerHost === 0 || mostAtHost <= concurrencyPerHost);
      assert.equal(clock.waiting(), 0);
    }),
    {numRuns: 100},
  );
});
