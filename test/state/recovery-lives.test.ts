import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import type {RecoveryPolicy} from '../../src/state/alerts.ts';
import {restMs} from '../../src/state/recovery.ts';
import type {Event} from '../../src/state/vocabulary.ts';
import {anna, fails, mend, Shop} from './shop.ts';
import {boris, down, up} from './worlds.ts';

test('whatever happens: never two at once, never more attempts than allowed, each number once, rests kept', () => {
  const deed = fc.record({
    ms: fc.integer({min: 0, max: 90_000}),
    what: fc.constantFrom(
      'fails',
      'fails',
      'fails',
      'ends',
      'ends',
      'flips',
      'flips',
      'order',
      'reset',
      'ack',
      'unack',
      'maintains',
    ),
  });
  const policies = fc.record({
    maxAttempts: fc.integer({min: 1, max: 4}),
    backoffFactor: fc.constantFrom(1, 2),
    approve: fc.boolean(),
  });
  fc.assert(fc.property(policies, fc.array(deed, {maxLength: 60}), live), {numRuns: 500});
});

function live(recovery: Partial<RecoveryPolicy>, deeds: readonly {readonly ms: number; readonly what: string}[]): void {
  let inMaintenance = false;
  const shop = new Shop(recovery, {maintenance: () => ({open: inMaintenance, until: null})});
  let at = 0;
  let endedAt = Number.NEGATIVE_INFINITY;
  const keys = new Map<string, number>();
  let resets = 0;
  for (const {ms, what} of deeds) {
    at += ms;
    const before = shop.runs.length;
    const isDown = shop.state.open.has('api');
    if (what === 'maintains') inMaintenance = !inMaintenance;
    if (what === 'reset') resets++;
    if (what === 'ends' && shop.open.length > 0) {
      shop.ends(at);
      endedAt = at;
      continue;
    }
    shop.now(at, ...eventsOf(what, isDown));
    for (const run of shop.runs.slice(before)) {
      assert.ok(run.attempt <= run.of, 'more attempts than allowed');
      const key = `${run.incident} ${run.attempt} ${resets}`;
      keys.set(key, (keys.get(key) ?? 0) + 1);
      assert.equal(keys.get(key), 1, `attempt ${key} ran twice`);
      if (run.by) continue;
      assert.ok(!inMaintenance, 'it ran in a maintenance');
      assert.ok(!recovery.approve, 'it ran unapproved');
      const isFresh = run.attempt === 1;
      assert.ok(isFresh || at - endedAt >= restMs({...mend, ...recovery}, run.attempt - 1), 'it did not rest');
    }
    assert.ok(shop.open.length <= 1, 'two at once');
  }
}

function eventsOf(what: string, isDown: boolean): Event[] {
  switch (what) {
    case 'fails':
      return isDown ? [fails()] : [];
    case 'flips':
      return isDown ? [up('api')] : [down('api'), fails()];
    case 'order':
      return [{kind: 'recovery_ordered', check: 'api', at: 0, by: anna}];
    case 'reset':
      return [{kind: 'recovery_reset', check: 'api', at: 0, by: anna}];
    case 'ack':
      return [{kind: 'acknowledged', check: 'api', at: 0, by: boris, why: ''}];
    case 'unack':
      return [{kind: 'unacknowledged', check: 'api', at: 0, by: boris}];
    default:
      return [];
  }
}
