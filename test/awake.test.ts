import assert from 'node:assert/strict';
import {test} from 'node:test';
import {createAwake} from '../src/awake.ts';
import {createHandClock, START} from './support/hand-clock.ts';

const MINUTE = 60_000;

test('a program that runs without a break has been awake since its start', async () => {
  const clock = createHandClock();
  const awake = createAwake(clock);
  await clock.advance(10 * MINUTE);
  assert.equal(awake.since(), START);
  awake.stop();
  assert.equal(clock.waiting(), 0);
});

test('a sleep of the machine is noticed by whoever asks first', async () => {
  const clock = createHandClock();
  const awake = createAwake(clock);
  await clock.advance(MINUTE);
  clock.sleepThrough(30 * MINUTE);
  assert.equal(awake.since(), START + 31 * MINUTE);
  awake.stop();
});

test('so is a wall clock that is set, either way', async () => {
  const clock = createHandClock();
  const awake = createAwake(clock);
  await clock.advance(MINUTE);
  clock.stepWall(20 * MINUTE);
  assert.equal(awake.since(), START + 21 * MINUTE);
  clock.stepWall(-10 * MINUTE);
  assert.equal(awake.since(), START + 11 * MINUTE);
  awake.stop();
});
