import assert from 'node:assert/strict';
import {readFileSync, statSync} from 'node:fs';
import {join} from 'node:path';
import {describe, test} from 'node:test';
import {kinds} from '../../src/checks/index.ts';
import {serve} from '../e2e/sick-world.ts';
import {assertNoSecret, assertValid, importInto, withSecrets} from './imported.ts';
import {KUMA_SECRETS, sampleKuma, writeKuma} from './kuma-database.ts';

describe('an Uptime Kuma 2 database', () => {
  test('becomes a config that is valid, runs, and holds no secret', async (context) => {
    const url = await serve(context, (_, response) => response.end('{"status":"ok"}'));
    const result = await importInto(context, ['kuma.db'], (folder) =>
      writeKuma(join(folder, 'kuma.db'), sampleKuma(url)),
    );
    assertNoSecret(result, KUMA_SECRETS);
    await assertValid(result.folder);
    const names = ['Till-site', 'Till-site-2', 'Очередь', 'Port'];
    const {stdout, code} = await withSecrets(result.folder, `vakhta check --json ${names.join(' ')}`);
    assert.equal(code, 0, stdout);
    assert.equal(stdout.trimEnd().split('\n').length, names.length);

    const {checks, channels, timezone, maintenance, time_intervals: windows} = result.config;
    assert.equal(timezone, 'Europe/Moscow');
    assert.deepEqual(channels.Chat, {type: 'telegram', chat_id: -100700});
    const first = checks['Till-site'];
    assert.deepEqual([first.interval, first.fail_after, first.timeout, first.group], ['1m', 3, '10s', 'Shops']);
    assert.deepEqual(
      [first.alerts, first.redirects, first.expect],
      [{to: ['Chat']}, 10, ['status >= 200 && status <= 299']],
    );
    const second = checks['Till-site-2'];
    assert.deepEqual([second.attempts, second.retry_delay, second.family], [2, '5s', 4]);
    assert.equal(second.alerts.repeat_every, '10m');
    assert.deepEqual(checks.Очередь.expect.slice(1), ['json.status == "ok"']);
    assert.equal(checks.Очередь.basic, undefined);
    assert.deepEqual(checks.Ping.addresses, ['127.0.0.1']);
    assert.deepEqual([checks.Name.record, checks.Name.server, checks.Name.alerts.to], ['MX', '127.0.0.1', ['silent']]);
    assert.deepEqual(
      [checks.MySQL.query, checks.MySQL.password],
      ['SELECT count(*) FROM tills', '$' + '{MYSQL_PASSWORD}'],
    );
    assert.deepEqual([checks.Postgres.tls, checks.Postgres.query], ['verify', undefined]);
    assert.deepEqual([checks['SQL-Server'].type, checks['SQL-Server'].tls], ['mssql', 'off']);
    assert.equal('Backup-job' in checks, kinds.has('heartbeat'));

    assert.deepEqual(windows[0].time_intervals, [
      {weekdays: ['friday', 'sunday'], times: [{start_time: '22:00', end_time: '24:00'}], location: 'Europe/Berlin'},
      {weekdays: ['saturday', 'monday'], times: [{start_time: '00:00', end_time: '02:30'}], location: 'Europe/Berlin'},
    ]);
    assert.deepEqual(
      [windows[1].time_intervals[0].days_of_month, windows[1].time_intervals[0].location],
      [['1', '-1'], 'Europe/Moscow'],
    );
    assert.deepEqual(maintenance[2], {checks: ['Till-site'], at: '0 3 * * 0', for: '2h'});
    for (const without of [
      '"Container" (docker)',
      '"Broker" (mqtt)',
      '"Paused" is paused',
      'notification "Hook"',
      'maintenance "Once"',
    ])
      assert.ok(result.text.includes(without), without);
    assert.match(result.text, /# was "Till site"\n +# The till’s own site second line\n +# tags: floor=2\n/);
    assert.match(result.text, /upside down/);
  });

  test('is not changed by being read', async (context) => {
    let file = '';
    await importInto(context, ['kuma.db'], (folder) => {
      file = join(folder, 'kuma.db');
      writeKuma(file, sampleKuma('http://127.0.0.1:1'));
    }).then(({folder}) => {
      const before = readFileSync(file);
      assert.equal(statSync(file).size, before.length);
      assert.deepEqual(before.subarray(0, 15).toString(), 'SQLite format 3');
      assert.throws(() => statSync(join(folder, 'kuma.db-journal')));
      assert.throws(() => statSync(join(folder, 'kuma.db-wal')));
    });
  });
});

test('an Uptime Kuma 1 backup becomes a config that is valid', async (context) => {
  const result = await importInto(context, ['kuma-backup.json']);
  assertNoSecret(result, ['AAkuma-backup-token', 'kuma-basic-password', 'kuma-header-key', 'paused-password']);
  await assertValid(result.folder);
  const {Site} = result.config.checks;
  assert.deepEqual(Site.expect, [
    '(status >= 200 && status <= 299) || status == 304',
    'body.contains("Welcome \\"home\\"")',
    'cert_days > 7',
  ]);
  assert.deepEqual(Site.alerts, {to: ['Ops-chat'], repeat_every: '10m'});
  assert.deepEqual(result.config.channels['Ops-chat'], {type: 'telegram', chat_id: -100500, thread_id: 7});
  assert.match(result.text, /"Old db" is paused/);
});
