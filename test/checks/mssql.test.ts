import assert from 'node:assert/strict';
import {type TestContext, test} from 'node:test';
import {kinds} from '../../src/checks/index.ts';
import {needs} from '../support/packages.ts';
import {createTds, type TdsReply} from '../support/tds.ts';
import {createAuthority, eventually, openFiles, preparedCheck} from './databases.ts';
import {serveTcp, verdict} from './servers.ts';

const KIND = 'mssql';
const LOGIN = {user: 'monitor', password: 'ms-s3cret-pw'};
const ONE: TdsReply = {columns: [{name: '', type: 'int'}], rows: [[1]]};

/** A stand-in with this answer to every query, and what a check of it needs. */
async function serve(t: TestContext, answer: (sql: string) => TdsReply, certificate?: {key: string; cert: string}) {
  const server = await createTds({...LOGIN, databases: ['Tills'], answer, ...(certificate && {certificate})});
  t.after(server.close);
  const given = {...LOGIN, host: '127.0.0.1', port: server.port, ...(!certificate && {tls: 'off'})};
  const reasonOf = async (more: Record<string, unknown>, run?: {timeoutMs?: number}) =>
    (await verdict(KIND, {...given, ...more}, run)).reason;
  return {server, given, reasonOf};
}

test('an answer is enough, over one connection that is closed afterwards', async (t) => {
  const asked: string[] = [];
  const {server, given, reasonOf} = await serve(t, (sql) => {
    asked.push(sql);
    return ONE;
  });
  assert.deepEqual(await verdict(KIND, given), {result: 'ok', reason: ''});
  assert.equal(await reasonOf({database: 'Tills', query: 'SELECT 2'}), '');
  assert.deepEqual(asked, ['SELECT 1', 'SELECT 2']);
  assert.equal(server.ever(), 2);
  await eventually(() => server.open() === 0, 'a connection was left');
});

test('rows, their number and the time are what expectations see, every type as it should be', async (t) => {
  const {given, reasonOf} = await serve(t, () => ({
    columns: [
      {name: 'stuck', type: 'int'},
      {name: 'total', type: 'bigint'},
      {name: 'till', type: 'nvarchar'},
      {name: 'open', type: 'bit'},
      {name: 'share', type: 'float'},
      {name: 'sum', type: 'decimal'},
      {name: 'at', type: 'datetime'},
    ],
    rows: [
      [5, '9007199254740993', 'Käse', true, 1.5, 12.34, '2026-01-02T03:04:05Z'],
      [null, '7', null, false, null, -1, null],
    ],
  }));
  const met = [
    'row_count == 2 && latency_ms < 5000',
    'rows[0].stuck == 5 && rows[0].total == 9007199254740993 && rows[0].till == "Käse" && rows[0].open',
    'rows[0].share == 1.5 && rows[0].sum == 12.34 && rows[0].at == "2026-01-02T03:04:05.000"',
    'rows[1].stuck == null && rows[1].total == 7 && rows[1].till == null && !rows[1].open && rows[1].at == null',
  ];
  assert.equal(await reasonOf({expect: met}), '');
  assert.equal(await reasonOf({expect: ['rows[0].stuck == 0']}), 'rows[0].stuck == 0: it is 5');
  assert.equal((await preparedCheck(KIND, given)()).values, undefined);
});

test('what the server refuses is told in its own words', async (t) => {
  const {reasonOf} = await serve(t, () => ({error: "Invalid object name 'nix'.", number: 208}));
  assert.equal(await reasonOf({password: 'wrong-pw'}), "Login failed for user 'monitor'.");
  assert.equal(await reasonOf({password: undefined}), "Login failed for user 'monitor'.");
  assert.match(await reasonOf({database: 'nix'}), /^Cannot open database "nix" requested by the login/);
  assert.equal(await reasonOf({query: 'SELECT * FROM nix'}), "Invalid object name 'nix'.");
});

test('a result of too many rows is cut off and told, and memory does not grow', async (t) => {
  const {server, reasonOf} = await serve(t, () => 'endless');
  const tooMany = 'the result has more than 1000 rows: count them in the query, or add a LIMIT';
  await reasonOf({});
  const start = process.memoryUsage.rss();
  for (let i = 0; i < 10; i++) assert.equal(await reasonOf({}), tooMany);
  const grownMiB = (process.memoryUsage.rss() - start) / 1024 ** 2;
  assert.ok(grownMiB < 60, `grew by ${grownMiB} MiB`);
  await eventually(() => server.open() === 0, 'a connection was left');
});

