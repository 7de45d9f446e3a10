import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import type {RecoveryPolicy} from '../../src/state/alerts.ts';
import {restMs} from '../../src/state/recovery.ts';
import type {Event} from '../../src/state/vocabulary.ts';
import {anna, fails, mend, Shop} from './shop.ts';
import {alertPolicy, boris, down, up} from './worlds.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

describe('a recovery runs', () => {
  test('with the failure that takes the check down, and the card says so at once', () => {
    const shop = new Shop();
    shop.now(1_000, down('api'), fails());
    assert.deepEqual(shop.started, ['1/3']);
    assert.deepEqual(shop.runs[0], {
      ...{id: 1, check: 'api', incident: 1, attempt: 1, of: 3, host: 'DC3', command: 'systemctl restart shop'},
      startedAt: 1_000,
    });
    const [card] = shop.messages;
    assert.equal(card?.kind === 'card' && card.incidents[0]?.recovery?.run?.attempt, 1);
    assert.deepEqual(shop.said, ['card first ops'], 'one message, and no edit of it');
  });

  test('after so many failures as it says', () => {
    const shop = new Shop({afterFailures: 5});
    shop.now(1_000, down('api'), fails(3));
    shop.now(2_000, fails(4));
    assert.deepEqual(shop.started, []);
    shop.now(3_000, fails(5));
    assert.deepEqual(shop.started, ['1/3']);
  });

  test('only upon a failure: a look that found nothing out, or an ok, starts nothing', () => {
    const shop = new Shop();
    shop.now(1_000, down('api'), {kind: 'still_down', check: 'api', at: 0});
    shop.until(10 * MINUTE);
    assert.deepEqual(shop.started, []);
  });

  test('never twice at once', () => {
    const shop = new Shop();
    shop.now(1_000, down('api'), fails());
    for (let at = 2_000; at < 20 * MINUTE; at += 30_000) shop.now(at, fails(4));
    assert.deepEqual(shop.started, ['1/3']);
  });

  test('again after a rest that grows with each attempt, upon a failure seen since the last one ended', () => {
    const shop = new Shop();
    shop.now(0, down('api'), fails());
    shop.ends(10 * SECOND);
    const rows: [number, number, string][] = [
      [69, 1, 'it rests for 30 s × 2 from its end'],
      [70, 2, 'the rest is over'],
      [71, 2, 'it runs'],
    ];
    for (const [at, runs, why] of rows) {
      shop.now(at * SECOND, fails());
      assert.equal(shop.started.length, runs, why);
    }
    shop.ends(100 * SECOND);
    shop.now(219 * SECOND, fails());
    assert.equal(shop.started.length, 2, 'now for 30 s × 4');
    shop.now(220 * SECOND, fails());
    assert.deepEqual(shop.started, ['1/3', '2/3', '3/3']);
  });

  test('not upon a look that began before the last attempt ended', () => {
    const shop = new Shop({intervalMs: 0, backoffFactor: 1});
    shop.now(0, down('api'), fails());
    shop.ends(10_000);
    shop.late(11_000, {kind: 'still_down', check: 'api', at: 9_000, failures: 4});
    assert.deepEqual(shop.started, ['1/3']);
    shop.now(12_000, fails());
    assert.deepEqual(shop.started, ['1/3', '2/3']);
  });

  test('a rest is no longer when the wall clock is set back', () => {
    const shop = new Shop();
    shop.now(60 * MINUTE, down('api'), fails());
    shop.ends(60 * MINUTE + 1);
    shop.now(MINUTE, fails());
    assert.deepEqual(shop.started, ['1/3']);
    shop.now(2 * MINUTE, fails());
    assert.deepEqual(shop.started, ['1/3', '2/3']);
  });
});

