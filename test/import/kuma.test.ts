import assert from 'node:assert/strict';
import {once} from 'node:events';
import {readdirSync, readFileSync} from 'node:fs';
import https from 'node:https';
import type {AddressInfo} from 'node:net';
import {join} from 'node:path';
import {describe, test} from 'node:test';
import {kinds} from '../../src/checks/index.ts';
import {createAuthority} from '../checks/certificates.ts';
import {serve} from '../e2e/sick-world.ts';
import {needs} from '../support/packages.ts';
import {assertNoSecret, assertValid, importInto, redirectConfig, reference, withSecrets} from './imported.ts';
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

    const {at} = result;
    assert.equal(at('timezone'), 'Europe/Moscow');
    assert.deepEqual(at('channels/Chat'), {type: 'telegram', chat_id: -100700});
    assert.deepEqual(at('checks/Till-site'), {
      ...{type: 'http', url: `${url}/health`, redirects: 10, expect: ['status >= 200 && status <= 299']},
      ...{interval: '1m', timeout: '10s', fail_after: 3, group: 'Shops', alerts: {to: ['Chat']}},
    });
    const second = ['attempts', 'retry_delay', 'family', 'alerts/repeat_every'].map((key) =>
      at(`checks/Till-site-2/${key}`),
    );
    assert.deepEqual(second, [2, '5s', 4, '10m']);
    assert.equal(at('checks/Очередь/expect/1'), 'json.status == "ok"');
    assert.equal(at('checks/Очередь/basic'), undefined);
    assert.deepEqual(at('checks/Ping/addresses'), ['127.0.0.1']);
    const name = ['record', 'server', 'alerts/to/0'].map((key) => at(`checks/Name/${key}`));
    assert.deepEqual(name, ['MX', '127.0.0.1', 'silent']);
    assert.equal(at('checks/MySQL/query'), 'SELECT count(*) FROM tills');
    assert.equal(at('checks/MySQL/password'), reference('MYSQL_PASSWORD'));
    assert.deepEqual([at('checks/Postgres/tls'), at('checks/Postgres/query')], ['verify', undefined]);
    assert.deepEqual([at('checks/SQL-Server/type'), at('checks/SQL-Server/tls')], ['mssql', 'off']);
    assert.equal(at('checks/Backup-job') !== undefined, kinds.has('heartbeat'));

    assert.deepEqual(at('time_intervals/0/time_intervals'), [
      {weekdays: ['friday', 'sunday'], times: [{start_time: '22:00', end_time: '24:00'}], location: 'Europe/Berlin'},
      {weekdays: ['saturday', 'monday'], times: [{start_time: '00:00', end_time: '02:30'}], location: 'Europe/Berlin'},
    ]);
    assert.deepEqual(at('time_intervals/1/time_intervals/0'), {
      ...{days_of_month: ['1', '-1'], times: [{start_time: '03:00', end_time: '04:00'}], location: 'Europe/Moscow'},
    });
    assert.deepEqual(at('maintenance/2'), {checks: ['Till-site'], at: '0 3 * * 0', for: '2h'});
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

  test('is not changed by being read, nor is anything put beside it', async (context) => {
    const files = (folder: string) => readdirSync(folder).filter((name) => name.startsWith('kuma'));
    let before = Buffer.alloc(0);
    const {folder} = await importInto(context, ['kuma.db'], (folder) => {
      writeKuma(join(folder, 'kuma.db'), sampleKuma('http://127.0.0.1:1'));
      before = readFileSync(join(folder, 'kuma.db'));
    });
    assert.ok(before.equals(readFileSync(join(folder, 'kuma.db'))));
    assert.deepEqual(files(folder), ['kuma.db']);
  });
});

test('an Uptime Kuma 1 backup becomes a config that is valid and runs', needs('openssl'), async (context) => {
  const result = await importInto(context, ['kuma-backup.json']);
  assertNoSecret(result, ['AAkuma-backup-token', 'kuma-basic-password', 'kuma-header-key', 'paused-password']);
  await assertValid(result.folder);
  assert.deepEqual(result.at('checks/Site/expect'), [
    '(status >= 200 && status <= 299) || status == 304',
    'body.contains("Welcome \\"home\\"")',
    'cert_days > 7',
  ]);
  assert.deepEqual(result.at('checks/Site/alerts'), {to: ['Ops-chat'], repeat_every: '10m'});
  assert.deepEqual(result.at('channels/Ops-chat'), {type: 'telegram', chat_id: -100500, thread_id: 7});
  assert.match(result.text, /"Old db" is paused/);
  const pair = (await createAuthority(context)).issue('good');
  const pem = {cert: readFileSync(pair.cert), key: readFileSync(pair.key)};
  const server = https.createServer(pem, (_, response) => response.end('<p>Welcome "home"</p>'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => server.close().closeAllConnections());
  const {port} = server.address() as AddressInfo;
  redirectConfig(result.folder, 'https://site.example/', `https://127.0.0.1:${port}/\n    insecure: true`);
  const {stdout, code} = await withSecrets(result.folder, 'vakhta check Site');
  assert.equal(code, 0, stdout);
});
