import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import {ANNA, BORIS, createHandClock, FORUM, GROUP, OPS, startBench} from './support.ts';

const NOT_MODIFIED =
  'Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a ' +
  'current content and reply markup of the message';
const ACK = {inline_keyboard: [[{text: 'Acknowledge', callback_data: 'ack'}]]};
const badRequest = (text: string, parameters?: object) => ({
  ok: false,
  error_code: 400,
  description: `Bad Request: ${text}`,
  ...(parameters === undefined ? {} : {parameters}),
});

describe('sendMessage', () => {
  it('puts a message into the chat and answers with it', async (t) => {
    const {sim, call} = await startBench(t);
    const {result} = await call('sendMessage', {
      chat_id: OPS,
      text: '<b>down</b>',
      parse_mode: 'HTML',
      reply_markup: ACK,
    });
    assert.equal(result.text, 'down');
    assert.deepEqual(result.chat, {id: OPS, type: 'supergroup', title: 'Ops', username: 'ops_chat'});
    assert.equal(result.from.is_bot, true);
    const [message] = sim.messages(OPS);
    assert.equal(message?.message_id, result.message_id);
    assert.deepEqual(message?.entities, [{type: 'bold', offset: 0, length: 4}]);
    assert.deepEqual(message?.reply_markup, ACK);
    assert.deepEqual(message?.edits, []);
    assert.deepEqual(sim.violations, []);
  });

  it('finds a chat by its public name', async (t) => {
    const {sim, call} = await startBench(t);
    await call('sendMessage', {chat_id: '@ops_chat', text: 'hello'});
    assert.equal(sim.messages(OPS)[0]?.text, 'hello');
  });

  it('puts a message into a topic', async (t) => {
    const {sim, call} = await startBench(t);
    const {result} = await call('sendMessage', {chat_id: FORUM, text: 'hello', message_thread_id: 7});
    assert.equal(result.is_topic_message, true);
    assert.equal(sim.messages(FORUM, 7).length, 1);
    assert.equal(sim.messages(FORUM, 8).length, 0);
  });

  it('shows what it replies to', async (t) => {
    const {sim, call} = await startBench(t);
    const {message_id} = sim.say({chat: OPS, from: ANNA, text: '/status'});
    const {result} = await call('sendMessage', {chat_id: OPS, text: 'fine', reply_parameters: {message_id}});
    assert.equal(result.reply_to_message.text, '/status');
    assert.equal(sim.messages(OPS)[1]?.reply_to, message_id);
    assert.equal(sim.messages(OPS)[1]?.quote, '/status');
  });

  it('sends without the reply where that is allowed', async (t) => {
    const {sim, call} = await startBench(t);
    const reply_parameters = {message_id: 99, allow_sending_without_reply: true};
    await call('sendMessage', {chat_id: OPS, text: 'fine', reply_parameters});
    assert.equal(sim.messages(OPS)[0]?.reply_to, undefined);
  });

  const button = (extra: object) => ({reply_markup: {inline_keyboard: [[{text: 'x', ...extra}]]}});
  const refused: ReadonlyArray<[what: string, params: object, answer: object]> = [
    ['an unknown chat', {chat_id: 1, text: 'x'}, badRequest('chat not found')],
    ['an empty text', {chat_id: OPS, text: ''}, badRequest('message text is empty')],
    ['a text that is too long', {chat_id: OPS, text: 'a'.repeat(4097)}, badRequest('message is too long')],
    ['an unknown topic', {chat_id: FORUM, text: 'x', message_thread_id: 8}, badRequest('message thread not found')],
    [
      'a topic where there are none',
      {chat_id: OPS, text: 'x', message_thread_id: 7},
      badRequest('message thread not found'),
    ],
    [
      'a reply to nothing',
      {chat_id: OPS, text: 'x', reply_parameters: {message_id: 99}},
      badRequest('message to be replied not found'),
    ],
    // Markup is parsed before the chat is looked up.
    [
      'broken markup, before it looks for the chat',
      {chat_id: 1, text: 'ж<x>', parse_mode: 'HTML'},
      badRequest('can\'t parse entities: Unsupported start tag "x" at byte offset 2'),
    ],
    [
      '65 bytes of data',
      {chat_id: OPS, text: 'x', ...button({callback_data: 'ж'.repeat(33)})},
      badRequest('BUTTON_DATA_INVALID'),
    ],
    ['no bytes of data', {chat_id: OPS, text: 'x', ...button({callback_data: ''})}, badRequest('BUTTON_DATA_INVALID')],
    [
      'a button that does nothing',
      {chat_id: OPS, text: 'x', ...button({})},
      badRequest("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"),
    ],
  ];
  for (const [what, params, answer] of refused) {
    it(`refuses ${what}`, async (t) => {
      const {sim, call} = await startBench(t);
      assert.deepEqual(await call('sendMessage', params), answer);
      assert.equal(sim.messages(OPS).length, 0);
    });
  }

  it('takes 64 bytes of data', async (t) => {
    const {call} = await startBench(t);
    const answer = await call('sendMessage', {chat_id: OPS, text: 'x', ...button({callback_data: 'ж'.repeat(32)})});
    assert.equal(answer.ok, true);
  });
});

