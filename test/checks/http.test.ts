import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {mkdtemp, readFile, rm} from 'node:fs/promises';
import https from 'node:https';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test} from 'node:test';
import {kinds} from '../../src/checks/index.ts';
import {needs} from '../support/packages.ts';
import {closedPort, runOnce, serveHttp, serveTcp, verdict} from './servers.ts';

const KIND = 'http';

test('a status from 200 to 399 is ok by default, and redirects are not followed', async (t) => {
  const asked: string[] = [];
  const url = await serveHttp(t, (request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(302, {location: '/elsewhere'}).end();
  });
  assert.deepEqual(await verdict(KIND, {url: `${url}/here?a=1`}), {result: 'ok', reason: ''});
  assert.deepEqual(asked, ['/here?a=1']);
});

test('any other status is the reason', async (t) => {
  const url = await serveHttp(t, (_, response) => response.writeHead(503).end('{}'));
  assert.deepEqual(await verdict(KIND, {url}), {result: 'failed', reason: 'HTTP 503'});
});

test('method, headers and body are sent, over a connection of its own each time', async (t) => {
  const seen: unknown[] = [];
  const ports = new Set<number | undefined>();
  const url = await serveHttp(t, async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const {authorization, connection, 'user-agent': agent, 'x-till': till} = request.headers;
    seen.push([request.method, body, authorization, connection, agent?.split('/')[0], till]);
    ports.add(request.socket.remotePort);
    response.end();
  });
  const withName = url.replace('http://', 'http://anna:p%40ss@');
  await verdict(KIND, {url: withName, body: 'hello', headers: {'X-Till': '7'}});
  await verdict(KIND, {url, method: 'GET', headers: {'User-Agent': 'mine'}});
  assert.deepEqual(seen, [
    ['POST', 'hello', `Basic ${Buffer.from('anna:p@ss').toString('base64')}`, 'close', 'vakhta', '7'],
    ['GET', '', undefined, 'close', 'mine', undefined],
  ]);
  assert.equal(ports.size, 2);
});

test('the server hears its own name, or the one that the config gives', async (t) => {
  const seen: unknown[] = [];
  const url = await serveHttp(t, (request, response) => {
    seen.push(request.headers.host);
    response.end();
  });
  await verdict(KIND, {url});
  await verdict(KIND, {url, headers: {HOST: 'shop.example'}});
  assert.deepEqual(seen, [new URL(url).host, 'shop.example']);
});

test('nothing of one server is seen in the next, also after those that break off or say too much', async (t) => {
  const name = (own: string) => serveHttp(t, (_, response) => response.writeHead(200, {'x-own': own}).end(own));
  const [first, second] = [await name('first'), await name('second')];
  const rude = await serveTcp(t, (socket) => void socket.once('data', () => socket.destroy()));
  const more = 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nagain';
  const talkative = await serveTcp(t, (socket) => void socket.once('data', () => socket.write(`${more}${more}`)));
  for (let round = 0; round < 20; round++) {
    const [a, b, c, d] = await Promise.all([
      verdict(KIND, {url: first, expect: ['body == "first"', 'headers["x-own"] == "first"']}),
      verdict(KIND, {url: second, expect: ['body == "second"', 'headers["x-own"] == "second"']}),
      verdict(KIND, {url: `http://127.0.0.1:${rude}`}),
      verdict(KIND, {url: `http://127.0.0.1:${talkative}`, expect: ['body == "again"']}),
    ]);
    assert.deepEqual([a?.reason, b?.reason, d?.reason], ['', '', '']);
    assert.equal(c?.result, 'failed');
  }
});

