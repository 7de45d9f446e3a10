import assert from 'node:assert/strict';
import dgram from 'node:dgram';
import {type TestContext, test} from 'node:test';
import DNS from 'dns2';
import {kinds} from '../../src/checks/index.ts';
import {runOnce, verdict} from './servers.ts';

const KIND = 'dns';
const OK = {result: 'ok', reason: ''};
const {Packet} = DNS;
const TYPE = {...Packet.TYPE, TLSA: 52};

/** What the zone of the test holds: by name and type, the data of each record as dns2 takes it. */
const ZONE: Readonly<Record<string, readonly object[]>> = {
  'shop.test A': [{address: '10.0.0.2'}, {address: '10.0.0.1'}],
  'shop.test AAAA': [{address: '2001:0db8:0:0:0:0:0:1'}],
  'shop.test MX': [
    {exchange: 'Backup.Shop.test', priority: 20},
    {exchange: 'mail.shop.test', priority: 10},
  ],
  'shop.test TXT': [{data: 'v=spf1 -all'}, {data: ['x'.repeat(200), 'y'.repeat(100)]}],
  'shop.test NS': [{ns: 'ns1.shop.test'}],
  'shop.test SOA': [
    {primary: 'ns1.shop.test', admin: 'root.shop.test', serial: 7, refresh: 2, retry: 3, expiration: 4, minimum: 5},
  ],
  'shop.test CAA': [{flags: 128, tag: 'issue', value: 'Ca.example; policy=ev'}],
  'www.shop.test CNAME': [{domain: 'Shop.test'}],
  '_till._tcp.shop.test SRV': [{priority: 1, weight: 2, port: 8082, target: 'till.example'}],
  '_443._tcp.shop.test TLSA': [{data: Buffer.from('030101abcdef', 'hex')}],
  '1.0.0.10.in-addr.arpa PTR': [{domain: 'till-1.shop.test'}],
  '1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa PTR': [{domain: 'till-2.shop.test'}],
  '4.0.3.0.2.0.1.0.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa PTR': [{domain: 'till-3.shop.test'}],
};
const RCODES: Readonly<Record<string, number>> = {'none.test': 3, 'broken.test': 2, 'secret.test': 5};

/** An authoritative server for one test, over UDP; gives its address and port. */
async function serveZone(t: TestContext, {lose = 0} = {}): Promise<string> {
  let lost = 0;
  const server = DNS.createServer({
    udp: true,
    handle: (request, send) => {
      const [question] = request.questions;
      if (!question || question.name === 'silent.test' || lost++ < lose) return;
      const response = Packet.createResponseFromRequest(request);
      const type = Object.entries(TYPE).find(([, code]) => code === question.type)?.[0] ?? '';
      const records = ZONE[`${question.name} ${type}`] ?? [];
      for (const record of records) {
        const data = {name: question.name, type: question.type ?? 0, class: Packet.CLASS.IN, ttl: 300, ...record};
        response.answers.push(data as InstanceType<typeof Packet.Resource>);
      }
      response.header.rcode = RCODES[question.name] ?? 0;
      send(response);
    },
  });
  t.after(() => server.close());
  await server.listen({udp: {port: 0, address: '127.0.0.1'}});
  const {udp} = server.addresses();
  if (!udp) throw new Error('the server does not listen');
  return `127.0.0.1:${udp.port}`;
}

test('every type of record has its form, sorted', async (t) => {
  const server = await serveZone(t);
  const name = 'shop.test';
  for (const [given, answers] of [
    [{name}, ['10.0.0.1', '10.0.0.2']],
    [{name, record: 'AAAA'}, ['2001:db8::1']],
    [{name, record: 'MX'}, ['10 mail.shop.test', '20 backup.shop.test']],
    [{name, record: 'TXT'}, ['v=spf1 -all', 'x'.repeat(200) + 'y'.repeat(100)]],
    [{name, record: 'NS'}, ['ns1.shop.test']],
    [{name, record: 'SOA'}, ['ns1.shop.test root.shop.test 7 2 3 4 5']],
    [{name, record: 'CAA'}, ['128 issue Ca.example; policy=ev']],
    [{name: 'www.shop.test', record: 'CNAME'}, ['shop.test']],
    [{name: '_till._tcp.shop.test', record: 'SRV'}, ['1 2 8082 till.example']],
    [{name: '_443._tcp.shop.test', record: 'TLSA'}, ['3 1 1 abcdef']],
    [{name: '10.0.0.1', record: 'PTR'}, ['till-1.shop.test']],
    [{name: '2001:DB8::1', record: 'PTR'}, ['till-2.shop.test']],
    [{name: '::ffff:1.2.3.4', record: 'PTR'}, ['till-3.shop.test']],
  ] as const) {
    const expect = [`answers == ${JSON.stringify(answers)}`, `count == ${answers.length}`, 'rcode == "NOERROR"'];
    const what = {server, ...given};
    assert.deepEqual(await verdict(KIND, {...what, expect}), OK, JSON.stringify(given));
    assert.deepEqual(await verdict(KIND, {...what, answer: [...answers].reverse()}), OK, JSON.stringify(given));
  }
});

