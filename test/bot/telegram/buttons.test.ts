import assert from 'node:assert/strict';
import {describe, type TestContext, test} from 'node:test';
import {ANNA, BORIS, CLARA, checkConfig, GROUP, rowsOf, STRANGER} from '../world.ts';
import {buttonOf, type Chat, startChat} from './chat.ts';

const DAY = 86_400_000;

interface Card extends Chat {
  readonly messageId: number;
  readonly data: string;
  /** Presses and waits until the update was taken. */
  readonly press: (from: number, changes?: {chat?: number; message_id?: number; data?: string}) => Promise<void>;
  readonly answers: () => string[];
  readonly acknowledgedBy: () => string | undefined;
}

/** An alert with its button, and a bot that takes orders. */
async function startCard(context: TestContext): Promise<Card> {
  const chat = await startChat(context, {checks: [checkConfig('billing-api'), checkConfig('shop-api')]});
  const {telegram, said, until, store, pipeline} = chat;
  await chat.listen();
  await chat.breaks();
  await until(() => said().length === 1 && store.outbox.backlog().rows === 0, 'the card');
  const data = buttonOf(said()[0])?.data ?? '';
  const press: Card['press'] = async (from, changes) => {
    const replies = () => telegram.requests.filter(({method}) => method === 'answerCallbackQuery').length;
    const before = replies();
    telegram.press({chat: GROUP, message_id: said()[0]?.message_id ?? 0, data, ...changes, from, forged: true});
    const isAnswered = () => from === STRANGER || replies() > before;
    await until(() => telegram.pendingUpdates() === 0 && isAnswered(), 'the press to be taken and answered');
  };
  return {
    ...chat,
    messageId: said()[0]?.message_id ?? 0,
    data,
    press,
    answers: () => telegram.callbackAnswers.map(({text}) => text),
    acknowledgedBy: () => pipeline.view()[0]?.incident?.acknowledged?.by.name,
  };
}

const EXPIRED = 'This button is no longer good.';

describe('the Acknowledge button', () => {
  test('carries nothing but a random id', async (context) => {
    const {data} = await startCard(context);
    assert.match(data, /^[\w-]{22}$/);
  });

  test('acknowledges for an operator, once, and makes place for taking that back', async (context) => {
    const {press, answers, acknowledgedBy, said, until, dataDir} = await startCard(context);
    await press(BORIS);
    assert.deepEqual(answers(), ['Acknowledged: billing-api']);
    await until(() => /Acknowledged by Boris/.test(said()[0]?.text ?? ''), 'the edit');
    assert.equal(buttonOf(said()[0])?.text, '👤 Take back');
    await press(ANNA);
    assert.deepEqual(answers(), ['Acknowledged: billing-api', 'This button has been pressed already.']);
    assert.equal(acknowledgedBy(), 'Boris');
    const audit = rowsOf(dataDir, 'SELECT user_id, order_text, outcome FROM audit');
    assert.deepEqual(audit, [{user_id: BORIS, order_text: '/ack billing-api', outcome: 'done'}]);
  });

  test('tells a viewer that this needs an operator, writes that down, and stays good', async (context) => {
    const {press, answers, acknowledgedBy, dataDir} = await startCard(context);
    await press(CLARA);
    assert.deepEqual(answers(), ['This needs the role operator.']);
    assert.equal(acknowledgedBy(), undefined);
    const audit = rowsOf(dataDir, 'SELECT user_id, order_text, outcome FROM audit');
    assert.deepEqual(audit, [{user_id: CLARA, order_text: '/ack billing-api', outcome: 'denied'}]);
    await press(BORIS);
    assert.equal(acknowledgedBy(), 'Boris');
  });

  test('does not even answer a stranger', async (context) => {
    const {press, answers, acknowledgedBy} = await startCard(context);
    await press(STRANGER);
    assert.deepEqual(answers(), []);
    assert.equal(acknowledgedBy(), undefined);
  });

  test('is no good in another chat, as after a forward', async (context) => {
    const {telegram, press, answers, acknowledgedBy} = await startCard(context);
    const copy = telegram.say({chat: BORIS, from: BORIS, text: 'billing-api is down', forward: ANNA});
    await press(BORIS, {chat: BORIS, message_id: copy.message_id});
    assert.deepEqual(answers(), [EXPIRED]);
    assert.equal(acknowledgedBy(), undefined);
  });

  test('is no good on another message of the same chat', async (context) => {
    const {telegram, press, answers, acknowledgedBy} = await startCard(context);
    const other = telegram.say({chat: GROUP, from: BORIS, text: 'look'});
    await press(BORIS, {message_id: other.message_id});
    assert.deepEqual(answers(), [EXPIRED]);
    assert.equal(acknowledgedBy(), undefined);
  });

  test('is no good with made-up data', async (context) => {
    const {press, answers, acknowledgedBy} = await startCard(context);
    for (const data of ['ack', 'billing-api', '', "' OR 1=1 --", 'A'.repeat(22)]) await press(ANNA, {data});
    assert.deepEqual(new Set(answers()), new Set([EXPIRED]));
    assert.equal(acknowledgedBy(), undefined);
  });

  test('is no good after a week', async (context) => {
    const {clock, press, answers, acknowledgedBy, until, telegram} = await startCard(context);
    await clock.advance(7 * DAY);
    await until(() => telegram.isPolling(), 'a poll');
    await press(BORIS);
    assert.deepEqual(answers(), [EXPIRED]);
    assert.equal(acknowledgedBy(), undefined);
  });

  test('comes back when the acknowledgement ends, and then works on that card only', async (context) => {
    const {clock, pipeline, said, until, press, answers, acknowledgedBy, telegram, data} = await startCard(context);
    const by = {id: BORIS, name: 'Boris'};
    const at = clock.now();
    pipeline.order({events: [{kind: 'acknowledged', check: 'billing-api', at, by, why: '', until: at + 60_000}]});
    const label = () => buttonOf(said()[0])?.text;
    await until(() => label() === '👤 Take back', 'a card that somebody is on');
    await until(() => label() === 'Acknowledge', 'the button, again');
    await until(() => acknowledgedBy() === undefined, 'the end of the acknowledgement');
    const again = buttonOf(said()[0])?.data ?? '';
    await clock.advance(1_000);
    const other = telegram.say({chat: GROUP, from: BORIS, text: 'look'});
    await press(ANNA, {data: again, message_id: other.message_id});
    assert.deepEqual(answers(), [EXPIRED]);
    await press(ANNA, {data: again});
    assert.equal(acknowledgedBy(), 'Anna');
    assert.equal(typeof data, 'string');
  });

  test('on a card whose incident is over says so', async (context) => {
    const {telegram, recovers, press, answers} = await startCard(context);
    telegram.fault({kind: 'html', method: 'editMessageText'});
    await recovers();
    await press(BORIS);
    assert.deepEqual(answers(), ['billing-api is not down; there is nothing to acknowledge.']);
  });

  test('carries out its order though its answer finds no way back', async (context) => {
    const {telegram, press, acknowledgedBy, lines, until} = await startCard(context);
    telegram.fault({kind: 'status', method: 'answerCallbackQuery'});
    await press(BORIS);
    assert.equal(acknowledgedBy(), 'Boris');
    await until(() => lines.some(({msg}) => msg === 'a button could not be answered'), 'the line in the log');
  });
});
