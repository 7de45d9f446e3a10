import assert from 'node:assert/strict';
import {describe, type TestContext, test} from 'node:test';
import type {VisibleMessage} from '../../../mocks/telegram/simulator.ts';
import type {Button} from '../../../src/store/store.ts';
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

async function startTable(
  context: TestContext,
  names = ['api-1', 'api-2', 'mail'],
  parts: Parameters<typeof startChat>[2] = {},
): Promise<Table> {
  const chat = await startChat(context, {checks: names.map((name) => checkConfig(name))}, parts);
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
    const isAnswered = () => from === STRANGER || telegram.callbackAnswers.length > before;
    // In small steps: the history has 3 s to answer, and a disk knows nothing of this clock.
    const isTaken = () => (telegram.pendingUpdates() === 0 && isAnswered()) || void chat.clock.advance(200);
    await telegram.waitFor(isTaken, {what: 'the press to be taken and answered', timeoutMs: 15_000});
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

  test('behind a button that only has a pop-up is asked back below it, with buttons', async (context) => {
    const {ask, press, pipeline, store, said, clock} = await startTable(context);
    const message = await ask('/why api');
    const data = dataOf(message, 'api-1');
    const row = store.telegram.button(data);
    assert.ok(row);
    const {chatId, expiresAt} = row;
    const dangerous = {command: 'silence', text: 'all 1h', show: 'toast', refresh: 'silences', once: true} as const;
    const button: Button = {
      ...dangerous,
      id: 'x'.repeat(22),
      card: 0,
      chatId,
      messageId: message.message_id,
      expiresAt,
    };
    store.telegram.createButton(button);
    const forged = {...message, reply_markup: {inline_keyboard: [[{text: 'Quiet', callback_data: button.id}]]}};
    assert.equal(await press(forged, 'Quiet'), '');
    await clock.advance(3_000);
    const question = said().at(-1) as VisibleMessage;
    assert.deepEqual(labels(question), ['Yes', 'No']);
    await press(question, 'Yes');
    assert.equal(pipeline.silences().length, 1);
  });

  test('that is wrong is told so at once', async (context) => {
    const {ask} = await startTable(context);
    assert.match((await ask('/silence all soon')).text, /^soon is no time; .*\nUsage: \/silence/);
  });
});

test('a thousand presses leave as many rows as the message has buttons', async (context) => {
  const {ask, telegram, clock, dataDir, said, lines} = await startTable(context);
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
  // One after the other, as the chat's order wants it: that takes a machine with other work a while.
  const taken = () => telegram.pendingUpdates() === 0 || void clock.advance(500);
  await telegram.waitFor(taken, {what: 'all presses to be taken', timeoutMs: 60_000});
  await clock.advance(60_000);
  // Telegram takes an answer for some seconds only; on a slow machine the last ones come too late for it.
  const tooLate = lines.filter(({msg}) => msg === 'a button could not be answered');
  assert.equal(telegram.callbackAnswers.length + tooLate.length, 1_000);
  assert.equal(rowsOf(dataDir, 'SELECT id FROM buttons').length, 2);
  assert.match(said().at(-1)?.text ?? '', /^api-2/);
  assert.deepEqual(telegram.violations, []);
});

