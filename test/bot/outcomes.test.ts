import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {Outcome} from '../../src/bot/channels/channel.ts';
import {createOutbox} from '../../src/bot/outbox.ts';
import {createHandClock} from '../support/hand-clock.ts';
import {keptLog, newFolder, notice, storeIn} from './world.ts';

test('the outbox tells what became of each try, and how long ago its message was decided on', async (context) => {
  const clock = createHandClock();
  const store = storeIn(context, newFolder(), clock);
  const told: unknown[] = [];
  const outcomes: Outcome[] = [
    {kind: 'retry', reason: 'no network'},
    {kind: 'delivered'},
    {kind: 'refused', reason: 'kicked', channelDead: true},
  ];
  const outbox = createOutbox({
    ...{store, clock, log: keptLog().log, random: () => 0.5, onDead: () => {}},
    channel: (name) => ({name, deliver: async () => outcomes.shift() ?? {kind: 'delivered'}}),
    fallback: () => ({kind: 'nowhere'}),
    onBacklog: () => assert.fail('nothing is late here'),
    onGivenUp: () => {},
    onOutcome: (...outcome) => void told.push(outcome),
  });
  store.commit({now: clock.now(), messages: [notice('1'), notice('2')], durable: true});
  outbox.wake();
  await clock.advance(1_000);
  assert.deepEqual(told, [
    ['ops', 'retry', 0],
    ['ops', 'delivered', 1_000],
    ['ops', 'refused', 1_000],
  ]);
});
