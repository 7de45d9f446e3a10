import assert from 'node:assert/strict';
import {createHmac, timingSafeEqual} from 'node:crypto';
import {readFileSync} from 'node:fs';
import net from 'node:net';
import {join} from 'node:path';
import {after, before, describe, test} from 'node:test';
import {Ajv} from 'ajv';
import type {Outcome} from '../../../src/bot/channels/channel.ts';
import {retryAfterMs} from '../../../src/bot/channels/webhook-pause.ts';
import {type Authority, createAuthority} from '../../checks/certificates.ts';
import {createLife} from '../../checks/servers.ts';
import {createHandClock, START} from '../../support/hand-clock.ts';
import {needs} from '../../support/packages.ts';
import {bodyOf, card, MINUTE, messages, receiver, send} from './hook-desk.ts';
import {certificate} from './mail-server.ts';

describe('a request of a webhook', {concurrency: 4}, () => {
  test('is a POST of JSON with an id that stays the same, and the headers of the config', async (context) => {
    const {taken, url} = await receiver(context);
    const headers = {Authorization: 'Bearer abc', 'User-Agent': 'ours'};
    await send(context, url, card, {headers});
    await send(context, url, card, {headers, row: {inDoubt: true}});
    const [first, second] = taken;
    assert.equal(first?.method, 'POST');
    assert.equal(first?.path, '/hooks/vakhta?team=ops');
    assert.equal(first?.headers['content-type'], 'application/json');
    assert.equal(first?.headers.authorization, 'Bearer abc');
    assert.equal(first?.headers['user-agent'], 'ours');
    assert.equal(first?.headers['webhook-id'], `12-${START}`);
    assert.equal(first?.headers['idempotency-key'], `12-${START}`);
    assert.equal(first?.headers['webhook-signature'], undefined);
    assert.equal(second?.headers['webhook-id'], first?.headers['webhook-id']);
    assert.equal(JSON.parse(second?.body ?? '').repeated, true);
  });

  for (const secret of ['a secret of some length', `whsec_${Buffer.from('0123456789abcdef').toString('base64')}`]) {
    test(`is signed as Standard Webhooks says, with ${secret.slice(0, 6)}…`, async (context) => {
      const {taken, url} = await receiver(context);
      await send(context, url, card, {secret, clock: createHandClock()});
      const [request] = taken;
      assert.ok(request);
      const {'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': signature} = request.headers;
      assert.equal(seconds, String(START / 1000));
      const key = secret.startsWith('whsec_') ? Buffer.from('0123456789abcdef') : Buffer.from(secret);
      const expected = createHmac('sha256', key).update(`${id}.${seconds}.${request.body}`).digest();
      const [version, given = ''] = String(signature).split(',');
      assert.equal(version, 'v1');
      assert.ok(timingSafeEqual(expected, Buffer.from(given, 'base64')));
    });
  }
});

describe('the documentation of webhooks', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/channels.md'), 'utf8');

  test('verifies what is genuine, and nothing else, by its JavaScript', async (context) => {
    const [, source = ''] = /^```js\n(.*?)^```$/ms.exec(page) ?? [];
    const {isGenuine} = await import(`data:text/javascript,${encodeURIComponent(source)}`);
    const secret = 'a secret of some length';
    const {taken, url} = await receiver(context);
    await send(context, url, card, {secret, clock: createHandClock()});
    const {headers, body} = taken[0] ?? assert.fail('there was no request');
    const now = START / 1000;
    assert.equal(isGenuine(headers, body, secret, now + 299), true);
    assert.equal(isGenuine(headers, body, secret, now + 301), false, 'replayed');
    assert.equal(isGenuine(headers, `${body} `, secret, now), false, 'changed');
    assert.equal(isGenuine(headers, body, 'another secret than that', now), false);
    assert.equal(isGenuine({}, body, secret, now), false, 'not signed');
  });

  test('shows the body of an alert as it is', async (context) => {
    const [, example = ''] = /^```json\n(.*?)^```$/ms.exec(page) ?? [];
    assert.deepEqual(await bodyOf(context, card, {clock: createHandClock()}), JSON.parse(example));
  });
});

