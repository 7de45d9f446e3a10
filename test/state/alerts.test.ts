import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {wakeAt} from '../../src/state/settle.ts';
import type {Message} from '../../src/state/vocabulary.ts';
import {alertPolicy, boris, down, up, World} from './worlds.ts';

describe('one incident', () => {
  test('it is announced once, in every channel of its check', () => {
    const world = new World(alertPolicy({api: {to: ['ops', 'desk']}}));
    world.now(1_000, down('api'));
    assert.deepEqual(world.said, ['card first ops', 'card first desk']);
  });

  test('it stays silent while it lasts', () => {
    const world = new World(alertPolicy({api: {}}));
    world.now(1_000, down('api'));
    for (let at = 2_000; at < 100_000; at += 1_000) world.now(at);
    assert.deepEqual(world.said, ['card first ops']);
  });

  test('its recovery edits the card and is told under it, once', () => {
    const world = new World(alertPolicy({api: {}}));
    world.now(1_000, down('api'));
    world.now(61_000, up('api'));
    world.now(99_000);
    assert.deepEqual(world.said, ['card first ops', 'edit recovered ops', 'recovery recovered ops']);
    assert.equal(world.state.incidents.size, 0);
    assert.equal(world.state.cards.size, 0);
  });

  test('an acknowledgement edits the card with who and why, and ends with the incident', () => {
    const world = new World(alertPolicy({api: {}}));
    world.now(1_000, down('api'));
    world.now(2_000, {kind: 'acknowledged', check: 'api', at: 2_000, by: boris, why: 'on it'});
    assert.deepEqual(world.said, ['card first ops', 'edit acknowledged ops']);
    assert.equal(incidentOf(world.messages.at(-1))?.acknowledged?.by.name, 'Boris');
    world.now(3_000, up('api'));
    world.now(4_000, down('api'));
    assert.equal(incidentOf(world.messages.at(-1))?.acknowledged, undefined);
  });

  test('an acknowledgement for two hours ends after two hours', () => {
    const world = new World(alertPolicy({api: {}}));
    world.now(0, down('api'));
    world.now(1_000, {kind: 'acknowledged', check: 'api', at: 1_000, by: boris, why: '', until: 7_201_000});
    assert.equal(wakeAt(world.state), 7_201_000);
    world.now(7_200_999);
    assert.equal(world.said.length, 2);
    world.now(7_201_000);
    assert.deepEqual(world.said.at(-1), 'edit acknowledgement_ended ops');
    assert.equal(wakeAt(world.state), undefined);
  });

  test('a break and a recovery in one batch are a card in its last state and the recovery', () => {
    const world = new World(alertPolicy({api: {}}));
    world.now(1_000, down('api'), up('api'));
    assert.deepEqual(world.said, ['card first ops', 'recovery recovered ops']);
  });

  test('changing targets edit the card and never ring', () => {
    const world = new World(alertPolicy({shop: {}}));
    world.now(1_000, down('shop'));
    const falseTargets = {listed: [], count: 2, of: 9};
    world.now(2_000, {kind: 'targets_changed', check: 'shop', at: 2_000, falseTargets});
    assert.deepEqual(world.said, ['card first ops', 'edit targets_changed ops']);
  });

  test('a check that leaves the configuration closes its incident with that word', () => {
    const world = new World(alertPolicy({}));
    world.policy = alertPolicy({api: {}});
    world.now(1_000, down('api'));
    world.policy = alertPolicy({});
    world.now(2_000, {kind: 'check_removed', check: 'api', at: 2_000});
    assert.deepEqual(world.said.slice(1), ['edit removed ops', 'recovery removed ops']);
  });

  test('a single target going down is no incident of its own', () => {
    const world = new World(alertPolicy({shop: {}}));
    world.now(1_000, {...down('shop'), target: '10.0.0.1'});
    assert.deepEqual(world.said, []);
  });

  test('an acknowledgement of what is not down changes nothing', () => {
    const world = new World(alertPolicy({api: {}}));
    world.now(2_000, {kind: 'acknowledged', check: 'api', at: 2_000, by: boris, why: ''});
    assert.deepEqual(world.said, []);
  });
});

