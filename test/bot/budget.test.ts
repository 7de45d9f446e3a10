import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import fc from 'fast-check';
import {createBudget} from '../../src/bot/budget.ts';

/** Sends as the outbox does: asks, waits so long, spends. Returns when each message left. */
function send(requests: readonly {chat: number; pauseMs: number}[]): {chat: number; at: number}[] {
  const budget = createBudget();
  let now = 0;
  return requests.map(({chat, pauseMs}) => {
    now += pauseMs;
    now += budget.waitMs(chat, now);
    assert.equal(budget.waitMs(chat, now), 0, 'after the wait it may be sent');
    budget.spend(chat, now);
    return {chat, at: now};
  });
}

function most(times: readonly number[], perMs: number): number {
  return Math.max(0, ...times.map((from) => times.filter((at) => at >= from && at < from + perMs).length));
}

describe('the budget of sending', () => {
  test('lets one message a second into a chat', () => {
    const times = send(Array.from({length: 4}, () => ({chat: 5, pauseMs: 0}))).map(({at}) => at);
    assert.deepEqual(times, [0, 1_000, 2_000, 3_000]);
  });

  test('lets 20 messages a minute into a group, and more into a private chat', () => {
    const ofGroup = send(Array.from({length: 21}, () => ({chat: -5, pauseMs: 0}))).at(-1);
    assert.equal(ofGroup?.at, 60_000);
    const ofPerson = send(Array.from({length: 21}, () => ({chat: 5, pauseMs: 0}))).at(-1);
    assert.equal(ofPerson?.at, 20_000);
  });

  test('lets 30 messages a second leave in all', () => {
    const times = send(Array.from({length: 61}, (_, index) => ({chat: index + 1, pauseMs: 0}))).map(({at}) => at);
    assert.deepEqual([times[29], times[30], times[59], times[60]], [0, 1_000, 1_000, 2_000]);
  });

  test('makes nobody wait after a quiet while', () => {
    const budget = createBudget();
    for (let at = 0; at < 20_000; at += 1_000) budget.spend(-5, at);
    assert.equal(budget.waitMs(-5, 20_000), 40_000);
    assert.equal(budget.waitMs(-6, 20_000), 0);
    assert.equal(budget.waitMs(-5, 79_000), 0);
  });

  test('is never exceeded, in any window, by any sequence', () => {
    const request = fc.record({chat: fc.integer({min: -3, max: 40}).filter(Boolean), pauseMs: fc.nat(400)});
    fc.assert(
      fc.property(fc.array(request, {maxLength: 120}), (requests) => {
        const sent = send(requests);
        assert.ok(
          most(
            sent.map(({at}) => at),
            1_000,
          ) <= 30,
        );
        for (const chat of new Set(sent.map((one) => one.chat))) {
          const times = sent.filter((one) => one.chat === chat).map(({at}) => at);
          assert.ok(most(times, 1_000) <= 1);
          if (chat < 0) assert.ok(most(times, 60_000) <= 20);
        }
      }),
      {numRuns: 60},
    );
  });
});
