import assert from 'node:assert/strict';
import {describe, type TestContext, test} from 'node:test';
import {createCalendar, cronStretch} from '../src/calendar.ts';
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

describe('a stretch that begins at the ticks of a cron expression', () => {
  const DAY = 24 * HOUR;
  const MONTH = 30 * DAY;
  // expression, how long, zone, at, open or closed, until
  const table: [string, number, string, string, 'open' | 'closed', string][] = [
    // Berlin's night of 23 hours: 02:00 to 03:00 does not come, and what begins in it begins as much later.
    ['0 2 * * 0', 2 * HOUR, 'Europe/Berlin', '2026-03-29T00:59Z', 'closed', '2026-03-29T01:00Z'],
    ['0 2 * * 0', 2 * HOUR, 'Europe/Berlin', '2026-03-29T01:15Z', 'open', '2026-03-29T03:00Z'],
    ['0 2 * * 0', 2 * HOUR, 'Europe/Berlin', '2026-03-29T03:00Z', 'closed', '2026-04-05T00:00Z'],
    ['30 2 * * *', HOUR, 'Europe/Berlin', '2026-03-29T01:15Z', 'closed', '2026-03-29T01:30Z'],
    ['30 2 * * *', HOUR, 'Europe/Berlin', '2026-03-29T01:45Z', 'open', '2026-03-29T02:30Z'],
    ['30 2 * * *', 30 * MINUTE, 'Europe/Berlin', '2026-03-29T01:59Z', 'open', '2026-03-29T02:00Z'],
    ['45 2 * * *', 10 * MINUTE, 'Europe/Berlin', '2026-03-29T01:20Z', 'closed', '2026-03-29T01:45Z'],
    ['30 2,3 * * *', 20 * MINUTE, 'Europe/Berlin', '2026-03-29T01:45Z', 'open', '2026-03-29T01:50Z'],
    ['*/15 * * * *', 5 * MINUTE, 'Europe/Berlin', '2026-03-29T01:03Z', 'open', '2026-03-29T01:05Z'],
    // And its night of 25: 02:00 to 03:00 comes twice, and what begins in it begins once.
    ['0 2 * * 0', 2 * HOUR, 'Europe/Berlin', '2026-10-24T23:59Z', 'closed', '2026-10-25T00:00Z'],
    ['0 2 * * 0', 2 * HOUR, 'Europe/Berlin', '2026-10-25T01:30Z', 'open', '2026-10-25T02:00Z'],
    ['0 2 * * 0', 2 * HOUR, 'Europe/Berlin', '2026-10-25T02:30Z', 'closed', '2026-11-01T01:00Z'],
    ['30 2 * * *', HOUR, 'Europe/Berlin', '2026-10-25T01:10Z', 'open', '2026-10-25T01:30Z'],
    ['30 2 * * *', HOUR, 'Europe/Berlin', '2026-10-25T01:45Z', 'closed', '2026-10-26T01:30Z'],
    ['45 2 * * *', 30 * MINUTE, 'Europe/Berlin', '2026-10-25T01:05Z', 'open', '2026-10-25T01:15Z'],
    ['0 3 * * *', HOUR, 'Europe/Berlin', '2026-10-25T01:30Z', 'closed', '2026-10-25T02:00Z'],
    // What comes every hour comes in both of them.
    ['*/15 * * * *', 5 * MINUTE, 'Europe/Berlin', '2026-10-25T01:16Z', 'open', '2026-10-25T01:20Z'],
    ['*/15 * * * *', 5 * MINUTE, 'Europe/Berlin', '2026-10-25T00:16Z', 'open', '2026-10-25T00:20Z'],
    // New York.
    ['30 2 * * *', HOUR, 'America/New_York', '2026-03-08T07:15Z', 'closed', '2026-03-08T07:30Z'],
    ['30 2 * * *', HOUR, 'America/New_York', '2026-03-08T07:45Z', 'open', '2026-03-08T08:30Z'],
    ['30 1 * * *', HOUR, 'America/New_York', '2026-11-01T06:15Z', 'open', '2026-11-01T06:30Z'],
    ['30 1 * * *', HOUR, 'America/New_York', '2026-11-01T06:45Z', 'closed', '2026-11-02T06:30Z'],
    // Where the hour that does not come is the first of the day, and where it is half an hour.
    ['0 0 * * *', HOUR, 'Africa/Cairo', '2026-04-23T22:30Z', 'open', '2026-04-23T23:00Z'],
    ['0 0 * * 0', HOUR, 'America/Santiago', '2026-09-06T04:30Z', 'open', '2026-09-06T05:00Z'],
    ['15 2 * * *', HOUR, 'Australia/Lord_Howe', '2026-10-03T15:30Z', 'closed', '2026-10-03T15:45Z'],
    // One that begins before the former has ended goes on from there.
    ['0 * * * *', 90 * MINUTE, 'Europe/Berlin', '2026-06-01T10:20Z', 'open', '2026-06-01T11:30Z'],
    ['* * * * *', 7 * DAY, 'Europe/Berlin', '2026-06-01T10:20:30Z', 'open', '2026-06-08T10:20Z'],
    ['* 3 * * *', HOUR, 'UTC', '2026-06-01T04:30Z', 'open', '2026-06-01T04:59Z'],
    // A long way back.
    ['0 2 1 * *', 2 * MONTH, 'Europe/Berlin', '2026-04-20T10:00Z', 'open', '2026-05-31T00:00Z'],
    ['0 3 29 2 *', HOUR, 'UTC', '2026-04-20T10:00Z', 'closed', '2028-02-29T03:00Z'],
  ];
  for (const [expression, forMs, zone, at, state, until] of table) {
    test(`${expression} for ${forMs / MINUTE} minutes is ${state} in ${zone} at ${at}, until ${until}`, () => {
      const stretch = cronStretch(expression, forMs, zone, Date.parse(at));
      assert.deepEqual({open: stretch.open, until: utc(stretch.until)}, {open: state === 'open', until: utc(until)});
    });
  }

  test('comes as it was announced through the nights in which the clocks are set', () => {
    for (const zone of ['Europe/Berlin', 'Africa/Cairo', 'Australia/Lord_Howe']) {
      for (const expression of ['30 2 * * *', '*/20 1-3 * * *', '20 0 * * *', '0 * * * *']) {
        for (const night of transitionsOf(zone)) assert.deepEqual(brokenWords(expression, zone, night), [], zone);
      }
    }
  });
});

