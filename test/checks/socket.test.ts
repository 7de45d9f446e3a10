import assert from 'node:assert/strict';
import {test} from 'node:test';
import {kinds} from '../../src/checks/index.ts';
import {closedPort, serveTcp, verdict} from './servers.ts';

const KIND = 'socket';
const host = '127.0.0.1';

test('without anything to send or expect, a connection is enough', async (t) => {
  const port = await serveTcp(t, () => {});
  assert.deepEqual(await verdict(KIND, {host, port}), {result: 'ok', reason: ''});
  assert.deepEqual(await verdict(KIND, {host, port: await closedPort()}), {
    result: 'failed',
    reason: 'connection refused',
  });
});

test('text is sent, and the reply up to the line end is judged', async (t) => {
  const port = await serveTcp(t, (socket) => socket.on('data', (data) => socket.write(`ERR no ${data}more`)));
  const given = {host, port, send: 'STATUS\n'};
  assert.equal((await verdict(KIND, {...given, expect: ['reply == "ERR no STATUS\\n"']})).result, 'ok');
  assert.deepEqual(await verdict(KIND, {...given, expect: ['reply.startsWith("OK")']}), {
    result: 'failed',
    reason: 'reply.startsWith("OK"): it is "ERR no STATUS\\n"',
  });
});

test('a terminator that arrives in two parts is found', async (t) => {
  const port = await serveTcp(t, (socket) => {
    socket.setNoDelay(true).write('OK<E');
    setTimeout(() => socket.write('ND>rest'), 20);
  });
  assert.equal((await verdict(KIND, {host, port, reply_until: '<END>', expect: ['reply == "OK<END>"']})).result, 'ok');
});

test('bytes in hexadecimal are sent, and silence ends the reply', async (t) => {
  const port = await serveTcp(t, (socket) =>
    socket.on('data', (data) => socket.write(Buffer.concat([Buffer.from(data), Buffer.from([0x0a, 0xff])]))),
  );
  assert.deepEqual(await verdict(KIND, {host, port, send_hex: '02 10:FF', expect: ['reply_hex == "0210ff0aff"']}), {
    result: 'ok',
    reason: '',
  });
});

test('a reply ends at its limit', async (t) => {
  const port = await serveTcp(t, (socket) => {
    const timer = setInterval(() => socket.write('x'.repeat(100_000)), 1);
    socket.on('close', () => clearInterval(timer));
  });
  assert.equal((await verdict(KIND, {host, port, reply_limit: 10, expect: ['reply == "xxxxxxxxxx"']})).result, 'ok');
  assert.equal((await verdict(KIND, {host, port, expect: ['reply.size() == 65536']})).result, 'ok');
});

test('a peer that closes early is judged by what it said, and has failed if it said nothing', async (t) => {
  const port = await serveTcp(t, (socket) => socket.on('data', (data) => socket.end(data.slice(1))));
  assert.equal((await verdict(KIND, {host, port, send: '!OK', expect: ['reply == "OK"']})).result, 'ok');
  assert.deepEqual(await verdict(KIND, {host, port, send: '!'}), {
    result: 'failed',
    reason: 'connection closed without a reply',
  });
  const resets = await serveTcp(t, (socket) => socket.on('data', () => socket.resetAndDestroy()));
  assert.deepEqual(await verdict(KIND, {host, port: resets, send: '!'}), {
    result: 'failed',
    reason: 'connection reset',
  });
});

test('a peer that drips without an end runs into the timeout, and memory does not grow', async (t) => {
  const port = await serveTcp(t, (socket) => {
    const timer = setInterval(() => socket.write('x'), 10);
    socket.on('close', () => clearInterval(timer));
  });
  const before = process.memoryUsage().arrayBuffers;
  const answer = await verdict(
    KIND,
    {host, port, send: 'STATUS\n', expect: ['reply.startsWith("OK")']},
    {timeoutMs: 300},
  );
  assert.deepEqual(answer, {result: 'failed', reason: 'no answer within 0.3 s'});
  assert.ok(process.memoryUsage().arrayBuffers - before < 1024 ** 2);
});

test('a host name that does not exist is the reason', async () => {
  assert.match((await verdict(KIND, {host: 'no-such-host.invalid', port: 1})).reason, /^DNS: .*no-such-host\.invalid$/);
});

for (const [name, given, path, message] of [
  ['both ways of sending', {send: 'a', send_hex: '00'}, 'send_hex', /either send or send_hex/],
  ['half a byte', {send_hex: '012'}, 'send_hex', /pairs of hexadecimal digits/],
  [
    'a reply limit over a megabyte',
    {reply_limit: '2MiB'},
    'reply_limit',
    /expected a size such as 64KiB, from 1B to 1 MiB/,
  ],
  ['an expectation over what there is not', {expect: ['answer == ""']}, 'expect.0', /unknown variable: answer/],
] as const) {
  test(`the config refuses ${name}`, () => {
    const {error} = kinds.get(KIND)?.options.safeParse({host, port: 1, ...given}) ?? {};
    assert.equal(error?.issues[0]?.path.join('.'), path);
    assert.match(error?.issues[0]?.message ?? '', message);
  });
}
