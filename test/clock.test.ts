import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {systemClock, TimedOut} from '../src/clock.ts';
import {createHandClock} from './support/hand-clock.ts';

describe('a clock', () => {
  test('sleeps for as long as it was told', async () => {
    const clock = createHandClock();
    let awake = false;
    const sleeping = clock.sleep(100).then(() => {
      awake = true;
    });
    await clock.advance(99);
    assert.equal(awake, false);
    await clock.advance(1);
    await sleeping;
    assert.equal(awake, true);
  });

  test('wakes a sleeper whose signal is aborted, at once and without leaving a timer', async () => {
    const clock = createHandClock();
    const waking = new AbortController();
    const sleeping = clock.sleep(3_600_000, waking.signal);
    waking.abort();
    await sleeping;
    assert.equal(clock.waiting(), 0);
    await clock.sleep(3_600_000, waking.signal);
    assert.equal(clock.waiting(), 0);
  });

  test('a deadline aborts with the time that was too short', async () => {
    const clock = createHandClock();
    const {signal} = clock.deadline(5_000);
    await clock.advance(4_999);
    assert.equal(signal.aborted, false);
    await clock.advance(1);
    assert.ok(signal.reason instanceof TimedOut);
    assert.equal(signal.reason.ms, 5_000);
  });

  test('a deadline aborts with its parent, for the reason of the parent', () => {
    const clock = createHandClock();
    const parent = new AbortController();
    const early = clock.deadline(5_000, parent.signal);
    parent.abort('stopping');
    assert.equal(early.signal.reason, 'stopping');
    assert.equal(clock.deadline(5_000, parent.signal).signal.reason, 'stopping');
  });

  test('a deadline that was cancelled neither fires nor follows its parent', async () => {
    const clock = createHandClock();
    const parent = new AbortController();
    const {signal, cancel} = clock.deadline(5_000, parent.signal);
    cancel();
    cancel();
    parent.abort();
    await clock.advance(10_000);
    assert.equal(signal.aborted, false);
    assert.equal(clock.waiting(), 0);
  });

  test('of many deadlines with one parent those that are not cancelled abort with it, each once', () => {
    const clock = createHandClock();
    const parent = new AbortController();
    const told: number[] = [];
    const all = Array.from({length: 5}, (_, i) => clock.deadline(5_000, parent.signal, () => told.push(i)));
    for (const i of [1, 4, 1, 0]) all[i]?.cancel();
    parent.abort('stopping');
    for (const {cancel} of all) cancel();
    assert.deepEqual(told.sort(), [2, 3]);
    assert.deepEqual(
      all.map(({signal}) => signal.aborted),
      [false, false, true, true, false],
    );
  });

  test('a deadline that its parent ended leaves no timer behind', () => {
    const clock = createHandClock();
    const parent = new AbortController();
    const {cancel} = clock.deadline(5_000, parent.signal);
    parent.abort();
    cancel();
    assert.equal(clock.waiting(), 0);
  });
});

describe("the machine's clock", () => {
  test('tells the time of the day, and time that only grows', () => {
    assert.ok(Math.abs(systemClock.now() - Date.now()) < 1_000);
    const before = systemClock.monotonic();
    assert.ok(systemClock.monotonic() >= before);
  });

  test('runs what it was asked to, unless that was cancelled', async () => {
    const ran: string[] = [];
    systemClock.after(1, () => ran.push('cancelled'))();
    await new Promise<void>((resolve) => {
      systemClock.after(5, () => {
        ran.push('run');
        resolve();
      });
    });
    assert.deepEqual(ran, ['run']);
  });

  test('a wait of years does not fire at once', async () => {
    let fired = false;
    const cancel = systemClock.after(Number.MAX_SAFE_INTEGER, () => {
      fired = true;
    });
    await systemClock.sleep(5);
    cancel();
    assert.equal(fired, false);
  });
});
