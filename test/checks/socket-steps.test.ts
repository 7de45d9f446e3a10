import assert from 'node:assert/strict';
import type net from 'node:net';
import {test} from 'node:test';
import {startSocket} from '../../mocks/socket.ts';
import {kinds} from '../../src/checks/index.ts';
import {needs} from '../support/packages.ts';
import {createAuthority} from './certificates.ts';
import {serveOn} from './nginx.ts';
import {closedPort, serveTcp, verdict} from './servers.ts';

const KIND = 'socket';
const OK = {result: 'ok', reason: ''};
const host = '127.0.0.1';

/** A service with a greeting, in which one chunk may hold the ends of two replies. */
function greets(socket: net.Socket): void {
  socket.write('220 ready\r\n');
  socket.on('data', (data) => {
    const text = data.toString();
    if (text.startsWith('TWO')) socket.write('first\r\nsecond\r\n');
    else if (text.startsWith('PART')) socket.write('wait... READY 4');
    else if (text.startsWith('QUIT')) socket.end();
    if (text.startsWith('PART')) setTimeout(() => socket.write('2 rest'), 10);
  });
}

test('steps take turns on one connection', async (t) => {
  const port = await serveTcp(t, greets);
  const steps = [
    {expect: ['reply == "220 ready\\r\\n"']},
    {send: 'TWO\n', expect: ['reply == "first\\r\\n"']},
    {expect: ['reply == "second\\r\\n"', 'latency_ms < 5000']},
    {send: 'PART\n', reply_match: 'READY \\d\\d', expect: ['reply == "wait... READY 42"']},
    {reply_length: 3, expect: ['reply_hex == "207265"']},
    {send: 'QUIT\n', reply_length: 0},
  ];
  assert.deepEqual(await verdict(KIND, {host, port, steps}), OK);
});

test('the step that failed is named', async (t) => {
  const port = await serveTcp(t, greets);
  const hello = {expect: ['reply.startsWith("220")']};
  const reasonOf = async (...steps: object[]) =>
    (await verdict(KIND, {host, port, steps: [hello, ...steps]}, {timeoutMs: 100})).reason;
  assert.equal(await reasonOf({send: 'TWO\n', expect: ['reply == "x"']}), 'step 2: reply == "x": it is "first\\r\\n"');
  assert.equal(await reasonOf({send: 'NONE\n'}), 'step 2: no answer within 0.1 s');
  assert.equal(await reasonOf({send: 'QUIT\n'}), 'step 2: connection closed without a reply');
  assert.equal(
    await reasonOf({send: 'TWO\n'}, {send: 'QUIT\n', reply_length: 12}),
    'step 3: connection closed after 8 of 12 bytes',
  );
});

test('the mock of atto_socket is asked twice on one connection', async (t) => {
  const mock = await startSocket({port: 0, terminalPort: 0, terminals: []});
  t.after(() => mock.stop());
  const steps = [
    {send: 'STATUS\n', reply_match: '^OK \\d+ 1\\n'},
    {send: 'STATUS\n', expect: ['reply.endsWith(" 2\\n")']},
    {send: 'NONE\n', expect: ['reply == "ERR unknown command\\n"']},
  ];
  assert.deepEqual(await verdict(KIND, {host, port: mock.port, steps}), OK);
});

for (const [prefix, sent, answered] of [
  ['u8', '03010203', '020a0b'],
  ['u16be', '0003010203', '00020a0b'],
  ['u16le', '0300010203', '02000a0b'],
  ['u32be', '00000003010203', '000000020a0b'],
  ['u32le', '03000000010203', '020000000a0b'],
] as const) {
  test(`a message has its length before it as ${prefix}, both ways`, async (t) => {
    let got = '';
    const port = await serveTcp(t, (socket) =>
      socket.setNoDelay(true).on('data', async (data) => {
        got += data.toString('hex');
        for (const byte of Buffer.from(answered, 'hex')) {
          socket.write(Buffer.of(byte));
          await new Promise((resolve) => setImmediate(resolve));
        }
      }),
    );
    const given = {host, port, send_hex: '01 02 03', length_prefix: prefix, expect: ['reply_hex == "0a0b"']};
    assert.deepEqual(await verdict(KIND, given), OK);
    assert.equal(got, sent);
  });
}

