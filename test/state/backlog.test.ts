import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {Incident} from '../../src/state/vocabulary.ts';
import {alertPolicy, down, up, World} from './worlds.ts';

test('what a channel missed becomes one card: what is broken, and a line with what came and went', () => {
  const world = new World(alertPolicy({a: {}, b: {}, c: {}}));
  world.now(1_000, down('a'));
  world.now(2_000, down('b'));
  world.now(3_000, down('c'));
  world.now(4_000, up('c'));
  const over = recovered(world);
  const backlog = {cards: [1, 2, 3], over, overMore: 0, since: 1_000};
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
    backlog: {cards: [1, 2], over: [], overMore: 0, since: 1_000},
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
  world.now(600_000, {kind: 'delayed', channel: 'ops', backlog: {cards: [2], over, overMore: 0, since: 2_000}, at: 0});
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
  world.now(600_000, {kind: 'delayed', channel: 'ops', backlog: {cards, over: [], overMore: 0, since: 1_000}, at: 0});
  world.now(700_000, up('a'));
  const edited = world.messages.filter(({kind}) => kind === 'edit').map(({channel}) => channel);
  assert.deepEqual(edited.sort(), ['desk', 'ops']);
});

function recovered(world: World): Incident[] {
  return world.messages.flatMap((message) => (message.kind === 'recovery' ? message.incidents : []));
}
