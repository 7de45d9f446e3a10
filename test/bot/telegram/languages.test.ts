import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {Config, User} from '../../../src/config/config.ts';
import {ANNA, BORIS, GROUP, rowsOf, storeIn} from '../world.ts';
import {buttonOf, type Chat, startChat} from './chat.ts';

const RUSSIAN: Partial<Config> = {
  locale: 'ru',
  channels: new Map([['ops', {name: 'ops', type: 'telegram', chatId: GROUP}]]),
};

/** Says something and waits for the answer. */
async function ask({telegram, said, until}: Chat, from: number, text: string, chat = GROUP): Promise<string> {
  const before = said(chat).length;
  telegram.say({chat, from, text});
  await until(() => said(chat).length > before, `the answer to ${text}`);
  return said(chat).at(-1)?.text ?? '';
}

test('a Russian server alerts, acknowledges and recovers in Russian', async (context) => {
  const chat = await startChat(context, RUSSIAN);
  const {telegram, said, until} = chat;
  await chat.listen();
  await chat.breaks();
  await until(() => said().length === 1, 'the card');
  assert.match(said()[0]?.text ?? '', /^🔴 billing-api не работает · shop-7\nHTTP 503\n3 ошибки, не работает с 06:13:/);
  assert.equal(buttonOf(said()[0])?.text, 'Подтвердить');
  telegram.press({chat: GROUP, from: BORIS, label: 'Подтвердить'});
  await until(() => telegram.callbackAnswers.length === 1, 'the pop-up');
  assert.equal(telegram.callbackAnswers[0]?.text, 'Подтверждено: billing-api');
  await chat.recovers();
  await until(() => said().length === 2, 'the recovery');
  assert.match(said()[1]?.text ?? '', /^🟢 billing-api снова работает, простой \d+ с · shop-7$/);
  assert.deepEqual(telegram.violations, []);
});

test('people in one group are answered each in their own language, the pop-up of a button too', async (context) => {
  const chat = await startChat(context, RUSSIAN);
  const {telegram} = chat;
  telegram.addUser({id: ANNA, first_name: 'Anna', language_code: 'es'});
  telegram.addUser({id: BORIS, first_name: 'Boris', language_code: 'zh-hans'});
  await chat.listen();
  assert.equal(await ask(chat, ANNA, '/ack'), 'No falla nada.');
  assert.equal(await ask(chat, BORIS, '/ack'), '目前没有故障。');
  telegram.press({chat: GROUP, from: BORIS, message_id: 1, data: 'gone', forged: true});
  await chat.until(() => telegram.callbackAnswers.length === 1, 'the pop-up');
  assert.equal(telegram.callbackAnswers[0]?.text, '此按钮已失效。');
});

test('a choice holds in every chat, for its person only, and until it is taken back', async (context) => {
  const chat = await startChat(context, RUSSIAN);
  await chat.listen();
  assert.equal(await ask(chat, ANNA, '/language'), 'Вам отвечают по-русски.\nФормат: /language [en|ru|es|zh|auto]');
  assert.equal(await ask(chat, ANNA, '/language ES'), 'A partir de ahora se le responde en español.');
  assert.equal(await ask(chat, ANNA, '/ack'), 'No falla nada.');
  assert.equal(await ask(chat, ANNA, '/ack', ANNA), 'No falla nada.');
  assert.equal(await ask(chat, BORIS, '/ack'), 'Всё работает.');
  assert.equal(await ask(chat, ANNA, '/language de'), 'Uso: /language [en|ru|es|zh|auto]');
  assert.equal(await ask(chat, ANNA, '/language auto'), 'Теперь язык зависит от чата: русский.');
  assert.equal(await ask(chat, ANNA, '/ack'), 'Всё работает.');
  const orders = rowsOf(chat.dataDir, 'SELECT user_id, order_text, outcome FROM audit');
  assert.deepEqual(
    orders,
    ['/language ES', '/language auto'].map((order_text) => ({user_id: ANNA, order_text, outcome: 'done'})),
  );
});

test('a choice survives a restart', async (context) => {
  const chat = await startChat(context, RUSSIAN);
  await chat.listen();
  await ask(chat, ANNA, '/language zh');
  await chat.store.close();
  const again = storeIn(context, chat.dataDir, chat.clock);
  assert.deepEqual([again.telegram.language(ANNA), again.telegram.language(BORIS)], ['zh', undefined]);
});

test('the menu of commands is there in every language, and in that of the config for all others', async (context) => {
  const users = new Map<number, User>([[ANNA, {id: ANNA, name: 'Anna', role: 'admin'}]]);
  const {telegram, listen} = await startChat(context, {...RUSSIAN, users});
  await listen();
  const summary = (code?: string) =>
    telegram.commands(undefined, code).find(({command}) => command === 'help')?.description;
  await telegram.waitFor(() => summary('zh'), {what: 'the last menu'});
  assert.deepEqual([undefined, 'en', 'ru', 'es', 'zh'].map(summary), [
    'этот список',
    'this list',
    'этот список',
    'esta lista',
    '本列表',
  ]);
});
