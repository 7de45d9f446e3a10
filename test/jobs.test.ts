import assert from 'node:assert/strict';
import {test} from 'node:test';
import {followFirstRound} from '../src/jobs.ts';
import {createBench, SECOND} from './scheduler/bench.ts';

test('the first round is over when each check that is due at the start has run once', async () => {
  const {clock, job, start} = createBench();
  const {jobs, ran} = followFirstRound([
    job('quick', 60 * SECOND),
    job('slow', 60 * SECOND, 20 * SECOND),
    job('nightly', 60 * SECOND, 0, {at: '0 3 * * *'}),
    job('later', 60 * SECOND, 0, {skipFirstMs: 600 * SECOND}),
  ]);
  let isOver = false;
  void ran.then(() => {
    isOver = true;
  });
  const scheduler = start(jobs);
  await clock.advance(19 * SECOND);
  assert.equal(isOver, false);
  await clock.advance(2 * SECOND);
  assert.equal(isOver, true);
  await scheduler.stop();
});

test('it is over at once where nothing is due at the start', async () => {
  const {job} = createBench();
  await followFirstRound([job('nightly', 60 * SECOND, 0, {at: '0 3 * * *'})]).ran;
  const {jobs} = followFirstRound([job('nightly', 60 * SECOND, 0, {at: '0 3 * * *'})]);
  assert.equal(jobs.length, 1);
});
