import assert from 'node:assert/strict';
import {describe, type TestContext, test} from 'node:test';
import {createCalendar} from '../src/calendar.ts';
import {createClock} from '../src/clock.ts';

/** 2026-03-28T22:00:00Z: 01:00 in Moscow; and Berlin's clocks are put forward in that night, from 02:00 to 03:00. */
const START = 1_774_735_200_000;
const MINUTE = 60_000;
const HOUR = 3_600_000;

/** node-schedule takes its time from the process, so the process gets a clock that the test moves. */
async function subscribe(t: TestContext, expression: string, zone: string) {
  t.mock.timers.enable({apis: ['setTimeout', 'Date'], now: START});
  let elapsed = 0;
  const clock = createClock({
    now: () => Date.now(),
    monotonic: () => elapsed,
    after: (ms, run) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
  });
  const calls: string[] = [];
  const cancel = createCalendar(clock)(expression, zone, () => void calls.push(new Date().toISOString()));
  t.after(cancel);
  await import('node-schedule');
  await new Promise((resolve) => setImmediate(resolve));
  const advance = (ms: number) => {
    for (let left = ms; left > 0; left -= MINUTE) {
      elapsed += MINUTE;
      t.mock.timers.tick(MINUTE);
    }
  };
  return {calls, cancel, advance, stepWall: (ms: number) => t.mock.timers.setTime(Date.now() + ms)};
}

describe('the calendar', () => {
  test('calls at each time, in its time zone', async (t) => {
    const {calls, advance} = await subscribe(t, '0 3 * * *', 'Europe/Moscow');
    advance(50 * HOUR);
    assert.deepEqual(
      calls,
      ['2026-03-29T00:00:00.000Z', '2026-03-30T00:00:00.000Z', '2026-03-31T00:00:00.000Z'].slice(0, calls.length),
    );
    assert.equal(calls.length, 3);
  });

  test('knows that the clocks are put forward', async (t) => {
    const {calls, advance} = await subscribe(t, '0 4 * * *', 'Europe/Berlin');
    advance(30 * HOUR);
    assert.deepEqual(calls, ['2026-03-29T02:00:00.000Z', '2026-03-30T02:00:00.000Z']);
  });

  test('makes up, once, for what a sleep of the machine or a wall clock set forward passed over', async (t) => {
    const {calls, advance, stepWall} = await subscribe(t, '0 3 * * *', 'Europe/Moscow');
    advance(HOUR);
    stepWall(3 * 24 * HOUR + 2 * HOUR);
    advance(MINUTE);
    assert.equal(calls.length, 1);
    advance(22 * HOUR);
    assert.equal(calls.length, 1, 'it is 02:01 in Moscow');
    advance(3 * HOUR);
    assert.equal(calls.length, 2);
  });

  test('follows a wall clock that is set back', async (t) => {
    const {calls, advance, stepWall} = await subscribe(t, '0 3 * * *', 'Europe/Moscow');
    stepWall(-HOUR);
    advance(2 * HOUR);
    assert.deepEqual(calls, []);
    advance(HOUR + MINUTE);
    assert.equal(calls.length, 1);
  });

  test('does not call any more once it is cancelled', async (t) => {
    const {calls, advance, cancel} = await subscribe(t, '* * * * *', 'UTC');
    advance(3 * MINUTE);
    assert.equal(calls.length, 3);
    cancel();
    advance(HOUR);
    assert.equal(calls.length, 3);
  });
});
