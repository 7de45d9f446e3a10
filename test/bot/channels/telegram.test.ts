import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {buttonOf, FORUM, startChat} from '../telegram/chat.ts';
import {ANNA, checkConfig, GROUP, notice} from '../world.ts';

const MINUTE = 60_000;
const UPGRADED = -1009999999999;

describe('a card in Telegram', () => {
  test('is one message, edited as the incident evolves, with a recovery under it', async (context) => {
    const {telegram, said, breaks, recovers, until} = await startChat(context);
    await breaks();
    await until(() => said().length === 1, 'the card');
    assert.match(said()[0]?.text ?? '', /^🔴 billing-api is down/);
    assert.equal(buttonOf(said()[0])?.text, 'Acknowledge');
    await recovers();
    await until(() => said().length === 2 && said()[0]?.edits.length === 1, 'the recovery');
    assert.match(said()[0]?.text ?? '', /^🟢 billing-api recovered after/);
    assert.equal(buttonOf(said()[0]), undefined);
    assert.equal(said()[1]?.reply_to, said()[0]?.message_id);
    assert.deepEqual(telegram.violations, []);
  });

  test('that somebody deleted is shown anew while the incident is open', async (context) => {
    const {telegram, said, breaks, recovers, pipeline, until, clock} = await startChat(context);
    await breaks();
    await until(() => said().length === 1, 'the card');
    telegram.remove(GROUP, said()[0]?.message_id ?? 0);
    const by = {id: ANNA, name: 'Anna'};
    pipeline.order({events: [{kind: 'acknowledged', check: 'billing-api', at: clock.now(), by, why: ''}]});
    await until(() => said().length === 1, 'the new card');
    assert.match(said()[0]?.text ?? '', /^🟠 billing-api is down.*\n[\s\S]*Acknowledged by Anna/);
    telegram.remove(GROUP, said()[0]?.message_id ?? 0);
    await recovers();
    await until(() => said().length === 1, 'the recovery');
    await clock.advance(MINUTE);
    assert.match(said()[0]?.text ?? '', /is back after/);
    assert.equal(said().length, 1, 'the end of an incident is no new card');
  });

  test('of a chat with system_info ends with the state of the machine, and what rings under it does not', async (context) => {
    const channels = new Map([['ops', {name: 'ops', type: 'telegram', chatId: GROUP, systemInfo: true} as const]]);
    const {telegram, said, breaks, recovers, until} = await startChat(context, {channels});
    await breaks();
    await until(() => said().length === 1, 'the card');
    assert.match(
      said()[0]?.text ?? '',
      /\nSystem info\nServer: shop-7\nAddress: 192\.0\.2\.7\n.*\nUptime: 12d\nLoad.*$/,
    );
    await recovers();
    await until(() => said().length === 2 && said()[0]?.edits.length === 1, 'the recovery');
    assert.match(said()[0]?.text ?? '', /recovered[\s\S]*System info/);
    assert.doesNotMatch(said()[1]?.text ?? '', /System info/);
    assert.deepEqual(telegram.violations, []);
  });

  test('whose edit changes nothing counts as delivered', async (context) => {
    const {telegram, said, breaks, recovers, store, until} = await startChat(context);
    await breaks();
    await until(() => said().length === 1, 'the card');
    const description =
      'Bad Request: message is not modified: specified new message content and reply markup are exactly';
    telegram.fault({kind: 'error', method: 'editMessageText', description});
    await recovers();
    await until(() => said().length === 2 && store.outbox.backlog().rows === 0, 'the recovery');
  });

  test('says that it is late, and repeated where it may have arrived', async (context) => {
    const {telegram, said, breaks, until, clock} = await startChat(context);
    telegram.fault({kind: 'reset_after', method: 'sendMessage', times: 1});
    await breaks();
    await until(() => said().length === 2, 'the repetition');
    assert.doesNotMatch(said()[0]?.text ?? '', /repeated|late/);
    assert.match(said()[1]?.text ?? '', /\(repeated\)$/);
    telegram.outage(true);
    await clock.advance(1_000);
    await clock.advance(MINUTE);
    telegram.outage(false);
  });

  test('that waited out an outage says how late it is', async (context) => {
    const {telegram, said, breaks, until, clock} = await startChat(context);
    await telegram.waitFor(() => true);
    telegram.fault({
      kind: 'error',
      code: 429,
      times: 1,
      parameters: {retry_after: 420},
      description: 'Too Many Requests',
    });
    await breaks();
    await telegram.waitFor(() => telegram.requests.length === 1 && telegram.requests[0]?.answer !== undefined);
    await clock.advance(400_000);
    assert.equal(said().length, 0, 'retry_after is obeyed');
    await until(() => said().length === 1, 'the card');
    assert.match(said()[0]?.text ?? '', /\(sent 7m( \d+s)? late\)$/);
  });
});

