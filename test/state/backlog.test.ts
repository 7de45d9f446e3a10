import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import type {Rotation} from '../../src/state/rotation.ts';
import {type Backlog, CARD_LISTED_MAX, type Event, type Incident} from '../../src/state/vocabulary.ts';
import {alertPolicy, down, up, World} from './worlds.ts';

test('what a channel missed becomes one card: what is broken, and a line with what came and went', () => {
  const world = new World(alertPolicy({a: {}, b: {}, c: {}}));
  world.now(1_000, down('a'));
  world.now(2_000, down('b'));
  world.now(3_000, down('c'));
  world.now(4_000, up('c'));
  const over = recovered(world);
  const backlog = {cards: [1, 2, 3], over, overMore: 0, reminded: [], since: 1_000};
  world.now(600_000, {kind: 'delayed', channel: 'ops', backlog, at: 0});
  const digest = world.messages.at(-1);
  assert.ok(digest?.kind === 'card');
  assert.equal(digest.reason, 'late');
  assert.equal(digest.delayedSince, 1_000);
  assert.deepEqual(
    digest.incidents.map(({check}) => check),
    ['a', 'b'],
  );
  assert.deepEqual(
    digest.missed.map(({check}) => check),
    ['c'],
  );
});

test('the digest is the card of its incidents from then on, and leaves nothing behind', () => {
  const world = new World(alertPolicy({a: {}, b: {}}));
  world.now(1_000, down('a'));
  world.now(2_000, down('b'));
  world.now(600_000, {
    kind: 'delayed',
    channel: 'ops',
    backlog: {cards: [1, 2], over: [], overMore: 0, reminded: [], since: 1_000},
    at: 0,
  });
  assert.deepEqual([...world.state.cards.keys()], [3]);
  world.now(700_000, up('a'));
  const edit = world.messages.find(({kind}) => kind === 'edit');
  assert.ok(edit?.kind === 'edit');
  assert.deepEqual([edit.card, edit.open, edit.total], [3, 1, 2]);
  world.now(800_000, up('b'));
  assert.equal(world.state.cards.size + world.state.incidents.size + world.state.dueAt.size, 0);
});

test('a recovery that could not be told is a line of the digest', () => {
  const world = new World(alertPolicy({a: {}, b: {}}));
  world.now(1_000, down('a'));
  world.now(2_000, up('a'));
  const over = recovered(world);
  world.now(3_000, down('b'));
  world.now(600_000, {
    kind: 'delayed',
    channel: 'ops',
    backlog: {cards: [2], over, overMore: 0, reminded: [], since: 2_000},
    at: 0,
  });
  const digest = world.messages.at(-1);
  assert.ok(digest?.kind === 'card');
  assert.deepEqual(
    digest.missed.map(({check}) => check),
    ['a'],
  );
  assert.deepEqual(
    digest.incidents.map(({check}) => check),
    ['b'],
  );
});

test('a card in another channel is left alone', () => {
  const world = new World(alertPolicy({a: {to: ['ops', 'desk']}, b: {to: ['ops', 'desk']}}));
  world.now(1_000, down('a'), down('b'));
  const cards = world.messages.flatMap((message) =>
    message.kind === 'card' && message.channel === 'ops' ? message.card : [],
  );
  world.now(600_000, {
    kind: 'delayed',
    channel: 'ops',
    backlog: {cards, over: [], overMore: 0, reminded: [], since: 1_000},
    at: 0,
  });
  world.now(700_000, up('a'));
  const edited = world.messages.filter(({kind}) => kind === 'edit').map(({channel}) => channel);
  assert.deepEqual(edited.sort(), ['desk', 'ops']);
});

test('an end that people wait for is among those that a long digest lists', () => {
  const names = Array.from({length: CARD_LISTED_MAX + 10}, (_, index) => `c${index}`);
  const window = {groupWaitMs: 0, window: 'day'};
  const world = new World(
    alertPolicy(Object.fromEntries(['a', 'z', ...names].map((name) => [name, window])), [100_000, 900_000]),
  );
  world.now(1_000, down('z'), ...names.map(down));
  world.now(2_000, ...names.map(up));
  world.now(100_000);
  world.now(110_000, down('a'));
  world.now(120_000, up('a'));
  const cards = [...world.state.cards.keys()];
  world.now(600_000, late({cards, over: recovered(world), overMore: 10}));
  const digest = world.messages.at(-1);
  assert.ok(digest?.kind === 'card');
  assert.equal(digest.missed[0]?.check, 'a');
  assert.equal(digest.missed.length + (digest.missedMore ?? 0), names.length + 1);
});

function recovered(world: World): Incident[] {
  return world.messages.flatMap((message) => (message.kind === 'recovery' ? message.incidents : []));
}

