import assert from 'node:assert/strict';
import {once} from 'node:events';
import net from 'node:net';
import {test} from 'node:test';
import fc from 'fast-check';
import {CONNECTIONS_MAX} from '../../src/http/server.ts';
import {raw, startWorld, statusOf} from './world.ts';

const CHECKS = '  backup: {type: heartbeat}\n';
const END = 'host: localhost\r\nconnection: close\r\n\r\n';

test('what is malformed, too long or not allowed is refused with the status that says so', async (t) => {
  const {port, get} = await startWorld(t, {checks: CHECKS});
  const long = 'x'.repeat(3_000);
  const cases: [string, number][] = [
    ['GARBAGE\r\n\r\n', 400],
    ['GET /healthz HTTP/1.1\r\n\r\n', 400],
    [`GET /healthz HTTP/1.1\r\nbad header\r\n${END}`, 400],
    ['POST /ping/backup HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello', 400],
    ['POST /ping/backup HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n', 400],
    ['POST /ping/backup HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n', 400],
    ['\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
    [`GET /nothing HTTP/1.1\r\n${END}`, 404],
    [`GET /ping/../json/../../etc/passwd HTTP/1.1\r\n${END}`, 404],
    [`DELETE /json HTTP/1.1\r\n${END}`, 405],
    [`POST /json HTTP/1.1\r\n${END}`, 405],
    [`TRACE /ping/backup HTTP/1.1\r\n${END}`, 405],
    [`GET /ping/${long} HTTP/1.1\r\n${END}`, 414],
    [`GET /ping/backup HTTP/1.1\r\nx: ${long.repeat(7)}\r\n${END}`, 431],
    [`GET /ping/${'y'.repeat(900)} HTTP/1.1\r\n${END}`, 414],
  ];
  for (const [bytes, status] of cases) assert.equal(statusOf(await raw(port, bytes)), status, bytes.slice(0, 60));
  assert.equal((await get('/ping/backup')).status, 200);
});

test('a body without end is cut off with 413, and is not kept in memory', async (t) => {
  const {port} = await startWorld(t, {checks: CHECKS});
  const declared = await raw(
    port,
    'POST /ping/backup HTTP/1.1\r\nhost: x\r\ncontent-length: 2000000\r\n\r\n'.concat('x'.repeat(1_200_000)),
  );
  assert.ok([413, Number.NaN].includes(statusOf(declared)), declared.slice(0, 60));
  const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`;
  const chunked = await raw(
    port,
    `POST /ping/backup HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n${chunk.repeat(17)}`,
  );
  assert.equal(statusOf(chunked), 413);
});

test('a client that says nothing, or too slowly, is let go with 408', {timeout: 40_000}, async (t) => {
  const {port, get} = await startWorld(t, {checks: CHECKS});
  const began = performance.now();
  const dripping = (async () => {
    const socket = net.connect(port, '127.0.0.1');
    let answer = '';
    socket.setEncoding('latin1').on('data', (data) => {
      answer += data;
    });
    socket.on('error', () => {});
    socket.write('GET /healthz HTTP/1.1\r\n');
    const drip = setInterval(() => socket.write('x: y\r\n'), 500);
    await once(socket, 'close');
    clearInterval(drip);
    return answer;
  })();
  const [silent, half, slow] = await Promise.all([raw(port, ''), raw(port, 'GET /hea'), dripping]);
  const took = performance.now() - began;
  assert.ok(took < 20_000, `${took} ms`);
  for (const answer of [silent, half, slow]) assert.ok([408, Number.NaN].includes(statusOf(answer)), answer);
  assert.equal(statusOf(half), 408);
  assert.equal((await get('/healthz')).status, 200);
});

test('of 10,000 connections those beyond the places are refused, and the next one has a place again', {
  timeout: 120_000,
}, async (t) => {
  const {port, get} = await startWorld(t, {checks: CHECKS});
  const sockets: net.Socket[] = [];
  t.after(() => {
    for (const socket of sockets) socket.destroy();
  });
  let closed = 0;
  const before = process.memoryUsage().rss;
  const connect = () => {
    const socket = net.connect(port, '127.0.0.1');
    // What is not read (a 408 for those that say nothing) would keep the end from being noticed.
    sockets.push(
      socket
        .resume()
        .on('error', () => {})
        .on('close', () => closed++),
    );
    return Promise.race([once(socket, 'connect'), once(socket, 'close')]);
  };
  // Fewer at a time than the kernel keeps waiting for us.
  while (sockets.length < 10_000) await Promise.all(Array.from({length: 100}, connect));
  const deadline = performance.now() + 8_000;
  while (sockets.length - closed > CONNECTIONS_MAX && performance.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 20));
  assert.ok(sockets.length - closed <= CONNECTIONS_MAX, `${closed} were refused`);
  assert.ok(process.memoryUsage().rss - before < 100 * 1024 ** 2);
  for (const socket of sockets) socket.destroy();
  while (closed < sockets.length) await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal((await get('/ping/backup')).status, 200);
});

test('no bytes at all bring it down, and none but a ping flips a status', {timeout: 60_000}, async (t) => {
  const {port, get, pipeline} = await startWorld(t, {checks: CHECKS});
  const word = fc.constantFrom(
    'GET ',
    'POST ',
    '/ping/backup',
    '/ping/',
    '/json',
    '?rid=',
    '%',
    ' HTTP/1.1\r\n',
    '\r\n',
    'host: x\r\n',
    'content-length: ',
    '-1',
    '99999999999999999999',
    'transfer-encoding: chunked\r\n',
    '\r\n\r\n',
    '\0',
    '\xff\xfe',
    '0\r\n',
    'expect: 100-continue\r\n',
    'upgrade: h2c\r\nconnection: upgrade\r\n',
  );
  const noise = fc.uint8Array({maxLength: 40}).map((bytes) => Buffer.from(bytes).toString('latin1'));
  const request = fc
    .array(fc.oneof({weight: 4, arbitrary: word}, noise), {maxLength: 14})
    .map((parts) => Buffer.from(parts.join(''), 'latin1'));
  for (const bytes of fc.sample(request, 400)) {
    const socket = net.connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.end(bytes);
    socket.resume();
    await once(socket, 'close');
  }
  assert.equal((await get('/healthz')).status, 200);
  assert.notEqual(pipeline.statusMap().backup, undefined);
});