describe('a chat that the bot cannot reach', () => {
  const forbidden = (text: string) => ({ok: false, error_code: 403, description: `Forbidden: ${text}`});

  it('is one whose person has blocked the bot, until they write again', async (t) => {
    const {sim, call} = await startBench(t);
    sim.block(ANNA);
    assert.deepEqual(await call('sendMessage', {chat_id: ANNA, text: 'x'}), forbidden('bot was blocked by the user'));
    sim.say({chat: ANNA, from: ANNA, text: '/start'});
    assert.equal((await call('sendMessage', {chat_id: ANNA, text: 'x'})).ok, true);
  });

  it('is one whose person is gone, or has never written', async (t) => {
    const {sim, call} = await startBench(t);
    sim.block(ANNA, 'deactivated');
    sim.addUser({id: 444, first_name: 'Eve', started: false});
    assert.deepEqual(await call('sendMessage', {chat_id: ANNA, text: 'x'}), forbidden('user is deactivated'));
    const unstarted = await call('sendMessage', {chat_id: 444, text: 'x'});
    assert.deepEqual(unstarted, forbidden("bot can't initiate conversation with a user"));
  });

  it('is a group that has thrown it out, or is gone', async (t) => {
    const {sim, call} = await startBench(t);
    sim.kick(OPS);
    sim.kick(GROUP);
    sim.kick(FORUM, 'deleted');
    const send = (chat_id: number) => call('sendMessage', {chat_id, text: 'x'});
    assert.deepEqual(await send(OPS), forbidden('bot was kicked from the supergroup chat'));
    assert.deepEqual(await send(GROUP), forbidden('bot was kicked from the group chat'));
    assert.deepEqual(await send(FORUM), forbidden('the group chat was deleted'));
    sim.restore(OPS);
    assert.equal((await send(OPS)).ok, true);
  });

  it('is a group that became a supergroup, which is named', async (t) => {
    const {sim, call} = await startBench(t);
    sim.upgradeToSupergroup(GROUP, -100777);
    const answer = await call('sendMessage', {chat_id: GROUP, text: 'x'});
    const expected = badRequest('group chat was upgraded to a supergroup chat', {migrate_to_chat_id: -100777});
    assert.deepEqual(answer, expected);
    assert.equal((await call('sendMessage', {chat_id: -100777, text: 'x'})).ok, true);
    const {result} = await call('getUpdates');
    assert.equal(result[0].message.migrate_to_chat_id, -100777);
    assert.equal(result[1].message.migrate_from_chat_id, GROUP);
  });
});

