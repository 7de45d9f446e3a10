import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {ANNA, BORIS, CLARA, checkConfig, GROUP, rowsOf, STRANGER} from '../world.ts';
import {type Chat, FORUM, OTHER_GROUP, startChat} from './chat.ts';

/** Everything that the bot has asked of Telegram, except for updates. */
function requests(chat: Chat): string[] {
  return chat.telegram.requests
    .map(({method}) => method)
    .filter((method) => !['getUpdates', 'getMe', 'setMyCommands'].includes(method));
}

describe('whom the bot answers', () => {
  test('nobody whom it does not know: no request is made on their behalf, whatever they do', async (context) => {
    const chat = await startChat(context);
    const {telegram, clock, until} = chat;
    await chat.listen();
    await chat.breaks();
    await until(() => chat.said().length === 1, 'the card');
    const before = requests(chat).length;
    const mine = telegram.say({chat: GROUP, from: ANNA, text: 'hello'}).message_id;

    telegram.say({chat: STRANGER, from: STRANGER, text: '/status'});
    telegram.say({chat: GROUP, from: STRANGER, text: '/ack billing-api'});
    telegram.say({chat: GROUP, from: STRANGER, text: '/ack@vakhta_bot billing-api'});
    telegram.say({chat: OTHER_GROUP, from: STRANGER, text: '/status'});
    // Configured people, but in the wrong place or in the wrong way.
    telegram.say({chat: OTHER_GROUP, from: ANNA, text: '/status'});
    telegram.say({chat: GROUP, from: ANNA, text: '/ack billing-api', sender_chat: GROUP});
    telegram.say({chat: GROUP, from: ANNA, text: '/ack billing-api', sender_chat: -100777});
    telegram.say({chat: GROUP, from: ANNA, text: '/ack billing-api', automatic_forward: true, sender_chat: -100777});
    telegram.say({chat: GROUP, from: BORIS, text: '/ack billing-api', forward: ANNA});
    telegram.say({chat: ANNA, from: ANNA, text: '/ack billing-api', forward: STRANGER});
    telegram.say({chat: GROUP, from: 777, text: '/ack billing-api'});
    telegram.say({chat: GROUP, from: ANNA, text: '/ack billing-api', edited: mine});
    telegram.say({chat: -100777, from: ANNA, text: '/ack billing-api'});
    telegram.press({chat: GROUP, from: STRANGER, label: 'Acknowledge'});
    telegram.press({chat: GROUP, from: STRANGER, data: 'ack billing-api', forged: true});

    await until(() => telegram.pendingUpdates() === 0, 'all to be taken');
    await clock.advance(5_000);
    assert.equal(requests(chat).length, before);
    assert.deepEqual(telegram.callbackAnswers, []);
    assert.equal(chat.pipeline.view()[0]?.incident?.acknowledged, undefined);
    assert.deepEqual(rowsOf(chat.dataDir, 'SELECT * FROM audit'), []);
    assert.deepEqual(telegram.violations, []);
  });

  test('strangers get one line a minute in the log, however many they are', async (context) => {
    const {telegram, clock, lines, listen, until} = await startChat(context);
    await listen();
    const refusals = () => lines.filter(({msg}) => msg === 'turned away');
    const flood = async (count: number) => {
      for (let one = 0; one < count; one++) telegram.say({chat: STRANGER, from: STRANGER, text: '/status'});
      await telegram.waitFor(() => telegram.pendingUpdates() === 0);
    };
    await flood(50);
    assert.equal(refusals().length, 1);
    assert.deepEqual([refusals()[0]?.why, refusals()[0]?.user], ['unknown_user', STRANGER]);
    await clock.advance(60_000);
    await until(() => telegram.isPolling(), 'the next poll');
    await flood(2);
    assert.equal(refusals().length, 2);
    assert.equal(refusals()[1]?.unlogged, 49);
  });

  for (const [who, where, from, place] of [
    ['a viewer', 'the group', CLARA, GROUP],
    ['an operator', 'a private chat', BORIS, BORIS],
    ['an admin', 'a private chat', ANNA, ANNA],
  ] as const) {
    test(`${who} in ${where}, under the message that asked`, async (context) => {
      const {telegram, said, listen, until} = await startChat(context);
      await listen();
      const question = telegram.say({chat: place, from, text: '/whoami'});
      await until(() => said(place).length === 1, 'the answer');
      const [answer] = said(place);
      assert.match(answer?.text ?? '', new RegExp(`id ${from}, role .*\nThis chat: ${place}`));
      assert.equal(answer?.reply_to, question.message_id);
      assert.deepEqual(telegram.violations, []);
    });
  }

  test('a topic of a forum, in that topic', async (context) => {
    const {telegram, said, listen, until} = await startChat(context, {
      channels: new Map([['ops', {name: 'ops', type: 'telegram', chatId: FORUM, threadId: 7}]]),
    });
    await listen();
    telegram.say({chat: FORUM, from: ANNA, text: '/whoami', thread: 7});
    await until(() => said(FORUM).length === 1, 'the answer');
    assert.equal(said(FORUM)[0]?.thread, 7);
    assert.match(said(FORUM)[0]?.text ?? '', /This topic: 7/);
  });

  test('the same update only once, also when it comes again after a crash', async (context) => {
    const {telegram, store, said, listen, until} = await startChat(context);
    telegram.say({chat: ANNA, from: ANNA, text: '/version'});
    store.telegram.markHandled(1_000);
    telegram.say({chat: ANNA, from: ANNA, text: '/whoami'});
    await listen();
    await until(() => said(ANNA).length === 1, 'the answer');
    assert.match(said(ANNA)[0]?.text ?? '', /^Anna/);
  });
});

