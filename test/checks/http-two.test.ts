import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import http2 from 'node:http2';
import type net from 'node:net';
import {type TestContext, test} from 'node:test';
import tls from 'node:tls';
import {needs} from '../support/packages.ts';
import {createAuthority} from './certificates.ts';
import {held, portOf, verdict} from './servers.ts';

const KIND = 'http';

/** A server of HTTP/2 for one test, with a certificate of nobody's; gives the options of a check of it. */
async function serveHttp2(t: TestContext, answer: (stream: http2.ServerHttp2Stream, path: string) => void) {
  const {cert, key} = (await createAuthority(t)).issue('good');
  const server = http2.createSecureServer({cert: readFileSync(cert), key: readFileSync(key)});
  const sessions = new Set<http2.ServerHttp2Session>();
  server.on('error', () => {}).on('sessionError', () => {});
  server.on('session', (session) => sessions.add(session));
  server.on('stream', (stream: http2.ServerHttp2Stream, headers) => {
    stream.on('error', () => {});
    answer(stream, headers[':path'] ?? '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  return {sessions, given: {url: `https://127.0.0.1:${portOf(server)}/`, http: 2, insecure: true}};
}

test('over HTTP/2, bodies are sent and read up to the limit', needs('openssl'), async (t) => {
  const {given} = await serveHttp2(t, async (stream, path) => {
    let body = '';
    for await (const chunk of stream) body += chunk;
    stream.respond({':status': 201, 'x-list': ['a', 'b']});
    stream.end(path === '/' ? `got ${body}` : 'x'.repeat(3_000_000));
  });
  const expect = ['status == 201', 'headers["x-list"] == "a, b"', 'body == "got 42"', '!(":status" in headers)'];
  assert.deepEqual(await verdict(KIND, {...given, body: '42', expect}), {result: 'ok', reason: ''});
  const long = {...given, url: `${given.url}long`, body_limit: '10KiB', expect: ['body.size() == 10240']};
  assert.deepEqual(await verdict(KIND, long), {result: 'ok', reason: ''});
});

test('over HTTP/2, an answer that breaks off is a failure and is asked for once', needs('openssl'), async (t) => {
  let asked = 0;
  const {given} = await serveHttp2(t, (stream, path) => {
    asked++;
    if (path === '/nothing') return stream.session?.destroy();
    if (path === '/refused') return stream.close(http2.constants.NGHTTP2_REFUSED_STREAM);
    if (path === '/away') return stream.session?.goaway(http2.constants.NGHTTP2_ENHANCE_YOUR_CALM);
    stream.respond({':status': 200});
    stream.write('half');
    if (path === '/reset') return setImmediate(() => stream.destroy(new Error('broken')));
    return setImmediate(() => (stream.session?.socket as net.Socket | undefined)?.destroy());
  });
  for (const path of ['nothing', 'refused', 'away', 'reset', 'broken']) {
    asked = 0;
    const {result, reason} = await verdict(
      KIND,
      {...given, url: given.url + path, expect: ['body == "half"']},
      {timeoutMs: 2_000},
    );
    assert.equal(result, 'failed', path);
    assert.match(reason, /^(?:connection closed without an answer|connection reset|the server broke off)/, path);
    assert.equal(asked, 1, path);
  }
});

test('a server that says HTTP/2 and speaks something else is the reason', needs('openssl'), async (t) => {
  const {cert, key} = (await createAuthority(t)).issue('good');
  const context = {cert: readFileSync(cert), key: readFileSync(key), ALPNProtocols: ['h2']};
  const server = tls.createServer(context, (socket) => socket.on('error', () => {}).end('SSH-2.0-OpenSSH_9.2\r\n'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const url = `https://127.0.0.1:${portOf(server)}/`;
  const {reason} = await verdict(KIND, {url, http: 2, insecure: true}, {timeoutMs: 2_000});
  assert.match(reason, /^(?:the answer is not HTTP\/2|connection closed without an answer|the server broke off)/);
});

test(
  'a held connection over HTTP/2 serves run after run, and is opened again when it is lost',
  needs('openssl'),
  async (t) => {
    let mood: 'good' | 'silent' = 'good';
    const {sessions, given} = await serveHttp2(t, (stream) => {
      if (mood === 'silent') return;
      stream.respond({':status': 200});
      stream.end('ok');
    });
    const run = held(KIND, {...given, keep: true, expect: ['body == "ok"']});
    assert.deepEqual([await run(), await run(), await run()], ['', '', '']);
    assert.equal(sessions.size, 1);
    for (const session of sessions) session.destroy();
    assert.deepEqual([await run(), await run()], ['', '']);
    assert.equal(sessions.size, 2);
    mood = 'silent';
    assert.equal(await run(200), 'no answer within 0.2 s');
    mood = 'good';
    assert.equal(await run(), '');
  },
);
