import assert from 'node:assert/strict';
import {createServer, type RequestListener} from 'node:http';
import type {AddressInfo} from 'node:net';
import {describe, type TestContext, test} from 'node:test';
import {inspect} from 'node:util';
import {type Simulator, startSimulator} from '../../../mocks/telegram/simulator.ts';
import {OpsTelegram, Refused, Unreachable} from '../../../src/bot/telegram/api.ts';
import {type Clock, systemClock} from '../../../src/clock.ts';
import {createHandClock} from '../../support/hand-clock.ts';
import {ANNA} from '../world.ts';

const TOKEN = '123456789:AAsecretsecretsecretsecretsecret';

interface Bench {
  readonly api: OpsTelegram;
  readonly telegram: Simulator;
}

async function startBench(context: TestContext, clock: Clock = systemClock): Promise<Bench> {
  const telegram = await startSimulator({limits: false, token: TOKEN});
  context.after(() => telegram.stop());
  telegram.addUser({id: ANNA, first_name: 'Anna'});
  return {telegram, api: client(context, telegram.apiRoot, clock)};
}

function client(context: TestContext, apiRoot: string, clock: Clock = systemClock): OpsTelegram {
  const api = new OpsTelegram({token: TOKEN, apiRoot, clock});
  context.after(() => api.hangUp());
  return api;
}

