import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import fc from 'fast-check';
import {startState, step} from '../../src/state/engine.ts';
import {changePercent, remember, steady} from '../../src/state/flapping.ts';
import type {Event} from '../../src/state/vocabulary.ts';
import {alertPolicy, down, observations, policy, up, World} from './worlds.ts';

const started: Event = {kind: 'flapping_started', check: 'api', at: 0};
const ended: Event = {kind: 'flapping_ended', check: 'api', at: 0};

describe('the share of change', () => {
  test('weighs the newest change 1.18 and the oldest 0.8, over 20', () => {
    assert.equal(changePercent(1).toFixed(3), '5.900');
    assert.equal(changePercent(1 << 19).toFixed(3), '4.000');
    assert.equal(changePercent(2 ** 20 - 1).toFixed(3), '99.000');
  });

  test('starts above 30 percent and ends at 25 or below', () => {
    let flap = steady;
    const seen: string[] = [];
    for (const mark of '.x.x.x.x............................') {
      const next = remember(flap, mark === '.');
      if (next.isFlapping !== flap.isFlapping)
        seen.push(`${next.isFlapping} ${changePercent(next.changes).toFixed(1)}`);
      flap = next;
    }
    assert.equal(seen.length, 2);
    assert.ok(Number(seen[0]?.split(' ')[1]) > 30);
    assert.ok(Number(seen[1]?.split(' ')[1]) <= 25);
  });

  test('equals a recount over the last 20 changes, whatever happened', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), {maxLength: 80}), (results) => {
        const flap = results.reduce(remember, steady);
        const changes = results.map((result, i) => i > 0 && result !== results[i - 1]);
        const slots = [...Array(20).fill(false), ...changes].slice(-20);
        const sum = slots.reduce((total: number, changed, i) => total + (changed ? 0.8 + 0.02 * i : 0), 0);
        assert.ok(Math.abs(changePercent(flap.changes) - (sum * 100) / 20) < 1e-9);
      }),
    );
  });
});

test('a check whose results alternate is flapping, also when it never fails often enough to be down', () => {
  let state = startState('api');
  const events: Event[] = [];
  for (const one of observations('.x.x.x.x.x.x............................')) {
    const stepped = step(state, [one], one.at, {...policy, flapping: true});
    state = stepped.state;
    events.push(...stepped.events);
  }
  assert.deepEqual(
    events.map(({kind}) => kind),
    ['flapping_started', 'flapping_ended'],
  );
});

describe('a flapping check', () => {
  test('says so once when it starts and once when it ends, and nothing between', () => {
    const world = new World(alertPolicy({api: {}}));
    world.now(1_000, started);
    for (let at = 2_000; at < 50_000; at += 2_000) {
      world.now(at, down('api'));
      world.now(at + 1_000, up('api'));
    }
    world.now(60_000, ended);
    world.until(100_000);
    assert.deepEqual(world.rung, ['flapping_started ops: api', 'flapping_ended ops: api']);
    assert.ok(world.verdicts.includes('api held flapping'));
    assert.equal(world.state.incidents.size, 0);
    assert.equal(world.state.spells.size, 0);
  });

  test('that ends broken says that with its card', () => {
    const world = new World(alertPolicy({api: {}}));
    world.now(1_000, started);
    world.now(2_000, down('api'));
    world.now(3_000, ended);
    world.now(4_000, up('api'));
    assert.deepEqual(world.rung, ['flapping_started ops: api', 'flapping_ended ops: api', 'recovered ops: api']);
    const card = world.messages.find(({reason}) => reason === 'flapping_ended');
    assert.equal(card?.kind, 'card');
  });

  test('whose break was announced before is told to be over by the end of the flapping', () => {
    const world = new World(alertPolicy({api: {}}));
    world.now(1_000, down('api'));
    world.now(2_000, started);
    world.now(3_000, up('api'));
    assert.deepEqual(world.rung, ['first ops: api', 'flapping_started ops: api']);
    world.now(4_000, ended);
    assert.deepEqual(world.rung.slice(2), ['flapping_ended ops: api']);
    assert.equal(world.state.incidents.size, 0);
  });

  test('outside the window is told when it opens, or not at all when it is over by then', () => {
    const night = () => new World(alertPolicy({api: {window: 'day'}}, [10_000, 100_000]));
    const long = night();
    long.now(1_000, started);
    long.until(20_000);
    assert.deepEqual(long.rung, ['flapping_started ops: api']);
    const short = night();
    short.now(1_000, started);
    short.now(2_000, ended);
    short.until(20_000);
    assert.deepEqual(short.rung, []);
  });

  test('that leaves the configuration leaves nothing behind', () => {
    const world = new World(alertPolicy({api: {}}));
    world.now(1_000, started, down('api'));
    world.policy = alertPolicy({});
    world.now(2_000, {kind: 'check_removed', check: 'api', at: 0});
    assert.equal(world.state.spells.size, 0);
    assert.equal(world.state.incidents.size, 0);
  });
});
