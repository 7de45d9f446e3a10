import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import type net from 'node:net';
import {after, before, suite, type TestContext, test} from 'node:test';
import tls from 'node:tls';
import {kinds} from '../../src/checks/index.ts';
import {needs} from '../support/packages.ts';
import {createPostgres, needsPostgres} from '../support/postgres.ts';
import {type Authority, createAuthority, type Pair} from './certificates.ts';
import {serveOn} from './nginx.ts';
import {closedPort, createLife, runOnce, serveTcp, verdict} from './servers.ts';

const KIND = 'tls';
const OK = {result: 'ok', reason: ''};

/** A server that speaks in the clear, by these answers to what starts a line, and turns to TLS after the last one. */
async function serveInClear(
  t: TestContext,
  {cert, key}: Pair,
  {greeting, answers}: {greeting: string; answers: readonly (readonly [start: string, answer: string])[]},
): Promise<number> {
  const secureContext = tls.createSecureContext({cert: readFileSync(cert), key: readFileSync(key)});
  return await serveTcp(t, (socket: net.Socket) => {
    const left = [...answers];
    socket.write(greeting);
    const take = (data: Buffer) => {
      const [start, answer] = left.shift() ?? ['', ''];
      if (!data.toString('latin1').startsWith(start)) return socket.destroy();
      socket.write(Buffer.from(answer, 'latin1'));
      if (left.length > 0 || !answer.startsWith(agreed(answers))) return;
      socket.off('data', take);
      new tls.TLSSocket(socket, {isServer: true, secureContext}).on('error', () => {});
    };
    socket.on('data', take);
  });
}

const agreed = (answers: readonly (readonly [string, string])[]) => answers.at(-1)?.[1] ?? '';

const SMTP = {
  greeting: '220-mail.example ESMTP Postfix (Debian)\r\n220 ready\r\n',
  answers: [
    ['EHLO ', '250-mail.example\r\n250-PIPELINING\r\n250-SIZE 10240000\r\n250-STARTTLS\r\n250 CHUNKING\r\n'],
    ['STARTTLS\r\n', '220 2.0.0 Ready to start TLS\r\n'],
  ],
} as const;
const IMAP = {
  greeting: '* OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] Dovecot ready.\r\n',
  answers: [['a1 STARTTLS\r\n', '* OK Wait.\r\na1 OK Begin TLS negotiation now.\r\n']],
} as const;
const POP3 = {
  greeting: '+OK Dovecot ready.\r\n',
  answers: [['STLS\r\n', '+OK Begin TLS negotiation now.\r\n']],
} as const;
const FTP = {
  greeting: '220 (vsFTPd 3.0.3)\r\n',
  answers: [['AUTH TLS\r\n', '234 Proceed with negotiation.\r\n']],
} as const;
const POSTGRES = {greeting: '', answers: [['\0\0\0\u0008\u0004\u00d2\u0016\u002f', 'S']]} as const;

