import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import type {CheckAlerts} from '../../src/state/alerts.ts';
import type {Rotation} from '../../src/state/rotation.ts';
import type {CardMessage, Event} from '../../src/state/vocabulary.ts';
import {alertPolicy, boris, down, up, World} from './worlds.ts';

const minute = 60_000;
const hour = 60 * minute;
const anna = {id: 111, name: 'Anna'};
const clara = {id: 333, name: 'Clara'};

/** Anna has the first day (of 1970), Boris the second. At night it is Clara all the time. */
const primary: Rotation = {name: 'primary', people: [anna, boris], days: 1, startDay: 0, minute: 0, zone: 'UTC'};
const night: Rotation = {...primary, name: 'night', people: [clara]};

function worldOf(escalate: CheckAlerts['escalate'], rest: Partial<CheckAlerts> = {}): World {
  const rotations = new Map([primary, night].map((rotation) => [rotation.name, rotation]));
  return new World(alertPolicy({api: {escalate, ...rest}}, undefined, {rotations}));
}

const steps = [{afterMs: 15 * minute, to: [], oncall: ['primary']}];

describe('an escalation to whoever is on call', () => {
  test('goes to their private chat, once, and calls them', () => {
    const world = worldOf(steps);
    world.now(hour, down('api'));
    world.until(3 * hour);
    assert.deepEqual(world.rung, ['first ops: api', 'escalation person:111: api']);
    assert.deepEqual(cardIn(world, 'person:111').calls, anna);
  });

  test('goes to whom the step finds on call, not the failure', () => {
    const world = worldOf(steps);
    world.now(24 * hour - 10 * minute, down('api'));
    world.until(25 * hour);
    assert.deepEqual(world.rung, ['first ops: api', 'escalation person:222: api']);
  });

  test('of another rotation goes to its person, beside channels', () => {
    const world = worldOf([{afterMs: 15 * minute, to: ['lead'], oncall: ['night', 'primary']}]);
    world.now(hour, down('api'));
    world.until(3 * hour);
    assert.deepEqual(
      world.rung.slice(1),
      ['lead', 'person:333', 'person:111'].map((lane) => `escalation ${lane}: api`),
    );
  });

  test('does not come when somebody has acknowledged', () => {
    const world = worldOf(steps);
    world.now(hour, down('api'));
    world.now(hour + minute, acknowledged());
    world.until(3 * hour);
    assert.deepEqual(world.rung, ['first ops: api']);
    assert.ok(world.verdicts.includes('api held acked'));
  });

  test('calls nobody any more once somebody has acknowledged, and hears the end', () => {
    const world = worldOf(steps);
    world.now(hour, down('api'));
    world.until(2 * hour);
    world.now(2 * hour, acknowledged());
    assert.equal(cardIn(world, 'person:111').calls, undefined);
    world.now(3 * hour, up('api'));
    assert.equal(world.rung.at(-1), 'recovered person:111: api');
  });

  test('of a storm is one message', () => {
    const names = Array.from({length: 50}, (_, index) => `c${index}`);
    const rotations = new Map([['primary', primary]]);
    const checks = Object.fromEntries(names.map((name) => [name, {escalate: steps, groupWaitMs: 10_000}]));
    const world = new World(alertPolicy(checks, undefined, {rotations}));
    world.now(hour, ...names.map(down));
    world.until(3 * hour);
    const told = world.messages.filter(({kind, channel}) => kind === 'card' && channel === 'person:111');
    // The first card left at once, the digest of the others ten seconds later: each escalates at its time.
    assert.equal(told.length, 2);
  });

  test('waits like the news: a silence holds it, and its end sets it free', () => {
    const world = worldOf(steps);
    world.now(hour, down('api'));
    const silence = {kind: 'silence', what: {kind: 'all'}, at: 0, by: boris, why: '', until: 25 * hour} as const;
    world.now(hour + minute, {kind: 'silenced', silence, at: 0});
    world.until(24 * hour);
    assert.deepEqual(world.rung, ['first ops: api']);
    world.until(26 * hour);
    // Boris is on call by then.
    assert.equal(world.rung.at(-1), 'escalation person:222: api');
  });
});

describe('somebody who stands in', () => {
  const override = {rotation: 'primary', person: clara, at: hour, by: boris, until: 2 * hour};
  const overridden: Event = {kind: 'duty_overridden', override, at: hour};

  test('is called in place of whoever’s turn it is', () => {
    const world = worldOf(steps);
    world.now(hour, overridden, down('api'));
    world.until(2 * hour);
    assert.equal(world.rung.at(-1), 'escalation person:333: api');
  });

  test('does so until the time that was given, and no longer', () => {
    const world = worldOf(steps);
    world.now(hour, overridden);
    world.now(2 * hour - 15 * minute, down('api'));
    world.until(3 * hour);
    assert.equal(world.rung.at(-1), 'escalation person:111: api');
  });

  test('does so in one rotation only', () => {
    const world = worldOf([{afterMs: 15 * minute, to: [], oncall: ['primary', 'night']}]);
    world.now(hour, {...overridden, override: {...override, rotation: 'night', person: boris}} as Event, down('api'));
    world.until(2 * hour);
    assert.deepEqual(world.rung.slice(1), ['escalation person:111: api', 'escalation person:222: api']);
  });

  test('does so no longer when that is taken back', () => {
    const world = worldOf(steps);
    world.now(hour, overridden, down('api'));
    world.now(hour + minute, {kind: 'duty_restored', rotation: 'primary', at: 0});
    world.until(2 * hour);
    assert.equal(world.rung.at(-1), 'escalation person:111: api');
  });
});

describe('a card', () => {
  test('names who is on call, of the rotation that the check calls', () => {
    const world = worldOf([{afterMs: 15 * minute, to: [], oncall: ['night']}]);
    world.now(hour, down('api'));
    assert.deepEqual(cardIn(world, 'ops').oncall, [{rotation: 'night', person: clara, until: 24 * hour}]);
  });

  test('of a check that calls nobody names who is on call in the first rotation', () => {
    const world = worldOf([]);
    world.now(hour, down('api'));
    assert.deepEqual(cardIn(world, 'ops').oncall, [{rotation: 'primary', person: anna, until: 24 * hour}]);
  });

  test('names nobody once somebody has acknowledged, or when it is over', () => {
    const world = worldOf(steps);
    world.now(hour, down('api'));
    world.now(hour + minute, acknowledged());
    assert.equal(cardIn(world, 'ops').oncall, undefined);
    world.now(2 * hour, up('api'));
    assert.equal(cardIn(world, 'ops').oncall, undefined);
  });

  test('is not sent again when somebody else takes over', () => {
    const world = worldOf([]);
    world.now(23 * hour, down('api'));
    world.until(26 * hour);
    assert.deepEqual(world.said, ['card first ops']);
  });
});

function acknowledged(): Event {
  return {kind: 'acknowledged', check: 'api', at: 0, by: boris, why: ''};
}

/** The newest state of the card in this channel. */
function cardIn(world: World, channel: string): CardMessage {
  const cards = world.messages.flatMap((each) => (each.kind === 'card' || each.kind === 'edit' ? [each] : []));
  const found = cards.findLast((message) => message.channel === channel);
  assert.ok(found, `no card in ${channel}`);
  return found;
}