describe('a rest that Telegram asks for', () => {
  const topic = (name: string, threadId: number) => ({name, type: 'telegram', chatId: FORUM, threadId}) as const;
  const lead = {name: 'lead', type: 'telegram', chatId: ANNA} as const;
  const channels = new Map([topic('ops', 7), topic('shops', 8), lead].map((channel) => [channel.name, channel]));
  const reply = {kind: 'reply', channel: '', reason: 'reply', to: {chatId: FORUM}, html: 'an answer'} as const;

  test('holds for all topics of the chat and for its answers, and for no other chat', async (context) => {
    const {telegram, said, store, outbox, clock, until} = await startChat(context, {channels});
    telegram.fault({kind: 'error', code: 429, times: 1, parameters: {retry_after: 60}});
    store.commit({now: clock.now(), messages: [notice('1')], durable: true});
    outbox.wake();
    await telegram.waitFor(() => store.telegram.blockedUntil('ops') > 0);
    await clock.advance(1_000);
    store.commit({now: clock.now(), messages: [notice('2', 'shops'), reply, notice('3', 'lead')], durable: true});
    outbox.wake();
    await telegram.waitFor(() => store.outbox.backlog('lead').rows === 0);
    assert.equal(said(ANNA).length, 1);
    await clock.advance(50_000);
    assert.equal(telegram.requests.length, 2);
    await until(() => store.outbox.backlog().rows === 0, 'the others');
    assert.equal(said(FORUM).length, 3);
  });

  test('holds for them after a restart too, and is over once it is over', async (context) => {
    const first = await startChat(context, {channels});
    first.store.telegram.block(`chat:${FORUM}`, first.clock.now() + 60_000);
    first.store.commit({now: first.clock.now(), messages: [notice('1', 'shops')], durable: true});
    const {said, store, outbox, clock, until} = first;
    outbox.wake();
    await clock.advance(59_000);
    assert.equal(said(FORUM).length, 0);
    await until(() => said(FORUM).length === 1, 'the message');
    clock.stepWall(-61_000);
    store.commit({now: clock.now(), messages: [notice('2', 'shops')], durable: true});
    outbox.wake();
    await clock.advance(2_000);
    await until(() => said(FORUM).length === 2, 'the next one');
    assert.ok(store.telegram.blockedUntil(`chat:${FORUM}`) <= clock.now());
  });
});