describe('the details of a check', () => {
  test('are brought up to date by an order, whose answer is the pop-up', async (context) => {
    const {ask, press, now, breaks, pipeline, telegram} = await startTable(context);
    await breaks('mail');
    const card = await ask('/check mail');
    assert.ok(labels(card).includes('🔕 until recovered'));
    assert.equal(await press(card, '👤 Acknowledge'), 'Acknowledged: mail');
    assert.match(now(card).text, /👤 Acknowledged by Boris/);
    assert.ok(labels(now(card)).includes('👤 Take back'));
    assert.match((await press(now(card), '🔕 1h')) ?? '', /^Silenced: mail/);
    assert.equal(pipeline.silences().length, 1);
    assert.match((await press(now(card), '🔔 End the silence')) ?? '', /^No longer silenced: mail/);
    assert.deepEqual(pipeline.silences(), []);
    assert.equal(await press(card, '🔕 1h'), USED);
    assert.deepEqual(telegram.violations, []);
  });

  test('turn into the history and back, in the same message', async (context) => {
    const {ask, press, now, breaks, recovers, said, until} = await startTable(context);
    await breaks('mail');
    await recovers('mail');
    const card = await ask('/check mail', CLARA);
    const before = said().length;
    await press(card, 'History', CLARA);
    await until(() => /Available/.test(now(card).text), 'the history');
    assert.match(now(card).text, /Available 24 h: .*\n.*\n🟢 .* HTTP 503$/);
    await press(now(card), '‹ Back', CLARA);
    await until(() => !/Available/.test(now(card).text), 'the details');
    assert.match(now(card).text, /Fine since/);
    assert.equal(said().length, before);
  });

  test('are shown anew when a check that was pressed to run has run', async (context) => {
    let finish = () => {};
    const runNow = () => new Promise<boolean>((resolve) => (finish = () => resolve(true)));
    const {ask, press, now, breaks, recovers, until} = await startTable(context, ['mail'], {runNow});
    await breaks('mail');
    const card = await ask('/check mail');
    assert.equal(await press(card, '▶️ Check now'), '⏳ Running mail …');
    assert.match(now(card).text, /^🔴/);
    // Others go on meanwhile.
    assert.match((await ask('/version')).text, /^Vakhta/);
    await recovers('mail');
    finish();
    await until(() => /^🟢/.test(now(card).text), 'the card in its new state');
  });
});

describe('an answer that comes later', () => {
  test('takes the place of the first, which has left meanwhile', async (context) => {
    let finish = () => {};
    const runNow = () => new Promise<boolean>((resolve) => (finish = () => resolve(true)));
    const {ask, now, until, pipeline, clock, said, dataDir} = await startTable(context, ['mail'], {runNow});
    const running = await ask('/run mail');
    assert.equal(running.text, '⏳ Running mail …');
    pipeline.observe([{check: 'mail', at: clock.now(), result: 'ok', reason: '', latencyMs: 7}]);
    finish();
    await until(() => now(running).text === '🟢 mail · 7 ms', 'the result');
    assert.deepEqual(labels(now(running)), ['mail']);
    assert.equal(said().length, 1);
    assert.deepEqual(orders(dataDir), [`${BORIS} /run mail done`]);
  });

  test('is sent anew where the first one was deleted', async (context) => {
    let finish = () => {};
    const runNow = () => new Promise<boolean>((resolve) => (finish = () => resolve(false)));
    const {ask, said, until, telegram} = await startTable(context, ['mail'], {runNow});
    telegram.remove(GROUP, (await ask('/run mail')).message_id);
    finish();
    await until(() => said().length === 1, 'the result');
    assert.match(said()[0]?.text ?? '', /did not run/);
  });

  test('of a moment keeps the order of the chat', async (context) => {
    const {telegram, said, until} = await startTable(context);
    for (const text of ['/history mail', '/version']) telegram.say({chat: GROUP, from: CLARA, text});
    await until(() => said().length === 2, 'both answers');
    assert.match(said()[0]?.text ?? '', /^mail/);
    assert.match(said()[1]?.text ?? '', /^Vakhta/);
  });
});

test('pages of a list are turned in the message itself', async (context) => {
  const {ask, press, now, breaks, said} = await startTable(
    context,
    Array.from({length: 25}, (_, index) => `c-${index}`),
  );
  for (let index = 0; index < 25; index++) await breaks(`c-${index}`);
  const list = await ask('/status', CLARA);
  assert.deepEqual(labels(list), ['1/2', '›']);
  const before = said().length;
  assert.equal(await press(list, '›', CLARA), '');
  assert.deepEqual([labels(now(list)), now(list).text.split('\n').length], [['‹', '2/2'], 6]);
  assert.equal(said().length, before);
});

test('a long status map comes as a file, with its caption', async (context) => {
  const {ask, telegram} = await startTable(
    context,
    Array.from({length: 500}, (_, index) => `check-${index}`),
  );
  const answer = await ask('/json', CLARA);
  assert.deepEqual([answer.file?.name, answer.text], ['status-shop-7.json', '✅ All 500 checks are fine · shop-7']);
  const map = JSON.parse(String(telegram.file(GROUP, answer.message_id)?.bytes));
  assert.equal(Object.keys(map).length, 500);
  const page = await fetch(`${telegram.url}/_sim/file?chat=${GROUP}&message=${answer.message_id}`);
  assert.deepEqual(await page.json(), map);
  assert.deepEqual(telegram.violations, []);
});
