import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {alertConfig, BORIS, checkConfig, GROUP} from '../world.ts';
import {type Chat, startChat} from './chat.ts';

const MINUTE = 60_000;
const alerts = alertConfig({repeatEveryMs: 20 * MINUTE});
const checks = [checkConfig('api', {alerts}), checkConfig('shop', {alerts})];

/** Telegram asks for a rest of so long, and then what has waited is said. */
async function outage({clock, until, store}: Chat, ms: number, meanwhile = async () => {}): Promise<void> {
  store.telegram.block('ops', clock.now() + ms + MINUTE);
  await clock.advance(ms);
  await meanwhile();
  await clock.advance(MINUTE);
  await until(() => store.outbox.backlog().rows === 0, 'what has waited');
}

describe('reminders that Telegram did not take', () => {
  test('become one card of what is broken, whose button works, and both cards of it are kept true', async (context) => {
    const chat = await startChat(context, {checks});
    const {said, breaks, recovers, until, telegram, pipeline} = chat;
    await breaks('api');
    await until(() => said().length === 1, 'the card');
    await outage(chat, 50 * MINUTE);
    assert.equal(said().length, 2);
    const [card, late] = said();
    await chat.listen();
    assert.match(late?.text ?? '', /^🔴 1 check is down · shop-7\n⏳ .* late\.\n🔴 api HTTP 503, since/);
    telegram.press({chat: GROUP, from: BORIS, message_id: late?.message_id ?? 0, label: 'Acknowledge'});
    await until(() => pipeline.view()[0]?.incident?.acknowledged !== undefined, 'the press');
    await until(() => said().every(({text}) => text.includes('Boris')), 'both edits');
    await recovers('api');
    await until(() => said().length === 3, 'the recovery');
    assert.equal(said()[2]?.reply_to, card?.message_id);
    await until(() => said().every(({text}) => text.startsWith('🟢')), 'both edits');
  });

  test('are not hidden by the end of another check', async (context) => {
    const chat = await startChat(context, {checks});
    const {said, breaks, recovers, until} = chat;
    await breaks('api');
    await breaks('shop');
    await until(() => said().length === 2, 'the cards');
    await outage(chat, 25 * MINUTE, () => recovers('shop'));
    assert.match(
      said()[2]?.text ?? '',
      /^🔴 1 check is down .*\n⏳ .*\nBroke and recovered meanwhile: shop .*\n🔴 api /,
    );
    assert.equal(said().length, 3);
  });

  test('are dropped when all that they are about is well by then', async (context) => {
    const chat = await startChat(context, {checks});
    const {said, breaks, recovers, until} = chat;
    await breaks('api');
    await until(() => said().length === 1, 'the card');
    await outage(chat, 50 * MINUTE, () => recovers('api'));
    assert.equal(said().length, 2);
    assert.match(said()[1]?.text ?? '', /^🟢 .*\n⏳ .*\nBroke and recovered meanwhile: api/);
  });
});
