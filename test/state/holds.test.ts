import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {parseSelector} from '../../src/state/silences.ts';
import type {Event} from '../../src/state/vocabulary.ts';
import {alertPolicy, boris, down, up, World} from './worlds.ts';

describe('a silence', () => {
  test('keeps an incident quiet, and announces it when it ends and the check is still false', () => {
    const world = new World(alertPolicy({api: {}}));
    world.now(1_000, silence('api', 10_000));
    world.now(2_000, down('api'));
    assert.deepEqual(world.rung, []);
    assert.deepEqual(world.verdicts, ['api held silenced']);
    world.until(20_000);
    assert.deepEqual(world.rung, ['first ops: api']);
  });

  test('of an incident that recovers inside it says nothing at all', () => {
    const world = new World(alertPolicy({api: {}}));
    world.now(1_000, silence('api', 10_000));
    world.now(2_000, down('api'));
    world.now(3_000, up('api'));
    world.until(20_000);
    assert.deepEqual(world.rung, []);
    assert.deepEqual(world.verdicts.at(-1), 'api dropped silenced');
  });

  test('does not keep back the end of what people were told began', () => {
    const world = new World(alertPolicy({api: {}}));
    world.now(1_000, down('api'));
    world.now(2_000, silence('api', 10_000));
    world.now(3_000, up('api'));
    assert.deepEqual(world.rung, ['first ops: api', 'recovered ops: api']);
  });

  test('may be lifted early', () => {
    const world = new World(alertPolicy({api: {}}));
    world.now(1_000, silence('api', 10_000));
    world.now(2_000, down('api'));
    world.now(3_000, {kind: 'unsilenced', id: 1, at: 0});
    assert.deepEqual(world.rung, ['first ops: api']);
  });

  test('until recovered lasts until none of its checks is false', () => {
    const world = new World(alertPolicy({'db-1': {}, 'db-2': {}, api: {}}));
    world.now(1_000, down('db-1'), down('db-2'));
    world.now(2_000, silence('db-*', 'recovered'));
    world.now(3_000, up('db-1'));
    world.now(4_000, down('db-1'));
    assert.equal(world.state.silences.size, 1);
    assert.equal(world.rung.length, 3);
    world.now(5_000, up('db-1'));
    world.now(6_000, up('db-2'));
    assert.equal(world.state.silences.size, 0);
    world.now(7_000, down('db-1'));
    assert.equal(world.rung.at(-1), 'first ops: db-1');
  });

  // selector, check, its group, meant?
  const table: [string, string, string | undefined, boolean][] = [
    ['api', 'api', undefined, true],
    ['api', 'api-2', undefined, false],
    ['api*', 'api-2', undefined, true],
    ['*-2', 'api-2', undefined, true],
    ['a?i', 'api', undefined, true],
    ['a?i', 'ai', undefined, false],
    ['*', 'whatever', undefined, true],
    ['group:shops', 'api', 'shops', true],
    ['group:shops', 'api', 'banks', false],
    ['group:shops', 'shops', undefined, false],
    ['all', 'api', undefined, true],
    // A pattern made to be slow is not.
    [`${'*a'.repeat(30)}b`, 'a'.repeat(60), undefined, false],
  ];
  for (const [text, check, group, meant] of table) {
    test(`of ${text.slice(0, 20)} ${meant ? 'means' : 'does not mean'} ${check.slice(0, 20)} of ${group ?? 'no group'}`, () => {
      const world = new World(alertPolicy({[check]: group === undefined ? {} : {group}}));
      world.now(1_000, silence(text, 10_000));
      world.now(2_000, down(check));
      assert.equal(world.rung.length === 0, meant);
    });
  }
});

describe('a maintenance', () => {
  test('from the configuration keeps quiet, with its own word, until it is over', () => {
    const maintenance = (_: unknown, at: number) => ({open: at < 10_000, until: at < 10_000 ? 10_000 : null});
    const world = new World(alertPolicy({api: {}}, undefined, {maintenance}));
    world.now(1_000, down('api'));
    assert.deepEqual(world.verdicts, ['api held maintenance']);
    world.until(20_000);
    assert.deepEqual(world.rung, ['first ops: api']);
  });

  test('by order does the same', () => {
    const world = new World(alertPolicy({api: {}}));
    world.now(1_000, silence('all', 10_000, 'maintenance'));
    world.now(2_000, down('api'));
    assert.deepEqual(world.verdicts, ['api held maintenance']);
  });
});