test('exactly the answers that are wanted must come, however they are written', async (t) => {
  const server = await serveZone(t);
  const mail = {server, name: 'shop.test', record: 'MX'};
  assert.deepEqual(await verdict(KIND, {...mail, answer: ['20  Backup.shop.test.', '10 MAIL.shop.test']}), OK);
  const address = {server, name: 'shop.test', record: 'AAAA', answer: ['2001:DB8:0::1']};
  assert.deepEqual(await verdict(KIND, address), OK);
  const reasonOf = async (answer: string[], name = 'shop.test') => (await verdict(KIND, {server, name, answer})).reason;
  assert.equal(await reasonOf(['10.0.0.1']), 'expected 10.0.0.1, got 10.0.0.1, 10.0.0.2');
  assert.equal(await reasonOf([]), 'expected no answer, got 10.0.0.1, 10.0.0.2');
  assert.equal(await reasonOf(['10.0.0.1'], 'none.test'), 'expected 10.0.0.1, got NXDOMAIN');
  assert.equal(await reasonOf(['10.0.0.1'], 'empty.test'), 'expected 10.0.0.1, got nothing');
  assert.equal(await reasonOf([], 'none.test'), '');
});

test('without expectations an answer is enough, and its lack is told in words', async (t) => {
  const server = await serveZone(t);
  const reasonOf = async (name: string) => (await verdict(KIND, {server, name})).reason;
  assert.equal(await reasonOf('shop.test.'), '');
  assert.equal(await reasonOf('none.test'), 'no such name (NXDOMAIN)');
  assert.equal(await reasonOf('empty.test'), 'there is no A record');
  assert.equal(await reasonOf('broken.test'), 'the name server failed (SERVFAIL)');
  assert.equal(await reasonOf('secret.test'), 'the name server refused to answer (REFUSED)');
});

test('a name that must not exist can be expected not to', async (t) => {
  const server = await serveZone(t);
  const given = {server, name: 'none.test', expect: ['rcode == "NXDOMAIN"', 'count == 0', 'latency_ms < 5000']};
  assert.deepEqual(await verdict(KIND, given), OK);
  assert.equal((await verdict(KIND, {...given, name: 'shop.test'})).reason, 'rcode == "NXDOMAIN": it is "NOERROR"');
});

test('no answer at all is a timeout, and a lost datagram is sent again', async (t) => {
  const silent = {server: await serveZone(t), name: 'silent.test'};
  assert.equal((await verdict(KIND, silent, {timeoutMs: 300})).reason, 'no answer within 0.3 s');
  const lossy = {server: await serveZone(t, {lose: 2}), name: 'shop.test'};
  assert.deepEqual(await verdict(KIND, lossy, {timeoutMs: 3_000}), OK);
});

test('a name server that is not there, or is none, is the reason', async () => {
  const socket = dgram.createSocket('udp4');
  socket.on('message', (_, {port, address}) => socket.send('HTTP/1.1 400 Bad Request', port, address));
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const {port} = socket.address();
  const given = {server: `127.0.0.1:${port}`, name: 'shop.test'};
  assert.match((await verdict(KIND, given, {timeoutMs: 300})).reason, /^(?:no answer within|the answer is broken)/);
  await new Promise<void>((resolve) => socket.close(resolve));
  assert.equal((await verdict(KIND, given, {timeoutMs: 300})).reason, 'connection refused');
});

test('a shutdown gives no observation', async (t) => {
  const controller = new AbortController();
  const server = await serveZone(t);
  const run = runOnce(KIND, {server, name: 'silent.test'}, {signal: controller.signal});
  controller.abort();
  assert.deepEqual(await run, []);
});

for (const [name, given, path, message] of [
  ['a name with a space', {name: 'shop test'}, 'name', /expected a name/],
  ['a name server by name', {server: 'ns.example'}, 'server', /expected an address such as/],
  ['a port that is none', {server: '10.0.0.1:70000'}, 'server', /expected an address such as/],
  ['an IPv6 address and port without brackets', {server: '[::1]x53'}, 'server', /expected an address such as/],
  ['a type that is none', {record: 'ANY'}, 'record', /AAAA/],
  ['an expectation over what there is not', {expect: ['answer == ""']}, 'expect.0', /unknown variable: answer/],
] as const) {
  test(`the config refuses ${name}`, () => {
    const {error} = kinds.get(KIND)?.options.safeParse({name: 'shop.test', ...given}) ?? {};
    assert.equal(error?.issues[0]?.path.join('.'), path);
    assert.match(error?.issues[0]?.message ?? '', message);
  });
}