test('a result that is cut off after it has come whole harms nobody', async (t) => {
  const rows = Array.from({length: 1_001}, (_, index) => [index]);
  const {given, reasonOf} = await serve(t, () => ({columns: [{name: 'n', type: 'int'}], rows}));
  for (let i = 0; i < 20; i++) assert.match(await reasonOf({}), /^the result has more than 1000 rows/);
  // Some of these end while the answer is being read.
  await Promise.all(Array.from({length: 60}, (_, index) => verdict(KIND, given, {timeoutMs: 5 + index})));
});

test('a server that closes after its error, as SQL Server does after a severe one, is only a failure', async (t) => {
  const {given, reasonOf} = await serve(t, () => ({error: 'Your session has been killed.', number: 596, closes: true}));
  const told = /^Your session has been killed\.$|^the server closed the connection$|^connection reset$/;
  for (let i = 0; i < 20; i++) assert.match(await reasonOf({}), told);
  const held = preparedCheck(KIND, {...given, keep: true});
  for (let i = 0; i < 5; i++) assert.match((await held()).reason, told);
});

test('200 timeouts leave nothing behind', async (t) => {
  const {server, given} = await serve(t, () => 'silence');
  const round = () => Promise.all(Array.from({length: 50}, () => verdict(KIND, given, {timeoutMs: 300})));
  assert.deepEqual((await round())[0], {result: 'failed', reason: 'no answer within 0.3 s'});
  await eventually(() => server.open() === 0, 'a connection was left');
  const files = await openFiles();
  for (let i = 0; i < 4; i++) await round();
  await eventually(() => server.open() === 0, 'a connection was left');
  await eventually(async () => (await openFiles()) <= files, 'a socket was left');
});

test('a held connection is one connection, and one that broke is opened again without a failure', async (t) => {
  const {server, given} = await serve(t, () => ONE);
  const check = preparedCheck(KIND, {...given, keep: true});
  for (let i = 0; i < 20; i++) assert.equal((await check()).reason, '');
  assert.equal(server.ever(), 1);
  server.cut();
  await eventually(() => server.open() === 0, 'the connection was not cut');
  assert.equal((await check()).reason, '');
  assert.equal(server.ever(), 2);
});

test('a server that closes in the middle of a query is told', async (t) => {
  const {server, reasonOf} = await serve(t, () => {
    server.cut();
    return 'silence';
  });
  assert.match(await reasonOf({}), /^the server closed the connection$|^connection reset$/);
});

test('a certificate is verified with our own authority', needs('openssl'), async (t) => {
  const authority = createAuthority();
  t.after(authority.remove);
  const {reasonOf} = await serve(t, () => ONE, authority);
  const verify = {tls: 'verify', ca: authority.ca, host: 'localhost'};
  assert.equal(await reasonOf({}), '');
  assert.equal(await reasonOf(verify), '');
  assert.equal(await reasonOf({...verify, host: '127.0.0.1', server_name: 'localhost'}), '');
  assert.equal(await reasonOf({...verify, server_name: 'db.example'}), 'TLS: certificate is for another host name');
  assert.match(await reasonOf({tls: 'verify', host: 'localhost'}), /^TLS: certificate/);
  assert.equal(await reasonOf({tls: 'off'}), 'the server wants TLS: set tls: on');
});

test('a password is never sent without TLS unless the config says so', async (t) => {
  const {server, reasonOf} = await serve(t, () => ONE);
  assert.equal(await reasonOf({tls: 'on'}), 'the server does not speak TLS');
  assert.equal(server.logins(), 0);
  // The library believes the last of two options, so a look at the first would not do.
  const twice = Buffer.from(
    '040100230000010000000000100006010016000101001700 01ff1000000000000102'.replaceAll(' ', ''),
    'hex',
  );
  twice.writeUInt16BE(twice.length, 2);
  const sent: Buffer[] = [];
  const port = await serveTcp(t, (socket) => {
    socket.on('data', (chunk) => {
      sent.push(Buffer.from(chunk));
      socket.write(twice);
    });
  });
  assert.equal(
    await reasonOf({tls: 'verify', host: 'localhost', port}, {timeoutMs: 500}),
    'the server does not speak TLS',
  );
  assert.equal(sent.length, 1);
});

test('the config refuses to verify a certificate of an address, which has no name', () => {
  const {error} = kinds.get(KIND)?.options.safeParse({...LOGIN, host: '10.0.0.5', tls: 'verify'}) ?? {};
  assert.match(error?.issues[0]?.message ?? '', /add server_name/);
});