test('frames may be empty, cut short or too long', async (t) => {
  const answers = async (hex: string) => {
    const port = await serveTcp(t, (socket) => socket.on('data', () => socket.end(Buffer.from(hex, 'hex'))));
    const given = {host, port, send: 'x', length_prefix: 'u16be', reply_limit: 100};
    return (await verdict(KIND, {...given, expect: ['reply == ""']})).reason;
  };
  assert.equal(await answers('0000'), '');
  assert.equal(await answers('00'), 'connection closed after 1 of 2 bytes');
  assert.equal(await answers('000561'), 'connection closed after 3 of 7 bytes');
  assert.equal(await answers('ffff'), 'a frame of 65535 bytes is longer than reply_limit, 100 B');
  assert.equal(await answers(''), 'connection closed without a reply');
});

test('a pattern is found in bytes that are not text, and in text of several bytes a letter', async (t) => {
  const port = await serveTcp(t, (socket) => {
    socket.setNoDelay(true).write(Buffer.from('ff41', 'hex'));
    setTimeout(() => socket.write('B|Тест;rest'), 10);
  });
  const steps = [
    {reply_match: '[^|]*B\\|', expect: ['reply_hex == "ff41427c"']},
    {reply_match: 'т;', expect: ['reply == "Тест;"']},
  ];
  assert.deepEqual(await verdict(KIND, {host, port, steps}), OK);
});

test('silence ends the reply of one step and not of the next', async (t) => {
  const port = await serveTcp(t, (socket) => socket.on('data', (data) => socket.write(data)));
  const echo = (hex: string) => ({send_hex: hex, expect: [`reply_hex == "${hex}"`]});
  assert.deepEqual(await verdict(KIND, {host, port, steps: [echo('0102'), echo('0304')]}), OK);
});

test('TLS is spoken, its certificate verified', needs('openssl'), async (t) => {
  const authority = await createAuthority(t);
  const port = await closedPort();
  const {cert, key} = authority.issue('good');
  const wants = ['-CAfile', authority.cert, '-Verify', '1', '-verify_return_error'];
  await serveOn(
    t,
    ['openssl', 's_server', '-rev', '-quiet', ...['-port', `${port}`, '-cert', cert, '-key', key], ...wants],
    port,
  );
  const given = {host, port, tls: true, send: 'hello\n', expect: ['reply == "olleh\\n"']};
  assert.equal((await verdict(KIND, given)).reason, 'TLS: certificate chain ends in an unknown authority');
  const trusted = {...given, ca: authority.cert};
  assert.equal((await verdict(KIND, trusted)).reason, 'TLS: the server wants a client certificate');
  const own = authority.issue('client');
  assert.deepEqual(await verdict(KIND, {...trusted, ...own}), OK);
  assert.deepEqual(await verdict(KIND, {...given, ...own, insecure: true}), OK);
  assert.equal(
    (await verdict(KIND, {...trusted, ...own, server_name: 'other.example'})).reason,
    'TLS: certificate is for another host name',
  );
});

test('a server that speaks no TLS is said to', async (t) => {
  const port = await serveTcp(t, (socket) => socket.end('220 hello\r\n'));
  assert.match((await verdict(KIND, {host, port, tls: true})).reason, /^TLS: the handshake failed/);
  const closes = await serveTcp(t, (socket) => socket.end());
  assert.equal((await verdict(KIND, {host, port: closes, tls: true})).reason, 'connection reset');
});

for (const [name, given, path, message] of [
  ['steps beside a single turn', {steps: [{}], send: 'x'}, 'send', /either send or steps/],
  ['two ends of a reply', {reply_until: 'x', reply_length: 3}, 'reply_length', /one end of the reply/],
  ['a pattern that is none', {reply_match: '('}, 'reply_match', /regular expression/],
  ['two ways to send in a step', {steps: [{send: 'a', send_hex: '00'}]}, 'steps.0.send_hex', /either send or send_hex/],
  [
    'a message that its length cannot count',
    {send: 'x'.repeat(256), length_prefix: 'u8'},
    'length_prefix',
    /255 bytes/,
  ],
  ['an authority without TLS', {ca: 'ca.pem'}, 'ca', /expected tls: true/],
  ['an unknown key in a step', {steps: [{sned: 'x'}]}, 'steps.0', /sned/],
] as const) {
  test(`the config refuses ${name}`, () => {
    const {error} = kinds.get(KIND)?.options.safeParse({host, port: 1, ...given}) ?? {};
    assert.equal(error?.issues[0]?.path.join('.'), path);
    assert.match(error?.issues[0]?.message ?? '', message);
  });
}