describe('a dependency', () => {
  const family = () => new World(alertPolicy({router: {}, shop: {dependsOn: ['router']}}));

  test('holds the child while the parent is false', () => {
    const world = family();
    world.now(1_000, down('router'));
    world.now(2_000, down('shop'));
    world.until(100_000);
    assert.deepEqual(world.rung, ['first ops: router']);
    assert.deepEqual(world.verdicts.at(-1), 'shop held parent_down');
  });

  test('tells of the child when the parent is back and the next look finds it still false', () => {
    const world = family();
    world.now(1_000, down('router'));
    world.now(2_000, down('shop'));
    world.now(3_000, up('router'));
    world.until(50_000);
    assert.deepEqual(world.rung, ['first ops: router', 'recovered ops: router']);
    world.now(60_000, {kind: 'still_down', check: 'shop', at: 0});
    assert.deepEqual(world.rung.at(-1), 'first ops: shop');
  });

  test('says nothing of a child that comes back with its parent', () => {
    const world = family();
    world.now(1_000, down('router'));
    world.now(2_000, down('shop'));
    world.now(3_000, up('router'));
    world.now(4_000, up('shop'));
    world.until(100_000);
    assert.deepEqual(world.rung, ['first ops: router', 'recovered ops: router']);
  });

  test('is not waited for when only one of the parent’s targets fails with the child', () => {
    const world = family();
    world.now(1_000, {...down('router'), target: '10.0.0.1'}, down('shop'));
    assert.deepEqual(world.rung, ['first ops: shop']);
  });

  test('is not waited for when the parent broke and came back in the same moment', () => {
    const world = family();
    world.now(1_000, down('router'), down('shop'), up('router'));
    world.until(50_000);
    world.now(60_000, {kind: 'still_down', check: 'shop', at: 0});
    assert.deepEqual(world.rung.at(-1), 'first ops: shop');
  });

  test('waits for the next look only, when the clock is set back after the parent’s return', () => {
    const world = family();
    world.now(7_200_000, down('router'));
    world.now(7_201_000, down('shop'));
    world.now(7_202_000, up('router'));
    world.until(7_203_000);
    world.state.groups.clear();
    world.now(3_602_000, {kind: 'still_down', check: 'shop', at: 0});
    assert.deepEqual(world.rung.at(-1), 'first ops: shop');
  });

  test('starts over when the parent breaks again before the look', () => {
    const world = family();
    world.now(1_000, down('router'));
    world.now(2_000, down('shop'));
    world.now(3_000, up('router'));
    world.now(4_000, down('router'));
    world.now(5_000, {kind: 'still_down', check: 'shop', at: 0});
    assert.ok(!world.rung.some((line) => line.includes('shop')));
  });
});

describe('a line of what broke and recovered outside the window', () => {
  const night = (event: Event) => {
    const checks = {router: {}, shop: {window: 'day', dependsOn: ['router']}};
    const world = new World(alertPolicy(checks, [10_000, 100_000]));
    world.now(1_000, down('shop'));
    world.now(2_000, up('shop'));
    world.now(5_000, event);
    world.until(20_000);
    world.messages.length = 0;
    return world;
  };
  const lines = ({messages}: World) =>
    messages.flatMap((message) => (message.kind === 'card' ? message.missed.map(({check}) => check) : []));

  test('waits for a parent that is down when the window opens', () => {
    const world = night(down('router'));
    assert.deepEqual(lines(world), []);
    world.now(30_000, up('router'));
    assert.deepEqual(world.rung, ['recovered ops: router', 'window_opened ops: ']);
    assert.deepEqual(lines(world), ['shop']);
    assert.equal(world.state.incidents.size, 0);
  });

  test('waits for the next window if the parent is back after this one', () => {
    const world = night(down('router'));
    world.now(150_000, up('router'));
    assert.deepEqual(lines(world), []);
    world.policy = alertPolicy({shop: {window: 'day'}}, [200_000, 300_000]);
    world.now(200_000, down('router'), up('router'));
    world.until(250_000);
    assert.deepEqual(lines(world), ['shop']);
  });

  test('waits for the end of flapping', () => {
    const world = night({kind: 'flapping_started', check: 'shop', at: 0});
    assert.deepEqual(lines(world), []);
    world.now(30_000, {kind: 'flapping_ended', check: 'shop', at: 0});
    assert.deepEqual(world.rung, ['flapping_ended ops: shop', 'window_opened ops: ']);
    assert.deepEqual(lines(world), ['shop']);
  });

  test('is dropped in a silence', () => {
    const world = night(silence('shop', 50_000));
    world.until(60_000);
    assert.deepEqual(world.rung, []);
    assert.equal(world.verdicts.at(-1), 'shop dropped silenced');
    assert.equal(world.state.incidents.size, 0);
  });
});

describe('the guards', () => {
  test('say with the last of them that the server is cut off', () => {
    const world = new World(alertPolicy({a: {}, b: {}}, undefined, {guards: ['a', 'b']}));
    world.now(1_000, down('a'));
    world.now(2_000, down('b'));
    const cutOff = world.messages
      .flatMap((message) => ('incidents' in message ? message.incidents : []))
      .map((i) => i.cutOff);
    assert.deepEqual(cutOff, [undefined, true]);
  });
});

describe('several reasons at once', () => {
  test('are told one after the other, and the message leaves when none is left', () => {
    const world = new World(alertPolicy({api: {window: 'day'}}, [10_000, 100_000]));
    world.now(1_000, silence('api', 20_000));
    world.now(2_000, down('api'));
    world.until(30_000);
    assert.deepEqual(world.verdicts, ['api held silenced', 'api sent first']);
    assert.deepEqual(world.rung, ['first ops: api']);
  });

  test('the window opens inside the silence: still nothing', () => {
    const world = new World(alertPolicy({api: {window: 'day'}}, [10_000, 100_000]));
    world.now(2_000, down('api'));
    world.now(5_000, silence('api', 20_000));
    world.until(15_000);
    assert.deepEqual(world.rung, []);
    world.until(30_000);
    assert.deepEqual(world.rung, ['first ops: api']);
  });
});

function silence(text: string, until: number | 'recovered', kind: 'silence' | 'maintenance' = 'silence'): Event {
  return {kind: 'silenced', at: 0, silence: {kind, what: parseSelector(text), at: 0, by: boris, why: '', until}};
}
