import assert from 'node:assert/strict';
import {describe, type TestContext, test} from 'node:test';
import {startSimulator} from '../../../mocks/telegram/simulator.ts';
import {OpsTelegram} from '../../../src/bot/telegram/api.ts';
import {createToasts} from '../../../src/bot/telegram/toasts.ts';
import {createHandClock, settle} from '../../support/hand-clock.ts';
import {keptLog} from '../world.ts';

async function startToasts(context: TestContext) {
  const telegram = await startSimulator({limits: false});
  const clock = createHandClock();
  const api = new OpsTelegram({token: telegram.token, apiRoot: telegram.apiRoot, clock});
  context.after(() => Promise.all([api.hangUp(), telegram.stop()]));
  const {log, lines} = keptLog();
  const ending = new AbortController();
  const toasts = createToasts({api, clock, log}, ending.signal);
  const hanging = telegram.fault({kind: 'hang', method: 'answerCallbackQuery'});
  return {telegram, clock, lines, toasts, hanging, end: () => ending.abort()};
}

const isOver = async (promise: Promise<void>): Promise<boolean> => {
  let over = false;
  void promise.then(() => (over = true));
  await settle();
  return over;
};

describe('answers to presses', () => {
  test('keep nobody waiting, until four are on their way to the same chat', async (context) => {
    const {toasts, telegram, hanging} = await startToasts(context);
    for (const id of ['1', '2', '3']) assert.ok(await isOver(toasts.show(5, id, '')), id);
    const fourth = toasts.show(5, '4', '');
    assert.equal(await isOver(fourth), false);
    assert.ok(await isOver(toasts.show(6, '5', '')), 'another chat');
    await telegram.waitFor(() => hanging.hits === 5);
  });

  test('that hang at the end are given up after half a second, without a word', async (context) => {
    const {toasts, telegram, hanging, end, clock, lines} = await startToasts(context);
    await toasts.show(5, '1', 'done');
    await telegram.waitFor(() => hanging.hits === 1);
    end();
    const settled = toasts.settled();
    await clock.advance(499);
    assert.equal(await isOver(settled), false);
    await clock.advance(1);
    await settled;
    assert.deepEqual(lines, []);
    assert.equal(clock.waiting(), 0);
  });
});