describe('the body of a webhook', {concurrency: 4}, () => {
  const schema = JSON.parse(readFileSync(join(import.meta.dirname, '../../../docs/webhook.schema.json'), 'utf8'));
  const ajv = new Ajv({
    strict: true,
    allErrors: true,
    formats: {'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/},
  });
  // Receivers must bear further keys; ours must all be described.
  const isDescribed = ajv.compile(Object(closedForm(schema)));
  for (const message of messages) {
    test(`is as the schema says: ${message.kind}, ${message.reason}`, async (context) => {
      const body = await bodyOf(context, message, {systemInfo: true});
      assert.ok(isDescribed(body), JSON.stringify(isDescribed.errors));
    });
  }
});

/** The schema that takes no key which it does not describe. */
function closedForm(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closedForm);
  if (typeof schema !== 'object' || schema === null) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closedForm(value)]));
  return 'properties' in inner && inner.type === 'object' ? {...inner, additionalProperties: false} : inner;
}
describe('what a receiver may do', {concurrency: 6}, () => {
  const answers: readonly [number, Record<string, string>, Outcome][] = [
    [200, {}, {kind: 'delivered'}],
    [202, {}, {kind: 'delivered'}],
    [301, {location: 'http://127.0.0.1:1/'}, refused('HTTP 301: redirects are not followed', true)],
    [307, {location: '/elsewhere'}, refused('HTTP 307: redirects are not followed', true)],
    [400, {}, refused('HTTP 400', false)],
    [401, {}, refused('HTTP 401', true)],
    [404, {}, refused('HTTP 404', true)],
    [408, {}, {kind: 'retry', reason: 'HTTP 408'}],
    [413, {}, refused('HTTP 413', false)],
    [425, {}, {kind: 'retry', reason: 'HTTP 425'}],
    [429, {'retry-after': '120'}, {kind: 'retry', reason: 'HTTP 429', retryAfterMs: 120_000}],
    [429, {'retry-after': 'soon'}, {kind: 'retry', reason: 'HTTP 429'}],
    [500, {}, {kind: 'retry', reason: 'HTTP 500'}],
    [503, {'retry-after': '99999'}, {kind: 'retry', reason: 'HTTP 503', retryAfterMs: 3_600_000}],
  ];
  for (const [status, headers, expected] of answers) {
    test(`answers ${status} ${JSON.stringify(headers)}`, async (context) => {
      const {taken, url} = await receiver(context, (response) => response.writeHead(status, headers).end('because'));
      const {outcome, lines} = await send(context, url, card);
      assert.deepEqual(outcome, expected);
      assert.equal(taken.length, 1);
      if (outcome.kind === 'refused') assert.equal(lines.at(-1)?.answer, 'because');
    });
  }

  test('takes the request and cuts the connection: in doubt', async (context) => {
    const {url} = await receiver(context, (_response, request) => request.socket.destroy());
    const {outcome} = await send(context, url, card);
    assert.equal(outcome.kind, 'doubt');
  });

  test('takes the request and says nothing: in doubt, once its time is over', async (context) => {
    const clock = createHandClock();
    const {taken, url} = await receiver(context, () => {});
    const sending = send(context, url, card, {clock});
    while (taken.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(5_000);
    assert.deepEqual((await sending).outcome, {kind: 'doubt', reason: 'no answer within 5000 ms'});
  });

  test('answers 200 and never ends its answer: delivered', async (context) => {
    const {url} = await receiver(context, (response) => response.writeHead(200).write('well'));
    assert.deepEqual((await send(context, url, card)).outcome, {kind: 'delivered'});
  });

  test('refuses with an endless page: the log has its beginning', async (context) => {
    const {url} = await receiver(context, (response) => {
      response.writeHead(400);
      const more = () => {
        if (!response.destroyed && response.write('x'.repeat(1_000))) setImmediate(more);
        else response.once('drain', more);
      };
      more();
    });
    const {outcome, lines} = await send(context, url, card);
    assert.deepEqual(outcome, refused('HTTP 400', false));
    assert.equal(String(lines.at(-1)?.answer).length, 500);
  });

  test('is not there: again later, and nothing tells its address', async (context) => {
    const {outcome} = await send(context, 'http://127.0.0.1:1/T0/secret', card);
    assert.deepEqual(outcome, {kind: 'retry', reason: 'ECONNREFUSED'});
  });

  test('speaks something else than HTTP: in doubt', async (context) => {
    const odd = net.createServer((socket) => socket.on('error', () => {}).end('220 mail.shop.example ESMTP\r\n'));
    await new Promise<void>((resolve) => odd.listen(0, '127.0.0.1', resolve));
    context.after(() => odd.close());
    const {port} = odd.address() as net.AddressInfo;
    const {outcome} = await send(context, `http://127.0.0.1:${port}/`, card);
    assert.equal(outcome.kind, 'doubt');
  });

  test('keeps us waiting while the program ends: the connection is gone at once', async (context) => {
    const stopping = new AbortController();
    const {taken, url} = await receiver(context, () => {});
    const sending = send(context, url, card, {signal: stopping.signal});
    while (taken.length === 0) await new Promise((resolve) => setImmediate(resolve));
    stopping.abort();
    assert.equal((await sending).outcome.kind, 'doubt');
  });
});

function refused(reason: string, channelDead: boolean): Outcome {
  return {kind: 'refused', reason, channelDead};
}

describe('a receiver behind TLS', {...needs('openssl'), concurrency: 4}, () => {
  const life = createLife();
  let authority: Authority;
  before(async () => {
    authority = await createAuthority(life);
  });
  after(() => life.end());

  test('of our own authority is trusted where `ca` names it', async (context) => {
    const {taken, url} = await receiver(context, undefined, certificate(authority.issue('hook')));
    const {outcome} = await send(context, url, card, {ca: authority.cert, family: 4});
    assert.deepEqual(outcome, {kind: 'delivered'});
    assert.equal(taken.length, 1);
  });

  test('that nobody vouches for gets nothing', async (context) => {
    const {taken, url} = await receiver(context, undefined, certificate(authority.issue('strange')));
    const {outcome} = await send(context, url, card, {family: 4});
    assert.equal(outcome.kind, 'retry');
    assert.match('reason' in outcome ? outcome.reason : '', /UNABLE_TO/);
    assert.equal(taken.length, 0);
  });
});

test('Retry-After is understood as seconds and as a moment, up to an hour', () => {
  for (const [header, expected] of [
    ['30', 30_000],
    ['Fri, 20 Nov 2026 06:15:00 GMT', 2 * MINUTE],
    ['Sat, 21 Nov 2026 06:15:00 GMT', 60 * MINUTE],
    ['Fri, 20 Nov 2026 06:00:00 GMT', undefined],
    ['Fri, 99 Nov 2026 06:00:00 GMT', undefined],
    ['0', undefined],
    ['-5', undefined],
    [undefined, undefined],
  ] as const) {
    assert.equal(retryAfterMs(header, START), expected, String(header));
  }
});
