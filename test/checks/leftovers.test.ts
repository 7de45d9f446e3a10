import dgram from 'node:dgram';
import {chmod, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import http2 from 'node:http2';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test} from 'node:test';
import {needs} from '../support/packages.ts';
import {createAuthority} from './certificates.ts';
import {assertNothingLeft, leftAfterRounds, leftAfterTimeouts} from './leftovers.ts';
import {portOf, serveTcp, stoppedServer} from './servers.ts';

test('200 HTTP timeouts on a silent server leave nothing behind', async (t) => {
  const port = await serveTcp(t, (socket) => socket.resume());
  assertNothingLeft(await leftAfterTimeouts('http', {url: `http://127.0.0.1:${port}`}));
});

test('200 timeouts of a TLS handshake leave nothing behind', async (t) => {
  const port = await serveTcp(t, (socket) => socket.resume());
  assertNothingLeft(await leftAfterTimeouts('http', {url: `https://127.0.0.1:${port}`}));
});

test('200 timeouts while connecting leave nothing behind', async (t) => {
  const port = await stoppedServer(t);
  assertNothingLeft(await leftAfterTimeouts('http', {url: `http://127.0.0.1:${port}`}));
  const talk = {host: '127.0.0.1', port, send: 'STATUS\n'};
  assertNothingLeft(await leftAfterTimeouts('socket', talk));
});

test('200 timeouts of a socket whose peer drips leave nothing behind', async (t) => {
  const port = await serveTcp(t, (socket) => {
    const timer = setInterval(() => socket.write('x'), 5);
    socket.resume().on('close', () => clearInterval(timer));
  });
  assertNothingLeft(await leftAfterTimeouts('socket', {host: '127.0.0.1', port, send_hex: '00'}));
});

test('200 timeouts in a proxy, before and inside its tunnel, leave nothing behind', async (t) => {
  const silent = await serveTcp(t, (socket) => socket.resume());
  assertNothingLeft(await leftAfterTimeouts('http', {url: 'http://127.0.0.1:9', proxy: `http://127.0.0.1:${silent}`}));
  const tunnel = await serveTcp(t, (socket) => socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\n\r\n')));
  for (const url of ['http://127.0.0.1:9', 'https://127.0.0.1:9']) {
    assertNothingLeft(await leftAfterTimeouts('http', {url, proxy: `http://127.0.0.1:${tunnel}`}));
  }
});

test('200 timeouts of HTTP/2 and of held connections leave nothing behind', needs('openssl'), async (t) => {
  const {cert, key} = (await createAuthority(t)).issue('good');
  const server = http2.createSecureServer({cert: await readFile(cert), key: await readFile(key)}, () => {});
  server.on('error', () => {}).on('sessionError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const url = `https://127.0.0.1:${portOf(server)}`;
  // A handshake takes a while when fifty are made at once.
  const run = {timeoutMs: 300};
  assertNothingLeft(await leftAfterTimeouts('http', {url, http: 2, insecure: true}, {run}), '0.3 s');
  const silent = await serveTcp(t, (socket) => socket.resume());
  assertNothingLeft(await leftAfterTimeouts('http', {url: `http://127.0.0.1:${silent}`, keep: true}));
});

test('200 timeouts of steps, of a handshake and of STARTTLS leave nothing behind', async (t) => {
  const port = await serveTcp(t, (socket) => socket.resume().write('220 ready\r\n'));
  const host = '127.0.0.1';
  const steps = [{expect: ['reply.startsWith("220")']}, {send: 'x', length_prefix: 'u16be'}];
  // Long enough for the first step of fifty at once.
  const run = {timeoutMs: 300};
  assertNothingLeft(await leftAfterTimeouts('socket', {host, port, steps}, {run}), '0.3 s', 'step 2: ');
  assertNothingLeft(await leftAfterTimeouts('tls', {host, port, starttls: 'smtp'}));
  const silent = await serveTcp(t, (socket) => socket.resume());
  assertNothingLeft(await leftAfterTimeouts('tls', {host, port: silent}));
  assertNothingLeft(await leftAfterTimeouts('socket', {host, port: silent, tls: true}));
  const agrees = await serveTcp(t, (socket) => socket.once('data', () => socket.write('S')));
  assertNothingLeft(await leftAfterTimeouts('tls', {host, port: agrees, starttls: 'postgres'}));
});

test('200 timeouts of UDP and of a name server leave nothing behind', async (t) => {
  const socket = dgram.createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  t.after(() => socket.close());
  const {port} = socket.address();
  assertNothingLeft(await leftAfterTimeouts('udp', {host: '127.0.0.1', port, send: 'x'}));
  assertNothingLeft(await leftAfterTimeouts('dns', {name: 'shop.test', server: `127.0.0.1:${port}`}));
});

test('timeouts of fping leave no process behind', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'vakhta-'));
  await writeFile(join(folder, 'fping'), '#!/bin/sh\nexec sleep 100\n');
  await chmod(join(folder, 'fping'), 0o755);
  const path = process.env.PATH;
  process.env.PATH = `${folder}:${path}`;
  t.after(() => {
    process.env.PATH = path;
    return rm(folder, {recursive: true});
  });
  assertNothingLeft(await leftAfterTimeouts('terminals', {addresses: ['127.0.0.1']}, {runs: 20}));
});

test('timeouts of plugins leave no process behind', async () => {
  assertNothingLeft(await leftAfterTimeouts('plugin', {command: 'sleep 100 & wait', shell: true}, {runs: 50}));
});

test('200 timeouts of an SSH server that says nothing leave nothing behind', async (t) => {
  const port = await serveTcp(t, (socket) => socket.resume());
  const given = {host: '127.0.0.1', port, user: 'watch', password: 'x', fingerprint: `SHA256:${'A'.repeat(43)}`};
  assertNothingLeft(await leftAfterTimeouts('ssh', {...given, command: 'true'}));
});

test('1,000 timeouts over all kinds that can time out leave nothing behind', async (t) => {
  const host = '127.0.0.1';
  const port = await serveTcp(t, (socket) => socket.resume());
  const full = await stoppedServer(t);
  const peer = dgram.createSocket('udp4');
  await new Promise<void>((resolve) => peer.bind(0, host, resolve));
  t.after(() => peer.close());
  const [url, server] = [`http://${host}:${port}`, `${host}:${peer.address().port}`];
  const key = {password: 'x', fingerprint: `SHA256:${'A'.repeat(43)}`};
  const given: [string, Record<string, unknown>][] = [
    ['http', {url}],
    ['http', {url, keep: true}],
    ['http', {url: `https://${host}:${port}`, insecure: true}],
    ['socket', {host, port, send: 'x', reply_until: 'y'}],
    ['socket', {host, port: full}],
    ['tls', {host, port}],
    ['udp', {host, port: peer.address().port, send: 'x'}],
    ['dns', {name: 'shop.test', server}],
    ...['postgres', 'mysql', 'mssql'].map((kind): [string, Record<string, unknown>] => [kind, {host, port, user: 'u'}]),
    ['ssh', {host, port, user: 'u', command: 'true', ...key}],
    ['plugin', {command: ['sleep', '100']}],
  ];
  const checks = [...given, ...given, ...given].map(([kind, options]) => ({kind, given: options}));
  assertNothingLeft(await leftAfterRounds(checks, {rounds: Math.ceil(1_000 / checks.length)}));
});
