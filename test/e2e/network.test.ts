import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {startSimulator} from '../../mocks/telegram/simulator.ts';
import {Vakhta} from '../support/vakhta.ts';
import {
  assertNoViolations,
  BORIS,
  configWith,
  GROUP,
  program,
  said,
  startBrokenApi,
  startTelegram,
  waitForWords,
  watching,
} from './sick-world.ts';

const GREETING_MS = 5_000;

describe('the program and its way to Telegram', {concurrency: 8}, () => {
  test('an alert from before Telegram could be reached for the first time arrives afterwards', async (context) => {
    const closed = await startTelegram(context);
    const {port} = new URL(closed.apiRoot);
    await closed.stop();
    const api = await startBrokenApi(context);
    const vakhta = program(context, closed, configWith(closed, {checks: watching(`${api.url}/health`)}));
    await vakhta.start();
    await vakhta.waitFor(() => vakhta.output.includes('not delivered yet'), 'a delivery that failed');
    api.mend();
    await vakhta.waitFor(() => vakhta.output.includes('"msg":"recovered"'), 'the recovery');
    const telegram = await startSimulator({port: Number(port)});
    context.after(() => telegram.stop());
    telegram.addUser({id: BORIS, first_name: 'Boris'});
    telegram.addChat({id: GROUP, type: 'supergroup', title: 'Shop operations'});
    await waitForWords(telegram, /billing-api (is down|recovered after)/, 30_000);
    await waitForWords(telegram, /is back after/);
    telegram.say({chat: GROUP, from: BORIS, text: '/status'});
    await telegram.waitFor(() => said(telegram).length >= 3, {what: 'the answer', timeoutMs: 40_000});
    assertNoViolations(telegram);
  });

  test('telegram.commands: false sends, takes no orders and never polls', async (context) => {
    const telegram = await startTelegram(context);
    const api = await startBrokenApi(context);
    const config = configWith(telegram, {checks: watching(`${api.url}/health`)}).replace(
      '{token:',
      '{commands: false, token:',
    );
    const vakhta = program(context, telegram, config);
    await vakhta.start();
    await waitForWords(telegram, /billing-api is down/);
    telegram.say({chat: GROUP, from: BORIS, text: '/status'});
    api.mend();
    await waitForWords(telegram, /is back after/);
    assert.equal(said(telegram).length, 2);
    assert.deepEqual([...new Set(telegram.requests.map(({method}) => method))].sort(), [
      'editMessageText',
      'sendMessage',
    ]);
    const sent = JSON.stringify(telegram.requests.map(({params}) => params));
    assert.doesNotMatch(sent, /callback_data/, 'a button that nobody listens to is a trap');
    assertNoViolations(telegram);
  });

  const types: ['telegram' | 'console' | 'both', {chat: boolean; console: boolean}][] = [
    ['telegram', {chat: true, console: false}],
    ['console', {chat: false, console: true}],
    ['both', {chat: true, console: true}],
  ];
  for (const [type, heard] of types) {
    test(`message_type: ${type} mutes ${type === 'both' ? 'nothing' : 'the other kind of channel'}`, async (context) => {
      const telegram = await startTelegram(context);
      const api = await startBrokenApi(context);
      const config = configWith(telegram, {checks: watching(`${api.url}/health`), top: `message_type: ${type}`});
      const vakhta = program(context, telegram, config.replace('channels: {', 'channels: {desk: {type: console}, '));
      await vakhta.start();
      const onConsole = () => /^\d\d:\d\d:\d\d .*billing-api is down/m.test(vakhta.output);
      const inChat = () => said(telegram).some((text) => /billing-api (is down|recovered after)/.test(text));
      await vakhta.waitFor(() => (!heard.chat || inChat()) && (!heard.console || onConsole()), 'the alert');
      api.mend();
      await vakhta.waitFor(() => vakhta.output.includes('"msg":"recovered"'), 'the recovery');
      await vakhta.waitFor(() => api.served() > 6, 'some more runs');
      assert.deepEqual({chat: inChat(), console: onConsole()}, heard);
      assertNoViolations(telegram);
    });
  }

  test('TELEGRAM_* in the environment stand in for the telegram block', async (context) => {
    const telegram = await startTelegram(context);
    const api = await startBrokenApi(context);
    const config = `defaults: {interval: 1s, timeout: 900ms, fail_after: 1, recover_after: 1}\nchecks:\n${watching(`${api.url}/health`)}`;
    const vakhta = new Vakhta(
      context,
      {'config.yaml': config},
      {
        TELEGRAM_BOT_TOKEN: telegram.token,
        TELEGRAM_CHAT_ID: String(GROUP),
        TELEGRAM_ADMIN_ID: String(BORIS),
        TELEGRAM_API_ROOT: telegram.apiRoot,
      },
    );
    await vakhta.start();
    await waitForWords(telegram, /billing-api is down/);
    telegram.say({chat: GROUP, from: BORIS, text: '/ack billing-api on it'});
    await waitForWords(telegram, /Acknowledged by admin/);
    api.mend();
    await waitForWords(telegram, /is back after/);
    assert.ok(!vakhta.output.includes(telegram.token));
    assertNoViolations(telegram);
  });

  test('a wrong token stops orders only: the program goes on, and says what to mend', async (context) => {
    const telegram = await startTelegram(context);
    const api = await startBrokenApi(context);
    const config = configWith(telegram, {checks: watching(`${api.url}/health`)});
    const vakhta = program(context, telegram, config, {BOT_TOKEN: '123456:wrong-wrong-wrong-wrong-wrong'});
    await vakhta.start();
    await vakhta.waitFor(() => /does not know this bot token/.test(vakhta.output), 'the complaint', GREETING_MS);
    await vakhta.waitFor(() => api.served() >= 3, 'more runs of the check');
    assert.equal(await vakhta.stop(), 0);
    assert.deepEqual(said(telegram), []);
  });
});
