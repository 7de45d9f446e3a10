import assert from 'node:assert/strict';
import {describe, type TestContext, test} from 'node:test';
import {OpsTelegram} from '../../../src/bot/telegram/api.ts';
import {systemClock} from '../../../src/clock.ts';
import {ANNA, BORIS, CLARA, checkConfig, GROUP, notice, rowsOf} from '../world.ts';
import {buttonOf, type Chat, startChat} from './chat.ts';

const SECOND = 1_000;
const MINUTE = 60_000;
const STEP_MS = 5 * SECOND;

const countOf = ({telegram}: Chat, method: string) => telegram.requests.filter((one) => one.method === method).length;
const texts = (chat: Chat, id?: number) => chat.said(id).map(({text}) => text);

/** Lets so much time pass, in steps that leave the network a moment. */
async function pass({clock}: Chat, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += STEP_MS) {
    await clock.advance(STEP_MS);
    await systemClock.sleep(2);
  }
}

/** Lets time pass in such steps until the condition holds. */
async function holds(chat: Chat, condition: () => unknown, what: string): Promise<void> {
  for (let step = 0; !condition(); step++) {
    assert.ok(step < 2_000, `${what}: not within ${step} steps`);
    await pass(chat, STEP_MS);
  }
}

describe('Telegram’s troubles', () => {
  test('a storm of 429s: each try waits as long as it was told to, and everything arrives once, in order', async (context) => {
    const chat = await startChat(context);
    const {telegram, store, outbox, clock, lines} = chat;
    const parameters = {retry_after: 7};
    telegram.fault({kind: 'error', code: 429, method: 'sendMessage', times: 25, parameters});
    const began = clock.now();
    const messages = Array.from({length: 10}, (_, index) => notice(`news ${index}`));
    store.commit({now: began, messages, durable: true});
    outbox.wake();
    await holds(chat, () => texts(chat).some((text) => text.includes('news 9')), 'the last of the news');
    assert.deepEqual(
      texts(chat).map((text) => /news (\d)/.exec(text)?.[1]),
      [...'0123456789'],
    );
    assert.equal(countOf(chat, 'sendMessage'), 35);
    assert.ok(clock.now() - began >= 25 * 7 * SECOND);
    assert.ok(lines.filter(({msg}) => msg === 'not delivered yet').every(({waitMs}) => waitMs === 7_000));
    assert.doesNotMatch(texts(chat).join(), /repeated/);
  });

  test('30 minutes of outage: orders of that time are carried out, alerts arrive, what comes twice says so', async (context) => {
    const chat = await startChat(context, {checks: ['api-1', 'api-2', 'mail'].map((name) => checkConfig(name))});
    const {telegram, breaks, pipeline, store} = chat;
    await chat.listen();
    telegram.outage(true);
    await breaks('api-1');
    await pass(chat, 15 * MINUTE);
    for (const name of ['api-2', 'mail']) await breaks(name);
    telegram.say({chat: GROUP, from: BORIS, text: '/ack api-1 on it'});
    await pass(chat, 15 * MINUTE);
    assert.deepEqual(texts(chat), []);
    telegram.outage(false);
    await holds(chat, () => pipeline.view()[0]?.incident?.acknowledged, 'the order');
    await holds(chat, () => store.outbox.backlog().rows === 0, 'an empty outbox');
    const all = texts(chat);
    for (const name of ['api-1', 'api-2', 'mail'])
      assert.ok(
        all.some((text) => text.includes(name)),
        name,
      );
    assert.equal(all.filter((text) => text.startsWith('Acknowledged: api-1')).length, 1);
    assert.ok(
      all.some((text) => /late/.test(text)),
      all.join('\n'),
    );
    assert.ok(all.length <= 4, 'an answer, and no more cards than there were before and behind the doubt');
    assert.deepEqual(telegram.violations, []);
  });

  test('a second program with the same token: alerts go on, the log says so, and orders come again when it ends', async (context) => {
    const chat = await startChat(context);
    const {telegram, breaks, until, lines, clock} = chat;
    await chat.listen();
    const other = new OpsTelegram({token: telegram.token, apiRoot: telegram.apiRoot, clock: systemClock});
    context.after(() => other.hangUp());
    const fight = new AbortController();
    const fighting = (async () => {
      while (!fight.signal.aborted) {
        await other.callApi('getUpdates', {timeout: 1, offset: 0}, {signal: fight.signal}).catch(() => {});
        await systemClock.sleep(5);
      }
    })();
    await until(() => lines.some(({msg}) => /another program polls with this token/.test(msg)), 'the line in the log');
    await breaks();
    await until(() => texts(chat).length === 1, 'the card');
    fight.abort();
    await fighting;
    telegram.say({chat: GROUP, from: BORIS, text: '/ack billing-api'});
    await until(() => /Acknowledged by Boris/.test(texts(chat)[0] ?? ''), 'the order');
    await clock.advance(MINUTE);
    assert.equal(countOf(chat, 'sendMessage'), 2, 'the card and the answer');
  });

  test('a bot that is thrown out and invited back says what it could not, and takes orders again', async (context) => {
    const chat = await startChat(context);
    const {telegram, breaks, until, store, clock} = chat;
    await chat.listen();
    telegram.kick(GROUP);
    await breaks();
    await until(() => store.telegram.deadChannels().length === 1, 'its death');
    const before = countOf(chat, 'sendMessage');
    await pass(chat, 9 * MINUTE);
    assert.ok(countOf(chat, 'sendMessage') - before <= 2, 'nobody is asked in a circle');
    telegram.restore(GROUP);
    await clock.advance(10 * MINUTE);
    await holds(chat, () => texts(chat).some((text) => /billing-api is down/.test(text)), 'the card');
    await holds(chat, () => store.telegram.deadChannels().length === 0, 'its life');
    telegram.say({chat: GROUP, from: BORIS, text: '/ack billing-api'});
    await holds(chat, () => texts(chat).some((text) => /Acknowledged by Boris/.test(text)), 'the order');
  });

  test('a press that is answered too late for Telegram is carried out, and its card says so', async (context) => {
    const chat = await startChat(context);
    const {telegram, breaks, until, lines} = chat;
    await chat.listen();
    await breaks();
    await until(() => texts(chat).length === 1, 'the card');
    const description = 'Bad Request: query is too old and response timeout expired or query ID is invalid';
    telegram.fault({kind: 'error', method: 'answerCallbackQuery', description});
    telegram.press({
      chat: GROUP,
      from: BORIS,
      message_id: chat.said()[0]?.message_id ?? 0,
      data: buttonOf(chat.said()[0])?.data ?? '',
    });
    await until(() => /Acknowledged by Boris/.test(texts(chat)[0] ?? ''), 'the edit');
    await until(() => lines.some(({msg}) => msg === 'a button could not be answered'), 'the line in the log');
    assert.equal(telegram.pendingUpdates(), 0);
  });
});

