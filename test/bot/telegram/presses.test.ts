import assert from 'node:assert/strict';
import {describe, type TestContext, test} from 'node:test';
import type {VisibleMessage} from '../../../mocks/telegram/simulator.ts';
import {ANNA, BORIS, CLARA, checkConfig, GROUP, rowsOf, STRANGER} from '../world.ts';
import {type Chat, startChat} from './chat.ts';

const EXPIRED = 'This button is no longer good.';
const USED = 'This button has been pressed already.';
const MINUTE = 60_000;
const DAY = 86_400_000;

interface Table extends Chat {
  /** Says it and waits for the answer. */
  readonly ask: (text: string, from?: number) => Promise<VisibleMessage>;
  /** Presses a button of the message by its label, and waits until the press was taken. Returns the pop-up's words. */
  readonly press: (message: VisibleMessage, label: string, from?: number) => Promise<string | undefined>;
  /** As the message is now. */
  readonly now: (message: VisibleMessage) => VisibleMessage;
}

async function startTable(context: TestContext, names = ['api-1', 'api-2', 'mail']): Promise<Table> {
  const chat = await startChat(context, {checks: names.map((name) => checkConfig(name))});
  const {telegram, said, until} = chat;
  await chat.listen();
  const ask: Table['ask'] = async (text, from = BORIS) => {
    const before = said().length;
    telegram.say({chat: GROUP, from, text});
    await until(() => said().length > before, `the answer to ${text}`);
    return said().at(-1) as VisibleMessage;
  };
  const press: Table['press'] = async (message, label, from = BORIS) => {
    const before = telegram.callbackAnswers.length;
    const data = dataOf(message, label);
    telegram.press({chat: GROUP, from, message_id: message.message_id, data, forged: true});
    await until(() => telegram.pendingUpdates() === 0, 'the press to be taken');
    await chat.clock.advance(3_000);
    return telegram.callbackAnswers[before]?.text;
  };
  const now: Table['now'] = ({message_id: id}) => said().find((one) => one.message_id === id) as VisibleMessage;
  return {...chat, ask, press, now};
}

function labels({reply_markup: markup}: VisibleMessage): string[] {
  return markup?.inline_keyboard.flat().map(({text}) => text) ?? [];
}

function dataOf({reply_markup: markup}: VisibleMessage, label: string): string {
  return String(markup?.inline_keyboard.flat().find(({text}) => text === label)?.callback_data);
}

function orders(dataDir: string): string[] {
  return rowsOf(dataDir, 'SELECT user_id, order_text, outcome FROM audit').map((row) => Object.values(row).join(' '));
}

describe('a choice between checks', () => {
  test('carries out the order for the one that is pressed, in the place of the question', async (context) => {
    const {ask, press, now, breaks, pipeline, dataDir, telegram} = await startTable(context);
    await breaks('api-1');
    await breaks('api-2');
    const question = await ask('/ack api on it');
    assert.deepEqual(labels(question), ['api-1', 'api-2']);
    assert.equal(await press(question, 'api-2'), '');
    assert.equal(now(question).text, 'Acknowledged: api-2');
    assert.deepEqual(labels(now(question)), []);
    assert.equal(pipeline.view()[1]?.incident?.acknowledged?.why, 'on it');
    assert.deepEqual(orders(dataDir), [`${BORIS} /ack api-2 on it done`]);
    assert.deepEqual(telegram.violations, []);
  });

  test('that was pressed once is over, also its other buttons', async (context) => {
    const {ask, press, breaks, pipeline} = await startTable(context);
    await breaks('api-1');
    await breaks('api-2');
    const question = await ask('/ack api');
    await press(question, 'api-2');
    assert.equal(await press(question, 'api-2', ANNA), USED);
    assert.equal(await press(question, 'api-1', ANNA), USED);
    assert.equal(pipeline.view()[0]?.incident?.acknowledged, undefined);
  });

  test('offers ten, and asks for more letters', async (context) => {
    const {ask} = await startTable(
      context,
      Array.from({length: 12}, (_, index) => `check-${index}`),
    );
    const question = await ask('/why check', CLARA);
    assert.equal(labels(question).length, 10);
    assert.match(question.text, /… and 2 more: type more letters$/);
  });

  test('among questions may be pressed again and again', async (context) => {
    const {ask, press, now} = await startTable(context);
    const question = await ask('/why api', CLARA);
    for (const from of [CLARA, BORIS]) assert.equal(await press(question, 'api-1', from), '');
    assert.match(now(question).text, /^api-1/);
  });

  test('tells a viewer that the order needs an operator, and stays for those who may', async (context) => {
    const {ask, press, now, breaks, dataDir} = await startTable(context);
    await breaks('api-1');
    await breaks('api-2');
    const question = await ask('/ack api');
    assert.equal(await press(question, 'api-1', CLARA), 'This needs the role operator.');
    assert.deepEqual(labels(now(question)), ['api-1', 'api-2']);
    await press(question, 'api-1', ANNA);
    assert.deepEqual(orders(dataDir), [`${CLARA} /ack api-1 denied`, `${ANNA} /ack api-1 done`]);
  });

  test('does not answer a stranger', async (context) => {
    const {ask, press, breaks, telegram} = await startTable(context);
    await breaks('api-1');
    await breaks('api-2');
    const question = await ask('/ack api');
    assert.equal(await press(question, 'api-1', STRANGER), undefined);
    assert.deepEqual(telegram.callbackAnswers, []);
  });

  test('is no good after a day, and is forgotten', async (context) => {
    const {ask, press, clock, store} = await startTable(context);
    const question = await ask('/why api');
    await clock.advance(DAY);
    assert.equal(await press(question, 'api-1'), EXPIRED);
    store.outbox.prune(clock.now());
    assert.equal(store.telegram.button(dataOf(question, 'api-1')), undefined);
  });
});

