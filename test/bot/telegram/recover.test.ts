import assert from 'node:assert/strict';
import {describe, type TestContext, test} from 'node:test';
import type {RecoveryConfig} from '../../../src/config/config.ts';
import {ANNA, BORIS, checkConfig, GROUP, recoveryConfig, STRANGER} from '../world.ts';
import {startChat} from './chat.ts';

async function startShop(t: TestContext, recovery: Partial<RecoveryConfig> = {}) {
  const checks = [checkConfig('billing-api', {recovery: recoveryConfig(recovery)}), checkConfig('plain')];
  const chat = await startChat(t, {checks});
  const {telegram, said, until, pipeline, clock} = chat;
  await chat.listen();
  const last = () => said().at(-1);
  /** Presses the button of this label on the newest message that has it. */
  const press = async (from: number, label: string) => {
    const holder = said().findLast((message) => labelsOf(message).includes(label));
    assert.ok(holder, `no message has the button ${label}`);
    telegram.press({chat: GROUP, from, message_id: holder.message_id, label});
    await until(() => telegram.pendingUpdates() === 0, 'the press to be taken');
  };
  const type = async (from: number, text: string) => {
    telegram.say({chat: GROUP, from, text});
    await until(() => telegram.pendingUpdates() === 0, 'the order to be taken');
  };
  const ends = (exitCode: number) => {
    const run = chat.runs.at(-1);
    assert.ok(run);
    const status = exitCode === 0 ? 'done' : 'failed';
    pipeline.recoveryEnded({...run, outcome: {status, exitCode, endedAt: clock.now(), output: ''}});
  };
  return {...chat, last, press, type, ends};
}

const labelsOf = (message: {readonly reply_markup?: {inline_keyboard: readonly (readonly {text: string}[])[]}}) =>
  message.reply_markup?.inline_keyboard.flat().map(({text}) => text) ?? [];

const ASK = 'Run recovery…';

describe('a recovery that is to be approved', () => {
  test('is run by an admin who says so twice, from the card', async (t) => {
    const {breaks, said, until, press, runs} = await startShop(t, {approve: true});
    await breaks();
    await until(() => said().length === 1, 'the card');
    assert.deepEqual(labelsOf(said()[0] ?? {}), ['Acknowledge', ASK, 'Details', '🔕 1h']);
    assert.match(
      said()[0]?.text ?? '',
      /waits for an admin to approve it: \/recover NAME\nDC3: systemctl restart shop/,
    );
    await press(ANNA, ASK);
    await until(() => said().length === 2, 'the question');
    assert.match(said()[1]?.text ?? '', /\/recover billing-api/);
    assert.equal(runs.length, 0, 'one press is not enough');
    await press(ANNA, 'Yes');
    await until(() => runs.length === 1, 'the run');
    assert.equal(runs[0]?.by?.name, 'Anna');
    await until(() => /attempt 1 of 3 \(ordered by Anna\): running/.test(said()[0]?.text ?? ''), 'the edit');
    assert.deepEqual(labelsOf(said()[0] ?? {}), ['Acknowledge', 'Details', '🔕 1h'], 'the button is gone');
  });

  test('is not run by anybody else, nor by an old button when it runs already', async (t) => {
    const {breaks, said, until, press, runs, telegram, pipeline, clock} = await startShop(t, {approve: true});
    await breaks();
    await until(() => said().length === 1, 'the card');
    await press(STRANGER, ASK);
    await press(BORIS, ASK);
    await until(() => telegram.callbackAnswers.length > 0, 'an answer');
    assert.match(telegram.callbackAnswers.map(({text}) => text).join('|'), /needs the role admin/);
    await press(ANNA, ASK);
    await until(() => said().length === 2, 'the question');
    await press(BORIS, 'Yes');
    assert.deepEqual(runs, []);
    const by = {id: ANNA, name: 'Anna'};
    pipeline.order({events: [{kind: 'recovery_ordered', check: 'billing-api', at: clock.now(), by}]});
    await press(ANNA, 'Yes');
    await until(
      () =>
        /running already/.test(
          said()
            .map(({text}) => text)
            .join('|'),
        ),
      'the refusal',
    );
    assert.equal(runs.length, 1);
  });
});

describe('/recover', () => {
  test('asks an admin first, runs it, and tells what it ran', async (t) => {
    const {breaks, said, until, press, type, runs, ends, recovers} = await startShop(t, {afterFailures: 50});
    await breaks();
    await until(() => said().length === 1, 'the card');
    await type(BORIS, '/recover billing-api');
    await until(() => said().length === 2, 'the refusal');
    assert.match(said()[1]?.text ?? '', /needs the role admin/);
    await type(ANNA, '/recover billing-api');
    await until(() => said().length === 3, 'the question');
    await press(ANNA, 'Yes');
    await until(() => runs.length === 1, 'the run');
    await until(() => /runs now.*\nDC3: systemctl restart shop/.test(said()[2]?.text ?? ''), 'the answer');
    ends(0);
    await recovers();
    await until(() => /is back after .* with 1 recovery attempt/.test(said().at(-1)?.text ?? ''), 'the recovery');
  });

  test('says why it does not run', async (t) => {
    const {type, last, until, breaks, pipeline, clock, ends} = await startShop(t, {maxAttempts: 1, intervalMs: 1});
    const answer = async (text: string, expected: RegExp) => {
      await type(ANNA, text);
      await until(() => expected.test(last()?.text ?? ''), `an answer to ${text} like ${expected}`);
    };
    await answer('/recover', /Usage: \/recover NAME \[reset\]/);
    await answer('/recover plain', /plain has no recovery/);
    await answer('/recover billing-api', /is not down/);
    await answer('/recover billing-api reset', /nothing to reset/);
    await answer('/recover nothing', /No check is called nothing/);
    await breaks();
    await answer('/recover billing-api', /is running already/);
    ends(1);
    await clock.advance(5_000);
    await breaks();
    await answer('/recover billing-api', /breaker of billing-api is open/);
    assert.ok(pipeline.view()[0]?.recovery?.brokenAt);
    await answer('/why billing-api', /Recovery: 1 of 1 attempts made\nThe recovery has given up/);
  });

  test('reset closes the breaker, once that is confirmed', async (t) => {
    const {type, until, said, press, breaks, clock, ends, runs} = await startShop(t, {maxAttempts: 1, intervalMs: 1});
    await breaks();
    ends(1);
    await clock.advance(5_000);
    await breaks();
    await type(ANNA, '/recover billing-api reset');
    await until(() => said().some((message) => labelsOf(message).includes('Yes')), 'the question');
    await press(ANNA, 'Yes');
    await until(() => said().some(({text}) => /counted from the beginning/.test(text)), 'the answer');
    await breaks();
    assert.equal(runs.length, 2);
  });
});