test('expectations see status, headers, body, JSON and time', async (t) => {
  const url = await serveHttp(t, (_, response) => {
    response.writeHead(200, {'content-type': 'application/json', 'set-cookie': ['a=1', 'b=2']}).end('{"queue": 250}');
  });
  const met = [
    'status == 200',
    'headers["set-cookie"] == "a=1, b=2"',
    'body.size() == 14',
    'json.queue > 1',
    'latency_ms < 5000',
  ];
  assert.deepEqual(await verdict(KIND, {url, expect: met}), {result: 'ok', reason: ''});
  assert.equal((await verdict(KIND, {url, expect: ['json.queue < 100']})).reason, 'json.queue < 100: it is 250');
  assert.equal(
    (await verdict(KIND, {url, expect: ['json.length < 100']})).reason,
    'json.length < 100: no such key: length',
  );
});

test('a body that is not JSON is said to be so, after a bad status if there is one', async (t) => {
  const url = await serveHttp(t, (request, response) =>
    response.writeHead(Number(request.url?.slice(1))).end('<html>'),
  );
  const expect = ['json.queue < 100'];
  assert.equal((await verdict(KIND, {url: `${url}/200`, expect})).reason, 'the body is not JSON');
  assert.equal((await verdict(KIND, {url: `${url}/503`, expect})).reason, 'HTTP 503, and the body is not JSON');
});

test('a body in another charset is read as that', async (t) => {
  const url = await serveHttp(t, (_, response) => {
    response.writeHead(200, {'content-type': 'text/plain; charset=windows-1251'}).end(Buffer.from([0xd0, 0xe0, 0xe1]));
  });
  assert.equal((await verdict(KIND, {url, expect: ['body == "Раб"']})).result, 'ok');
});

test('a body longer than the limit is judged by what came before it', async (t) => {
  const url = await serveHttp(t, (_, response) => response.end(`{"a": "${'x'.repeat(5_000)}"}`));
  const cut = {url, body_limit: '1KiB'};
  assert.equal((await verdict(KIND, {...cut, expect: ['body.size() == 1024']})).result, 'ok');
  assert.equal(
    (await verdict(KIND, {...cut, expect: ['json.a != ""']})).reason,
    'JSON longer than 1 KiB: raise body_limit',
  );
});

test('a server that sends 10 GB is cut off at the limit, and memory does not grow', async (t) => {
  const chunk = Buffer.alloc(1024 ** 2, 'x');
  let sent = 0;
  let closed = 0;
  const url = await serveHttp(t, (_, response) => {
    response.on('error', () => {}).on('close', () => closed++);
    const pour = () => {
      while (!response.destroyed && sent < 10e9 && response.write(chunk)) sent += chunk.length;
    };
    response.on('drain', pour);
    pour();
  });
  await runOnce(KIND, {url, expect: ['body != ""']});
  const before = process.memoryUsage.rss();
  for (let i = 0; i < 20; i++) {
    assert.deepEqual(await verdict(KIND, {url, expect: ['body.startsWith("xxx")']}), {result: 'ok', reason: ''});
    assert.deepEqual(await verdict(KIND, {url}), {result: 'ok', reason: ''});
  }
  const grownMiB = (process.memoryUsage.rss() - before) / 1024 ** 2;
  assert.ok(grownMiB < 150, `grew by ${grownMiB} MiB`);
  assert.ok(sent < 1e9, `the server could send ${sent} bytes`);
  while (closed < 41) await new Promise((resolve) => setImmediate(resolve));
});

test('a body that never ends is a timeout', async (t) => {
  const url = await serveHttp(t, (_, response) => {
    response.write('x');
    const timer = setInterval(() => response.write('x'), 5);
    response.on('close', () => clearInterval(timer));
  });
  assert.deepEqual(await verdict(KIND, {url}, {timeoutMs: 100}), {result: 'failed', reason: 'no answer within 0.1 s'});
});

test('a server that accepts and says nothing is a timeout', async (t) => {
  const port = await serveTcp(t, () => {});
  assert.equal(
    (await verdict(KIND, {url: `http://127.0.0.1:${port}`}, {timeoutMs: 50})).reason,
    'no answer within 0.05 s',
  );
});

