import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import fc from 'fast-check';
import {count, startState, step, threshold} from '../../src/state/engine.ts';
import type {CheckState, Counter, Event, StepPolicy} from '../../src/state/vocabulary.ts';
import {observation, observations, policy} from './worlds.ts';

describe('one subject', () => {
  // history, then what the counter and the events are after it; fail_after 3, recover_after 2
  const table: [history: string, status: boolean, errors: number, successes: number, events: string][] = [
    // An ok check is known and stays true.
    ['.', true, 0, 0, ''],
    // Soft failures count, and tell no one.
    ['x', true, 1, 0, ''],
    ['xx', true, 2, 0, ''],
    // The third failure flips it.
    ['xxx', false, 3, 0, 'went_down'],
    // An ok in between starts the count anew.
    ['xx.xx', true, 2, 0, ''],
    ['xx.xxx', false, 3, 0, 'went_down'],
    // Further failures count on, and are no news.
    ['xxxxx', false, 5, 0, 'went_down'],
    // One ok is not a recovery, two in a row are.
    ['xxx.', false, 0, 1, 'went_down'],
    ['xxx..', true, 0, 0, 'went_down recovered'],
    // A failure between two oks: not in a row.
    ['xxx.x.', false, 0, 1, 'went_down'],
    ['xxx.x..', true, 0, 0, 'went_down recovered'],
    // Inconclusive changes nothing, wherever it falls.
    ['?', true, 0, 0, ''],
    ['x?x?x', false, 3, 0, 'went_down'],
    ['xxx.?.', true, 0, 0, 'went_down recovered'],
    // It may break again.
    ['xxx..xxx', false, 3, 0, 'went_down recovered went_down'],
  ];
  for (const [history, status, errors, successes, events] of table) {
    test(`${history} ends ${status} with ${errors} errors, having said: ${events || 'nothing'}`, () => {
      const end = play(history);
      const counter = end.state.counters.get('');
      assert.equal(end.state.status, status);
      assert.deepEqual([counter?.errors, counter?.successes], [errors, successes]);
      assert.equal(end.events.map((event) => event.kind).join(' '), events);
    });
  }

  test('a check is unknown until its first conclusive observation', () => {
    assert.equal(startState('api').known, false);
    assert.equal(play('?').state.known, false);
    assert.equal(play('?x').state.known, true);
  });

  test('a check that is broken from the start says after fail_after failures when and why it went down', () => {
    const [event] = play('xxx').events;
    assert.deepEqual(event, {kind: 'went_down', check: 'api', at: 3_000, reason: 'HTTP 503', errors: 3});
  });

  test('a recovery says how long the check was down', () => {
    const event = play('xxx..').events[1];
    assert.deepEqual(event, {kind: 'recovered', check: 'api', at: 5_000, downMs: 2_000});
  });

  test('an observation older than the last one seen is ignored', () => {
    const before = count(undefined, observation('.', 5_000), 5_000, policy);
    assert.equal(count(before, observation('x', 4_000), 5_000, policy), before);
  });

  test('after the wall clock was set back, observations count again', () => {
    const before = count(undefined, observation('.', 3_600_000), 3_600_000, policy);
    const after = count(before, observation('x', 1_000), 1_000, policy);
    assert.equal(after.errors, 1);
  });

  test('only an ok that follows an ok is not worth writing down', () => {
    const once = step(startState('api'), observations('.'), 1_000, policy);
    assert.deepEqual(once.changed, ['']);
    assert.deepEqual(step(once.state, observations('.', 2_000), 2_000, policy).changed, []);
    assert.deepEqual(step(once.state, observations('x', 2_000), 2_000, policy).changed, ['']);
  });

  test('but for one after the wall clock was set back, whose earlier time must not survive on the disk', () => {
    const once = step(startState('api'), observations('.', 3_600_000), 3_600_000, policy);
    assert.deepEqual(step(once.state, observations('.', 1_000), 1_000, policy).changed, ['']);
  });

  test('the status equals a recount of the whole history, whatever the thresholds', () => {
    const marks = fc.string({unit: fc.constantFrom('x', '.', '?'), maxLength: 60});
    fc.assert(
      fc.property(
        marks,
        fc.integer({min: 1, max: 5}),
        fc.integer({min: 1, max: 5}),
        (history, failAfter, recoverAfter) => {
          const end = play(history, {...policy, failAfter, recoverAfter});
          assert.equal(end.state.status, recount(history, failAfter, recoverAfter));
          const flips = end.events.map((event) => event.kind);
          for (const [index, kind] of flips.entries()) assert.equal(kind, index % 2 === 0 ? 'went_down' : 'recovered');
        },
      ),
    );
  });
});

