import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import type {CheckAlerts} from '../../src/state/alerts.ts';
import {parseSelector} from '../../src/state/silences.ts';
import type {Event} from '../../src/state/vocabulary.ts';
import {alertPolicy, boris, down, up, World} from './worlds.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

describe('an end that is being gathered when its check breaks again', () => {
  /** The recovery of `a` has just been told; that of `b` waits for the digest 10 s later. */
  function gathering(alerts: Partial<CheckAlerts> = {}): World {
    const common = {groupWaitMs: 10 * SECOND};
    const checks = {a: {...common, to: ['ops', 'lead']}, b: {...common, ...alerts}, c: common, gate: common};
    const world = new World(alertPolicy(checks));
    for (const [at, event] of [
      [1, down('a')],
      [60, down('b')],
      [90, down('c')],
      [120, up('a')],
      [122, up('b')],
    ] as const)
      move(world, at * SECOND, event);
    world.messages.length = 0;
    return world;
  }

  test('is told just before the new card, and not after it', () => {
    const world = gathering();
    move(world, 125 * SECOND, down('b'));
    world.until(5 * MINUTE);
    assert.deepEqual(world.rung, ['recovered ops: b', 'first ops: b']);
  });

  test('takes along what else is being gathered there', () => {
    const world = gathering();
    move(world, 123 * SECOND, up('c'));
    move(world, 125 * SECOND, down('b'));
    world.until(5 * MINUTE);
    assert.deepEqual(world.rung, ['digest ops: b c', 'first ops: b']);
  });

  test('waits for the digest that tells of its new failure', () => {
    const world = gathering();
    move(world, 123 * SECOND, down('a'));
    move(world, 126 * SECOND, down('b'));
    world.until(5 * MINUTE);
    assert.deepEqual(world.rung, ['first ops: a', 'first lead: a', 'recovered ops: b', 'digest ops: b']);
  });

  test('is told in each channel just before that hears of the new failure', () => {
    const world = gathering({to: ['ops', 'lead']});
    move(world, 124 * SECOND, down('gate'));
    move(world, 125 * SECOND, down('b'));
    world.until(5 * MINUTE);
    assert.deepEqual(world.rung, [
      'first ops: gate',
      'recovered lead: b',
      'first lead: b',
      'recovered ops: b',
      'digest ops: b',
    ]);
  });

  test('waits for news that are held, and is told with them', () => {
    const world = gathering();
    move(world, 124 * SECOND, silence('b', 3 * MINUTE));
    move(world, 125 * SECOND, down('b'));
    world.until(3 * MINUTE - 1);
    assert.deepEqual(world.rung, []);
    world.until(5 * MINUTE);
    assert.deepEqual(world.rung, ['recovered ops: b', 'first ops: b']);
  });

  test('is told when the check is back, where nobody heard of the new failure', () => {
    const world = gathering();
    move(world, 124 * SECOND, silence('b', 5 * MINUTE));
    move(world, 125 * SECOND, down('b'));
    move(world, 3 * MINUTE, up('b'));
    world.until(10 * MINUTE);
    assert.deepEqual(world.rung, ['recovered ops: b']);
    assert.equal(world.state.incidents.size, 1, 'only c is left');
  });

  test('waits for the news also across a restart', () => {
    const world = gathering();
    move(world, 124 * SECOND, silence('b', 3 * MINUTE));
    move(world, 125 * SECOND, down('b'));
    world.state.groups.clear();
    for (const id of world.state.incidents.keys()) world.state.dueAt.set(id, 0);
    world.until(5 * MINUTE);
    assert.deepEqual(world.rung, ['recovered ops: b', 'first ops: b']);
  });

  test('follows its card to another channel, and waits there', () => {
    const world = gathering();
    move(world, 124 * SECOND, silence('b', 3 * MINUTE));
    move(world, 125 * SECOND, down('b'));
    move(world, 140 * SECOND, {kind: 'given_up', card: cardOfEnded(world), movedTo: 'desk', at: 0});
    move(world, 150 * SECOND, up('b'));
    world.until(5 * MINUTE);
    assert.deepEqual(world.rung, ['recovered desk: b']);
    assert.equal(world.state.incidents.size, 1, 'only c is left');
  });

  test('is no end any more where nobody ever saw its card', () => {
    const world = gathering();
    move(world, 124 * SECOND, silence('b', 3 * MINUTE));
    move(world, 125 * SECOND, down('b'));
    move(world, 140 * SECOND, {kind: 'given_up', card: cardOfEnded(world), at: 0});
    move(world, 150 * SECOND, up('b'));
    world.until(5 * MINUTE);
    assert.deepEqual(world.rung, []);
    assert.equal(world.state.incidents.size, 1, 'only c is left');
  });

  test('is held with what is news, and told with it', () => {
    const world = gathering({dependsOn: ['gate']});
    move(world, 124 * SECOND, down('gate'), down('b'));
    move(world, 3 * MINUTE, up('gate'));
    assert.ok(!world.rung.some((line) => line.endsWith(' b')));
    move(world, 4 * MINUTE, {kind: 'still_down', check: 'b', at: 0});
    assert.deepEqual(world.rung.slice(-2), ['recovered ops: b', 'first ops: b']);
  });
});

