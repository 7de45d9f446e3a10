import assert from 'node:assert/strict';
import type {ChildProcess} from 'node:child_process';
import {once} from 'node:events';
import {readFileSync} from 'node:fs';
import net from 'node:net';
import {describe, type TestContext, test} from 'node:test';
import tls from 'node:tls';
import {inspect} from 'node:util';
import {type Simulator, startSimulator} from '../../../mocks/telegram/simulator.ts';
import {OpsTelegram, Refused, Unreachable} from '../../../src/bot/telegram/api.ts';
import {type Clock, systemClock} from '../../../src/clock.ts';
import {createAuthority} from '../../checks/certificates.ts';
import {startMicrosocks, startTinyproxy} from '../../checks/proxies.ts';
import {closedPort} from '../../checks/servers.ts';
import {createHandClock} from '../../support/hand-clock.ts';
import {needs} from '../../support/packages.ts';
import {ANNA, keptLog} from '../world.ts';

/** tinyproxy's own config takes no other characters. */
const PLAIN = 'passw0rd-42';
const AWKWARD = 'p@ss:word/42';

async function startTelegram(context: TestContext): Promise<Simulator> {
  const telegram = await startSimulator({limits: false});
  context.after(() => telegram.stop());
  telegram.addUser({id: ANNA, first_name: 'Anna'});
  return telegram;
}

function client(
  context: TestContext,
  {token, apiRoot}: Pick<Simulator, 'token' | 'apiRoot'>,
  proxies: readonly string[],
  clock: Clock = systemClock,
) {
  const {log, lines} = keptLog();
  const api = new OpsTelegram({token, apiRoot, proxies, clock, log});
  context.after(() => api.hangUp());
  return {api, lines};
}

