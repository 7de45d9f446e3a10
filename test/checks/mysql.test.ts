import assert from 'node:assert/strict';
import {after, afterEach, before, describe, test} from 'node:test';
import {createMariadb, type Mariadb, needsMariadb} from '../support/mariadb.ts';
import {createAuthority, eventually, openFiles, preparedCheck} from './databases.ts';
import {verdict} from './servers.ts';

const KIND = 'mysql';
const OURS = "FROM information_schema.processlist WHERE user = 'monitor' AND command NOT LIKE 'Binlog%'";

describe('mysql', needsMariadb, () => {
  let server: Mariadb;
  let login: Mariadb['login'] & {database?: string};
  before(async () => {
    server = await createMariadb();
    login = {...server.login, database: 'shop'};
    server.sql('CREATE TABLE shop.orders (id int); INSERT INTO shop.orders VALUES (1), (2)');
  });
  after(() => server.remove());
  // Held connections would be counted by the next test.
  afterEach(endSessions);
  async function endSessions() {
    server.sql('KILL USER monitor');
    await eventually(() => sessions() === 0, 'a session is left');
  }
  const sessions = () => Number(server.sql(`SELECT count(*) ${OURS}`));
  const reasonOf = async (given: Record<string, unknown>, run?: {timeoutMs?: number}) =>
    (await verdict(KIND, {...login, ...given}, run)).reason;

  test('an answer is enough, with or without a database, and the connection is closed afterwards', async () => {
    assert.deepEqual(await verdict(KIND, login), {result: 'ok', reason: ''});
    assert.deepEqual(await verdict(KIND, server.login), {result: 'ok', reason: ''});
    await eventually(() => sessions() === 0, 'a connection was left');
    assert.equal(server.sql("SHOW GLOBAL STATUS LIKE 'Aborted_clients'"), 'Aborted_clients\t0');
  });

  test('rows, their number and the time are what expectations see', async () => {
    const query = 'SELECT id, id * 2 AS `double` FROM orders ORDER BY id';
    const met = ['row_count == 2', 'rows[0].id == 1', 'rows.all(r, r.double == r.id * 2)', 'latency_ms < 5000'];
    assert.equal(await reasonOf({query, expect: met}), '');
    assert.equal(await reasonOf({query, expect: ['rows[1].id < 2']}), 'rows[1].id < 2: it is 2');
  });

  for (const [sql, condition] of [
    ['5', 'v == 5 && v + 1 == 6'],
    ['1.50', 'v == 1.5 && v < 2'],
    ['9007199254740993', 'v == 9007199254740993 && v > 1'],
    ['18446744073709551615', 'v > 9007199254740993'],
    ['TRUE', 'v == 1'],
    ['NULL', 'v == null'],
    ["'ä'", 'v == "ä"'],
    ["TIMESTAMP'2026-01-02 03:04:05'", 'v == "2026-01-02T03:04:05"'],
    ["DATE'2026-01-02'", 'v == "2026-01-02"'],
    ["TIME'03:04:05'", 'v == "03:04:05"'],
    ["x'00ff'", 'v == "00ff"'],
    ["b'101'", 'v == "05"'],
  ] as const) {
    test(`${sql} is such that ${condition}`, async () => {
      const expect = [`rows.all(r, ${condition.replaceAll(/\bv\b/g, 'r.v')})`, 'row_count == 1'];
      assert.equal(await reasonOf({query: `SELECT ${sql} AS v`, expect}), '');
    });
  }

  test('the columns of a table have the types that expectations want', async () => {
    server.sql(`CREATE TABLE shop.all_types (bits bit(9), words text, bytes blob, at timestamp(3), doc json, small tinyint(1));
      INSERT INTO shop.all_types VALUES (b'101', 'ä', x'00ff', '2026-01-02 03:04:05.678', '{"a": [1]}', 1)`);
    const row = [
      'r.bits == 5',
      'r.words == "ä"',
      'r.bytes == "00ff"',
      'r.at == "2026-01-02T03:04:05.678"',
      'r.small == 1',
    ];
    const expect = row.map((condition) => `rows.all(r, ${condition})`);
    assert.equal(await reasonOf({query: 'SELECT * FROM all_types', expect}), '');
  });

  test('what the server refuses is told in its own words', async () => {
    const denied = (user: string, used: string) =>
      new RegExp(`^Access denied for user '${user}'@'[\\w.]+' \\(using password: ${used}\\)$`);
    assert.match(await reasonOf({password: 'wrong-pw'}), denied('monitor', 'YES'));
    assert.match(await reasonOf({user: 'nobody'}), denied('nobody', 'YES'));
    assert.match(await reasonOf({password: undefined}), denied('monitor', 'NO'));
    assert.equal(await reasonOf({database: 'nix'}), "Unknown database 'nix'");
    assert.equal(await reasonOf({query: 'SELEC 1'}), "syntax error at 'SELEC 1' at line 1");
    assert.equal(await reasonOf({query: 'SELECT * FROM nix'}), "Table 'shop.nix' doesn't exist");
    assert.equal(await reasonOf({tls: 'on'}), 'the server does not speak TLS');
  });

  for (const query of [
    'INSERT INTO orders VALUES (3)',
    'CREATE TABLE mine (a int)',
    'DROP TABLE orders',
    'CALL add_order()',
  ]) {
    test(`a query that writes is a failure: ${query}`, async () => {
      server.sql('CREATE PROCEDURE IF NOT EXISTS shop.add_order() INSERT INTO orders VALUES (3)');
      for (const keep of [false, true]) {
        assert.equal(await reasonOf({query, keep}), 'Cannot execute statement in a READ ONLY transaction');
      }
      assert.match(await reasonOf({query: `SELECT 1; ${query}`}), /^syntax error/);
      assert.equal(server.sql('SELECT count(*) FROM shop.orders'), '2');
    });
  }

  test('of a procedure the first result counts, and a statement without rows has none', async () => {
    server.sql('DELIMITER //\nCREATE PROCEDURE shop.two() BEGIN SELECT 1 AS a; SELECT 2 AS b; END//');
    assert.equal(await reasonOf({query: 'CALL two()', expect: ['rows == [{"a": 1.0}]']}), '');
    assert.equal(await reasonOf({query: 'DO 1', expect: ['row_count == 0']}), '');
  });

  test('a server cannot ask for a file of this machine', async () => {
    assert.match(await reasonOf({query: "LOAD DATA LOCAL INFILE '/etc/hostname' INTO TABLE orders"}), /\w/);
    assert.equal(server.sql('SELECT count(*) FROM shop.orders'), '2');
  });

  test('a result of too many rows or bytes is cut off and told, and memory does not grow', async () => {
    const numbers = (count: number) =>
      `WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < ${count}) SELECT i FROM n`;
    server.sql('SET GLOBAL max_recursive_iterations = 10000000');
    await reasonOf({query: numbers(2_000)});
    const start = process.memoryUsage.rss();
    assert.equal(
      await reasonOf({query: numbers(300_000)}, {timeoutMs: 20_000}),
      'the result has more than 1000 rows: count them in the query, or add a LIMIT',
    );
    assert.equal(
      await reasonOf({query: "SELECT repeat('x', 16000000)"}),
      'the result is larger than 1 MiB: ask for less of it',
    );
    const grownMiB = (process.memoryUsage.rss() - start) / 1024 ** 2;
    assert.ok(grownMiB < 60, `grew by ${grownMiB} MiB`);
    assert.equal(await reasonOf({query: numbers(1_000), expect: ['row_count == 1000']}), '');
    await eventually(() => sessions() === 0, 'a query is still running');
  });

  test('200 timeouts leave nothing behind, neither here nor on the server', async () => {
    const slow = {...login, query: 'SELECT SLEEP(100)'};
    const round = () => Promise.all(Array.from({length: 50}, () => verdict(KIND, slow, {timeoutMs: 500})));
    assert.deepEqual((await round())[0], {result: 'failed', reason: 'no answer within 0.5 s'});
    await eventually(() => sessions() === 0, 'a query is still running');
    const files = await openFiles();
    for (let i = 0; i < 4; i++) await round();
    await eventually(() => sessions() === 0, 'a query is still running');
    await eventually(async () => (await openFiles()) <= files, 'a socket was left');
  });

  test('a held connection is one connection', async () => {
    const check = preparedCheck(KIND, {...login, keep: true, query: 'SELECT CONNECTION_ID() AS id'});
    const ids = new Set<number | undefined>();
    for (let i = 0; i < 20; i++) ids.add((await check()).values?.id);
    assert.equal(ids.size, 1);
    assert.equal(sessions(), 1);
  });

  test('a held connection that the server ended is opened again without a failure', async () => {
    const check = preparedCheck(KIND, {...login, keep: true});
    assert.equal((await check()).result, 'ok');
    await endSessions();
    assert.equal((await check()).reason, '');
  });

  test('a server that stops fails its checks, and one that comes back does not', async () => {
    const [held, fresh] = [preparedCheck(KIND, {...login, keep: true}), preparedCheck(KIND, login)];
    const slow = verdict(KIND, {...login, query: 'SELECT SLEEP(100)'});
    assert.equal((await held()).result, 'ok');
    await eventually(() => sessions() === 2, 'the slow query does not run');
    await server.stop('SIGKILL');
    assert.match((await slow).reason, /^the server closed the connection$|^connection reset$/);
    assert.equal((await held()).reason, 'connection refused');
    assert.equal((await fresh()).reason, 'connection refused');
    await server.start();
    assert.equal((await held()).result, 'ok');
    assert.equal((await fresh()).result, 'ok');
  });

  test('a lag is asked of a replica, and a server that is none has none', async (t) => {
    const preset = {preset: 'replication_lag'};
    assert.equal(await reasonOf(preset), 'not a replica: it has no source');
    const replica = await createMariadb();
    t.after(replica.remove);
    const {host, port, user, password} = login;
    replica.sql(`CHANGE MASTER TO MASTER_HOST = '${host}', MASTER_PORT = ${port}, MASTER_USER = '${user}',
      MASTER_PASSWORD = '${password}', MASTER_USE_GTID = no`);
    const check = preparedCheck(KIND, {...replica.login, ...preset, expect: ['lag_seconds < 1']});
    assert.equal((await check()).reason, 'replication is stopped (IO: No, SQL: No)');
    const position = server.sql('RESET MASTER; SHOW MASTER STATUS').split('\t');
    replica.sql(`CHANGE MASTER TO MASTER_LOG_FILE = '${position[0]}', MASTER_LOG_POS = ${position[1]}; START SLAVE`);
    await eventually(async () => (await check()).values?.lag_seconds === 0, 'the replica does not catch up');
    server.sql('SET timestamp = UNIX_TIMESTAMP() - 100; CREATE TABLE shop.old (a int)');
    replica.sql('STOP SLAVE SQL_THREAD');
    assert.equal((await check()).reason, 'replication is stopped (IO: Yes, SQL: No)');
  });
});

test('a certificate is verified with our own authority, also where the host is an address', needsMariadb, async (t) => {
  const authority = createAuthority();
  t.after(authority.remove);
  const server = await createMariadb(authority);
  t.after(server.remove);
  const given = {...server.login, query: "SHOW STATUS LIKE 'Ssl_version'", expect: ['rows[0].Value.startsWith("TLS")']};
  const reasonOf = async (more: Record<string, unknown>) => (await verdict(KIND, {...given, ...more})).reason;
  const verify = {tls: 'verify', ca: authority.ca};
  assert.equal(await reasonOf({tls: 'on'}), '');
  assert.equal(await reasonOf(verify), '');
  assert.equal(await reasonOf({...verify, host: 'localhost'}), '');
  assert.equal(await reasonOf({...verify, server_name: 'localhost'}), '');
  assert.match(await reasonOf({...verify, server_name: 'db.example'}), /^TLS: Hostname\/IP does not match/);
  assert.match(await reasonOf({tls: 'verify'}), /^TLS: (?:unable to verify|self-signed)/);
  const held = preparedCheck(KIND, {...given, ...verify, keep: true});
  assert.equal((await held()).result, 'ok');
  assert.equal((await held()).result, 'ok');
});
