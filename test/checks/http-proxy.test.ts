import assert from 'node:assert/strict';
import {once} from 'node:events';
import {readFileSync} from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type net from 'node:net';
import {test} from 'node:test';
import {kinds, prepareCheck} from '../../src/checks/index.ts';
import {systemClock} from '../../src/clock.ts';
import {needs} from '../support/packages.ts';
import {createAuthority} from './certificates.ts';
import {startTinyproxy} from './proxies.ts';
import {closedPort, held, portOf, serveHttp, serveTcp, verdict} from './servers.ts';

const KIND = 'http';
const OK = {result: 'ok', reason: ''};

test('http and https are reached through a proxy', needs('tinyproxy'), async (t) => {
  const proxy = `http://127.0.0.1:${(await startTinyproxy(t)).port}`;
  const authority = await createAuthority(t);
  const {cert, key} = authority.issue('good');
  const secure = https.createServer({cert: readFileSync(cert), key: readFileSync(key)}, (_, answer) => answer.end('s'));
  await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve));
  t.after(() => secure.close());
  const plain = await serveHttp(t, (_, response) => response.end('p'));
  assert.deepEqual(await verdict(KIND, {url: plain, proxy, expect: ['body == "p"', 'remote_ip == "127.0.0.1"']}), OK);
  const url = `https://localhost:${portOf(secure)}/`;
  const expect = ['body == "s"', 'cert_days > 29'];
  assert.deepEqual(await verdict(KIND, {url, proxy, ca: authority.cert, expect}), OK);
  assert.match((await verdict(KIND, {url, proxy})).reason, /^TLS: certificate comes from an unknown authority/);
  assert.deepEqual(await verdict(KIND, {url: plain, proxy, keep: true, redirects: 1, expect: ['body == "p"']}), OK);
});

test('a proxy that wants a login gets it, and says so where it is wrong', needs('tinyproxy'), async (t) => {
  const {port} = await startTinyproxy(t, ['BasicAuth anna s3cret']);
  const url = await serveHttp(t, (request, response) => response.end(request.headers['proxy-authorization'] ?? 'none'));
  const expect = ['body == "none"'];
  assert.deepEqual(await verdict(KIND, {url, proxy: `http://anna:s3cret@127.0.0.1:${port}`, expect}), OK);
  for (const login of ['', 'anna:s3cre7@']) {
    const {reason} = await verdict(KIND, {url, proxy: `http://${login}127.0.0.1:${port}`});
    assert.match(reason, /^proxy: it (?:wants a name and a password \(HTTP 407\)|refused \(HTTP 401\))$/);
  }
});

test("a proxy's failures are told apart from the server's", async (t) => {
  const url = 'http://127.0.0.1:9/s3cret';
  const reasonOf = async (port: number) =>
    (await verdict(KIND, {url, proxy: `http://a:s3cret@127.0.0.1:${port}`}, {timeoutMs: 200})).reason;
  const answers = (text: string) => serveTcp(t, (socket) => socket.on('data', () => socket.end(text)));
  assert.equal(await reasonOf(await closedPort()), 'proxy: connection refused');
  assert.equal(await reasonOf(await answers('HTTP/1.1 502 Bad Gateway\r\n\r\n')), 'proxy: it refused (HTTP 502)');
  assert.equal(await reasonOf(await answers('SSH-2.0-x\r\n\r\n')), 'proxy: the answer is not HTTP');
  assert.equal(await reasonOf(await answers('')), 'proxy: connection closed without an answer');
  assert.equal(await reasonOf(await serveTcp(t, () => {})), 'no answer within 0.2 s');
  assert.equal(await reasonOf(await answers('HTTP/1.1 200 OK\r\n\r\n')), 'connection closed without an answer');
});

test('no login is ever in a reason', async (t) => {
  const port = await serveTcp(t, (socket) => socket.on('data', () => socket.resetAndDestroy()));
  const echo = await serveHttp(t, ({headers}, response) => response.writeHead(500).end(`<${headers.authorization}>`));
  const away = await serveHttp(t, (_, response) =>
    response.writeHead(307, {location: 'http://s3cret:s3cret@[x'}).end(),
  );
  const logins = [{bearer: 's3cret'}, {basic: {username: 'anna', password: 's3cret'}}];
  for (const given of logins) {
    for (const where of [
      {url: `http://127.0.0.1:${port}/`},
      {url: 'http://127.0.0.1:9/', proxy: `http://anna:s3cret@127.0.0.1:${port}`},
      {url: `${echo}/?token=s3cret`},
      {url: away, redirects: 2, body: 's3cret'},
    ]) {
      const {result, reason} = await verdict(KIND, {...where, ...given});
      assert.equal(result, 'failed');
      assert.doesNotMatch(reason, /s3cret/);
    }
  }
});