describe('a thousand commands at once from one chat', () => {
  async function flood(context: TestContext): Promise<Chat> {
    const chat = await startChat(context);
    for (let index = 0; index < 1_000; index++) {
      chat.telegram.say({chat: GROUP, from: BORIS, text: index === 500 ? '/ack billing-api' : '/version'});
    }
    chat.serve();
    return chat;
  }

  test('are taken in order, and answered in order as far as Telegram lets them; the rest is dropped after 10 minutes', async (context) => {
    const chat = await flood(context);
    const {telegram, clock, store, dataDir} = chat;
    const taken = () => telegram.pendingUpdates() === 0 || void clock.advance(50);
    await telegram.waitFor(taken, {what: 'all commands to be taken', timeoutMs: 60_000});
    await pass(chat, 11 * MINUTE);
    await holds(chat, () => store.outbox.backlog().rows === 0, 'an empty outbox');
    const asked = chat.said().map(({reply_to: to}) => to ?? 0);
    assert.deepEqual(
      asked,
      asked.toSorted((a, b) => a - b),
    );
    assert.ok(asked.length >= 140 && asked.length <= 170, `${asked.length} answers in 11 minutes`);
    const [sent, refused] = ['sent', 'refused'].map(
      (state) => rowsOf(dataDir, `SELECT id FROM outbox WHERE outcome = '${state}'`).length,
    );
    assert.equal((sent ?? 0) + (refused ?? 0), 1_000);
    assert.deepEqual(telegram.violations, []);
  });

  test('keep neither an alert of the same chat waiting, nor another chat', async (context) => {
    const chat = await flood(context);
    const {telegram, clock, breaks, until} = chat;
    await until(() => chat.said().length >= 15, 'the flood to be under way');
    telegram.say({chat: ANNA, from: ANNA, text: '/version'});
    await breaks();
    const at = clock.now();
    await until(() => texts(chat).some((text) => /billing-api is down/.test(text)), 'the card');
    const late = clock.now() - at;
    assert.ok(late <= 3 * SECOND, `the card came after ${late} ms`);
    await until(() => texts(chat, ANNA).length === 1, 'the answer in the other chat');
  });

  test('leave nothing behind in the process', async (context) => {
    const chat = await startChat(context);
    const {telegram, clock} = chat;
    await chat.listen();
    const round = async () => {
      for (let index = 0; index < 1_000; index++)
        telegram.say({chat: GROUP, from: CLARA, text: '/nothing@someone_else'});
      for (let index = 0; index < 1_000; index++) telegram.say({chat: GROUP, from: BORIS, text: '/version'});
      const taken = () => telegram.pendingUpdates() === 0 || void clock.advance(50);
      await telegram.waitFor(taken, {what: 'all commands to be taken', timeoutMs: 60_000});
    };
    await round();
    const timers = clock.waiting();
    await round();
    assert.ok(clock.waiting() <= timers + 2, 'no timer is left for each of them');
    assert.ok(chat.store.outbox.backlog().rows <= 2_000);
  });
});
