import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {startApi} from '../../mocks/api.ts';
import {startSimulator} from '../../mocks/telegram/simulator.ts';
import {Vakhta} from '../support/vakhta.ts';
import {ANNA, BORIS, GROUP} from './chat.ts';

describe('whoever is on call, in the real program', () => {
  test('is called in private; in the group, where they have never pressed Start; another stands in', async (context) => {
    const telegram = await startSimulator();
    telegram.addUser({id: ANNA, first_name: 'Anna', started: false});
    telegram.addUser({id: BORIS, first_name: 'Boris'});
    telegram.addChat({id: GROUP, type: 'supergroup', title: 'Shop operations'});
    const api = await startApi({port: 0});
    context.after(() => Promise.all([telegram.stop(), api.stop()]));
    const config = `
telegram: {token: '\${BOT_TOKEN}', api_root: ${telegram.apiRoot}}
users:
  ${ANNA}: {name: Anna, role: admin}
  ${BORIS}: {name: Boris, role: operator}
oncall:
  primary: {people: [${ANNA}], handover: daily 09:00, start: 2026-11-02}
channels:
  ops: {type: telegram, chat_id: ${GROUP}}
alerts: {to: [ops], escalate: [{after: 1s, to: oncall}]}
defaults: {interval: 1s, timeout: 900ms, fail_after: 1, recover_after: 1}
checks:
  billing-api: {type: http, url: '${api.url}/health'}
`;
    const vakhta = new Vakhta(context, {'config.yaml': config}, {BOT_TOKEN: telegram.token});
    await vakhta.start();
    const inChat = (chat: number, words: RegExp) =>
      telegram.messages(chat).find(({byBot, text}) => byBot && words.test(text));
    const heard = (chat: number, words: RegExp) =>
      telegram.waitFor(() => inChat(chat, words), {what: `${words} in ${chat}`, timeoutMs: 20_000});

    api.break();
    const first = await heard(GROUP, /billing-api is down[\s\S]*📟 Anna until/);
    const called = await heard(GROUP, /📟 Anna, you are on call, and nobody has acknowledged this/);
    assert.notEqual(called.message_id, first.message_id);
    assert.ok(called.entities.some((entity) => entity.type === 'text_mention' && entity.user?.id === ANNA));
    await heard(GROUP, /A channel refuses messages: person:111: .*can't initiate conversation/);
    telegram.say({chat: GROUP, from: BORIS, text: '/oncall'});
    await heard(GROUP, /📟 primary: Anna until [\s\S]*⚠️ The bot cannot write to Anna, who has to press Start/);

    telegram.say({chat: GROUP, from: BORIS, text: '/oncall @boris 4h'});
    await heard(GROUP, /On call in primary: Boris, until/);
    api.mend();
    await heard(GROUP, /billing-api is back/);
    assert.equal(telegram.messages(GROUP).filter(({text}) => /is back after/.test(text)).length, 1);
    assert.equal(await vakhta.stop(), 0);

    await vakhta.start();
    telegram.say({chat: GROUP, from: ANNA, text: '/oncall'});
    await heard(GROUP, /📟 primary: Boris until [\s\S]*in place of Anna, as Boris said/);
    api.break();
    const card = await heard(BORIS, /📟 Boris, you are on call/);
    telegram.press({chat: BORIS, from: BORIS, label: 'Acknowledge'});
    await heard(BORIS, /Acknowledged by Boris/);
    const shown = telegram.messages(BORIS).find(({message_id: id}) => id === card.message_id);
    assert.doesNotMatch(shown?.text ?? '', /📟/);
    assert.deepEqual(telegram.violations, []);
    assert.equal(await vakhta.stop(), 0);
  });
});