describe('an end that was held when its check breaks again', () => {
  const family = (till: Partial<CheckAlerts> = {}) =>
    new World(alertPolicy({router: {}, till: {dependsOn: ['router'], ...till}}, [0, 5 * MINUTE]));
  /** The child was told to be down, recovered while its parent was down, and is down again. */
  function waiting(till: Partial<CheckAlerts> = {}): World {
    const world = family(till);
    move(world, 1 * SECOND, down('till'));
    move(world, 60 * SECOND, down('router'));
    move(world, 70 * SECOND, up('till'));
    move(world, 80 * SECOND, down('till'));
    world.messages.length = 0;
    return world;
  }

  test('waits for the first look after the parent is back, and is told before the news', () => {
    const world = waiting();
    move(world, 90 * SECOND, up('router'));
    world.until(2 * MINUTE);
    assert.deepEqual(world.rung, ['recovered ops: router']);
    move(world, 2 * MINUTE, {kind: 'still_down', check: 'till', at: 0});
    assert.deepEqual(world.rung.slice(1), ['recovered ops: till', 'first ops: till']);
    move(world, 3 * MINUTE, up('till'));
    assert.deepEqual(world.rung.slice(3), ['recovered ops: till']);
    assert.equal(world.state.incidents.size, 0);
  });

  test('is told once when the first look finds it well', () => {
    const world = waiting();
    move(world, 90 * SECOND, up('router'));
    move(world, 100 * SECOND, up('till'));
    world.until(10 * MINUTE);
    assert.deepEqual(world.rung, ['recovered ops: router', 'recovered ops: till']);
    assert.equal(world.state.incidents.size, 0);
  });

  test('leaves before the card also where the parent comes back in the same moment', () => {
    const world = family();
    move(world, 1 * SECOND, down('till'));
    move(world, 60 * SECOND, down('router'));
    move(world, 70 * SECOND, up('till'));
    world.messages.length = 0;
    move(world, 80 * SECOND, up('router'), down('till'));
    assert.deepEqual(world.rung, ['recovered ops: router', 'recovered ops: till', 'first ops: till']);
  });

  test('waits where nobody hears of the new failure until that is over', () => {
    const world = waiting({escalate: [{afterMs: 30 * SECOND, to: ['lead']}]});
    move(world, 90 * SECOND, up('router'));
    move(world, 2 * MINUTE, {kind: 'still_down', check: 'till', at: 0});
    move(world, 2 * MINUTE + 10 * SECOND, up('till'));
    const inLead = world.rung.filter((line) => line.includes(' lead: till'));
    assert.deepEqual(inLead, ['recovered lead: till']);
  });

  test('is told with the news when the window opens, though other ends are being gathered', () => {
    const common = {window: 'day', groupWaitMs: 10 * SECOND};
    const world = new World(alertPolicy({till: common, late: {groupWaitMs: 10 * SECOND}}, [0, 50 * SECOND]));
    move(world, 1 * SECOND, down('till'));
    move(world, 20 * SECOND, down('late'));
    move(world, 60 * SECOND, up('till'));
    move(world, 70 * SECOND, down('till'));
    move(world, 115 * SECOND, up('late'));
    world.messages.length = 0;
    world.policy = alertPolicy({till: common}, [120 * SECOND, 10 * MINUTE]);
    for (const id of world.state.incidents.keys()) world.state.dueAt.set(id, 0);
    world.until(5 * MINUTE);
    assert.deepEqual(world.rung, ['recovered ops: till', 'window_opened ops: till']);
  });
});

function cardOfEnded({state}: World): number {
  const ended = [...state.incidents.values()].find(({check, closedAt}) => check === 'b' && closedAt !== undefined);
  return ended?.cards[0] ?? assert.fail('none is over');
}

/** With the wake-ups on the way there. */
function move(world: World, at: number, ...events: Event[]): void {
  world.until(at - 1);
  world.now(at, ...events);
}

function silence(text: string, until: number): Event {
  const what = parseSelector(text);
  return {kind: 'silenced', at: 0, silence: {kind: 'silence', what, at: 0, by: boris, why: '', until}};
}
