import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import {loadSchema} from '../../../mocks/telegram/schema.ts';
import {ANNA, callAs, OPS, startBench} from './support.ts';

describe('a request', () => {
  it('with a wrong token is answered 401', async (t) => {
    const {sim} = await startBench(t);
    const expected = {ok: false, error_code: 401, description: 'Unauthorized'};
    assert.deepEqual(await callAs('1:wrong', sim, 'getMe'), expected);
  });

  it('for a method that does not exist is answered 404', async (t) => {
    const {sim, call} = await startBench(t);
    const expected = {ok: false, error_code: 404, description: 'Not Found: method not found'};
    assert.deepEqual(await call('sendTelepathy'), expected);
    assert.deepEqual(sim.violations, []);
  });

  it('for a method that the simulator lacks is answered 404 and noted', async (t) => {
    const {sim, call} = await startBench(t);
    assert.equal((await call('sendDice', {chat_id: OPS})).error_code, 404);
    assert.deepEqual(sim.violations, ['sendDice: not simulated yet']);
  });

  it('names its method in any case', async (t) => {
    const {call} = await startBench(t);
    assert.equal((await call('GETME')).result.username, 'vakhta_bot');
  });

  it('may be JSON, a form, multipart or a query', async (t) => {
    const {sim} = await startBench(t);
    const reply_markup = JSON.stringify({inline_keyboard: [[{text: 'a', callback_data: 'b'}]]});
    const fields = {chat_id: String(OPS), text: 'hello', reply_markup, protect_content: 'true'};
    const multipart = new FormData();
    for (const [key, value] of Object.entries(fields)) multipart.set(key, value);
    const address = `${sim.apiRoot}/bot${sim.token}/sendMessage`;
    await fetch(address, {method: 'POST', body: new URLSearchParams(fields)});
    await fetch(address, {method: 'POST', body: multipart});
    await fetch(`${address}?${new URLSearchParams(fields)}`);
    assert.deepEqual(sim.violations, []);
    const messages = sim.messages(OPS);
    assert.equal(messages.length, 3);
    for (const message of messages) assert.equal(message.reply_markup?.inline_keyboard[0]?.[0]?.callback_data, 'b');
    assert.equal(sim.requests[1]?.params.protect_content, true);
  });

  it('with an attached file takes the file from the part that is named', async (t) => {
    const {sim} = await startBench(t);
    const form = new FormData();
    form.set('url', 'https://example.org/hook');
    form.set('certificate', 'attach://pem');
    form.set('pem', new Blob(['12345'], {type: 'application/x-pem-file'}), 'cert.pem');
    const answer = await fetch(`${sim.apiRoot}/bot${sim.token}/setWebhook`, {method: 'POST', body: form});
    assert.equal(answer.status, 200);
    const certificate = sim.requests[0]?.params.certificate;
    assert.ok(certificate instanceof File);
    assert.deepEqual([certificate.name, await certificate.text()], ['cert.pem', '12345']);
    assert.deepEqual(Object.keys(sim.requests[0]?.params ?? {}), ['url', 'certificate']);
  });

  it('that is no JSON is refused', async (t) => {
    const {sim} = await startBench(t);
    const headers = {'content-type': 'application/json'};
    const answer = await fetch(`${sim.apiRoot}/bot${sim.token}/getMe`, {method: 'POST', headers, body: '{'});
    assert.equal(answer.status, 400);
  });

  it('is in the log with its parameters, its time and its answer', async (t) => {
    const {sim, call} = await startBench(t);
    await call('sendMessage', {chat_id: 1, text: 'x'});
    const [request] = sim.requests;
    assert.equal(request?.method, 'sendMessage');
    assert.deepEqual(request?.params, {chat_id: 1, text: 'x'});
    assert.ok(Math.abs((request?.at ?? 0) - Date.now()) < 60_000);
    assert.deepEqual(request?.answer, {ok: false, error_code: 400, description: 'Bad Request: chat not found'});
  });
});