describe('the breaker', () => {
  const exhausted = () => {
    const shop = new Shop({maxAttempts: 2, backoffFactor: 1});
    shop.now(0, down('api'), fails());
    shop.ends(1_000);
    shop.now(31_000, fails());
    shop.ends(32_000);
    return shop;
  };

  test('opens at the next failure after the last attempt, and not before', () => {
    const shop = exhausted();
    assert.equal(shop.recovery?.brokenAt, undefined);
    shop.now(33_000, fails());
    assert.equal(shop.recovery?.brokenAt, 33_000);
    assert.equal(shop.incident(1)?.recovery?.waits, 'breaker');
    shop.now(60 * MINUTE, fails());
    assert.deepEqual(shop.started, ['1/2', '2/2']);
  });

  test('does not open when the last attempt has helped', () => {
    const shop = exhausted();
    shop.now(60_000, up('api'));
    assert.equal(shop.recovery, undefined);
    shop.now(70_000, down('api'), fails());
    assert.deepEqual(shop.started, ['1/2', '2/2', '1/2']);
  });

  test('stays open when the check recovers by itself, until somebody resets it', () => {
    const shop = exhausted();
    shop.now(33_000, fails());
    shop.now(60_000, up('api'));
    shop.now(10 * MINUTE, down('api'), fails());
    assert.deepEqual(shop.started, ['1/2', '2/2']);
    assert.equal(shop.incident(2)?.recovery?.waits, 'breaker');
    shop.now(11 * MINUTE, {kind: 'recovery_ordered', check: 'api', at: 0, by: anna});
    assert.equal(shop.started.length, 2, 'an order does not pass it either');
    shop.now(12 * MINUTE, {kind: 'recovery_reset', check: 'api', at: 0, by: anna});
    shop.now(13 * MINUTE, fails());
    assert.deepEqual(shop.started, ['1/2', '2/2', '1/2']);
  });

  test('reset while all is fine is forgotten', () => {
    const shop = exhausted();
    shop.now(33_000, fails());
    shop.now(60_000, up('api'));
    shop.now(61_000, {kind: 'recovery_reset', check: 'api', at: 0, by: anna});
    assert.equal(shop.state.recoveries.size, 0);
  });
});

describe('a recovery does not run by itself', () => {
  const closed = {open: false, until: null};
  const rows: [string, Partial<RecoveryPolicy>, Parameters<typeof alertPolicy>[2], Event[], string][] = [
    ['in a planned maintenance', {}, {maintenance: () => ({open: true, until: null})}, [], 'maintenance'],
    ['in a maintenance by order', {}, {}, [quiet('maintenance')], 'maintenance'],
    ['while a parent is down', {}, {}, [down('router')], 'parent_down'],
    ['on a host while the server itself is cut off', {}, {guards: ['gateway']}, [down('gateway')], 'cut_off'],
    ['while the check flaps', {}, {}, [{kind: 'flapping_started', check: 'api', at: 0}], 'flapping'],
    ['outside its window', {window: 'night'}, {window: () => closed}, [], 'outside_window'],
    ['unapproved, where it asks', {approve: true}, {}, [], 'approval'],
  ];
  for (const [when, recovery, rest, events, word] of rows) {
    test(when, () => {
      const shop = new Shop(recovery, rest);
      shop.now(2 * MINUTE, ...events, down('api'), fails());
      assert.deepEqual(shop.started, []);
      assert.equal(shop.incident(shop.state.open.get('api') ?? 0)?.recovery?.waits, word);
    });
  }

  test('while somebody is on it; it goes on when that is taken back', () => {
    const shop = new Shop({afterFailures: 4});
    shop.now(1_000, down('api'), fails(3));
    shop.now(2_000, {kind: 'acknowledged', check: 'api', at: 0, by: boris, why: ''});
    shop.now(3_000, fails(4));
    assert.deepEqual([shop.started, shop.incident(1)?.recovery?.waits], [[], 'acked']);
    shop.now(4_000, {kind: 'unacknowledged', check: 'api', at: 0, by: boris});
    shop.now(5_000, fails(5));
    assert.deepEqual([shop.started, shop.incident(1)?.recovery?.waits], [['1/3'], undefined]);
  });
});

describe('a recovery runs all the same', () => {
  test('in a silence, which is about messages only', () => {
    const shop = new Shop();
    shop.now(2 * MINUTE, quiet('silence'), down('api'), fails());
    assert.deepEqual([shop.started, shop.said], [['1/3'], []]);
  });

  test("outside the alerts' window", () => {
    const shop = new Shop();
    shop.policy = alertPolicy({api: {window: 'day', recovery: mend}}, [MINUTE, 2 * MINUTE]);
    shop.now(1_000, down('api'), fails());
    assert.deepEqual([shop.started, shop.said], [['1/3'], []]);
    shop.ends(3_000, {status: 'done', exitCode: 0});
    shop.until(MINUTE);
    const [card] = shop.messages;
    assert.equal(card?.kind === 'card' && card.incidents[0]?.recovery?.run?.outcome?.status, 'done');
  });

  test('on this server while it is cut off: that may be what mends the network', () => {
    const shop = new Shop({isLocal: true}, {guards: ['gateway']});
    shop.now(1_000, down('gateway'), down('api'), fails());
    assert.deepEqual(shop.started, ['1/3']);
  });
});