describe('what counts as a command', () => {
  test('in a group, what is meant for another bot is left to it', async (context) => {
    const {telegram, said, listen, until} = await startChat(context);
    await listen();
    for (const text of ['/status@other_bot', '/unknown', 'status', 'see /status', '/', '//status', '/status/x']) {
      telegram.say({chat: GROUP, from: ANNA, text});
    }
    telegram.say({chat: GROUP, from: ANNA, text: '/VERSION@Vakhta_Bot'});
    await until(() => said().length === 1, 'the one answer');
    assert.match(said()[0]?.text ?? '', /^Vakhta 0\.1\.0/);
  });

  test('in a private chat, or addressed to us, an unknown command is told so', async (context) => {
    const {telegram, said, listen, until} = await startChat(context);
    await listen();
    telegram.say({chat: ANNA, from: ANNA, text: '/stauts'});
    telegram.say({chat: GROUP, from: ANNA, text: '/stauts@vakhta_bot'});
    await until(() => said().length + said(ANNA).length === 2, 'both answers');
    assert.equal(said(ANNA)[0]?.text, 'There is no command /stauts. /help lists them.');
    assert.deepEqual(telegram.violations, []);
  });
});

describe('a long answer', () => {
  test('of 10,000 checks comes in few messages, and says what it leaves out', async (context) => {
    const checks = Array.from({length: 10_000}, (_, index) => checkConfig(`check-${index}`, {failAfter: 1}));
    const {telegram, clock, pipeline, said, listen, until} = await startChat(context, {checks});
    await listen();
    for (const text of ['/status', '/json', '/status check']) telegram.say({chat: ANNA, from: ANNA, text});
    await until(() => telegram.pendingUpdates() === 0, 'all to be taken');
    await clock.advance(200_000);
    await until(() => said(ANNA).length >= 3, 'the answers');
    await clock.advance(200_000);
    assert.ok(pipeline.view().length === 10_000);
    assert.ok(said(ANNA).length <= 15, `${said(ANNA).length} messages`);
    assert.ok(said(ANNA).some(({file}) => file?.as === 'document' && file.size > 100_000));
    assert.deepEqual(telegram.violations, []);
  });
});

describe('at the start', () => {
  test('an unknown token is said once, clearly, and not tried again', async (context) => {
    const chat = await startChat(context);
    chat.telegram.fault({kind: 'error', method: 'getMe', code: 401, description: 'Unauthorized'});
    chat.serve();
    await chat.until(() => chat.lines.some(({msg}) => /does not know this bot token/.test(msg)), 'the line');
    await chat.clock.advance(120_000);
    assert.equal(chat.telegram.requests.length, 1);
  });

  test('an outage is waited out', async (context) => {
    const chat = await startChat(context);
    chat.telegram.fault({kind: 'html', times: 3});
    chat.serve();
    await chat.until(() => chat.telegram.isPolling(), 'the first poll');
    assert.equal(chat.lines.filter(({msg}) => msg === 'Telegram does not answer yet').length, 3);
  });
});
