import assert from 'node:assert/strict';
import dgram from 'node:dgram';
import {type TestContext, test} from 'node:test';
import {kinds} from '../../src/checks/index.ts';
import {runOnce, verdict} from './servers.ts';

const KIND = 'udp';
const OK = {result: 'ok', reason: ''};
const host = '127.0.0.1';

/** Starts a UDP server for one test, and returns its port. */
async function serveUdp(
  t: TestContext,
  answer: (message: Buffer, from: dgram.RemoteInfo, socket: dgram.Socket) => void,
  address = host,
): Promise<number> {
  const socket = dgram.createSocket(address.includes(':') ? 'udp6' : 'udp4');
  socket.on('message', (message, from) => answer(message, from, socket));
  await new Promise<void>((resolve) => socket.bind(0, address, resolve));
  t.after(() => socket.close());
  return socket.address().port;
}

test('text is sent, and the reply is judged', async (t) => {
  const port = await serveUdp(t, (message, from, socket) => socket.send(`OK ${message}`, from.port, from.address));
  const given = {host, port, send: 'Привет'};
  assert.deepEqual(await verdict(KIND, given), OK);
  assert.deepEqual(await verdict(KIND, {...given, expect: ['reply == "OK Привет"', 'latency_ms < 5000']}), OK);
  assert.deepEqual(await verdict(KIND, {...given, expect: ['reply == "NO"']}), {
    result: 'failed',
    reason: 'reply == "NO": it is "OK Привет"',
  });
});

test('bytes are sent, and an empty datagram is a reply too', async (t) => {
  const port = await serveUdp(t, (message, from, socket) => socket.send(message.subarray(1), from.port, from.address));
  assert.deepEqual(await verdict(KIND, {host, port, send_hex: '01 ff 02', expect: ['reply_hex == "ff02"']}), OK);
  assert.deepEqual(await verdict(KIND, {host, port, send_hex: '01', expect: ['reply_hex == ""']}), OK);
});

test('IPv6 and names are reached', async (t) => {
  const answer = (message: Buffer, from: dgram.RemoteInfo, socket: dgram.Socket) =>
    socket.send(message, from.port, from.address);
  assert.deepEqual(await verdict(KIND, {host: '::1', port: await serveUdp(t, answer, '::1'), send: 'x'}), OK);
  assert.match(
    (await verdict(KIND, {host: 'no-such-host.invalid', port: 9, send: 'x'})).reason,
    /^DNS: .*no-such-host\.invalid$/,
  );
});

test('silence is a failure, and so is a port on which nothing listens', async (t) => {
  const port = await serveUdp(t, () => {});
  assert.deepEqual(await verdict(KIND, {host, port, send: 'x'}, {timeoutMs: 50}), {
    result: 'failed',
    reason: 'no answer within 0.05 s',
  });
  const gone = dgram.createSocket('udp4');
  await new Promise<void>((resolve) => gone.bind(0, host, resolve));
  const closed = gone.address().port;
  await new Promise<void>((resolve) => gone.close(resolve));
  assert.deepEqual(await verdict(KIND, {host, port: closed, send: 'x'}), {
    result: 'failed',
    reason: 'connection refused',
  });
});

test('a datagram from somebody else is no reply', async (t) => {
  const stranger = dgram.createSocket('udp4');
  t.after(() => stranger.close());
  const port = await serveUdp(t, (_, from) => stranger.send('OK', from.port, from.address));
  assert.equal((await verdict(KIND, {host, port, send: 'x'}, {timeoutMs: 50})).reason, 'no answer within 0.05 s');
});

test('a lost datagram is sent again by the next attempt', async (t) => {
  let seen = 0;
  const port = await serveUdp(t, (message, from, socket) => {
    if (++seen > 1) socket.send(message, from.port, from.address);
  });
  assert.deepEqual(await verdict(KIND, {host, port, send: 'x'}, {timeoutMs: 50, attempts: 2}), OK);
});

test('a shutdown gives no observation', async (t) => {
  const controller = new AbortController();
  const port = await serveUdp(t, () => controller.abort());
  assert.deepEqual(await runOnce(KIND, {host, port, send: 'x'}, {signal: controller.signal}), []);
});

for (const [name, given, path, message] of [
  ['nothing to send', {}, 'send', /expected send or send_hex/],
  ['two messages', {send: 'a', send_hex: '00'}, 'send_hex', /either send or send_hex/],
  ['more than a datagram', {send: 'x'.repeat(65_508)}, 'send', /at most 65507 bytes/],
] as const) {
  test(`the config refuses ${name}`, () => {
    const {error} = kinds.get(KIND)?.options.safeParse({host, port: 1, ...given}) ?? {};
    assert.equal(error?.issues[0]?.path.join('.'), path);
    assert.match(error?.issues[0]?.message ?? '', message);
  });
}