/** A server that is not the Bot API. */
async function serverOf(context: TestContext, answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** What the call fails with; in no form may the error hold the token. */
async function failure(call: Promise<unknown>): Promise<Refused | Unreachable> {
  const error = await call.then(
    () => assert.fail('the call succeeded'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof Refused || error instanceof Unreachable, inspect(error));
  const forms = [error.message, error.stack, inspect(error, {depth: 20, showHidden: true}), JSON.stringify(error)];
  for (const form of forms) assert.ok(!form?.includes('AAsecret'), `the token is in ${form}`);
  return error;
}

const say = (api: OpsTelegram, options: {signal?: AbortSignal} = {}): Promise<unknown> =>
  api.callApi('sendMessage', {chat_id: ANNA, text: 'hello'}, options);

describe('what the Bot API refuses', () => {
  const table: [string, {code: number; parameters?: object}, Partial<Refused>][] = [
    ['a bad request is permanent', {code: 400}, {permanent: true}],
    ['a kicked bot is permanent', {code: 403}, {permanent: true}],
    ['an unknown token may be mended', {code: 401}, {permanent: false}],
    [
      'too many requests names its patience',
      {code: 429, parameters: {retry_after: 35}},
      {permanent: false, retryAfterMs: 35_000},
    ],
    ['too many requests without one', {code: 429}, {permanent: false, retryAfterMs: undefined}],
    [
      'an upgraded group names its new id',
      {code: 400, parameters: {migrate_to_chat_id: -1007}},
      {permanent: false, migrateTo: -1007},
    ],
    ['another poller is no reason to give up', {code: 409}, {permanent: false}],
  ];
  for (const [name, rule, expected] of table) {
    test(name, async (context) => {
      const {api, telegram} = await startBench(context);
      telegram.fault({kind: 'error', description: `Trouble ${rule.code}`, ...rule});
      const error = await failure(say(api));
      assert.ok(error instanceof Refused);
      assert.equal(error.message, `Trouble ${rule.code}`);
      for (const [key, value] of Object.entries({code: rule.code, ...expected})) {
        assert.equal(error[key as keyof Refused], value, key);
      }
    });
  }

  test('a wrong token is code 401', async (context) => {
    const {telegram} = await startBench(context);
    const api = new OpsTelegram({token: '1:AAsecretbutwrong', apiRoot: telegram.apiRoot, clock: systemClock});
    context.after(() => api.hangUp());
    const error = await failure(say(api));
    assert.ok(error instanceof Refused);
    assert.equal(error.code, 401);
  });
});

describe('when no answer of the Bot API is had', () => {
  const broken: [string, Parameters<Simulator['fault']>[0], RegExp][] = [
    ['a page of a proxy', {kind: 'html'}, /HTTP 502 with something other than JSON/],
    ['a captive portal that says 200', {kind: 'html', status: 200}, /HTTP 200 with something other than JSON/],
    ['a server error', {kind: 'status'}, /500 Internal Server Error: restart/],
    ['a bad gateway', {kind: 'status', status: 502, description: 'Bad Gateway'}, /502 Bad Gateway/],
    ['a reset connection', {kind: 'reset'}, /ECONNRESET|UND_ERR_SOCKET/],
    ['a reset before the answer', {kind: 'reset_after'}, /ECONNRESET|UND_ERR_SOCKET/],
  ];
  for (const [name, rule, reason] of broken) {
    test(`${name} leaves it open whether the message arrived`, async (context) => {
      const {api, telegram} = await startBench(context);
      telegram.fault(rule);
      const error = await failure(say(api));
      assert.ok(error instanceof Unreachable);
      assert.match(error.message, reason);
      assert.equal(error.mayHaveArrived, true);
    });
  }

  test('a refused connection means that nothing was sent', async (context) => {
    const {api, telegram} = await startBench(context);
    await telegram.stop();
    const error = await failure(say(api));
    assert.ok(error instanceof Unreachable);
    assert.deepEqual([error.message, error.mayHaveArrived], ['ECONNREFUSED', false]);
  });

  test('a name that cannot be resolved means that nothing was sent', async (context) => {
    const error = await failure(say(client(context, 'http://nowhere.invalid')));
    assert.ok(error instanceof Unreachable);
    assert.equal(error.mayHaveArrived, false);
  });

  for (const kind of ['hang', 'half'] as const) {
    test(`a call that ${kind === 'hang' ? 'is never answered' : 'is half answered'} ends after 20 s`, async (context) => {
      const clock = createHandClock();
      const {api, telegram} = await startBench(context, clock);
      const fault = telegram.fault({kind});
      const failed = failure(say(api));
      await telegram.waitFor(() => fault.hits === 1);
      await clock.advance(19_999);
      assert.equal(clock.waiting(), 1, 'it still waits');
      await clock.advance(1);
      const error = await failed;
      assert.ok(error instanceof Unreachable);
      assert.deepEqual([error.message, error.mayHaveArrived], ['no answer in time', true]);
      assert.equal(clock.waiting(), 0);
    });
  }

  test('a poll may take its own timeout and 15 s more', async (context) => {
    const clock = createHandClock();
    const {api, telegram} = await startBench(context, clock);
    const fault = telegram.fault({kind: 'hang'});
    const failed = failure(api.callApi('getUpdates', {timeout: 50}));
    await telegram.waitFor(() => fault.hits === 1);
    await clock.advance(64_999);
    assert.equal(clock.waiting(), 1);
    await clock.advance(1);
    assert.match((await failed).message, /no answer in time/);
  });

  test('a truncated answer is no answer', async (context) => {
    const root = await serverOf(context, (_request, response) => {
      response.writeHead(200, {'content-type': 'application/json'}).end('{"ok":true,"result":{"mess');
    });
    assert.match((await failure(say(client(context, root)))).message, /something other than JSON/);
  });

  for (const body of ['null', '[]', '{"ok":"yes"}', '"ok"', '{}']) {
    test(`${body} is not the Bot API's`, async (context) => {
      const root = await serverOf(context, (_request, response) => void response.end(body));
      assert.match((await failure(say(client(context, root)))).message, /not the Bot API's/);
    });
  }

  test('an endless answer is cut at 8 MiB', async (context) => {
    let written = 0;
    const root = await serverOf(context, (_request, response) => {
      const chunk = Buffer.alloc(256 * 1024, 'x');
      const pour = () => {
        while (!response.destroyed) {
          written += chunk.length;
          if (!response.write(chunk)) return void response.once('drain', pour);
        }
      };
      pour();
    });
    assert.match((await failure(say(client(context, root)))).message, /longer than 8 MiB/);
    assert.ok(written < 64 * 1024 * 1024, `${written} bytes were taken`);
  });

  test('an abandoned call ends at once and leaves no timer', async (context) => {
    const clock = createHandClock();
    const {api, telegram} = await startBench(context, clock);
    const fault = telegram.fault({kind: 'hang'});
    const abandoning = new AbortController();
    const failed = failure(say(api, {signal: abandoning.signal}));
    await telegram.waitFor(() => fault.hits === 1);
    abandoning.abort();
    assert.ok((await failed) instanceof Unreachable);
    assert.equal(clock.waiting(), 0);
  });
});

test('after every kind of trouble the next call works', async (context) => {
  const {api, telegram} = await startBench(context);
  for (const kind of ['html', 'status', 'reset', 'reset_after', 'error'] as const) {
    telegram.fault({kind, times: 1});
    await failure(say(api));
    assert.ok(await say(api));
  }
  assert.deepEqual(telegram.violations, []);
});