test('what the network does is told in words', async (t) => {
  const reset = await serveTcp(t, (socket) => socket.on('data', () => socket.resetAndDestroy()));
  const closes = await serveTcp(t, (socket) => socket.on('data', () => socket.end()));
  const noise = await serveTcp(t, (socket) => socket.on('data', () => socket.end('SSH-2.0-x\r\n\r\n')));
  const half = await serveTcp(t, (socket) =>
    socket.on('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf')),
  );
  const reasonOf = async (address: string) => (await verdict(KIND, {url: address})).reason;
  assert.equal(await reasonOf(`http://127.0.0.1:${await closedPort()}`), 'connection refused');
  assert.equal(await reasonOf(`http://127.0.0.1:${reset}`), 'connection reset');
  assert.equal(await reasonOf(`http://127.0.0.1:${closes}`), 'connection closed without an answer');
  assert.equal(await reasonOf(`http://127.0.0.1:${half}`), 'connection closed without an answer');
  assert.equal(await reasonOf(`http://127.0.0.1:${noise}`), 'the answer is not HTTP');
  assert.match(await reasonOf(`https://127.0.0.1:${noise}`), /^TLS: the handshake failed/);
  assert.match(await reasonOf('http://no-such-host.invalid/'), /^DNS: .*no-such-host\.invalid$/);
});

test('a certificate that cannot be trusted is the reason', needs('openssl'), async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'vakhta-'));
  t.after(() => rm(folder, {recursive: true}));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const made = spawnSync('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'],
    ...['-subj', '/CN=localhost', '-keyout', key, '-out', cert],
  ]);
  assert.equal(made.status, 0, String(made.stderr));
  const server = https.createServer({key: await readFile(key), cert: await readFile(cert)}, (_, response) =>
    response.end(),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  assert.deepEqual(await verdict(KIND, {url: `https://127.0.0.1:${address.port}/`}), {
    result: 'failed',
    reason: 'TLS: certificate is self-signed',
  });
});

test('a shutdown gives no observation', async (t) => {
  const controller = new AbortController();
  const url = await serveHttp(t, () => controller.abort());
  assert.deepEqual(await runOnce(KIND, {url}, {signal: controller.signal}), []);
});

test('no secret of the request is ever in a reason', async (t) => {
  const reset = await serveTcp(t, (socket) => socket.on('data', () => socket.resetAndDestroy()));
  const echo = await serveHttp(t, (request, response) => {
    response.writeHead(500, {'x-seen': request.headers.authorization ?? ''}).end();
  });
  const secrets = {headers: {Authorization: 'Bearer s3cret', Cookie: 'sid=s3cret'}, body: 'pin=s3cret'};
  const bases = [`127.0.0.1:${reset}`, `127.0.0.1:${await closedPort()}`, echo.slice(7), 'no-such-host.invalid'];
  for (const base of bases) {
    for (const expect of [
      undefined,
      ['status == 200'],
      ['headers["x-seen"] == ""'],
      ['json.a == 1'],
      ['headers["y"] == ""'],
    ]) {
      const url = `http://anna:s3cret@${base}/s3cret?token=s3cret`;
      const observations = await runOnce(KIND, {url, ...secrets, ...(expect && {expect})});
      assert.equal(observations[0]?.result, 'failed');
      assert.doesNotMatch(JSON.stringify(observations), /s3cret/);
    }
  }
});

test('a wrong address in the config is refused without being repeated', () => {
  for (const url of ['s3cret', 'ftp://s3cret@host', 'http://', 'http://a:%zz@host']) {
    const {error} = kinds.get(KIND)?.options.safeParse({url}) ?? {};
    assert.match(error?.issues[0]?.message ?? '', /expected http:\/\/HOST\/PATH/);
    assert.doesNotMatch(error?.issues[0]?.message ?? '', /s3cret|%zz/);
  }
});