describe('reminders that waited', () => {
  const MINUTE = 60_000;
  const checks = {a: {repeatEveryMs: 20 * MINUTE}, b: {}};

  test('are one card of what is broken still, and the earlier card goes on as well', () => {
    const world = new World(alertPolicy(checks));
    world.now(1_000, down('a'));
    world.until(50 * MINUTE);
    assert.deepEqual(world.rung.slice(1), ['repeat ops: a', 'repeat ops: a']);
    world.now(51 * MINUTE, late({reminded: [1]}));
    const digest = world.messages.at(-1);
    assert.ok(digest?.kind === 'card');
    assert.deepEqual([digest.reason, digest.open, digest.total, digest.incidents[0]?.check], ['late', 1, 1, 'a']);
    world.until(70 * MINUTE);
    assert.equal(world.rung.at(-1), 'repeat ops: a', 'the next one keeps its time');
    world.now(71 * MINUTE, up('a'));
    const edited = world.messages.flatMap((message) => (message.kind === 'edit' ? message.card : []));
    assert.deepEqual(edited, [1, digest.card]);
    assert.equal(world.rung.filter((said) => said === 'recovered ops: a').length, 1);
    assert.equal(world.state.cards.size + world.state.incidents.size + world.state.dueAt.size, 0);
  });

  test('do not hide behind the end of another check, nor tell twice what an unseen card shows', () => {
    const world = new World(alertPolicy({...checks, c: {repeatEveryMs: 20 * MINUTE}}));
    world.now(1_000, down('a'), down('b'));
    world.now(2_000, down('c'));
    world.now(3_000, up('b'));
    world.until(25 * MINUTE);
    const over = recovered(world);
    world.now(30 * MINUTE, late({cards: [3], over, reminded: [1, 3]}));
    const digest = world.messages.at(-1);
    assert.ok(digest?.kind === 'card');
    assert.deepEqual(
      [digest.incidents, digest.missed].map((list) => list.map(({check}) => check)),
      [['c', 'a'], ['b']],
    );
  });

  for (const [where, to, ends] of [
    ['', ['ops'], []],
    [', and once in a channel that has not heard of it', ['ops', 'mail'], ['recovered mail: a']],
  ] as const)
    test(`do not let an end that a parent held be told again after the digest told it${where}`, () => {
      const world = new World(alertPolicy({a: {...checks.a, to: [...to], dependsOn: ['b']}, b: {to: ['desk']}}));
      world.now(1_000, down('a'));
      world.until(25 * MINUTE);
      world.now(26 * MINUTE, late({reminded: [1]}));
      const card = [...world.state.cards.keys()].at(-1) ?? 0;
      world.now(27 * MINUTE, down('b'));
      world.now(28 * MINUTE, up('a'));
      world.now(29 * MINUTE, late({cards: [card]}));
      const digest = world.messages.at(-1);
      assert.ok(digest?.kind === 'card');
      assert.deepEqual(
        digest.missed.map(({check}) => check),
        ['a'],
      );
      const before = world.rung.length;
      world.now(30 * MINUTE, up('b'));
      world.until(100 * MINUTE);
      assert.deepEqual(
        world.rung.slice(before).filter((said) => !said.endsWith('b')),
        ends,
      );
      assert.equal(world.state.incidents.size + world.state.dueAt.size, 0);
    });

  test('say nothing of what is over, whose end is told in its own time', () => {
    const day: [number, number] = [0, 45 * MINUTE];
    const world = new World(alertPolicy({a: {...checks.a, window: 'day'}}, day));
    world.now(1_000, down('a'));
    world.until(44 * MINUTE);
    world.now(46 * MINUTE, up('a'));
    const before = world.rung.length;
    world.now(47 * MINUTE, late({reminded: [1]}));
    assert.deepEqual(world.rung.slice(before), []);
    assert.equal(world.state.incidents.get(1)?.held, 'outside_window');
  });

  test('list what a long one of them had only counted', () => {
    const names = Array.from({length: 60}, (_, index) => `check-${index}`);
    const all = Object.fromEntries(names.map((name) => [name, {...checks.a, groupWaitMs: 10_000}]));
    const world = new World(alertPolicy({...all, b: {}}));
    world.now(1_000, ...names.map(down), down('b'));
    world.until(25 * MINUTE);
    const reminder = world.messages.at(-1);
    assert.ok(reminder?.kind === 'reminder' && reminder.more === 10);
    world.now(26 * MINUTE, late({reminded: 'all'}));
    const digest = world.messages.at(-1);
    assert.ok(digest?.kind === 'card');
    assert.deepEqual([digest.open, digest.incidents.length], [60, 50]);
  });

  test('call in a private chat whoever is called there', () => {
    const anna = {id: 111, name: 'Anna'};
    const rotation: Rotation = {name: 'primary', people: [anna], days: 1, startDay: 0, minute: 0, zone: 'UTC'};
    const escalate = [{afterMs: MINUTE, to: [], oncall: ['primary']}];
    const rest = {rotations: new Map([['primary', rotation]])};
    const world = new World(alertPolicy({a: {...checks.a, escalate}}, undefined, rest));
    world.now(1_000, down('a'));
    world.until(50 * MINUTE);
    world.now(51 * MINUTE, {...late({reminded: [1]}), channel: 'person:111'});
    const digest = world.messages.at(-1);
    assert.ok(digest?.kind === 'card');
    assert.deepEqual([digest.channel, digest.calls], ['person:111', anna]);
  });
});

function late(backlog: Partial<Backlog>): Event & {kind: 'delayed'} {
  const empty = {cards: [], over: [], overMore: 0, reminded: [], since: 0};
  return {kind: 'delayed', channel: 'ops', backlog: {...empty, ...backlog}, at: 0};
}
