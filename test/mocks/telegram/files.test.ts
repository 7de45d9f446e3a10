import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import {OpsTelegram, Refused} from '../../../src/bot/telegram/api.ts';
import {systemClock} from '../../../src/clock.ts';
import {type Bench, OPS, startBench} from './support.ts';

/** One white dot. */
const DOT = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mP8/x8AAwMCAO+ip1sAAAAASUVORK5CYII=';

function upload({sim}: Bench) {
  const api = new OpsTelegram({token: sim.token, apiRoot: sim.apiRoot, clock: systemClock});
  return (method: string, parameters: object) => api.callApi(method, {chat_id: OPS, ...parameters});
}

describe('an uploaded file', () => {
  it('is in the chat with its caption, its buttons and its bytes', async (t) => {
    const bench = await startBench(t);
    const reply_markup = {inline_keyboard: [[{text: 'Again', callback_data: 'x'}]]};
    const document = new File(['{"a": true}\n'], 'status «1».json');
    await upload(bench)('sendDocument', {document, caption: '<b>all</b>', parse_mode: 'HTML', reply_markup});
    const [message] = bench.sim.messages(OPS);
    assert.deepEqual(message?.file, {as: 'document', name: 'status «1».json', size: 12});
    assert.deepEqual([message?.text, message?.entities[0]?.type], ['all', 'bold']);
    assert.equal(message?.reply_markup?.inline_keyboard[0]?.[0]?.text, 'Again');
    assert.equal(String(bench.sim.file(OPS, message?.message_id ?? 0)?.bytes), '{"a": true}\n');
    assert.deepEqual(bench.sim.violations, []);
  });

  it('is a photo if it is a picture', async (t) => {
    const bench = await startBench(t);
    const send = upload(bench);
    await send('sendPhoto', {photo: new File([Buffer.from(DOT, 'base64')], 'graph.png')});
    const [message] = bench.sim.messages(OPS);
    assert.deepEqual([message?.file?.as, message?.text], ['photo', '']);
    const refused = (error: Error) => error instanceof Refused && /IMAGE_PROCESS_FAILED/.test(error.message);
    await assert.rejects(send('sendPhoto', {photo: new File(['no picture'], 'graph.png')}), refused);
    assert.deepEqual(bench.sim.violations, []);
  });

  it('has limits: not empty, a caption of 1,024 units, and nothing but an upload', async (t) => {
    const bench = await startBench(t);
    const send = upload(bench);
    const document = new File(['x'], 'x.txt');
    await send('sendDocument', {document, caption: 'x'.repeat(1_024)});
    await assert.rejects(send('sendDocument', {document, caption: 'x'.repeat(1_025)}), /caption is too long/);
    await assert.rejects(send('sendDocument', {document: new File([], 'x.txt')}), /non-empty/);
    await assert.rejects(send('sendDocument', {document: 'https://example.com/x'}), /only uploads are simulated/);
  });
});