/** TLS in front of a server that has none. */
async function secured(context: TestContext, port: number): Promise<number> {
  const authority = await createAuthority(context);
  const usual = tls.getCACertificates('default');
  tls.setDefaultCACertificates([...usual, readFileSync(authority.cert, 'utf8')]);
  context.after(() => tls.setDefaultCACertificates(usual));
  const {cert, key} = authority.issue('telegram', {names: 'DNS:localhost,DNS:telegram.test'});
  const server = tls.createServer({cert: readFileSync(cert), key: readFileSync(key)}, (socket) => {
    const inner = net.connect(port, '127.0.0.1');
    socket.on('error', () => inner.destroy());
    inner.on('error', () => socket.destroy());
    socket.pipe(inner).pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => server.close());
  const address = server.address();
  assert.ok(typeof address === 'object' && address);
  return address.port;
}

const portOf = ({apiRoot}: Simulator) => Number(new URL(apiRoot).port);

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

const say = (api: OpsTelegram, text = 'hello'): Promise<unknown> => api.callApi('sendMessage', {chat_id: ANNA, text});

/** What the call fails with; in no form may it hold the password. */
async function failure(call: Promise<unknown>): Promise<Unreachable> {
  const error = await call.then(
    () => assert.fail('the call succeeded'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof Unreachable, inspect(error));
  assertNoSecret(inspect(error, {depth: 20, showHidden: true}));
  return error;
}

function assertNoSecret(text: string): void {
  for (const password of [PLAIN, AWKWARD]) {
    for (const form of [password, encodeURIComponent(password), Buffer.from(`anna:${password}`).toString('base64')]) {
      assert.ok(!text.includes(form), `the password is in ${text}`);
    }
  }
}

interface Kind {
  readonly scheme: string;
  readonly command: string;
  readonly password: string;
  /** With a name and a password. */
  readonly start: (context: TestContext) => Promise<{readonly port: number; readonly child: ChildProcess}>;
}

const tinyproxy = (context: TestContext) => startTinyproxy(context, [`BasicAuth anna ${PLAIN}`]);
const KINDS: readonly Kind[] = [
  {scheme: 'http', command: 'tinyproxy', password: PLAIN, start: tinyproxy},
  {
    scheme: 'https',
    command: 'tinyproxy',
    password: PLAIN,
    start: async (context) => {
      const {port, child} = await tinyproxy(context);
      return {port: await secured(context, port), child};
    },
  },
  {
    scheme: 'socks5',
    command: 'microsocks',
    password: AWKWARD,
    start: (context) => startMicrosocks(context, {login: {user: 'anna', password: AWKWARD}}),
  },
];

describe('through a proxy with a password', () => {
  for (const {scheme, command, password, start} of KINDS) {
    for (const target of ['http', 'https'] as const) {
      const what = `${scheme}: ${target} is polled, written to, and gets files; nothing goes past it`;
      test(what, needs(command), async (context) => {
        const telegram = await startTelegram(context);
        const {port, child} = await start(context);
        const root =
          target === 'http' ? telegram.apiRoot : `https://localhost:${await secured(context, portOf(telegram))}`;
        const use = {token: telegram.token, apiRoot: root};
        const {api} = client(context, use, [`${scheme}://anna:${encodeURIComponent(password)}@localhost:${port}`]);
        const poll = api.callApi('getUpdates', {timeout: 20});
        await telegram.waitFor(() => telegram.isPolling());
        await say(api);
        const bytes = Buffer.alloc(3_000_000, 'x');
        await api.callApi('sendDocument', {chat_id: ANNA, document: new File([bytes], 'a.txt'), caption: 'c'});
        telegram.say({chat: ANNA, from: ANNA, text: '/status'});
        assert.equal((await (poll as Promise<unknown[]>)).length, 1);
        assert.deepEqual(
          telegram.messages(ANNA).map(({byBot, text, file}) => [byBot, text, file?.size]),
          [
            [true, 'hello', undefined],
            [true, 'c', bytes.length],
            [false, '/status', undefined],
          ],
        );
        await kill(child);
        assert.ok((await failure(say(api))) instanceof Unreachable);
        assert.equal(telegram.messages(ANNA).length, 3);
        assert.deepEqual(telegram.violations, []);
      });
    }

    test(`${scheme}: a wrong password means that nothing was sent`, needs(command), async (context) => {
      const telegram = await startTelegram(context);
      const {port} = await start(context);
      for (const login of ['anna:wrong7@', '']) {
        const {api} = client(context, telegram, [`${scheme}://${login}localhost:${port}`]);
        const error = await failure(say(api));
        assert.equal(error.mayHaveArrived, false);
        assert.match(
          error.message,
          /^localhost:\d+: (?:it refused \(HTTP 401\)|it wants a name and a password \(HTTP 407\)|UND_ERR_SOCKS5_AUTH_\w+)$/,
        );
      }
      assert.deepEqual(telegram.requests, []);
    });
  }

  const options = needs('microsocks').skip ? needs('microsocks') : needs.root;
  test('socks5: the name is resolved by the proxy', options, async (context) => {
    const telegram = await startTelegram(context);
    const hosts = '127.0.0.1 telegram.test\n';
    const {port} = await startMicrosocks(context, {hosts});
    const secure = await secured(context, portOf(telegram));
    for (const scheme of ['socks5', 'socks5h']) {
      const apiRoot = `https://telegram.test:${secure}`;
      const {api} = client(context, {token: telegram.token, apiRoot}, [`${scheme}://127.0.0.1:${port}`]);
      await say(api);
    }
    assert.equal(telegram.messages(ANNA).length, 2);
  });
});

describe('of several ways', () => {
  const both = needs('microsocks').skip ? needs('microsocks') : needs('tinyproxy');

  test('a dead one is passed by within the same call, and remembered', both, async (context) => {
    const telegram = await startTelegram(context);
    const dead = await closedPort();
    const {port} = await startMicrosocks(context);
    const {api, lines} = client(context, telegram, [
      `http://anna:${PLAIN}@127.0.0.1:${dead}`,
      `socks5://127.0.0.1:${port}`,
    ]);
    for (let time = 0; time < 3; time++) await say(api);
    assert.equal(telegram.messages(ANNA).length, 3);
    assert.deepEqual(
      lines.map(({msg, by, reason}) => [msg, by, reason]),
      [
        ['Telegram is not reached this way; trying the others', `127.0.0.1:${dead}`, 'ECONNREFUSED'],
        ['Telegram is reached this way now', `127.0.0.1:${port}`, undefined],
      ],
    );
    assertNoSecret(JSON.stringify(lines));
  });

  test(
    'one that dies in the middle of a request leaves that in doubt; the next call goes another way',
    both,
    async (context) => {
      const telegram = await startTelegram(context);
      const {port, child} = await startTinyproxy(context);
      const other = await startMicrosocks(context);
      const {api} = client(context, telegram, [`http://127.0.0.1:${port}`, `socks5://127.0.0.1:${other.port}`]);
      const fault = telegram.fault({kind: 'hang_after', method: 'sendMessage', times: 1});
      const failed = failure(say(api, 'once'));
      await telegram.waitFor(() => fault.hits === 1);
      await kill(child);
      assert.equal((await failed).mayHaveArrived, true);
      await say(api, 'twice');
      assert.deepEqual(
        telegram.messages(ANNA).map(({text}) => text),
        ['once', 'twice'],
        'what may have arrived was not sent again by itself',
      );
    },
  );

  test(
    'one that takes connections and says nothing is left after 6 s, the last one after 10 s',
    both,
    async (context) => {
      const clock = createHandClock();
      const telegram = await startTelegram(context);
      const stuck = [await startTinyproxy(context), await startMicrosocks(context)];
      for (const {child} of stuck) child.kill('SIGSTOP');
      const [http, socks] = stuck;
      const proxies = [`http://127.0.0.1:${http?.port}`, `socks5://127.0.0.1:${socks?.port}`];
      const {api, lines} = client(context, telegram, proxies, clock);
      const failed = failure(say(api));
      await clock.advance(5_999);
      assert.deepEqual(lines, []);
      await clock.advance(1);
      await telegram.waitFor(() => lines.length === 1);
      await clock.advance(9_999);
      assert.equal(lines.length, 1);
      await clock.advance(1);
      const error = await failed;
      assert.equal(error.mayHaveArrived, false);
      assert.match(
        error.message,
        /^127\.0\.0\.1:\d+: no answer within 6000 ms; 127\.0\.0\.1:\d+: no answer within 10000 ms$/,
      );
      for (const {child} of stuck) child.kill('SIGCONT');
      await say(api);
      assert.equal(telegram.messages(ANNA).length, 1, 'nothing of the former call comes late');
    },
  );

  test('one that failed is tried again 5 minutes later, when the other one fails', both, async (context) => {
    const clock = createHandClock();
    const telegram = await startTelegram(context);
    const first = await startTinyproxy(context);
    const second = await startMicrosocks(context);
    const proxies = [`http://127.0.0.1:${first.port}`, `socks5://127.0.0.1:${second.port}`];
    const {api, lines} = client(context, telegram, proxies, clock);
    await kill(first.child);
    await say(api);
    await startTinyproxy(context, [], {port: first.port});
    await clock.advance(5 * 60_000);
    await say(api);
    assert.equal(lines.length, 2, 'what works is kept');
    await kill(second.child);
    await say(api);
    assert.deepEqual(
      lines.map(({by}) => by),
      [first.port, second.port, second.port, first.port].map((port) => `127.0.0.1:${port}`),
    );
    assert.equal(telegram.messages(ANNA).length, 3);
  });

  test(
    'with all of them at rest, each is tried all the same: nothing waits for a rest to end',
    both,
    async (context) => {
      const clock = createHandClock();
      const telegram = await startTelegram(context);
      const first = await startTinyproxy(context);
      const dead = await closedPort();
      const {api} = client(context, telegram, [`http://127.0.0.1:${first.port}`, `socks5://127.0.0.1:${dead}`], clock);
      await kill(first.child);
      assert.equal((await failure(say(api))).mayHaveArrived, false);
      await startTinyproxy(context, [], {port: first.port});
      await say(api);
      assert.equal(telegram.messages(ANNA).length, 1);
    },
  );

  test('the last may be none: direct', async (context) => {
    const telegram = await startTelegram(context);
    const {api, lines} = client(context, telegram, [`socks5://127.0.0.1:${await closedPort()}`, 'direct']);
    await say(api);
    assert.equal(telegram.messages(ANNA).length, 1);
    assert.equal(lines.at(-1)?.by, 'direct');
  });

  test('one whose place a captive portal has taken is left; a refusal of Telegram’s own is none of its faults', async (context) => {
    const telegram = await startTelegram(context);
    const {api, lines} = client(context, telegram, ['direct', 'direct']);
    telegram.fault({kind: 'error', times: 1});
    await assert.rejects(say(api), Refused);
    telegram.fault({kind: 'status', times: 1});
    assert.match((await failure(say(api))).message, /^500/);
    assert.equal(lines.length, 1, 'it was reached');
    telegram.fault({kind: 'html', times: 1});
    assert.equal((await failure(say(api))).mayHaveArrived, true);
    assert.equal(lines.length, 2);
  });

  test('whoever hangs up has no way blamed', both, async (context) => {
    const telegram = await startTelegram(context);
    const {port, child} = await startTinyproxy(context);
    child.kill('SIGSTOP');
    const {api, lines} = client(context, telegram, [`http://127.0.0.1:${port}`, 'direct']);
    const leaving = new AbortController();
    const failed = failure(api.callApi('getUpdates', {timeout: 20}, {signal: leaving.signal}));
    leaving.abort();
    await failed;
    assert.deepEqual(lines, []);
    assert.deepEqual(telegram.requests, []);
  });
});