suite('tls against openssl', needs('openssl'), () => {
  const life = createLife();
  after(life.end);
  let authority: Authority;
  let good: Pair;
  const ports = new Map<string, number>();

  before(async () => {
    authority = await createAuthority(life);
    good = authority.issue('good');
    const pairs = {
      good,
      expired: authority.issue('expired', {days: -1}),
      soon: authority.issue('soon', {days: 10}),
      other: authority.issue('other', {names: 'DNS:elsewhere.example,DNS:*.shop.example'}),
      alone: authority.selfSigned('localhost'),
    };
    for (const [name, {cert, key}] of Object.entries(pairs)) {
      const port = await closedPort();
      await serveOn(
        life,
        ['openssl', 's_server', '-rev', '-quiet', '-port', `${port}`, '-cert', cert, '-key', key],
        port,
      );
      ports.set(name, port);
    }
  });

  const at = (name: string) => ({host: '127.0.0.1', port: ports.get(name) ?? 0, ca: authority.cert});

  test('a good certificate is ok, and its days go to the history', async () => {
    const [observation] = await runOnce(KIND, at('good'));
    assert.deepEqual([observation?.result, observation?.reason], ['ok', '']);
    assert.ok(Math.abs((observation?.values?.days_left ?? 0) - 30) < 0.1);
  });

  test('everything that is seen may be expected', async () => {
    const expect = [
      'days_left > 29 && days_left < 30.1',
      'valid',
      'reason == ""',
      'issuer == "CN=Test CA"',
      'subject == "O=Shops, CN=good"',
      'names == ["localhost", "127.0.0.1", "0:0:0:0:0:0:0:1"]',
      'protocol == "TLSv1.3"',
      'cipher.startsWith("TLS_AES_")',
      'latency_ms < 5000',
    ];
    assert.deepEqual(await verdict(KIND, {...at('good'), expect}), OK);
  });

  for (const [name, reason] of [
    ['expired', 'TLS: certificate has expired'],
    ['soon', 'TLS: certificate has 9 days left, expected 14'],
    ['other', 'TLS: certificate is for another host name'],
    ['alone', 'TLS: certificate is self-signed'],
  ] as const) {
    test(`"${reason}" is a failure with a value`, async () => {
      const [observation] = await runOnce(KIND, at(name));
      assert.equal(observation?.reason, reason);
      assert.equal(typeof observation?.values?.days_left, 'number');
    });
  }

  test('min_days and expectations decide instead', async () => {
    assert.deepEqual(await verdict(KIND, {...at('soon'), min_days: 5}), OK);
    assert.deepEqual(
      await verdict(KIND, {...at('expired'), expect: ['!valid', 'days_left < 0', 'reason.contains("expired")']}),
      OK,
    );
    assert.equal((await verdict(KIND, {...at('alone'), expect: ['valid']})).reason, 'valid: it is not so');
  });

  test('server_name is the name that the certificate must have', async () => {
    assert.deepEqual(await verdict(KIND, {...at('other'), server_name: 'till.shop.example'}), OK);
    const wrong = {...at('good'), server_name: 'till.shop.example'};
    assert.equal((await verdict(KIND, wrong)).reason, 'TLS: certificate is for another host name');
  });

  test('an authority that nobody knows is the reason', async () => {
    const {ca: _, ...given} = at('good');
    assert.match((await verdict(KIND, given)).reason, /^TLS: certificate comes from an unknown authority/);
  });

  for (const [starttls, protocol] of Object.entries({
    smtp: SMTP,
    imap: IMAP,
    pop3: POP3,
    ftp: FTP,
    postgres: POSTGRES,
  })) {
    test(`${starttls} turns to TLS when asked`, async (t) => {
      const port = await serveInClear(t, good, protocol);
      const given = {host: 'localhost', port, ca: authority.cert, starttls};
      assert.deepEqual(await verdict(KIND, given), OK);
      assert.equal(
        (await verdict(KIND, {...given, server_name: 'x.example'})).reason,
        'TLS: certificate is for another host name',
      );
    });
  }

  test('PostgreSQL itself turns to TLS', needsPostgres, async (t) => {
    const server = await createPostgres({cert: readFileSync(good.cert, 'utf8'), key: readFileSync(good.key, 'utf8')});
    t.after(() => server.remove());
    const given = {host: '127.0.0.1', port: server.port, ca: authority.cert, starttls: 'postgres'};
    assert.deepEqual(await verdict(KIND, {...given, expect: ['valid', 'protocol == "TLSv1.3"']}), OK);
  });

  test('a server that does not turn to TLS is the reason', async (t) => {
    const reasonOf = async (starttls: string, protocol: Parameters<typeof serveInClear>[2]) =>
      (await verdict(KIND, {host: '127.0.0.1', port: await serveInClear(t, good, protocol), starttls})).reason;
    const [hello] = SMTP.answers;
    const none = ['STARTTLS', '502 5.5.1 Error: command not implemented\r\n'] as const;
    assert.equal(
      await reasonOf('smtp', {...SMTP, answers: [hello, none, ['x', 'never']]}),
      'smtp: STARTTLS was refused: "502 5.5.1 Error: command not implemented"',
    );
    assert.equal(
      await reasonOf('imap', {
        ...IMAP,
        answers: [
          ['a1', 'a1 BAD unknown command\r\n'],
          ['x', 'never'],
        ],
      }),
      'imap: a1 STARTTLS was refused: "a1 BAD unknown command"',
    );
    assert.equal(
      await reasonOf('imap', SMTP),
      'imap: this is another protocol: "220-mail.example ESMTP Postfix (Debian)"',
    );
    const off = {
      greeting: '',
      answers: [
        ['', 'N'],
        ['x', 'never'],
      ] as const,
    };
    assert.equal(await reasonOf('postgres', off), 'postgres: the server has TLS turned off');
    assert.equal(await reasonOf('postgres', SMTP), 'postgres: this is no PostgreSQL server');
  });
});

test('what the network does is told in words', async (t) => {
  const reasonOf = async (port: number, given = {}) =>
    (await verdict(KIND, {host: '127.0.0.1', port, ...given}, {timeoutMs: 100})).reason;
  assert.equal(await reasonOf(await closedPort()), 'connection refused');
  assert.equal(await reasonOf(await serveTcp(t, () => {})), 'no answer within 0.1 s');
  assert.equal(await reasonOf(await serveTcp(t, () => {}), {starttls: 'smtp'}), 'no answer within 0.1 s');
  assert.equal(await reasonOf(await serveTcp(t, (socket) => socket.end())), 'connection reset');
  assert.match(await reasonOf(await serveTcp(t, (socket) => socket.end('hello\r\n'))), /^TLS: the handshake failed/);
  const gone = await serveTcp(t, (socket) => socket.end('220 ready\r\n'));
  assert.equal(await reasonOf(gone, {starttls: 'smtp'}), 'connection closed without a reply');
});

for (const [name, given, path, message] of [
  ['two judges', {min_days: 3, expect: ['valid']}, 'min_days', /either min_days or expect/],
  ['an unknown protocol', {starttls: 'ldap'}, 'starttls', /smtp/],
  ['a key without its certificate', {key: 'a.pem'}, 'key', /expected cert as well/],
] as const) {
  test(`the config refuses ${name}`, () => {
    const {error} = kinds.get(KIND)?.options.safeParse({host: 'a.example', ...given}) ?? {};
    assert.equal(error?.issues[0]?.path.join('.'), path);
    assert.match(error?.issues[0]?.message ?? '', message);
  });
}