describe('a dangerous order', () => {
  test('is carried out after a yes', async (context) => {
    const {ask, press, now, pipeline, dataDir} = await startTable(context);
    const question = await ask('/silence all 2h');
    assert.deepEqual([question.text, labels(question)], ['⚠️ Really /silence all 2h ?', ['Yes', 'No']]);
    assert.deepEqual([pipeline.silences().length, orders(dataDir)], [0, []]);
    await press(question, 'Yes');
    assert.match(now(question).text, /^Silenced: all/);
    assert.deepEqual([pipeline.silences().length, orders(dataDir)], [1, [`${BORIS} /silence all 2h done`]]);
  });

  test('is dropped after a no, and the yes with it', async (context) => {
    const {ask, press, now, pipeline} = await startTable(context);
    const question = await ask('/silence all 2h');
    await press(question, 'No');
    assert.equal(now(question).text, 'Nothing was done.');
    assert.equal(await press(question, 'Yes'), USED);
    assert.deepEqual(pipeline.silences(), []);
  });

  test('is confirmed by nobody else, whatever their role', async (context) => {
    const {ask, press, pipeline} = await startTable(context);
    const question = await ask('/silence all 2h');
    assert.equal(await press(question, 'Yes', ANNA), 'This button is for somebody else.');
    assert.deepEqual(pipeline.silences(), []);
  });

  test('is not carried out by a yes that comes after a minute', async (context) => {
    const {ask, press, clock, pipeline} = await startTable(context);
    const question = await ask('/silence all 2h');
    await clock.advance(MINUTE);
    assert.equal(await press(question, 'Yes'), EXPIRED);
    assert.deepEqual(pipeline.silences(), []);
  });

  test('is not carried out twice, when Telegram delivers the yes again', async (context) => {
    const {ask, press, pipeline, store, telegram, until} = await startTable(context);
    const question = await ask('/silence all 2h');
    await press(question, 'Yes');
    const update = store.telegram.offset() - 1;
    assert.ok(store.telegram.isHandled(update));
    store.telegram.setOffset(update);
    await until(() => telegram.isPolling(), 'a poll');
    assert.equal(pipeline.silences().length, 1);
  });

  test('that is wrong is told so at once', async (context) => {
    const {ask} = await startTable(context);
    assert.match((await ask('/silence all soon')).text, /^Usage: \/silence/);
  });
});

test('a thousand presses leave as many rows as the message has buttons', async (context) => {
  const {ask, telegram, until, clock, dataDir, said} = await startTable(context);
  const question = await ask('/why api', CLARA);
  const message_id = question.message_id;
  for (let index = 0; index < 1_000; index++) {
    telegram.press({
      chat: GROUP,
      from: CLARA,
      message_id,
      data: dataOf(question, `api-${1 + (index % 2)}`),
      forged: true,
    });
  }
  await until(() => telegram.pendingUpdates() === 0, 'all presses to be taken');
  await clock.advance(60_000);
  assert.equal(telegram.callbackAnswers.length, 1_000);
  assert.equal(rowsOf(dataDir, 'SELECT id FROM buttons').length, 2);
  assert.match(said().at(-1)?.text ?? '', /^api-2/);
  // What waited to be shown was replaced by what came after it.
  assert.ok(telegram.requests.filter(({method}) => method === 'editMessageText').length < 200);
  assert.deepEqual(telegram.violations, []);
});