describe('the schema', () => {
  const wrong: ReadonlyArray<[what: string, method: string, params: object, violation: string]> = [
    [
      'an unknown field',
      'sendMessage',
      {chat_id: 1, text: 'x', txt: 'y'},
      '/ must NOT have additional properties (txt)',
    ],
    ['a missing field', 'sendMessage', {chat_id: 1}, "/ must have required property 'text'"],
    ['a wrong kind', 'getUpdates', {offset: '5'}, '/offset must be number'],
    ['parameters where there are none', 'getMe', {a: 1}, '/ must NOT have additional properties (a)'],
    [
      'an unknown field deep inside',
      'sendMessage',
      {chat_id: 1, text: 'x', reply_markup: {inline_keyboard: [[{text: 'a', data: 'b'}]]}},
      '/reply_markup/inline_keyboard/0/0 must NOT have additional properties (data)',
    ],
    [
      'the field that newer versions dropped',
      'sendMessage',
      {chat_id: 1, text: 'x', reply_to_message_id: 5},
      '/ must NOT have additional properties (reply_to_message_id)',
    ],
  ];
  for (const [what, method, params, violation] of wrong) {
    it(`finds ${what}`, async (t) => {
      const {sim, call} = await startBench(t);
      const answer = await call(method, params);
      assert.deepEqual(answer, {ok: false, error_code: 400, description: `Bad Request: schema: ${violation}`});
      assert.deepEqual(sim.violations, [`${method}: ${violation}`]);
    });
  }

  it('can be turned off', async (t) => {
    const {sim, call} = await startBench(t, {validate: false});
    assert.equal((await call('sendMessage', {chat_id: OPS, text: 'x', txt: 'y'})).ok, true);
    assert.deepEqual(sim.violations, []);
  });

  it('knows every method of the Bot API, those without parameters too', () => {
    const schema = loadSchema();
    const methods = ['getMe', 'sendMessage', 'sendPhoto', 'pinChatMessage', 'createForumTopic', 'sendRichMessage'];
    const known = methods.filter((method) => schema.knows(method));
    assert.deepEqual(known, methods);
    assert.equal(schema.knows('sendTelepathy'), false);
  });

  it('takes the keyboards of every kind', () => {
    const schema = loadSchema();
    const button = {text: 'a', url: 'https://x.y', style: 'danger'};
    for (const reply_markup of [
      {inline_keyboard: [[button]]},
      {keyboard: [[{text: 'a'}]], resize_keyboard: true},
      {remove_keyboard: true},
      {force_reply: true},
    ]) {
      assert.equal(schema.violation('sendMessage', {chat_id: 1, text: 'x', reply_markup}), undefined);
    }
  });
});

describe('what a bot asks about chats', () => {
  it('getChat tells its kind, title and whether it is a forum', async (t) => {
    const {call} = await startBench(t);
    const {result} = await call('getChat', {chat_id: OPS});
    assert.deepEqual([result.id, result.type, result.title, result.is_forum], [OPS, 'supergroup', 'Ops', undefined]);
    assert.equal((await call('getChat', {chat_id: ANNA})).result.first_name, 'Anna');
    assert.equal((await call('getChat', {chat_id: 5})).description, 'Bad Request: chat not found');
  });

  it('getChatMember tells the standing of people and of itself', async (t) => {
    const {sim, call} = await startBench(t);
    sim.addUser({id: 666, first_name: 'Dora'});
    const standing = async (user_id: number) => (await call('getChatMember', {chat_id: OPS, user_id})).result?.status;
    assert.equal(await standing(ANNA), 'member');
    assert.equal(await standing(666), 'left');
    assert.equal(await standing((await call('getMe')).result.id), 'administrator');
    const unknown = await call('getChatMember', {chat_id: OPS, user_id: 5});
    assert.equal(unknown.description, 'Bad Request: user not found');
  });
});

describe('commands', () => {
  const commands = [{command: 'status', description: 'What is up'}];

  it('are kept by scope and language', async (t) => {
    const {sim, call} = await startBench(t);
    const scope = {type: 'chat', chat_id: OPS};
    await call('setMyCommands', {commands});
    await call('setMyCommands', {commands: [], scope, language_code: 'ru'});
    assert.deepEqual((await call('getMyCommands')).result, commands);
    assert.deepEqual((await call('getMyCommands', {scope})).result, []);
    assert.deepEqual(sim.commands(), commands);
    await call('deleteMyCommands');
    assert.deepEqual(sim.commands(), []);
  });

  const refused: ReadonlyArray<[commands: object[], error: string]> = [
    [[{command: 'Status', description: 'x'}], 'BOT_COMMAND_INVALID'],
    [[{command: 'a'.repeat(33), description: 'x'}], 'BOT_COMMAND_INVALID'],
    [[{command: 'status', description: ''}], 'BOT_COMMAND_DESCRIPTION_INVALID'],
    [[{command: 'status', description: 'x'.repeat(257)}], 'BOT_COMMAND_DESCRIPTION_INVALID'],
    [Array(101).fill({command: 'status', description: 'x'}), 'BOT_COMMANDS_TOO_MUCH'],
  ];
  for (const [wrong, error] of refused) {
    it(`are refused with ${error} for ${JSON.stringify(wrong).slice(0, 40)}`, async (t) => {
      const {call} = await startBench(t);
      assert.equal((await call('setMyCommands', {commands: wrong})).description, `Bad Request: ${error}`);
    });
  }
});