describe('outside the window', () => {
  const night = (missed: 'digest' | 'drop' = 'digest', urgent = false) =>
    new World(alertPolicy({api: {window: 'day', missed, urgent}, db: {window: 'day', missed}}, [10_000, 20_000]));

  test('nothing is sent, and the reason is a word', () => {
    const world = night();
    world.now(1_000, down('api'));
    assert.deepEqual(world.said, []);
    assert.deepEqual(world.verdicts, ['api held outside_window']);
    assert.equal(wakeAt(world.state), 10_000);
  });

  test('when it opens, one message tells what is still broken and what was missed', () => {
    const world = night();
    world.now(1_000, down('api'));
    world.now(2_000, down('db'));
    world.now(3_000, up('db'));
    world.now(9_999);
    assert.deepEqual(world.said, []);
    world.now(10_000);
    assert.deepEqual(world.said, ['card window_opened ops']);
    const [message] = world.messages;
    assert.ok(message?.kind === 'card');
    assert.deepEqual(
      message.incidents.map((incident) => incident.check),
      ['api'],
    );
    assert.deepEqual(
      message.missed.map((incident) => incident.check),
      ['db'],
    );
    world.now(10_001);
    assert.equal(world.said.length, 1);
  });

  test('with missed: drop, what broke and recovered is not told', () => {
    const world = night('drop');
    world.now(1_000, down('api'), up('api'));
    world.now(10_000);
    assert.deepEqual(world.said, []);
    assert.deepEqual(world.verdicts.at(-1), 'api dropped missed');
    assert.equal(world.state.incidents.size, 0);
  });

  test('an urgent check is told at once', () => {
    const world = night('digest', true);
    world.now(1_000, down('api'));
    assert.deepEqual(world.said, ['card first ops']);
  });

  test('a recovery after an announcement waits for the window, while the card tells the truth at once', () => {
    const world = night();
    world.now(15_000, down('api'));
    world.policy = alertPolicy({api: {window: 'day'}}, [30_000, 40_000]);
    world.now(25_000, up('api'));
    assert.deepEqual(world.said, ['card first ops', 'edit recovered ops']);
    world.now(30_000);
    assert.deepEqual(world.said.at(-1), 'recovery recovered ops');
    assert.equal(world.state.incidents.size, 0);
  });

  test('a card of several incidents keeps showing those that are over, until all are', () => {
    const world = night();
    world.now(1_000, down('api'), down('db'));
    world.now(10_000);
    world.now(11_000, up('db'));
    const edit = world.messages.find((message) => message.kind === 'edit');
    assert.ok(edit?.kind === 'edit');
    assert.deepEqual(
      edit.incidents.map((incident) => [incident.check, incident.closedAt]),
      [
        ['api', undefined],
        ['db', 11_000],
      ],
    );
    world.now(12_000, up('api'));
    assert.equal(world.state.incidents.size, 0);
    assert.equal(world.state.cards.size, 0);
  });
});

test('a notice of the program goes to the default channels', () => {
  const world = new World(alertPolicy({}));
  world.now(1_000, {kind: 'noticed', code: 'store_in_memory', detail: 'disk full', at: 1_000});
  assert.deepEqual(world.said, ['notice notice ops']);
});

test('ids of incidents and cards are never given twice', () => {
  const world = new World(alertPolicy({a: {}, b: {to: ['ops', 'desk']}}));
  for (let at = 1_000; at < 10_000; at += 1_000) world.now(at, down('a'), down('b'), up('a'), up('b'));
  const cards = world.messages.flatMap((message) => (message.kind === 'card' ? message.card : []));
  assert.equal(new Set(cards).size, 27);
});

function incidentOf(message: Message | undefined) {
  return message && 'incidents' in message ? message.incidents[0] : undefined;
}

describe('a check whose channels are all muted', () => {
  const muted = () => new World(alertPolicy({api: {to: [], window: 'day'}}, [10_000, 20_000], {noticeTo: []}));

  test('leaves nothing behind of what came and went outside its window', () => {
    const world = muted();
    world.now(1_000, down('api'));
    world.now(2_000, up('api'));
    world.until(15_000);
    assert.deepEqual([world.said, world.state.incidents.size, world.state.dueAt.size], [[], 0, 0]);
  });

  test('is asked about no more when the window has opened, and forgotten when it is up', () => {
    const world = muted();
    world.now(1_000, down('api'));
    world.until(15_000);
    assert.equal(wakeAt(world.state), undefined);
    world.now(25_000, up('api'));
    world.until(30_000);
    assert.deepEqual([world.said, world.state.incidents.size, world.state.dueAt.size], [[], 0, 0]);
  });
});
