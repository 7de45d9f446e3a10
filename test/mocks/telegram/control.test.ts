import assert from 'node:assert/strict';
import {once} from 'node:events';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {describe, it, type TestContext} from 'node:test';
import {Telegram} from 'telegraf';
import type {Simulator} from '../../../mocks/telegram/simulator.ts';
import {ANNA, BORIS, OPS, startBench} from './support.ts';

async function control(sim: Simulator, verb: string, argument: object) {
  const answer = await fetch(`${sim.url}/_sim/${verb}`, {method: 'POST', body: JSON.stringify(argument)});
  return {status: answer.status, ...((await answer.json()) as {result?: unknown; error?: string})};
}

const read = async (sim: Simulator, what: string) => (await fetch(`${sim.url}/_sim/${what}`)).json();

/** A service that notes which of its switches were pressed. */
async function startSwitches(t: TestContext) {
  const pressed: string[] = [];
  const server = createServer((request, response) => {
    pressed.push(`${request.method} ${request.url}`);
    response.writeHead(request.url === '/stuck' ? 500 : 200).end('done');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return {pressed, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`};
}

describe('the control API', () => {
  it('lets another process play the people and read the chat', async (t) => {
    const {sim, call} = await startBench(t);
    await control(sim, 'addUser', {id: 777, first_name: 'Greta'});
    const said = await control(sim, 'say', {chat: OPS, from: 777, text: '/status'});
    assert.equal((said.result as {text: string}).text, '/status');
    const reply_markup = {inline_keyboard: [[{text: 'Ack', callback_data: 'a'}]]};
    await call('sendMessage', {chat_id: OPS, text: 'down', reply_markup});
    const {result: id} = await control(sim, 'press', {chat: OPS, from: 777, label: 'Ack'});
    await call('answerCallbackQuery', {callback_query_id: id, text: 'Yours'});
    const messages = (await read(sim, `messages?chat=${OPS}`)) as Array<{text: string}>;
    assert.deepEqual(
      messages.map(({text}) => text),
      ['/status', 'down'],
    );
    assert.equal(((await read(sim, 'answers')) as Array<{text: string}>)[0]?.text, 'Yours');
    assert.equal(((await read(sim, 'requests?since=1')) as object[]).length, 1);
    assert.deepEqual(await read(sim, 'violations'), []);
  });

  it('makes faults, an outage and their end', async (t) => {
    const {sim, call} = await startBench(t);
    await control(sim, 'fault', {kind: 'status', method: 'getMe'});
    assert.equal((await call('getMe')).error_code, 500);
    await control(sim, 'clearFaults', {});
    await control(sim, 'outage', {on: true});
    await assert.rejects(call('getMe'));
    await control(sim, 'outage', {on: false});
    await control(sim, 'block', {chat: ANNA});
    assert.equal((await call('sendMessage', {chat_id: ANNA, text: 'x'})).error_code, 403);
    await control(sim, 'restore', {chat: ANNA});
    assert.equal((await call('sendMessage', {chat_id: ANNA, text: 'x'})).ok, true);
  });

  it('answers 400 with the reason where something cannot be, and 404 for what it does not know', async (t) => {
    const {sim} = await startBench(t);
    const wrong = await control(sim, 'say', {chat: 5, from: ANNA, text: 'x'});
    assert.deepEqual(wrong, {status: 400, error: 'no such chat in the simulator: 5; addChat first'});
    assert.equal((await control(sim, 'sing', {})).status, 404);
  });

  it('forwards break and mend to the services, and remembers what is broken', async (t) => {
    const {pressed, url} = await startSwitches(t);
    const api = {name: 'api', break: `${url}/break`, mend: `${url}/mend`};
    const {sim} = await startBench(t, {breakables: [api, {name: 'stuck', break: `${url}/stuck`, mend: url}]});
    const broken = async () => ((await read(sim, 'state')) as {breakables: object[]}).breakables[0];
    await control(sim, 'break', {name: 'api'});
    assert.deepEqual(await broken(), {name: 'api', broken: true});
    await control(sim, 'mend', {name: 'api'});
    assert.deepEqual(await broken(), {name: 'api', broken: false});
    assert.deepEqual(pressed, ['POST /break', 'POST /mend']);
    assert.match((await control(sim, 'break', {name: 'stuck'})).error ?? '', /answered 500/);
    assert.match((await control(sim, 'break', {name: 'other'})).error ?? '', /nothing to break/);
  });

  it('streams what happens', async (t) => {
    const {sim} = await startBench(t);
    const stream = await fetch(`${sim.url}/_sim/events`);
    const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
    await reader?.read();
    sim.say({chat: OPS, from: BORIS, text: 'hello'});
    assert.deepEqual((await reader?.read())?.value, `data: {"kind":"message","chat":${OPS}}\n\n`);
    await reader?.cancel();
  });
});

describe('telegraf’s own client', () => {
  it('sends, edits, polls and answers against the simulator', async (t) => {
    const {sim} = await startBench(t);
    const telegram = new Telegram(sim.token, {apiRoot: sim.apiRoot});
    assert.equal((await telegram.getMe()).username, 'vakhta_bot');
    const reply_markup = {inline_keyboard: [[{text: 'Ack', callback_data: 'a'}]]};
    const sent = await telegram.sendMessage(OPS, '<b>down</b>', {parse_mode: 'HTML', reply_markup});
    assert.deepEqual(sent.entities, [{type: 'bold', offset: 0, length: 4}]);
    await telegram.editMessageText(OPS, sent.message_id, undefined, 'up', {reply_markup});
    sim.press({chat: OPS, from: BORIS, label: 'Ack'});
    const [update] = await telegram.getUpdates(0, 100, 0, undefined);
    assert.ok(update !== undefined && 'callback_query' in update);
    await telegram.answerCbQuery(update.callback_query.id, 'Yours');
    assert.equal(sim.callbackAnswers[0]?.text, 'Yours');
    await assert.rejects(telegram.sendMessage(5, 'x'), /400: Bad Request: chat not found/);
    assert.deepEqual(sim.violations, []);
  });
});
