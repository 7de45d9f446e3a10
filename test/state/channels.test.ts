import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {wakeAt} from '../../src/state/settle.ts';
import type {Event} from '../../src/state/vocabulary.ts';
import {alertPolicy, boris, down, up, World} from './worlds.ts';

const SECOND = 1_000;

function silence(until: number): Event {
  const what = {kind: 'all'} as const;
  return {kind: 'silenced', silence: {kind: 'silence', what, at: 0, by: boris, why: '', until}, at: 0};
}

/** Open in the first 20 seconds of every 100. */
const window = (_name: string, at: number) => {
  const start = Math.floor(at / 100_000) * 100_000;
  return at - start < 20_000 ? {open: true, until: start + 20_000} : {open: false, until: start + 100_000};
};

describe('several channels and gatherings', () => {
  test('an escalation to two channels at once leaves a card in each, and both are told the end', () => {
    const escalate = [{afterMs: 30 * SECOND, to: ['lead', 'boss']}];
    const world = new World(alertPolicy({api: {escalate}}));
    world.now(0, down('api'));
    world.until(40 * SECOND);
    world.now(50 * SECOND, up('api'));
    assert.deepEqual(world.rung.slice(1), [
      'escalation lead: api',
      'escalation boss: api',
      'recovered ops: api',
      'recovered lead: api',
      'recovered boss: api',
    ]);
    assert.deepEqual([world.state.cards.size, world.state.incidents.size], [0, 0]);
  });

  test('a reminder is said once, also where group_wait is longer than repeat_every', () => {
    const world = new World(alertPolicy({api: {repeatEveryMs: 20 * SECOND, groupWaitMs: 30 * SECOND}}));
    world.now(0, down('api'));
    world.until(45 * SECOND);
    assert.deepEqual(world.rung, ['first ops: api', 'repeat ops: api', 'repeat ops: api']);
  });

  test('a recovery that is being gathered when the window closes waits for it to open', () => {
    const group = {groupWaitMs: 30 * SECOND};
    const world = new World(alertPolicy({a: {...group}, b: {window: 'day', ...group}}, undefined, {window}));
    world.now(0, down('b'));
    world.until(1 * SECOND);
    world.now(1 * SECOND, down('a'));
    world.until(35 * SECOND);
    world.now(100 * SECOND, up('a'));
    world.now(101 * SECOND, up('b'));
    world.until(199 * SECOND);
    assert.deepEqual(world.rung.slice(2), ['recovered ops: a']);
    assert.equal(world.verdicts.at(-1), 'b held outside_window');
    world.until(201 * SECOND);
    assert.equal(world.rung.at(-1), 'recovered ops: b');
    assert.equal(world.state.incidents.size, 0);
  });

  test('what was told in one channel and silenced while gathered in the other is told there after the silence', () => {
    const group = {groupWaitMs: 10 * SECOND};
    const world = new World(alertPolicy({a: {to: ['desk'], ...group}, b: {to: ['ops', 'desk'], ...group}}));
    world.now(0, down('a'));
    world.now(1 * SECOND, down('b'));
    world.now(2 * SECOND, silence(60 * SECOND));
    world.until(59 * SECOND);
    assert.deepEqual(world.rung, ['first desk: a', 'first ops: b']);
    world.until(61 * SECOND);
    assert.deepEqual(world.rung.slice(2), ['first desk: b']);
  });

  test('an end says which channels hear of it: not the one in which a parent has held the beginning', () => {
    const group = {groupWaitMs: 10 * SECOND, to: ['ops', 'desk']};
    const checks = {router: group, till: {...group, dependsOn: ['router']}, other: {...group, to: ['desk']}};
    const world = new World(alertPolicy(checks));
    world.now(0, down('other'));
    world.now(1 * SECOND, down('till'));
    world.now(2 * SECOND, down('router'));
    world.until(60 * SECOND);
    world.now(61 * SECOND, up('till'));
    world.now(90 * SECOND, up('router'), up('other'));
    world.until(200 * SECOND);
    assert.deepEqual(endsOf(world), [
      'router in desk, heard in desk ops',
      'router in ops, heard in desk ops',
      'other in desk, heard in desk',
      'till in ops, heard in ops',
    ]);
  });

  test('a late digest that tells an end says so too', () => {
    const world = new World(alertPolicy({api: {to: ['ops', 'desk']}}));
    world.now(0, down('api'));
    const [card] = world.messages;
    world.now(10 * SECOND, up('api'));
    const over = world.messages
      .flatMap((message) => (message.kind === 'recovery' ? message.incidents : []))
      .slice(0, 1);
    assert.ok(card?.kind === 'card');
    const backlog = {cards: [card.card], over, overMore: 0, reminded: [], since: 0};
    world.now(90 * SECOND, {kind: 'delayed', channel: 'ops', backlog, at: 0});
    const digest = world.messages.at(-1);
    assert.ok(digest?.kind === 'card');
    assert.deepEqual(digest.missed[0]?.heardIn, ['ops', 'desk']);
  });

  test('what broke and recovered while it was gathered is not told into a silence', () => {
    const world = new World(alertPolicy({a: {groupWaitMs: 10 * SECOND}, b: {groupWaitMs: 10 * SECOND}}));
    world.now(0, down('a'));
    world.now(1 * SECOND, down('b'));
    world.now(2 * SECOND, up('b'));
    world.now(3 * SECOND, silence(60 * SECOND));
    world.until(90 * SECOND);
    assert.deepEqual(world.rung, ['first ops: a']);
    assert.equal(world.verdicts.at(-1), 'b dropped silenced');
  });

  test('a window that opens within a gathering does not prolong it, nor wake the program in a circle', () => {
    const checks = {a: {groupWaitMs: 30 * SECOND}, b: {window: 'day', groupWaitMs: 10 * SECOND}};
    const world = new World(alertPolicy(checks, [21 * SECOND, 99 * SECOND]));
    world.now(0, down('a'), up('a'), down('b'), down('a'));
    world.until(60 * SECOND);
    assert.deepEqual(world.rung.slice(-2), ['window_opened ops: b', 'digest ops: a']);
    assert.equal(wakeAt(world.state), undefined);
  });

  test('an end that is told in one channel and missed in another is forgotten when both have been told', () => {
    const checks = {a: {to: ['desk'], groupWaitMs: 10 * SECOND}, b: {to: ['ops', 'desk'], groupWaitMs: 20 * SECOND}};
    const world = new World(alertPolicy({...checks, c: {to: ['ops'], groupWaitMs: 30 * SECOND}}));
    world.now(0, down('a'), down('c'), up('c'));
    world.now(31 * SECOND, down('a'), down('b'), up('b'));
    world.until(90 * SECOND);
    world.now(91 * SECOND, up('a'));
    world.until(150 * SECOND);
    assert.equal(world.state.incidents.size, 0);
    assert.equal(wakeAt(world.state), undefined);
  });

  test('an acknowledgement that ended while the incident was held is not on its card', () => {
    const world = new World(alertPolicy({api: {window: 'day'}}, [100 * SECOND, 900 * SECOND]));
    world.now(0, down('api'));
    world.now(1, {kind: 'acknowledged', check: 'api', at: 1, by: boris, why: '', until: 50 * SECOND});
    world.until(100 * SECOND);
    const card = world.messages.at(-1);
    assert.ok(card?.kind === 'card');
    assert.equal(card.incidents[0]?.acknowledged, undefined);
    assert.equal(wakeAt(world.state), undefined);
  });

  test('flapping that begins again before its end was told waits for nothing', () => {
    const world = new World(alertPolicy({api: {window: 'day'}}, undefined, {window}));
    const flap = (kind: 'flapping_started' | 'flapping_ended'): Event => ({kind, check: 'api', at: 0});
    world.now(0, flap('flapping_started'));
    world.now(22 * SECOND, flap('flapping_ended'));
    assert.equal(wakeAt(world.state), 100 * SECOND);
    world.now(37 * SECOND, flap('flapping_started'));
    assert.equal(wakeAt(world.state), undefined);
    world.now(105 * SECOND, flap('flapping_ended'));
    assert.deepEqual(world.rung, ['flapping_started ops: api', 'flapping_ended ops: api']);
  });
});

/** Which end was told where, and which channels tell it by themselves. */
function endsOf({messages}: World): string[] {
  return messages.flatMap((message) => {
    if (message.kind !== 'recovery') return [];
    return message.incidents.map(
      ({check, heardIn = []}) => `${check} in ${message.channel}, heard in ${heardIn.join(' ')}`,
    );
  });
}