function utc(time: string | number | null): string {
  return time === null ? 'never' : new Date(time).toISOString();
}

/** The two of 2026. */
function transitionsOf(zone: string): readonly number[] {
  const first = Temporal.ZonedDateTime.from(`2026-01-10T00:00[${zone}]`).getTimeZoneTransition('next');
  const nights = [first, first?.getTimeZoneTransition('next')].flatMap((night) => night?.epochMilliseconds ?? []);
  assert.equal(nights.length, 2, zone);
  return nights;
}

/** Where a later answer contradicts an earlier one; an open stretch may still become longer. */
function brokenWords(expression: string, zone: string, night: number): readonly string[] {
  const broken: string[] = [];
  let said = cronStretch(expression, 10 * MINUTE, zone, night - 3 * HOUR);
  for (let at = night - 3 * HOUR; at < night + 3 * HOUR; at += 10 * MINUTE) {
    // A `for` that differs by less than a millisecond, so that no answer is a remembered one.
    const now = cronStretch(expression, 10 * MINUTE + (at - night) / HOUR / 10, zone, at);
    const isOver = said.until !== null && at >= said.until;
    if (isOver ? !said.open && !now.open : said.open !== now.open) broken.push(`${expression} at ${utc(at)}`);
    said = now;
  }
  return broken;
}
