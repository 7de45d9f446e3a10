import assert from 'node:assert/strict';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {describe, test} from 'node:test';
import type {FaultRule} from '../../mocks/telegram/faults.ts';
import {assertClean, BORIS, type Chat, startChat} from './chat.ts';

interface Point {
  readonly name: string;
  /** Holds the program where it is to be killed. */
  readonly fault: FaultRule;
  /** How often the answer is there in the end. */
  readonly answers: number;
}

const POINTS: readonly Point[] = [
  // Telegram has sent the order, and it never came.
  {name: 'before the order has come', fault: {kind: 'half', method: 'getUpdates', times: 1}, answers: 1},
  // The order is in the database, its answer is not at Telegram.
  {name: 'before the answer is sent', fault: {kind: 'hang', method: 'sendMessage'}, answers: 1},
  // Nobody can know whether the answer has arrived: it comes again.
  {name: 'before the answer is known to be sent', fault: {kind: 'hang_after', method: 'sendMessage'}, answers: 2},
];

describe('kill -9 in the middle of a command, in the real program', {concurrency: 2}, () => {
  for (const {name, fault, answers} of POINTS) {
    test(`${name}: it is carried out once, and answered`, async (context) => {
      const chat = await startDown(context);
      const {telegram, vakhta} = chat;
      await telegram.waitFor(() => telegram.isPolling());
      // A long poll that is held already has met no fault: the next one does.
      const struck = telegram.fault(fault);
      chat.type(BORIS, fault.method === 'getUpdates' ? '/version' : '/ack billing-api on it');
      if (fault.method === 'getUpdates') chat.type(BORIS, '/ack billing-api on it');
      await telegram.waitFor(() => struck.hits > 0, {what: 'the point of the crash', timeoutMs: 20_000});
      await vakhta.kill();
      telegram.clearFaults();
      await vakhta.start();
      await settled(chat);
      assert.equal(answersIn(chat), answers);
      assert.deepEqual(ordersIn(chat), ['/ack billing-api on it done']);
      assertClean(chat);
    });
  }

  test('before the order is confirmed to Telegram: it comes again and does nothing', async (context) => {
    const chat = await startDown(context);
    const {telegram, vakhta} = chat;
    await telegram.waitFor(() => telegram.isPolling());
    chat.type(BORIS, '/ack billing-api on it');
    // The held poll brings the order; whatever would confirm it is never processed.
    const struck = telegram.fault({kind: 'hang', method: 'getUpdates'});
    await telegram.waitFor(() => struck.hits > 0 && answersIn(chat) === 1, {what: 'the answer', timeoutMs: 20_000});
    assert.equal(telegram.pendingUpdates(), 1);
    await vakhta.kill();
    telegram.clearFaults();
    await vakhta.start();
    await settled(chat);
    assert.deepEqual(ordersIn(chat), ['/ack billing-api on it done']);
    assertClean(chat);
  });
});

async function startDown(context: Parameters<typeof startChat>[0]): Promise<Chat> {
  const chat = await startChat(context);
  await chat.vakhta.start();
  chat.api.break();
  await chat.telegram.waitFor(() => chat.cards()[0], {what: 'the card', timeoutMs: 15_000});
  await chat.checks(1);
  return chat;
}

/** The order is confirmed, its answer is there, and the card shows it; and that is still so a moment later. */
async function settled(chat: Chat): Promise<void> {
  const {telegram} = chat;
  const isThere = () => telegram.pendingUpdates() === 0 && answersIn(chat) > 0 && isShown(chat);
  await telegram.waitFor(isThere, {what: 'the answer and the card', timeoutMs: 20_000});
  await chat.checks(2);
}

const answersIn = (chat: Chat) => chat.said().filter(({text}) => text.startsWith('Acknowledged: billing-api')).length;
const isShown = (chat: Chat) => chat.cards().some(({text}) => /Acknowledged by Boris at .*: on it/.test(text));

function ordersIn({vakhta}: Chat): string[] {
  const db = new DatabaseSync(join(vakhta.folder, 'data/state.db'), {readOnly: true});
  try {
    const rows = db.prepare('SELECT order_text, outcome FROM audit').all();
    return rows.map((row) => `${row.order_text} ${row.outcome}`);
  } finally {
    db.close();
  }
}
