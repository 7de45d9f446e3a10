import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {CARD_LISTED_MAX} from '../../src/state/vocabulary.ts';
import {alertPolicy, down, up, World} from './worlds.ts';

const names = (count: number) => Array.from({length: count}, (_, i) => `c${i}`);
const storm = (count: number) =>
  new World(alertPolicy(Object.fromEntries(names(count).map((name) => [name, {groupWaitMs: 10_000}]))));

describe('a storm', () => {
  test('of 500 checks that fail together is two messages: the first, and a digest of the others', () => {
    const world = storm(500);
    for (const [i, name] of names(500).entries()) world.now(1_000 + i, down(name));
    world.until(60_000);
    const cards = world.messages.filter(({kind}) => kind === 'card');
    assert.deepEqual(
      cards.map(({reason}) => reason),
      ['first', 'digest'],
    );
    const digest = cards[1];
    assert.ok(digest?.kind === 'card');
    assert.equal(digest.total, 499);
    assert.equal(digest.incidents.length, CARD_LISTED_MAX);
  });

  test('in one batch is two messages as well', () => {
    const world = storm(500);
    world.now(1_000, ...names(500).map(down));
    world.until(60_000);
    assert.deepEqual(
      world.rung.map((line) => line.split(' ')[0]),
      ['first', 'digest'],
    );
  });

  test('recovers in two messages', () => {
    const world = storm(500);
    world.now(1_000, ...names(500).map(down));
    world.until(60_000);
    for (const [i, name] of names(500).entries()) world.now(60_000 + i, up(name));
    world.until(120_000);
    const over = world.messages.filter(({kind}) => kind === 'recovery');
    assert.deepEqual(
      over.map(({reason}) => reason),
      ['recovered', 'digest'],
    );
    assert.ok(over[1]?.kind === 'recovery');
    assert.equal(over[1].incidents.length + over[1].more, 499);
    assert.equal(world.state.incidents.size, 0);
    assert.equal(world.state.cards.size, 0);
    assert.equal(world.state.dueAt.size, 0);
  });

  test('that trickles on is one digest for each group_wait', () => {
    const world = storm(60);
    for (const [i, name] of names(60).entries()) {
      world.until(1_000 + i * 1_000 - 1);
      world.now(1_000 + i * 1_000, down(name));
    }
    world.until(120_000);
    // 60 seconds, 10 seconds a digest.
    assert.deepEqual(
      world.rung.map((line) => line.split(' ')[0]),
      ['first', ...Array(6).fill('digest')],
    );
  });

  test('leaves what broke and recovered before its digest as a line in it', () => {
    const world = storm(3);
    world.now(1_000, down('c0'));
    world.now(2_000, down('c1'));
    world.now(3_000, down('c2'));
    world.now(4_000, up('c2'));
    world.until(60_000);
    const digest = world.messages.find(({reason}) => reason === 'digest');
    assert.ok(digest?.kind === 'card');
    assert.deepEqual(
      digest.incidents.map(({check}) => check),
      ['c1'],
    );
    assert.deepEqual(
      digest.missed.map(({check}) => check),
      ['c2'],
    );
    assert.equal(world.rung.length, 2);
  });

  test('is gathered in each channel for itself', () => {
    const world = new World(
      alertPolicy({a: {groupWaitMs: 10_000}, b: {groupWaitMs: 10_000, to: ['ops', 'lead']}, c: {groupWaitMs: 10_000}}),
    );
    world.now(1_000, down('a'));
    world.now(2_000, down('b'));
    assert.deepEqual(world.rung, ['first ops: a', 'first lead: b']);
    world.now(3_000, up('b'));
    world.until(60_000);
    assert.deepEqual(world.rung.slice(2), ['recovered lead: b', 'digest ops: ']);
  });

  test('interrupted by a restart is told right after it', () => {
    const world = storm(3);
    world.now(1_000, ...names(3).map(down));
    world.state.groups.clear();
    for (const id of world.state.incidents.keys()) world.state.dueAt.set(id, 0);
    world.now(2_000);
    assert.deepEqual(world.rung, ['first ops: c0', 'digest ops: c1 c2']);
  });

  test('later than group_wait after the last news is news again', () => {
    const world = storm(2);
    world.now(1_000, down('c0'));
    world.until(11_000);
    world.now(11_001, down('c1'));
    assert.deepEqual(world.rung, ['first ops: c0', 'first ops: c1']);
  });

  test('of 10,000 with every edit stays small: no message lists more than 50', () => {
    const world = storm(10_000);
    world.now(1_000, ...names(10_000).map(down));
    world.until(20_000);
    for (const name of names(100)) world.now(21_000, up(name));
    world.until(60_000);
    for (const message of world.messages) {
      if ('incidents' in message) assert.ok(message.incidents.length <= CARD_LISTED_MAX);
    }
  });
});