describe('editing', () => {
  it('changes the text, keeps what it said before, and drops a keyboard that is not sent again', async (t) => {
    const {sim, call} = await startBench(t);
    const {message_id} = (await call('sendMessage', {chat_id: OPS, text: 'down', reply_markup: ACK})).result;
    const {result} = await call('editMessageText', {chat_id: OPS, message_id, text: 'up'});
    assert.equal(typeof result.edit_date, 'number');
    const [message] = sim.messages(OPS);
    assert.equal(message?.text, 'up');
    assert.equal(message?.reply_markup, undefined);
    assert.deepEqual(message?.edits, [{text: 'down', entities: [], reply_markup: ACK}]);
  });

  it('changes the keyboard alone', async (t) => {
    const {sim, call} = await startBench(t);
    const text = '<b>down</b>';
    const sent = await call('sendMessage', {chat_id: OPS, text, parse_mode: 'HTML', reply_markup: ACK});
    const {message_id} = sent.result;
    const {result} = await call('editMessageReplyMarkup', {chat_id: OPS, message_id});
    assert.equal(result.text, 'down');
    assert.deepEqual(result.entities, [{type: 'bold', offset: 0, length: 4}]);
    assert.equal(sim.messages(OPS)[0]?.reply_markup, undefined);
  });

  it('refuses to change nothing', async (t) => {
    const {sim, call} = await startBench(t);
    const params = {chat_id: OPS, text: '<b>down</b>', parse_mode: 'HTML', reply_markup: ACK};
    const {message_id} = (await call('sendMessage', params)).result;
    const again = await call('editMessageText', {...params, message_id});
    assert.deepEqual(again, {ok: false, error_code: 400, description: NOT_MODIFIED});
    const keyboard = await call('editMessageReplyMarkup', {chat_id: OPS, message_id, reply_markup: ACK});
    assert.equal(keyboard.description, NOT_MODIFIED);
    assert.equal((await call('editMessageText', {...params, message_id, text: 'down'})).ok, true);
    assert.equal(sim.messages(OPS)[0]?.edits.length, 1);
  });

  it('finds only messages that are there, and only changes its own', async (t) => {
    const {sim, call} = await startBench(t);
    const edit = (message_id: number) => call('editMessageText', {chat_id: OPS, message_id, text: 'x'});
    assert.deepEqual(await edit(99), badRequest('message to edit not found'));
    const {message_id} = sim.say({chat: OPS, from: ANNA, text: 'mine'});
    assert.deepEqual(await edit(message_id), badRequest("message can't be edited"));
    const sent = (await call('sendMessage', {chat_id: OPS, text: 'x'})).result;
    sim.remove(OPS, sent.message_id);
    assert.deepEqual(await edit(sent.message_id), badRequest('message to edit not found'));
  });
});

describe('deleteMessage', () => {
  it('takes a message away, once', async (t) => {
    const {sim, call} = await startBench(t);
    const {message_id} = (await call('sendMessage', {chat_id: OPS, text: 'x'})).result;
    assert.deepEqual(await call('deleteMessage', {chat_id: OPS, message_id}), {ok: true, result: true});
    assert.deepEqual(sim.messages(OPS), []);
    const again = await call('deleteMessage', {chat_id: OPS, message_id});
    assert.deepEqual(again, badRequest('message to delete not found'));
  });

  it('works for 48 hours, and not on what a person wrote in private', async (t) => {
    const clock = createHandClock();
    const {sim, call} = await startBench(t, {clock});
    const {message_id} = (await call('sendMessage', {chat_id: OPS, text: 'x'})).result;
    const theirs = sim.say({chat: ANNA, from: ANNA, text: 'x'});
    clock.advance(48 * 3_600_000 + 1000);
    const refusal = badRequest("message can't be deleted for everyone");
    assert.deepEqual(await call('deleteMessage', {chat_id: OPS, message_id}), refusal);
    assert.deepEqual(await call('deleteMessage', {chat_id: ANNA, message_id: theirs.message_id}), refusal);
  });
});

describe('a pressed button', () => {
  const tooOld = badRequest('query is too old and response timeout expired or query ID is invalid');

  it('becomes a callback query, which is answered once', async (t) => {
    const {sim, call} = await startBench(t);
    await call('sendMessage', {chat_id: OPS, text: 'down', reply_markup: ACK});
    const id = sim.press({chat: OPS, from: BORIS, label: 'Acknowledge'});
    const [{callback_query}] = (await call('getUpdates')).result;
    assert.equal(callback_query.id, id);
    assert.equal(callback_query.data, 'ack');
    assert.equal(callback_query.from.first_name, 'Boris');
    assert.equal(callback_query.message.text, 'down');
    const answer = {callback_query_id: id, text: 'Yours', show_alert: true};
    assert.deepEqual(await call('answerCallbackQuery', answer), {ok: true, result: true});
    const [kept] = sim.callbackAnswers;
    assert.deepEqual([kept?.text, kept?.show_alert, kept?.from, kept?.chat], ['Yours', true, BORIS, OPS]);
    assert.deepEqual(await call('answerCallbackQuery', answer), tooOld);
  });

  it('cannot be answered late, nor under an invented id', async (t) => {
    const clock = createHandClock();
    const {sim, call} = await startBench(t, {clock});
    await call('sendMessage', {chat_id: OPS, text: 'down', reply_markup: ACK});
    const id = sim.press({chat: OPS, from: BORIS, data: 'ack'});
    clock.advance(15_001);
    assert.deepEqual(await call('answerCallbackQuery', {callback_query_id: id}), tooOld);
    assert.deepEqual(await call('answerCallbackQuery', {callback_query_id: '1'}), tooOld);
  });

  it('must be there, unless the press is forged', async (t) => {
    const {sim, call} = await startBench(t);
    await call('sendMessage', {chat_id: OPS, text: 'down', reply_markup: ACK});
    assert.throws(() => sim.press({chat: OPS, from: BORIS, data: 'other'}), /no such button/);
    sim.press({chat: OPS, from: BORIS, message_id: 1, data: 'other', forged: true});
    assert.equal((await call('getUpdates')).result[0].callback_query.data, 'other');
  });
});