describe('a chat that changes', () => {
  test('a group that became a supergroup gets everything under its new id, once', async (context) => {
    const {telegram, said, breaks, recovers, store, until, clock} = await startChat(context);
    await breaks();
    await until(() => said().length === 1, 'the card');
    telegram.upgradeToSupergroup(GROUP, UPGRADED);
    await recovers();
    await until(() => said(UPGRADED).length === 1, 'the recovery in the new chat');
    await clock.advance(10 * MINUTE);
    await until(() => store.outbox.backlog().rows === 0, 'an empty outbox');
    assert.match(said(UPGRADED)[0]?.text ?? '', /is back after/);
    assert.equal(store.telegram.currentChatId(GROUP), UPGRADED);
    assert.ok(telegram.requests.length <= 6, `${telegram.requests.length} requests`);
    assert.deepEqual(telegram.violations, []);
  });

  test('an open card is shown anew in the supergroup, with a button that works there', async (context) => {
    const chat = await startChat(context, {
      checks: [checkConfig('billing-api'), checkConfig('shop-api')],
    });
    const {telegram, said, breaks, pipeline, until, clock} = chat;
    await chat.listen();
    await breaks();
    await until(() => said().length === 1, 'the card');
    telegram.upgradeToSupergroup(GROUP, UPGRADED);
    await breaks('shop-api');
    await until(() => said(UPGRADED).length === 1, 'the card of the other check');
    telegram.press({chat: UPGRADED, from: ANNA, label: 'Acknowledge'});
    await until(() => telegram.callbackAnswers.length === 1, 'the answer');
    assert.equal(telegram.callbackAnswers[0]?.text, 'Acknowledged: shop-api');
    const by = {id: ANNA, name: 'Anna'};
    pipeline.order({events: [{kind: 'acknowledged', check: 'billing-api', at: clock.now(), by, why: ''}]});
    await until(() => said(UPGRADED).some(({text}) => /billing-api is down/.test(text)), 'the first card, anew');
    await until(() => /Acknowledged/.test(said(UPGRADED)[0]?.text ?? ''), 'the edit');
  });

  test('an answer that was on its way when the group was upgraded arrives, once', async (context) => {
    const {telegram, said, listen, store, until, clock} = await startChat(context);
    await listen();
    telegram.upgradeToSupergroup(GROUP, UPGRADED);
    telegram.say({chat: GROUP, from: ANNA, text: '/version'});
    await until(() => said(UPGRADED).length === 1, 'the answer');
    await until(() => store.outbox.backlog().rows === 0, 'an empty outbox');
    await clock.advance(10 * MINUTE);
    assert.equal(said(UPGRADED).length, 1);
    assert.ok(telegram.requests.filter(({method}) => method === 'sendMessage').length <= 2);
  });

  test('a message whose topic was deleted goes out without it', async (context) => {
    const {telegram, said, pipeline, until} = await startChat(context, {
      channels: new Map([['ops', {name: 'ops', type: 'telegram', chatId: FORUM, threadId: 99}]]),
    });
    pipeline.notice('history_failed', 'disk');
    await until(() => said(FORUM).length === 1, 'the notice');
    assert.equal(said(FORUM)[0]?.thread, undefined);
    assert.deepEqual(telegram.violations, []);
  });

  test('a channel that kicked the bot shows in the list of dead channels, and is tried again', async (context) => {
    const {telegram, said, pipeline, store, until, clock} = await startChat(context);
    telegram.kick(GROUP);
    pipeline.notice('history_failed', 'disk');
    await until(() => store.telegram.deadChannels().length === 1, 'its death');
    assert.match(store.telegram.deadChannels()[0]?.error ?? '', /^Forbidden: bot was kicked/);
    telegram.restore(GROUP);
    await clock.advance(10 * MINUTE);
    await until(() => said().length === 2, 'the notice, and the notice of the death');
    assert.deepEqual(store.telegram.deadChannels(), []);
  });
});

test('what Telegram cannot parse goes out plain, with the same words', async (context) => {
  const {telegram, said, pipeline, until} = await startChat(context);
  const description = 'Bad Request: can\'t parse entities: Unsupported start tag "x" at byte offset 1';
  telegram.fault({kind: 'error', method: 'sendMessage', times: 1, description});
  pipeline.notice('history_failed', 'a <b> & c');
  await until(() => said().length === 1, 'the notice');
  assert.equal(said()[0]?.text, '⚠️ The history cannot be written: a <b> & c · shop-7');
  assert.equal(telegram.requests.at(-1)?.params.parse_mode, undefined);
});

test('so does what the user has worded, a new card and an edit of it alike', async (context) => {
  const both = '<b>{{{reason}}}: {{check}}';
  const templates = {down: {en: `${both} <down>`}, closed: {en: `${both} </i>`}};
  const {said, breaks, recovers, until, store} = await startChat(context, {templates});
  await breaks();
  await until(() => said().length === 1, 'the card');
  assert.equal(said()[0]?.text, 'HTTP 503: billing-api');
  await recovers();
  await until(() => said().length === 2 && store.outbox.backlog().rows === 0, 'the recovery');
  assert.equal(said()[0]?.text, 'HTTP 503: billing-api');
  assert.match(said()[1]?.text ?? '', /is back after/);
});

test('sending keeps to the budget that Telegram gives, and nothing is refused for being too fast', async (context) => {
  const {telegram, store, outbox, clock, said, until} = await startChat(context);
  const messages = Array.from({length: 21}, (_, index) => notice(`${index}`));
  store.commit({now: clock.now(), messages, durable: true});
  const from = clock.now();
  outbox.wake();
  await until(() => said().length === 21, 'all');
  assert.ok(clock.now() - from >= 60_000, 'the 21st waits for a minute to pass');
  assert.deepEqual(
    said().map(({text}) => Number(/: (\d+) ·/.exec(text)?.[1])),
    messages.map((_, index) => index),
  );
  assert.deepEqual(telegram.violations, []);
});