describe('a check with targets', () => {
  const targets: StepPolicy = {...policy, failAfter: 1, recoverAfter: 1, targetCount: 4};

  test('alert_when turns the number of false targets into the status', () => {
    // alert_when, of so many targets, is reached with so many false ones
    const table: [StepPolicy['alertWhen'], number, number][] = [
      [{kind: 'count', count: 1}, 4, 1],
      [{kind: 'count', count: 3}, 4, 3],
      // A percentage is rounded up, and is at least one target.
      [{kind: 'percent', percent: 10}, 4, 1],
      [{kind: 'percent', percent: 50}, 4, 2],
      [{kind: 'percent', percent: 51}, 4, 3],
      [{kind: 'percent', percent: 1}, 10_000, 100],
    ];
    for (const [alertWhen, count, expected] of table) assert.equal(threshold(alertWhen, count), expected);
  });

  test('one false target opens the incident, others change it, the last one closes it', () => {
    const events: Event[] = [];
    let state = startState('shop');
    const run = (marks: string, at: number) => {
      const round = [...marks].map((mark, i) => observation(mark, at, {check: 'shop', target: `10.0.0.${i}`}));
      const stepped = step(state, round, at, targets);
      state = stepped.state;
      events.push(...stepped.events.filter((event) => !('target' in event)));
    };
    run('....', 1_000);
    run('x...', 2_000);
    run('xx..', 3_000);
    run('xx..', 4_000);
    run('.x..', 5_000);
    run('....', 6_000);
    const said = events.map((event) => [event.kind, 'falseTargets' in event ? event.falseTargets?.count : undefined]);
    assert.deepEqual(said, [
      ['went_down', 1],
      ['targets_changed', 2],
      ['targets_changed', 1],
      ['recovered', undefined],
    ]);
  });

  test('a run that flips 10,000 targets lists 20 of them and counts the rest', () => {
    const round = Array.from({length: 10_000}, (_, i) => observation('x', 1_000, {check: 'shop', target: `t${i}`}));
    const {events} = step(startState('shop'), round, 1_000, {...targets, targetCount: 10_000});
    const last = events.at(-1);
    assert.equal(last?.kind, 'went_down');
    assert.equal(last.falseTargets?.listed.length, 20);
    assert.equal(last.falseTargets?.count, 10_000);
  });
});

function play(history: string, thresholds = policy): {state: CheckState; events: Event[]} {
  let state = startState('api');
  const events: Event[] = [];
  for (const one of observations(history)) {
    const stepped = step(state, [one], one.at, thresholds);
    state = stepped.state;
    events.push(...stepped.events);
  }
  return {state, events};
}

/** Another way to the same answer: only the conclusive results matter, and only runs of them. */
function recount(history: string, failAfter: number, recoverAfter: number): boolean {
  let status = true;
  let run = '';
  for (const mark of history.replaceAll('?', '')) {
    run = run.endsWith(mark) ? run + mark : mark;
    if (status && mark === 'x' && run.length >= failAfter) [status, run] = [false, ''];
    if (!status && mark === '.' && run.length >= recoverAfter) [status, run] = [true, ''];
  }
  return status;
}

test('a counter keeps what people ask about: the last reason, the last latency, since when', () => {
  const counter: Counter | undefined = play('..x').state.counters.get('');
  assert.equal(counter?.lastReason, 'HTTP 503');
  assert.equal(counter?.lastLatencyMs, 5);
  assert.equal(counter?.since, 1_000);
});