describe('what people do', () => {
  it('becomes updates as Telegram makes them', async (t) => {
    const {sim, call} = await startBench(t);
    const {message_id} = sim.say({chat: OPS, from: ANNA, text: '/status now', thread: 7});
    sim.say({chat: OPS, from: ANNA, text: '/status later', edited: message_id});
    sim.say({chat: OPS, from: ANNA, text: 'as the group', sender_chat: OPS});
    sim.say({chat: OPS, from: ANNA, text: 'from elsewhere', forward: BORIS});
    const {result} = await call('getUpdates');
    assert.deepEqual(result[0].message.entities, [{type: 'bot_command', offset: 0, length: 7}]);
    assert.equal(result[0].message.message_thread_id, 7);
    assert.equal(result[1].edited_message.text, '/status later');
    assert.equal(result[2].message.sender_chat.id, OPS);
    assert.equal(result[2].message.from.username, 'GroupAnonymousBot');
    assert.equal(result[3].message.forward_origin.sender_user.id, BORIS);
  });

  it('tells a bot of reactions where it is an administrator and has asked for them', async (t) => {
    const {sim, call} = await startBench(t);
    const CREW = -1007;
    sim.addChat({id: CREW, type: 'supergroup', title: 'Crew', botsAreAdmins: false});
    await call('getUpdates', {allowed_updates: ['message_reaction']});
    for (const chat of [OPS, CREW]) await call('sendMessage', {chat_id: chat, text: 'down'});
    const reacting = {chat: OPS, from: ANNA, message_id: 1};
    sim.react({...reacting, emoji: '👀'});
    sim.react({...reacting, emoji: '👀'});
    sim.react({...reacting, chat: CREW, emoji: '👀'});
    sim.react({...reacting, actor_chat: OPS, emoji: '👍'});
    assert.deepEqual(sim.messages(OPS)[0]?.reactions, [
      {from: ANNA, emoji: '👀'},
      {from: OPS, emoji: '👍'},
    ]);
    sim.react(reacting);
    const {result} = await call('getUpdates');
    const changes = result.map(({message_reaction: one}: {message_reaction: Record<string, object[]>}) => [
      one.user ? 'a person' : 'a chat',
      one.old_reaction,
      one.new_reaction,
    ]);
    const eyes = [{type: 'emoji', emoji: '👀'}];
    assert.deepEqual(changes, [
      ['a person', [], eyes],
      ['a chat', [], [{type: 'emoji', emoji: '👍'}]],
      ['a person', eyes, []],
    ]);
    assert.throws(() => sim.react({...reacting, message_id: 99}), /no message 99/);
  });

  it('fails loudly where it cannot be', async (t) => {
    const {sim} = await startBench(t);
    assert.throws(() => sim.say({chat: 1, from: ANNA, text: 'x'}), /no such chat/);
    assert.throws(() => sim.say({chat: OPS, from: 1, text: 'x'}), /no such user/);
  });
});

describe('a pinned message', () => {
  it('is pinned and unpinned by a bot that may', async (t) => {
    const {sim, call} = await startBench(t);
    const CREW = -1007;
    sim.addChat({id: CREW, type: 'supergroup', title: 'Crew', botsAreAdmins: false});
    for (const chat of [OPS, CREW]) await call('sendMessage', {chat_id: chat, text: 'board'});
    const about = {chat_id: OPS, message_id: 1};
    assert.equal((await call('pinChatMessage', {...about, disable_notification: true})).result, true);
    assert.equal(sim.messages(OPS)[0]?.pinned, true);
    assert.equal((await call('unpinChatMessage', about)).result, true);
    assert.equal(sim.messages(OPS)[0]?.pinned, undefined);
    const refused = await call('pinChatMessage', {chat_id: CREW, message_id: 1});
    assert.equal(refused.description, 'Bad Request: not enough rights to manage pinned messages in the chat');
    const missing = await call('pinChatMessage', {chat_id: OPS, message_id: 99});
    assert.equal(missing.description, 'Bad Request: message to pin not found');
    assert.deepEqual(sim.violations, []);
  });
});
