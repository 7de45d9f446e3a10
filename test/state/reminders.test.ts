import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import type {Event} from '../../src/state/vocabulary.ts';
import {alertPolicy, boris, down, up, World} from './worlds.ts';

const minute = 60_000;

describe('a reminder', () => {
  const nagging = () => new World(alertPolicy({api: {repeatEveryMs: 20 * minute}}));

  test('comes every repeat_every while nobody acknowledges', () => {
    const world = nagging();
    world.now(0, down('api'));
    world.until(61 * minute);
    assert.deepEqual(world.rung, ['first ops: api', 'repeat ops: api', 'repeat ops: api', 'repeat ops: api']);
  });

  test('stops with an acknowledgement, for the reason acked, and returns when that ends', () => {
    const world = nagging();
    world.now(0, down('api'));
    world.now(minute, ack(121 * minute));
    world.until(120 * minute);
    assert.deepEqual(world.rung, ['first ops: api']);
    assert.ok(world.verdicts.includes('api held acked'));
    world.until(145 * minute);
    assert.equal(world.rung.at(-1), 'repeat ops: api');
  });

  test('does not come after the recovery', () => {
    const world = nagging();
    world.now(0, down('api'));
    world.now(minute, up('api'));
    world.until(100 * minute);
    assert.deepEqual(world.rung, ['first ops: api', 'recovered ops: api']);
  });

  test('waits for the window', () => {
    const world = new World(alertPolicy({api: {repeatEveryMs: 20 * minute, window: 'day'}}, [0, 10 * minute]));
    world.now(0, down('api'));
    world.until(15 * minute);
    world.policy = alertPolicy({api: {repeatEveryMs: 20 * minute, window: 'day'}}, [90 * minute, 200 * minute]);
    world.until(89 * minute);
    assert.deepEqual(world.rung, ['first ops: api']);
    world.until(90 * minute);
    assert.deepEqual(world.rung, ['first ops: api', 'repeat ops: api']);
  });

  test('is said once, and so is the end, in a channel with two cards of the incident: one was moved there', () => {
    const escalate = [{afterMs: 10 * minute, to: ['boss']}];
    const world = new World(alertPolicy({api: {repeatEveryMs: 20 * minute, escalate}}));
    world.now(0, down('api'));
    world.until(10 * minute);
    world.now(15 * minute, {kind: 'given_up', card: 2, movedTo: 'ops', at: 0});
    world.until(21 * minute);
    assert.deepEqual(world.rung.slice(-1), ['repeat ops: api']);
    world.now(22 * minute, up('api'));
    assert.deepEqual(world.rung.slice(-2), ['repeat ops: api', 'recovered ops: api']);
    assert.deepEqual([world.state.cards.size, world.state.incidents.size], [0, 0]);
  });

  test('of a storm is one message in each channel', () => {
    const checks = Object.fromEntries(
      Array.from({length: 100}, (_, i) => [`c${i}`, {repeatEveryMs: 20 * minute, groupWaitMs: 10_000}]),
    );
    const world = new World(alertPolicy(checks));
    world.now(0, ...Object.keys(checks).map(down));
    world.until(21 * minute);
    assert.deepEqual(
      world.rung.map((line) => line.split(' ')[0]),
      ['first', 'digest', 'repeat'],
    );
    const reminder = world.messages.at(-1);
    assert.ok(reminder?.kind === 'reminder');
    assert.equal(reminder.incidents.length + reminder.more, 100);
  });
});

describe('an escalation', () => {
  const steps = [
    {afterMs: 15 * minute, to: ['lead']},
    {afterMs: 30 * minute, to: ['boss']},
  ];
  const world = () => new World(alertPolicy({api: {escalate: steps}}));

  test('tells others, step by step, while nobody acknowledges', () => {
    const it = world();
    it.now(0, down('api'));
    it.until(14 * minute);
    assert.equal(it.rung.length, 1);
    it.until(15 * minute);
    assert.equal(it.rung.at(-1), 'escalation lead: api');
    it.until(60 * minute);
    assert.deepEqual(it.rung, ['first ops: api', 'escalation lead: api', 'escalation boss: api']);
  });

  test('does not happen once somebody has acknowledged, and says why', () => {
    const it = world();
    it.now(0, down('api'));
    it.now(minute, ack());
    it.until(60 * minute);
    assert.deepEqual(it.rung, ['first ops: api']);
    assert.deepEqual(it.verdicts.filter((v) => v === 'api held acked').length, 2);
  });

  test('is told of the recovery as well, and its card is edited', () => {
    const it = world();
    it.now(0, down('api'));
    it.until(16 * minute);
    it.now(17 * minute, up('api'));
    assert.deepEqual(it.rung.slice(2), ['recovered ops: api', 'recovered lead: api']);
    assert.deepEqual(
      it.said.filter((line) => line.startsWith('edit')),
      ['edit recovered ops', 'edit recovered lead'],
    );
  });

  test('is counted from the announcement, not from a night in which nobody was told', () => {
    const it = new World(alertPolicy({api: {escalate: steps, window: 'day'}}, [60 * minute, 600 * minute]));
    it.now(0, down('api'));
    it.until(74 * minute);
    assert.deepEqual(it.rung, ['window_opened ops: api']);
    it.until(75 * minute);
    assert.equal(it.rung.at(-1), 'escalation lead: api');
  });

  test('does not tell a channel twice that has the card already', () => {
    const it = new World(alertPolicy({api: {escalate: [{afterMs: minute, to: ['ops']}]}}));
    it.now(0, down('api'));
    it.until(10 * minute);
    assert.deepEqual(it.rung, ['first ops: api']);
  });
});

test('an acknowledgement taken back lets the reminders return', () => {
  const world = new World(alertPolicy({api: {repeatEveryMs: 20 * minute}}));
  world.now(0, down('api'));
  world.now(minute, ack());
  world.now(2 * minute, {kind: 'unacknowledged', check: 'api', at: 0, by: boris});
  world.until(21 * minute);
  assert.deepEqual(world.rung, ['first ops: api', 'repeat ops: api']);
});

function ack(until?: number): Event {
  return {kind: 'acknowledged', check: 'api', at: 0, by: boris, why: '', ...(until !== undefined && {until})};
}
