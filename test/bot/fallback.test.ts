import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {createFallback} from '../../src/bot/fallback.ts';
import type {ChannelConfig} from '../../src/config/config.ts';
import type {Message} from '../../src/state/vocabulary.ts';
import {START} from '../support/hand-clock.ts';
import {ANNA, alertConfig, checkConfig, configWith, GROUP, notice} from './world.ts';

function card(channel: string, checks: readonly string[] = ['api']): Message {
  const incidents = checks.map((check, id) => ({id, check, openedAt: START, reason: 'x', errors: 3, cards: [1]}));
  const {length} = checks;
  return {kind: 'card', channel, reason: 'first', card: 1, incidents, total: length, open: length, missed: []};
}

describe('where a message goes that its channel refuses', () => {
  const config = configWith({
    alerts: alertConfig({to: ['ops', 'desk'], fallback: 'desk'}),
    checks: [checkConfig('api', {alerts: alertConfig({fallback: 'lead'})})],
  });

  test('to the fallback of its check, where that has one', () => {
    assert.equal(createFallback(config)(card('ops')), 'lead');
  });

  test('to nowhere, where the fallback has its own copy already', () => {
    assert.equal(createFallback(config)(notice('1', 'ops')), 'ops');
  });

  test('to the console, where no fallback is named', () => {
    const silent = configWith({alerts: alertConfig(), checks: []});
    assert.equal(createFallback(silent)(notice('1', 'ops')), 'desk');
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
    assert.equal(createFallback(mixed)(both), undefined);
    assert.equal(createFallback(mixed)(card('lead', ['till'])), 'lead');
  });

  test('to the group that has the news, where somebody on call cannot be written to', () => {
    const to = ['desk', 'lead', 'ops'];
    const channels = new Map<string, ChannelConfig>([
      ['desk', {name: 'desk', type: 'console'}],
      ['lead', {name: 'lead', type: 'telegram', chatId: ANNA}],
      ['ops', {name: 'ops', type: 'telegram', chatId: GROUP}],
    ]);
    const calling = (changes: object) =>
      createFallback(
        configWith({
          channels,
          alerts: alertConfig({to}),
          checks: [checkConfig('api', {alerts: alertConfig({to})})],
          ...changes,
        }),
      );
    assert.equal(calling({})(card('person:111')), 'ops');
    assert.equal(calling({messageType: 'console'})(card('person:111')), 'desk');
  });

  test('to nowhere, where somebody on call misses the end, which the others hear', () => {
    const recovery: Message = {
      kind: 'recovery',
      channel: 'person:111',
      reason: 'recovered',
      card: 1,
      incidents: [],
      more: 0,
    };
    assert.equal(createFallback(config)(recovery), 'person:111');
  });

  test('the fallback’s own refusal leads nowhere else', () => {
    assert.equal(createFallback(config)(card('lead')), undefined);
  });
});
