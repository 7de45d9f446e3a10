import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {createFallback} from '../../src/bot/fallback.ts';
import type {ChannelConfig, Config} from '../../src/config/config.ts';
import type {Ending, Message} from '../../src/state/vocabulary.ts';
import {START} from '../support/hand-clock.ts';
import {ANNA, alertConfig, checkConfig, configWith, GROUP, notice} from './world.ts';

function card(channel: string, checks: readonly string[] = ['api']): Message {
  const incidents = checks.map((check, id) => ({id, check, openedAt: START, reason: 'x', errors: 3, cards: [1]}));
  const {length} = checks;
  return {kind: 'card', channel, reason: 'first', card: 1, incidents, total: length, open: length, missed: []};
}

/** The end of each, which these channels tell by themselves; undefined: of a message that an older version has left. */
function ends(heardIn: Record<string, readonly string[] | undefined>): readonly Ending[] {
  return Object.entries(heardIn).map(([check, heardIn], id) => ({
    ...{id, check, openedAt: START, closedAt: START + 1, reason: 'x', errors: 3, cards: [1]},
    ...(heardIn && {heardIn}),
  }));
}

function recovery(heardIn: Parameters<typeof ends>[0], channel = 'ops'): Message {
  return {kind: 'recovery', channel, reason: 'digest', card: 1, incidents: ends(heardIn), more: 0};
}

/** The channel that gets it, or the word for why none does. */
function elsewhere(config: Config, message: Message): string {
  const found = createFallback(config)(message);
  return found.kind === 'moved' ? found.message.channel : found.kind;
}

/** What the fallback gets: its channel, its kind and what it names. */
function movedOf(config: Config, message: Message): readonly string[] {
  const found = createFallback(config)(message);
  if (found.kind !== 'moved' || !('incidents' in found.message)) return [found.kind];
  const {channel, kind, incidents} = found.message;
  const missed = found.message.kind === 'card' ? found.message.missed : [];
  return [channel, kind, ...incidents.map(({check}) => check), ...missed.map(({check}) => `missed ${check}`)];
}

describe('where a message goes that its channel refuses', () => {
  const config = configWith({
    alerts: alertConfig({to: ['ops', 'desk'], fallback: 'desk'}),
    checks: [checkConfig('api', {alerts: alertConfig({fallback: 'lead'})})],
  });

  test('to the fallback of its check, where that has one', () => {
    assert.equal(elsewhere(config, card('ops')), 'lead');
  });

  test('to the fallback, where `message_type` mutes the copy that it would have had', () => {
    const news = {...config, messageType: 'telegram' as const};
    assert.equal(elsewhere(news, notice('1', 'ops')), 'desk');
  });

  test('to nowhere, where the fallback has its own copy already', () => {
    assert.equal(elsewhere(config, notice('1', 'ops')), 'told');
  });

  test('to the console, where no fallback is named', () => {
    const silent = configWith({alerts: alertConfig(), checks: []});
    assert.equal(elsewhere(silent, notice('1', 'ops')), 'desk');
  });

  test('to no other channel, and not given up, where only some of what it tells has a copy', () => {
    const mixed = configWith({
      alerts: alertConfig(),
      checks: [
        checkConfig('api', {alerts: alertConfig({to: ['lead'], fallback: 'lead'})}),
        checkConfig('till', {alerts: alertConfig({to: ['lead', 'desk'], fallback: 'desk'})}),
      ],
    });
    const both = card('lead', ['api', 'till']);
    assert.equal(elsewhere(mixed, both), 'nowhere');
    assert.equal(elsewhere(mixed, card('lead', ['till'])), 'told');
  });

  test('to the group that has the news, where somebody on call cannot be written to', () => {
    const to = ['desk', 'lead', 'ops'];
    const channels = new Map<string, ChannelConfig>([
      ['desk', {name: 'desk', type: 'console'}],
      ['lead', {name: 'lead', type: 'telegram', chatId: ANNA}],
      ['ops', {name: 'ops', type: 'telegram', chatId: GROUP}],
    ]);
    const checks = [checkConfig('api', {alerts: alertConfig({to})})];
    const calling = (changes: Partial<Config>) => configWith({channels, alerts: alertConfig({to}), checks, ...changes});
    assert.equal(elsewhere(calling({}), card('person:111')), 'ops');
    assert.equal(elsewhere(calling({messageType: 'console'}), card('person:111')), 'desk');
  });

  test('to nowhere, where somebody on call misses the end, which the others hear', () => {
    assert.equal(elsewhere(config, recovery({}, 'person:111')), 'told');
  });

  test('the fallback’s own refusal leads nowhere else', () => {
    assert.equal(elsewhere(config, card('lead')), 'nowhere');
  });
});

describe('where an end goes that its channel refuses', () => {
  const shared = alertConfig({to: ['ops', 'lead'], fallback: 'lead'});
  const config = configWith({
    alerts: shared,
    checks: [
      checkConfig('api', {alerts: shared}),
      checkConfig('shop', {alerts: shared}),
      checkConfig('till', {alerts: alertConfig({to: ['ops', 'lead'], fallback: 'ops'})}),
    ],
  });

  test('to the fallback, though the news go there too, if it was not told of the beginning', () => {
    assert.deepEqual(movedOf(config, recovery({api: ['ops']})), ['lead', 'recovery', 'api']);
  });

  test('to nowhere, if the fallback was told of the beginning, be it by an escalation', () => {
    assert.deepEqual(movedOf(config, recovery({api: ['ops', 'lead']})), ['told']);
    const escalated = configWith({checks: [checkConfig('api', {alerts: alertConfig({fallback: 'lead'})})]});
    assert.deepEqual(movedOf(escalated, recovery({api: ['ops', 'lead']})), ['told']);
  });

  test('to the fallback without what that tells by itself', () => {
    assert.deepEqual(movedOf(config, recovery({api: ['ops', 'lead'], shop: ['ops']})), ['lead', 'recovery', 'shop']);
    const withLost = recovery({till: ['ops'], shop: ['ops']});
    assert.deepEqual(movedOf(config, withLost), ['lead', 'recovery', 'till', 'shop']);
  });

  test('to nowhere, as the news go there too, if an older version has left the message', () => {
    assert.deepEqual(movedOf(config, recovery({api: undefined})), ['told']);
  });

  test('out of a late digest alone, where the fallback has cards of its own of all else', () => {
    const late = (missed: readonly Ending[], checks = ['api']): Message => {
      const digest = card('ops', checks);
      return digest.kind === 'card' ? {...digest, reason: 'late', missed} : digest;
    };
    assert.deepEqual(movedOf(config, late(ends({shop: ['ops'], api: ['ops', 'lead']}))), [
      'lead',
      'card',
      'missed shop',
    ]);
    assert.deepEqual(movedOf(config, late(ends({shop: ['ops', 'lead']}))), ['told']);
    assert.deepEqual(movedOf(config, late(ends({shop: ['ops']}), ['till'])), ['lead', 'card', 'till', 'missed shop']);
    assert.deepEqual(movedOf(config, late(ends({shop: undefined}))), ['told']);
  });

  test('not again with an edit of that digest', () => {
    const digest = card('ops');
    assert.ok(digest.kind === 'card');
    assert.deepEqual(movedOf(config, {...digest, kind: 'edit', missed: ends({shop: ['ops']})}), ['told']);
  });
});
