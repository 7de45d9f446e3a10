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

  /** The window closes while the digest of `lead` is being gathered, and opens again later. */
  function closing(events: readonly [number, ...Parameters<typeof down>][]): World {
    const common = {groupWaitMs: 10_000, window: 'w'};
    const window = (_name: string, at: number) =>
      at < 8_000 || at >= 100_000 ? {open: true, until: at < 8_000 ? 8_000 : null} : {open: false, until: 100_000};
    const checks = {a: {...common, to: ['lead']}, b: {...common, to: ['ops', 'lead']}};
    const world = new World(alertPolicy(checks, undefined, {window}));
    world.now(1_000, down('a'));
    world.now(2_000, down('b'));
    assert.deepEqual(world.rung, ['first lead: a', 'first ops: b']);
    for (const [at, check] of events) {
      world.until(at - 1);
      world.now(at, up(check));
    }
    world.until(200_000);
    return world;
  }
  const missedIn = (world: World, channel: string) =>
    world.messages.flatMap((message) =>
      message.kind === 'card' && message.channel === channel ? message.missed.map(({check}) => check) : [],
    );

  test('cut short by a window is told when that opens, in the channels that were to hear of it', () => {
    const world = closing([]);
    assert.deepEqual(world.rung.slice(2), ['window_opened lead: b']);
  });

  test('cut short by a window leaves what recovered meanwhile as a line where it was not told, once', () => {
    const world = closing([[20_000, 'b']]);
    assert.deepEqual(world.rung.slice(2), ['recovered ops: b', 'window_opened lead: ']);
    assert.deepEqual(missedIn(world, 'lead'), ['b']);
    assert.deepEqual(missedIn(world, 'ops'), []);
    assert.equal([...world.state.incidents.values()].filter(({check}) => check === 'b').length, 0);
  });

  test('cut short by a window leaves a line also of what had recovered before that', () => {
    const world = closing([[5_000, 'b']]);
    assert.deepEqual(world.rung.slice(2), ['recovered ops: b', 'window_opened lead: ']);
    assert.deepEqual(missedIn(world, 'lead'), ['b']);
  });

  test('cut short by a window that closes as it recovers is told of in full when that opens', () => {
    const world = closing([[8_000, 'b']]);
    assert.deepEqual(world.rung.slice(2).toSorted(), ['digest lead: ', 'recovered ops: b']);
    assert.deepEqual(missedIn(world, 'lead'), ['b']);
  });

  test('cut short by a window that opens as it recovers is told of in full', () => {
    const world = closing([[100_000, 'b']]);
    const rest = world.rung.slice(2);
    assert.deepEqual(rest.toSorted(), ['recovered ops: b', 'window_opened lead: '].toSorted());
    assert.deepEqual(missedIn(world, 'lead'), ['b']);
  });

  test('whose only card was refused is told in the channel that still gathers, or by its rules', () => {
    const policy = {groupWaitMs: 10_000, to: ['lead']};
    const world = new World(alertPolicy({a: policy, b: {...policy, to: ['ops', 'lead'], dependsOn: ['a']}}));
    world.now(1_000, down('b'));
    assert.deepEqual(world.rung, ['first ops: b', 'first lead: b']);
    const cards = world.messages.flatMap((message) => (message.kind === 'card' ? message.card : []));
    const shown = () => [...world.state.incidents.values()].map((incident) => incident.cards);
    world.now(2_000, {kind: 'given_up', card: cards[0] ?? 0, at: 0});
    assert.deepEqual(shown(), [cards], 'the other channel has it');

    const late = new World(alertPolicy({a: policy, b: {...policy, to: ['ops', 'lead']}}));
    late.now(1_000, down('a'));
    late.now(2_000, down('b'));
    assert.deepEqual(late.rung, ['first lead: a', 'first ops: b']);
    late.now(3_000, {kind: 'given_up', card: 2, at: 0});
    late.now(4_000, up('b'));
    late.until(60_000);
    assert.deepEqual(late.rung.slice(2), ['digest lead: ']);
    assert.deepEqual(missedIn(late, 'lead'), ['b']);
    assert.equal(late.state.cards.size, 1, 'only the card of a is left');
  });

  test('whose only card was refused is told in a channel that a reload has added', () => {
    const world = new World(alertPolicy({a: {}}));
    world.now(1_000, down('a'));
    world.policy = alertPolicy({a: {to: ['ops', 'mail']}});
    world.now(2_000, {kind: 'given_up', card: 1, at: 0});
    assert.deepEqual(world.rung.slice(1), ['first ops: a', 'first mail: a']);
    world.now(3_000, up('a'));
    assert.deepEqual(world.rung.slice(3), ['recovered ops: a', 'recovered mail: a']);
  });

  test('keeps nothing waiting that is told by itself', () => {
    const world = new World(alertPolicy({a: {groupWaitMs: 60_000}, b: {groupWaitMs: 60_000}, own: {}}));
    world.now(1_000, down('a'));
    world.now(2_000, down('own'), down('b'));
    assert.deepEqual(world.rung, ['first ops: a', 'first ops: own']);
    world.until(61_000);
    assert.deepEqual(world.rung.slice(2), ['digest ops: b'], 'their time of gathering is the same as before');
    world.now(200_000, up('a'));
    world.now(201_000, up('b'), up('own'));
    assert.deepEqual(world.rung.slice(3), ['recovered ops: a', 'recovered ops: own']);
    world.until(300_000);
    assert.deepEqual(world.rung.slice(5), ['digest ops: b']);
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

  test('that came and went before its digest says how many it does not list', () => {
    const world = storm(100);
    world.now(1_000, down('c0'));
    world.now(2_000, ...names(100).slice(1).map(down));
    world.now(3_000, ...names(100).slice(1).map(up));
    world.until(20_000);
    const digest = world.messages.find(({reason}) => reason === 'digest');
    assert.ok(digest?.kind === 'card');
    assert.deepEqual([digest.missed.length, digest.missedMore], [CARD_LISTED_MAX, 99 - CARD_LISTED_MAX]);
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