describe('people and recoveries', () => {
  const order = (at = 0): Event => ({kind: 'recovery_ordered', check: 'api', at, by: anna});

  test('an approval runs the attempt that asked for it, by name; the next one asks again', () => {
    const shop = new Shop({approve: true, backoffFactor: 1});
    shop.now(1_000, down('api'), fails());
    shop.now(2_000, fails());
    assert.deepEqual(shop.said, ['card first ops'], 'it asks once');
    shop.now(3_000, order());
    assert.deepEqual(shop.started, ['1/3 Anna']);
    assert.equal(shop.incident(1)?.recovery?.waits, undefined);
    shop.ends(4_000);
    shop.now(5_000, fails());
    assert.equal(shop.incident(1)?.recovery?.waits, undefined, 'not before the rest is over');
    shop.now(35_000, fails());
    assert.equal(shop.incident(1)?.recovery?.waits, 'approval');
  });

  test('a person is bound by no rest and no hold, but never runs it twice at once, nor for what is fine', () => {
    const shop = new Shop({}, {maintenance: () => ({open: true, until: null})});
    shop.now(500, order());
    assert.deepEqual(shop.started, [], 'it is not down');
    shop.now(1_000, down('api'), fails());
    shop.now(2_000, order());
    shop.now(3_000, order());
    assert.deepEqual(shop.started, ['1/3 Anna']);
    shop.ends(4_000);
    shop.now(5_000, order());
    assert.deepEqual(shop.started, ['1/3 Anna', '2/3 Anna']);
  });
});

describe('a command that outlives its incident', () => {
  test('is waited for in the next one, and its end goes to its own card', () => {
    const shop = new Shop();
    shop.now(0, down('api'), fails());
    shop.now(10_000, up('api'));
    assert.ok(shop.incident(1), 'its card still has something to say');
    shop.now(20_000, down('api'), fails());
    assert.deepEqual(shop.started, ['1/3']);
    shop.ends(25_000, {status: 'done', exitCode: 0});
    const edit = shop.messages.findLast(({kind}) => kind === 'edit');
    assert.ok(edit?.kind === 'edit');
    assert.deepEqual([edit.incidents[0]?.id, edit.incidents[0]?.recovery?.run?.outcome?.status], [1, 'done']);
    assert.equal(shop.incident(2)?.recovery, undefined);
    shop.now(54_000, fails());
    assert.equal(shop.started.length, 1, 'it has just been run: one interval of rest');
    shop.now(55_000, fails());
    assert.deepEqual(shop.started, ['1/3', '1/3']);
  });

  test('of a check that left the configuration ends on its card, and is forgotten', () => {
    const shop = new Shop();
    shop.now(0, down('api'), fails());
    shop.now(1_000, {kind: 'check_removed', check: 'api', at: 0});
    shop.ends(2_000);
    assert.deepEqual([shop.state.recoveries.size, shop.state.incidents.size], [0, 0]);
  });
});

test('what a command said is cut for the card, and whole for the store', () => {
  const shop = new Shop();
  shop.now(0, down('api'), fails());
  shop.ends(1_000, {output: 'x'.repeat(4_000)});
  assert.equal(shop.runs.at(-1)?.outcome?.output.length, 4_000);
  assert.ok((shop.incident(1)?.recovery?.run?.outcome?.output.length ?? 0) <= 500);
});

test('rests grow by the factor up to the maximum, and never below the interval of the check', () => {
  const rests = (policy: Partial<RecoveryPolicy>) =>
    [1, 2, 3, 4, 50].map((n) => restMs({...mend, ...policy}, n) / SECOND);
  assert.deepEqual(rests({}), [60, 120, 240, 300, 300]);
  assert.deepEqual(rests({backoffFactor: 1.5}), [45, 67.5, 101.25, 151.875, 300]);
  assert.deepEqual(rests({backoffFactor: 1}), [30, 30, 30, 30, 30]);
  assert.deepEqual(rests({maxIntervalMs: SECOND}), [30, 30, 30, 30, 30]);
});

function quiet(kind: 'silence' | 'maintenance'): Event {
  const silence = {kind, what: {kind: 'all'}, at: 0, by: boris, why: '', until: 60 * MINUTE} as const;
  return {kind: 'silenced', silence, at: 0};
}
