import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import type {VisibleMessage} from '../../mocks/telegram/simulator.ts';
import {ANNA, assertClean, BORIS, type Chat, CLARA, GROUP, STRANGER, startChat} from './chat.ts';

describe('the main job, in the real program', {concurrency: 4}, () => {
  test('an API breaks, one card comes; it is acknowledged; it recovers, one message comes', async (context) => {
    const chat = await startChat(context);
    const {telegram, api, vakhta} = chat;
    await vakhta.start();
    await chat.checks(2);
    assert.deepEqual(chat.said(), []);

    api.break();
    const card = await telegram.waitFor(() => chat.cards()[0], {what: 'the alert card', timeoutMs: 10_000});
    assert.match(card.text, /billing-api is down/);
    assert.match(card.text, /HTTP 503/);
    assert.match(card.text, /Restart the billing service, then call Anna\./);
    assert.equal(buttonOf(card), 'Acknowledge');

    await chat.checks(4);
    assert.equal(chat.said().length, 1, 'while it stays broken, nothing more comes');

    chat.type(STRANGER, '/ack billing-api');
    chat.type(STRANGER, '/status');
    chat.type(CLARA, '/ack billing-api');
    await telegram.waitFor(() => chat.said().some(({text}) => text.includes('needs the role operator')));
    assert.equal(chat.said().length, 2, 'a stranger gets no answer, a viewer is told why not');
    assert.doesNotMatch(chat.cards()[0]?.text ?? '', /Acknowledged/);

    chat.type(BORIS, '/ack billing-api looking into it');
    await telegram.waitFor(() => /Acknowledged by Boris at .*: looking into it/.test(chat.cards()[0]?.text ?? ''));
    assert.equal(buttonOf(chat.cards()[0]), '👤 Take back', 'what is acknowledged is not to be acknowledged again');

    api.mend();
    const back = await telegram.waitFor(() => chat.recoveries()[0], {what: 'the recovery', timeoutMs: 10_000});
    assert.equal(back.reply_to, card.message_id);
    await telegram.waitFor(() => /recovered after/.test(chat.cards()[0]?.text ?? ''));
    await chat.checks(3);
    assert.equal(chat.cards().length, 1);
    assert.equal(chat.recoveries().length, 1);
    assertClean(chat);
    assert.equal(await vakhta.stop(), 0);
  });

  test('the Acknowledge button works for an operator, once, and not for a stranger', async (context) => {
    const chat = await startChat(context);
    const {telegram, api, vakhta} = chat;
    await vakhta.start();
    api.break();
    await telegram.waitFor(() => chat.cards()[0], {what: 'the alert card', timeoutMs: 10_000});
    telegram.press({chat: GROUP, from: STRANGER, label: 'Acknowledge'});
    telegram.press({chat: GROUP, from: CLARA, label: 'Acknowledge'});
    await telegram.waitFor(() => telegram.callbackAnswers[0]);
    assert.match(telegram.callbackAnswers[0]?.text ?? '', /operator/);
    const data = telegram.messages(GROUP).at(-1)?.reply_markup?.inline_keyboard[0]?.[0];
    assert.ok(data && 'callback_data' in data);
    telegram.press({chat: GROUP, from: BORIS, label: 'Acknowledge'});
    await telegram.waitFor(() => /Acknowledged by Boris/.test(chat.cards()[0]?.text ?? ''));
    telegram.press({chat: GROUP, from: ANNA, data: String(data.callback_data), forged: true});
    await telegram.waitFor(() => telegram.callbackAnswers.length === 3);
    assert.match(telegram.callbackAnswers[2]?.text ?? '', /pressed already/);
    assert.match(chat.cards()[0]?.text ?? '', /Acknowledged by Boris/);
    assertClean(chat);
  });

  test('an outage of the Bot API for 30 s loses nothing and repeats nothing', async (context) => {
    const chat = await startChat(context);
    const {telegram, api, vakhta} = chat;
    await vakhta.start();
    await chat.checks(1);
    telegram.outage(true);
    api.break();
    // The outage is the subject of this test: it must be as long as it is said to be.
    await new Promise((resolve) => setTimeout(resolve, 30_000));
    assert.deepEqual(chat.said(), []);
    telegram.outage(false);
    const card = await telegram.waitFor(() => chat.cards()[0], {what: 'the card', timeoutMs: 60_000});
    assert.match(card.text, /billing-api is down/);
    chat.type(BORIS, '/ack billing-api');
    await telegram.waitFor(() => /Acknowledged/.test(chat.cards()[0]?.text ?? ''), {timeoutMs: 60_000});
    api.mend();
    await telegram.waitFor(() => chat.recoveries()[0], {what: 'the recovery', timeoutMs: 20_000});
    await chat.checks(3);
    assert.equal(chat.cards().length, 1);
    assert.equal(chat.recoveries().length, 1);
    assertClean(chat);
  });

  test('kill -9 after every step loses nothing', async (context) => {
    const chat = await startChat(context);
    const {telegram, api, vakhta} = chat;
    const crash = async () => {
      await vakhta.kill();
      await vakhta.start();
    };
    await vakhta.start();
    await chat.checks(1);
    await crash();
    api.break();
    await chat.checks(1);
    await crash();
    await telegram.waitFor(() => chat.cards()[0], {what: 'the card', timeoutMs: 10_000});
    await crash();
    chat.type(BORIS, '/ack billing-api on it');
    await crash();
    await telegram.waitFor(() => /Acknowledged by Boris/.test(last(chat.cards())), {what: 'the acknowledgement'});
    await crash();
    chat.type(ANNA, '/status');
    await telegram.waitFor(() => chat.said().some(({text}) => /billing-api · HTTP 503 .*Boris/.test(text)), {
      what: 'a status that remembers the acknowledgement',
      timeoutMs: 10_000,
    });
    api.mend();
    await chat.checks(1);
    await crash();
    await telegram.waitFor(() => chat.recoveries()[0], {what: 'the recovery', timeoutMs: 10_000});
    await crash();
    await chat.checks(3);
    assertOnceOrRepeated(chat.cards());
    assertOnceOrRepeated(chat.recoveries());
    assertClean(chat);
  });

  test('kill -9 at any moment loses nothing', async (context) => {
    const chat = await startChat(context);
    await survive(chat, [40, 650, 120, 1_100, 300, 5, 800, 60, 450]);
    assertOnceOrRepeated(chat.cards());
    assertOnceOrRepeated(chat.recoveries());
    assertClean(chat);
  });
});