test('a held connection serves run after run, and is opened again when the server has closed it', async (t) => {
  const ports: (number | undefined)[] = [];
  let mood: 'good' | 'close' | 'silent' = 'good';
  const sockets = new Set<net.Socket>();
  const server = http.createServer((request, response) => {
    ports.push(request.socket.remotePort);
    sockets.add(request.socket);
    if (mood === 'silent') return;
    response.writeHead(200, mood === 'close' ? {connection: 'close'} : {}).end('x'.repeat(2_000));
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const run = held(KIND, {url: `http://127.0.0.1:${portOf(server)}/`, keep: true, expect: ['body.size() == 2000']});
  const seen = async () => {
    ports.length = 0;
    assert.deepEqual([await run(), await run()], ['', '']);
    return new Set(ports).size;
  };
  assert.equal(await seen(), 1);
  mood = 'close';
  assert.equal(await seen(), 2);
  mood = 'good';
  assert.equal(await seen(), 1);
  for (const socket of sockets) socket.resetAndDestroy();
  assert.equal(await seen(), 1);
  mood = 'silent';
  assert.equal(await run(100), 'no answer within 0.1 s');
  mood = 'good';
  assert.equal(await seen(), 1);
});

test('a held connection is given up when its check is', async (t) => {
  const server = http.createServer((_, response) => response.end('ok'));
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const options = kinds.get(KIND)?.options.parse({url: `http://127.0.0.1:${portOf(server)}/`, keep: true});
  const spec = {name: 'it', kind: KIND, options, timeoutMs: 5_000, attempts: 1, retryDelayMs: 0};
  const run = prepareCheck(spec, {clock: systemClock});
  const connected = once(server, 'connection');
  assert.equal((await run(new AbortController().signal))[0]?.result, 'ok');
  const [socket] = await connected;
  assert.equal(socket.destroyed, false);
  run.close?.();
  await once(socket, 'close');
});

test('a held connection that the server closes as it is used again is no failure', async (t) => {
  let requests = 0;
  const port = await serveTcp(t, (socket) => {
    let used = false;
    socket.on('data', () => {
      requests++;
      if (used) return socket.destroy();
      used = true;
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\nkeep-alive: timeout=60\r\n\r\nok');
    });
  });
  const run = held(KIND, {url: `http://127.0.0.1:${port}/`, keep: true});
  assert.deepEqual([await run(), await run(), await run()], ['', '', '']);
  assert.equal(requests, 5);
  const post = held(KIND, {url: `http://127.0.0.1:${port}/`, keep: true, method: 'POST'});
  assert.deepEqual([await post(), await post()], ['', 'connection closed without an answer']);
});

test('a held connection whose answer is cut is not used again', async (t) => {
  const ports = new Set<number | undefined>();
  const url = await serveHttp(t, (request, response) => {
    ports.add(request.socket.remotePort);
    response.end('x'.repeat(5_000));
  });
  const run = held(KIND, {url, keep: true, body_limit: 100, expect: ['body.size() == 100']});
  assert.deepEqual([await run(), await run()], ['', '']);
  assert.equal(ports.size, 2);
});

for (const [name, given, path, message] of [
  ['a bearer token beside a password', {bearer: 'x', basic: {username: 'a', password: 'b'}}, 'bearer', /one login/],
  [
    'a password beside one in the address',
    {url: 'http://a:b@c/', basic: {username: 'a', password: 'b'}},
    'basic',
    /url/,
  ],
  ['a token beside a header', {bearer: 'x', headers: {authorization: 'y'}}, 'bearer', /header Authorization/],
  ['a token with a line break', {bearer: 'a\nb'}, 'bearer', /expected a token/],
  ['a certificate without its key', {cert: 'a.pem'}, 'cert', /expected key as well/],
  ['a proxy that is none', {proxy: 'socks5://s3cret@host'}, 'proxy', /^expected http:\/\/HOST:PORT/],
  ['HTTP/2 without TLS', {http: 2}, 'http', /HTTP\/2 needs an https address/],
  ['an address as a server name', {server_name: '10.0.0.1'}, 'server_name', /expected a host name/],
  ['endless redirects', {redirects: 21}, 'redirects', /20/],
] as const) {
  test(`the config refuses ${name}`, () => {
    const {error} = kinds.get(KIND)?.options.safeParse({url: 'http://host/', ...given}) ?? {};
    assert.equal(error?.issues[0]?.path.join('.'), path);
    assert.match(error?.issues[0]?.message ?? '', message);
  });
}
