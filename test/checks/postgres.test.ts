import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {join} from 'node:path';
import {after, afterEach, before, describe, test} from 'node:test';
import {createPostgres, needsPostgres, type Postgres} from '../support/postgres.ts';
import {createAuthority, eventually, openFiles, preparedCheck} from './databases.ts';
import {runOnce, verdict} from './servers.ts';

const KIND = 'postgres';
const END_SESSIONS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'vakhta'";

describe('postgres', needsPostgres, () => {
  let server: Postgres;
  let login: Postgres['login'];
  before(async () => {
    server = await createPostgres();
    login = server.login;
    server.sql('CREATE TABLE orders (id int); INSERT INTO orders VALUES (1), (2)');
  });
  after(() => server.remove());
  // Held connections would be counted by the next test.
  afterEach(() => server.sql(END_SESSIONS));
  const reasonOf = async (given: Record<string, unknown>, run?: {timeoutMs?: number}) =>
    (await verdict(KIND, {...login, ...given}, run)).reason;
  /** What the checks have open on the server. */
  const sessions = () => Number(server.sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'vakhta'"));

  test('an answer is enough, and the connection is closed afterwards', async () => {
    assert.deepEqual(await verdict(KIND, login), {result: 'ok', reason: ''});
    await eventually(() => sessions() === 0, 'a connection was left');
  });

  test('rows, their number and the time are what expectations see', async () => {
    const query = 'SELECT id, id * 2 AS double FROM orders ORDER BY id';
    const met = ['row_count == 2', 'rows[0].id == 1', 'rows.all(r, r.double == r.id * 2)', 'latency_ms < 5000'];
    assert.equal(await reasonOf({query, expect: met}), '');
    assert.equal(await reasonOf({query, expect: ['rows[1].id < 2']}), 'rows[1].id < 2: it is 2');
    assert.equal(await reasonOf({query, expect: ['rows[1].di < 2']}), 'rows[1].di < 2: no such key: di');
  });

  for (const [sql, condition] of [
    ['5::int2', 'v == 5 && v + 1 == 6'],
    ['1.50::numeric', 'v == 1.5 && v < 2'],
    ['9007199254740993::bigint', 'v == 9007199254740993 && v > 1'],
    ['1e30::numeric', 'v > 9007199254740993'],
    ["'NaN'::float8", '!(v < 1.0) && !(v > 1.0)'],
    ['true', 'v'],
    ['NULL::int', 'v == null'],
    ["'ä'::text", 'v == "ä"'],
    ["'2026-01-02 03:04:05.5+02'::timestamptz", 'timestamp(v) == timestamp("2026-01-02T01:04:05.5Z")'],
    ["'2026-01-02 03:04:05'::timestamp", 'v == "2026-01-02T03:04:05"'],
    ["'2026-01-02'::date", 'v == "2026-01-02"'],
    ["'infinity'::timestamptz", 'v == "infinity"'],
    ["'1 day'::interval", 'v == "1 day"'],
    [`'{"queue": [1, {"a": 2}]}'::jsonb`, 'v.queue[1].a == 2'],
    ['ARRAY[1, NULL]', 'v[0] == 1 && v[1] == null'],
    ["ARRAY['a,b', 'c']", 'v == ["a,b", "c"]'],
    ["'\\x00ff'::bytea", 'v == "\\\\x00ff"'],
  ] as const) {
    test(`${sql} is such that ${condition}`, async () => {
      const expect = [`rows.all(r, ${condition.replaceAll(/\bv\b/g, 'r.v')})`, 'row_count == 1'];
      assert.equal(await reasonOf({query: `SELECT ${sql} AS v`, expect}), '');
    });
  }

  test('the numbers of a result of one row go to the history by their names', async () => {
    const query = "SELECT 5 AS waiting, 7::bigint AS old, 'x' AS word, 3";
    const [observation] = await runOnce(KIND, {...login, query});
    assert.deepEqual(observation?.values, {waiting: 5, old: 7});
    const [other] = await runOnce(KIND, {...login, query: 'SELECT id FROM orders'});
    assert.equal(other?.values, undefined);
  });

  test('what the server refuses is told in its own words, on one line', async () => {
    assert.equal(await reasonOf({password: 'wrong-pw'}), 'password authentication failed for user "postgres"');
    assert.equal(await reasonOf({user: 'nobody'}), 'password authentication failed for user "nobody"');
    assert.equal(await reasonOf({password: undefined}), 'the server asks for a password, and none is given');
    assert.equal(await reasonOf({database: 'nix'}), 'database "nix" does not exist');
    assert.equal(await reasonOf({query: 'SELEC 1'}), 'syntax error at or near "SELEC"');
    assert.equal(await reasonOf({query: 'SELECT 1/0'}), 'division by zero');
    assert.equal(await reasonOf({tls: 'on'}), 'the server does not speak TLS');
    const long = await reasonOf({query: `SELECT "${'x\n'.repeat(30)}"`});
    assert.match(long, /^column "x x x/);
    assert.doesNotMatch(long, /\n/);
  });

  for (const query of [
    'INSERT INTO orders VALUES (3)',
    'WITH new AS (INSERT INTO orders VALUES (3) RETURNING id) SELECT * FROM new',
    'CREATE TABLE mine (a int)',
    'DO $$BEGIN INSERT INTO orders VALUES (3); END$$',
    "SELECT setval('numbers', 7)",
  ]) {
    test(`a query that writes is a failure: ${query}`, async () => {
      server.sql('CREATE SEQUENCE IF NOT EXISTS numbers');
      for (const keep of [false, true]) {
        assert.match(await reasonOf({query, keep}), /^cannot execute \w.* in a read-only transaction$/);
      }
      assert.equal(server.sql('SELECT count(*) FROM orders'), '2');
    });
  }

  test('a query cannot leave its read-only transaction', async () => {
    const insert = 'INSERT INTO orders VALUES (3)';
    assert.match(await reasonOf({query: `COMMIT; ${insert}`}), /multiple commands/);
    const check = preparedCheck(KIND, {...login, keep: true, query: 'BEGIN READ WRITE'});
    await check();
    await check();
    assert.match(await reasonOf({query: `DO $$BEGIN COMMIT; ${insert}; END$$`}), /invalid transaction termination/);
    assert.equal(server.sql('SELECT count(*) FROM orders'), '2');
  });

  test('a result of too many rows or bytes is cut off and told, and memory does not grow', async () => {
    await reasonOf({query: 'SELECT * FROM generate_series(1, 2000)'});
    const start = process.memoryUsage.rss();
    assert.equal(
      await reasonOf({query: 'SELECT n FROM generate_series(1, 10000000) n'}),
      'the result has more than 1000 rows: count them in the query, or add a LIMIT',
    );
    const tooLarge = 'the result is larger than 1 MiB: ask for less of it';
    assert.equal(await reasonOf({query: "SELECT repeat('x', 3000) FROM generate_series(1, 900)"}), tooLarge);
    assert.equal(await reasonOf({query: "SELECT repeat('x', 200000000)"}), tooLarge);
    const grownMiB = (process.memoryUsage.rss() - start) / 1024 ** 2;
    assert.ok(grownMiB < 60, `grew by ${grownMiB} MiB`);
    assert.equal(
      await reasonOf({query: 'SELECT n FROM generate_series(1, 1000) n', expect: ['row_count == 1000']}),
      '',
    );
    await eventually(() => sessions() === 0, 'a connection was left');
  });

  test('a query that takes too long is cancelled on the server too', async () => {
    const reason = await reasonOf({query: 'SELECT pg_sleep(100)'}, {timeoutMs: 300});
    assert.equal(reason, 'no answer within 0.3 s');
    await eventually(() => sessions() === 0, 'the query is still running');
  });

  test('200 timeouts leave nothing behind, neither here nor on the server', async () => {
    const round = () =>
      Promise.all(
        Array.from({length: 50}, () => verdict(KIND, {...login, query: 'SELECT pg_sleep(100)'}, {timeoutMs: 700})),
      );
    await round();
    await eventually(() => sessions() === 0, 'a query is still running');
    const files = await openFiles();
    for (let i = 0; i < 4; i++) await round();
    await eventually(() => sessions() === 0, 'a query is still running');
    await eventually(async () => (await openFiles()) <= files, 'a socket was left');
  });

  test('a held connection is one connection, and each run has a transaction of its own', async () => {
    const query = "SELECT pg_backend_pid() AS pid, clock_timestamp() - now() < interval '1 s' AS fresh";
    const check = preparedCheck(KIND, {...login, keep: true, query, expect: ['rows[0].fresh']});
    const pids = new Set<number | undefined>();
    for (let i = 0; i < 20; i++) pids.add((await check()).values?.pid);
    assert.equal(pids.size, 1);
    assert.equal(server.sql("SELECT state FROM pg_stat_activity WHERE application_name = 'vakhta'"), 'idle');
  });

  test('a held connection that the server ended is opened again without a failure', async () => {
    const check = preparedCheck(KIND, {...login, keep: true});
    assert.equal((await check()).result, 'ok');
    server.sql(END_SESSIONS);
    await eventually(() => sessions() === 0, 'the session is still there');
    const {result, reason} = await check();
    assert.deepEqual({result, reason}, {result: 'ok', reason: ''});
  });

  test('a held connection is given up, with a goodbye, when its check is', async () => {
    const check = preparedCheck(KIND, {...login, keep: true});
    assert.equal((await check()).result, 'ok');
    assert.ok(sessions() > 0);
    check.close();
    await eventually(() => sessions() === 0, 'the session is still there');
  });

  test('a query that fails on a held connection does not spoil the next one', async () => {
    const query = 'SELECT 1 / (CASE WHEN EXISTS (SELECT FROM orders WHERE id = 9) THEN 1 ELSE 0 END)';
    const check = preparedCheck(KIND, {...login, keep: true, query});
    assert.equal((await check()).reason, 'division by zero');
    server.sql('INSERT INTO orders VALUES (9)');
    assert.equal((await check()).result, 'ok');
    server.sql('DELETE FROM orders WHERE id = 9');
  });

  test('a server that stops fails its checks, and one that comes back does not', async () => {
    const [held, fresh] = [preparedCheck(KIND, {...login, keep: true}), preparedCheck(KIND, login)];
    const slow = verdict(KIND, {...login, query: 'SELECT pg_sleep(100)'});
    assert.equal((await held()).result, 'ok');
    await eventually(() => sessions() === 2, 'the slow query does not run');
    await server.stop();
    assert.match((await slow).reason, /^terminating connection due to administrator command$|^the server closed/);
    assert.equal((await held()).reason, 'connection refused');
    assert.equal((await fresh()).reason, 'connection refused');
    await server.start();
    assert.equal((await held()).result, 'ok');
    assert.equal((await fresh()).result, 'ok');
  });

  test('a lag is asked of a standby, and a primary has none', async () => {
    const preset = {preset: 'replication_lag'};
    assert.equal(await reasonOf(preset), 'not a replica: this server is a primary');
    const standby = await server.replica();
    try {
      const check = preparedCheck(KIND, {...standby.login, ...preset, expect: ['lag_seconds < 0.5']});
      await eventually(async () => (await check()).values?.lag_seconds === 0, 'the standby does not catch up');
      standby.sql('SELECT pg_wal_replay_pause()');
      server.sql('INSERT INTO orders VALUES (10); DELETE FROM orders WHERE id = 10');
      await eventually(async () => /^lag_seconds < 0.5: it is/.test((await check()).reason), 'there is no lag');
      standby.sql('SELECT pg_wal_replay_resume()');
      await eventually(async () => (await check()).values?.lag_seconds === 0, 'the standby does not catch up');
    } finally {
      await standby.remove();
    }
  });
});

test('a certificate is verified with our own authority', needsPostgres, async (t) => {
  const authority = createAuthority();
  t.after(authority.remove);
  const server = await createPostgres(authority);
  t.after(server.remove);
  const query = 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()';
  const given = {...server.login, query, expect: ['rows[0].ssl']};
  const reasonOf = async (more: Record<string, unknown>) => (await verdict(KIND, {...given, ...more})).reason;
  const verify = {tls: 'verify', ca: authority.ca};
  assert.equal(await reasonOf({tls: 'on'}), '');
  assert.equal(await reasonOf(verify), '');
  assert.equal(await reasonOf({...verify, host: 'localhost'}), '');
  assert.equal(await reasonOf({...verify, server_name: 'localhost'}), '');
  assert.equal(await reasonOf({...verify, server_name: 'db.example'}), 'TLS: certificate is for another host name');
  assert.match(await reasonOf({tls: 'verify'}), /^TLS: certificate .* (?:authority|chain)/);
  assert.match(await reasonOf({...verify, ca: '/nowhere/ca.pem'}), /^ca: .* cannot be read \(ENOENT\)$/);
  const held = preparedCheck(KIND, {...given, ...verify, keep: true});
  assert.equal((await held()).result, 'ok');
  assert.equal((await held()).result, 'ok');
  for (const tls of [{tls: 'off'}, verify]) assert.equal(await exitOfHolder({...server.login, ...tls}), 'ok then 0');
});

/** Runs a check that holds its connection in a process of its own, which has nothing else to do: what it says, and its exit. */
async function exitOfHolder(given: Record<string, unknown>): Promise<string> {
  const program = `import {preparedCheck} from ${JSON.stringify(join(import.meta.dirname, 'databases.ts'))};
    const check = preparedCheck('postgres', ${JSON.stringify({...given, keep: true})});
    await check();
    console.log((await check()).result)`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {stdio: ['ignore', 'pipe', 'inherit']});
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const kill = setTimeout(() => child.kill('SIGKILL'), 10_000);
  const [code] = await once(child, 'close');
  clearTimeout(kill);
  return `${said.trim()} then ${code}`;
}