/** Breaks, acknowledges and mends the API while the program is killed so many milliseconds after each of its starts. */
async function survive(chat: Chat, livesMs: readonly number[]): Promise<void> {
  const {telegram, api, vakhta} = chat;
  const live = async (ms: number) => {
    await vakhta.start();
    await new Promise((resolve) => setTimeout(resolve, ms));
    await vakhta.kill();
  };
  api.break();
  for (const ms of livesMs) await live(ms);
  await vakhta.start();
  await telegram.waitFor(() => chat.cards()[0], {what: 'the card', timeoutMs: 20_000});
  await vakhta.kill();
  chat.type(BORIS, '/ack billing-api');
  for (const ms of livesMs) await live(ms);
  api.mend();
  for (const ms of livesMs) await live(ms);
  await vakhta.start();
  await telegram.waitFor(() => chat.recoveries()[0], {what: 'the recovery', timeoutMs: 20_000});
  await telegram.waitFor(() => /recovered after/.test(last(chat.cards())), {what: 'the card in its last state'});
  assert.match(last(chat.cards()), /Acknowledged by Boris/);
}

/** At least once; and whatever came again says so. */
function assertOnceOrRepeated(messages: readonly VisibleMessage[]): void {
  const unmarked = messages.filter((message) => !wordsOf(message).some((text) => text.includes('(repeated)')));
  assert.ok(messages.length >= 1);
  assert.ok(unmarked.length <= 1, `${unmarked.length} messages without a mark: ${JSON.stringify(unmarked)}`);
}

function wordsOf(message: VisibleMessage): string[] {
  return [message.text, ...message.edits.map((version) => version.text)];
}

function last(messages: readonly VisibleMessage[]): string {
  return messages.at(-1)?.text ?? '';
}

function buttonOf(message: VisibleMessage | undefined): string | undefined {
  return message?.reply_markup?.inline_keyboard[0]?.[0]?.text;
}
