import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import {ANNA, type Bench, BORIS, createHandClock, OPS, startBench} from './support.ts';

const HELLO = {chat_id: OPS, text: 'hello'};
const textsIn = ({sim}: Bench) => sim.messages(OPS).map(({text}) => text);
/** The code of the error beneath `fetch failed`. */
const failure = (error: unknown) => (error as {cause?: {code?: string}}).cause?.code;

describe('a fault on demand', () => {
  it('resets the connection before anything is done', async (t) => {
    const bench = await startBench(t);
    bench.sim.fault({kind: 'reset', method: 'sendMessage'});
    await assert.rejects(bench.call('sendMessage', HELLO), (error: unknown) => failure(error) === 'ECONNRESET');
    assert.deepEqual(textsIn(bench), []);
    assert.equal((await bench.call('getMe')).ok, true);
  });

  it('resets the connection after the message is there', async (t) => {
    const bench = await startBench(t);
    bench.sim.fault({kind: 'reset_after', method: 'sendMessage'});
    await assert.rejects(bench.call('sendMessage', HELLO), (error: unknown) => failure(error) === 'ECONNRESET');
    assert.deepEqual(textsIn(bench), ['hello']);
    assert.equal(bench.sim.requests[0]?.fault, 'reset_after');
  });

  for (const [kind, texts] of [
    ['hang', []],
    ['hang_after', ['hello']],
  ] as const) {
    it(`never answers (${kind})`, async (t) => {
      const bench = await startBench(t);
      const fault = bench.sim.fault({kind});
      const hangup = new AbortController();
      const pending = bench.call('sendMessage', HELLO, hangup.signal);
      await bench.sim.waitFor(() => fault.hits === 1 && textsIn(bench).length === texts.length);
      hangup.abort();
      await assert.rejects(pending, {name: 'AbortError'});
      assert.deepEqual(textsIn(bench), texts);
    });
  }

  it('sends half an answer', async (t) => {
    const {sim} = await startBench(t);
    sim.fault({kind: 'half'});
    const answer = await fetch(`${sim.apiRoot}/bot${sim.token}/getMe`);
    const {value} = (await answer.body?.getReader().read()) ?? {};
    assert.ok((value?.length ?? 0) > 0);
    assert.ok((value?.length ?? 0) < Number(answer.headers.get('content-length')));
  });

  it('answers with a page of HTML', async (t) => {
    const bench = await startBench(t);
    bench.sim.fault({kind: 'html', status: 503});
    const answer = await fetch(`${bench.sim.apiRoot}/bot${bench.sim.token}/getMe`);
    assert.equal(answer.status, 503);
    assert.match(await answer.text(), /^<html>/);
  });

  it('answers with a status', async (t) => {
    const bench = await startBench(t);
    bench.sim.fault({kind: 'status'});
    const expected = {ok: false, error_code: 500, description: 'Internal Server Error: restart'};
    assert.deepEqual(await bench.call('sendMessage', HELLO), expected);
    assert.deepEqual(textsIn(bench), []);
  });

  it('answers with any error of the Bot API', async (t) => {
    const {sim, call} = await startBench(t);
    const description = 'Too Many Requests: retry after 7';
    sim.fault({kind: 'error', code: 429, description, parameters: {retry_after: 7}});
    const expected = {ok: false, error_code: 429, description, parameters: {retry_after: 7}};
    assert.deepEqual(await call('sendMessage', HELLO), expected);
  });

  it('answers slowly', async (t) => {
    const clock = createHandClock();
    const bench = await startBench(t, {clock});
    const fault = bench.sim.fault({kind: 'slow', ms: 5000});
    let answered = false;
    const pending = bench.call('sendMessage', HELLO).then(() => {
      answered = true;
    });
    await bench.sim.waitFor(() => fault.hits === 1 && textsIn(bench).length === 1);
    assert.equal(answered, false);
    clock.advance(5000);
    await pending;
  });

  it('strikes as often as it is told, and only the method and the chat it is told', async (t) => {
    const {sim, call} = await startBench(t);
    const fault = sim.fault({kind: 'status', method: 'sendMessage', chat: OPS, times: 2});
    const codes = [];
    for (const chat_id of [ANNA, OPS, BORIS, OPS, OPS])
      codes.push((await call('sendMessage', {chat_id, text: 'x'})).error_code);
    assert.deepEqual(codes, [undefined, 500, undefined, 500, undefined]);
    assert.equal(fault.hits, 2);
    assert.deepEqual(sim.faults(), []);
  });

  it('ends when it is cleared', async (t) => {
    const {sim, call} = await startBench(t);
    const fault = sim.fault({kind: 'status'});
    sim.fault({kind: 'html', method: 'getMe'});
    fault.clear();
    assert.equal((await call('sendMessage', HELLO)).ok, true);
    sim.clearFaults();
    assert.equal((await call('getMe')).ok, true);
  });
});

describe('an outage', () => {
  it('resets every request, held polls included, until it ends; nothing is lost', async (t) => {
    const {sim, call} = await startBench(t);
    const poll = call('getUpdates', {timeout: 50});
    await sim.waitFor(() => sim.isPolling());
    sim.outage(true);
    await assert.rejects(poll, (error: unknown) => failure(error) === 'ECONNRESET');
    await assert.rejects(call('getMe'));
    sim.say({chat: ANNA, from: ANNA, text: 'meanwhile'});
    assert.equal((await fetch(`${sim.url}/_sim/state`)).status, 200);
    sim.outage(false);
    assert.equal((await call('getUpdates')).result[0].message.text, 'meanwhile');
  });
});

describe('stopping', () => {
  it('ends held polls and hanging requests, and may be done twice', async (t) => {
    const {sim, call} = await startBench(t);
    sim.fault({kind: 'hang', method: 'getMe'});
    const pending = [call('getUpdates', {timeout: 50}), call('getMe')].map((one) => assert.rejects(one));
    await sim.waitFor(() => sim.requests.length === 2 && sim.isPolling());
    await sim.stop();
    await Promise.all(pending);
    await sim.stop();
  });
});

describe('waitFor', () => {
  it('resolves with what the predicate finds', async (t) => {
    const {sim, call} = await startBench(t);
    const found = sim.waitFor(() => sim.messages(OPS).find(({text}) => text === 'hello'));
    await call('sendMessage', HELLO);
    assert.equal((await found).message_id, 1);
  });

  it('rejects with what was waited for and what there was', async (t) => {
    const {sim, call} = await startBench(t);
    await call('sendMessage', {...HELLO, reply_markup: {inline_keyboard: [[{text: 'Ack', callback_data: 'a'}]]}});
    const waiting = sim.waitFor(() => false, {timeoutMs: 20, what: 'the alert card'});
    await assert.rejects(waiting, (error: Error) => {
      assert.match(error.message, /^the alert card: not within 20 ms/);
      assert.match(error.message, /#1 Vakhta: hello \[Ack\]/);
      assert.match(error.message, /sendMessage \{"chat_id"/);
      return true;
    });
  });

  it('rejects with what the predicate throws', async (t) => {
    const {sim} = await startBench(t);
    await assert.rejects(
      sim.waitFor(() => sim.messages(5)),
      /no such chat/,
    );
  });
});
