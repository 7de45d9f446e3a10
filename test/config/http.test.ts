import assert from 'node:assert/strict';
import {mkdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {isLoopback, parseListen} from '../../src/config/http.ts';
import {configFiles} from '../../src/reload.ts';
import {createAuthority} from '../checks/certificates.ts';
import {CHECKS, createFolder} from './folder.ts';

const TOKEN = 'a-token-of-more-than-sixteen';

test('without http there is no server, and an empty one listens on this machine only', (t) => {
  const folder = createFolder(t);
  assert.equal(folder.config(CHECKS).http, undefined);
  assert.deepEqual(folder.config(`http: {}\n${CHECKS}`).http, {host: '127.0.0.1', port: 8080});
});

test('an address is read as people write it', () => {
  assert.deepEqual(parseListen('[::1]:80'), {host: '::1', port: 80});
  assert.deepEqual(parseListen(':8080'), {host: '::', port: 8080});
  assert.deepEqual(parseListen('till-4.shop.example:1'), {host: 'till-4.shop.example', port: 1});
  for (const wrong of [
    '8080',
    'localhost',
    '1.2.3:80',
    '[1.2.3.4]:80',
    'a b:80',
    ':0',
    ':65536',
    '::1:80',
    '256.1.1.1:1',
  ])
    assert.equal(parseListen(wrong), undefined, wrong);
});

test('only what cannot be reached from elsewhere is this machine', () => {
  for (const host of ['127.0.0.1', '127.9.9.9', '::1', 'localhost']) assert.ok(isLoopback(host), host);
  for (const host of ['0.0.0.0', '::', '192.0.2.1', 'localhost.example', '::ffff:192.0.2.1', '128.0.0.1'])
    assert.ok(!isLoopback(host), host);
});

test('beyond this machine it needs a token and TLS, and says where and what to do', async (t) => {
  const folder = createFolder(t);
  const words = 'config.yaml:1:16 http.listen: it can be reached from beyond this machine: add';
  const cure = 'or listen on 127.0.0.1:8080';
  for (const listen of ['0.0.0.0:8443', ':8443', '[::]:8443', '192.0.2.7:8443', 'shop.example:8443']) {
    assert.deepEqual(folder.problems(`http: {listen: '${listen}'}\n${CHECKS}`), [
      `${words} http.token and http.tls, ${cure}`,
    ]);
  }
  assert.deepEqual(folder.problems(`http: {listen: ':8443', token: ${TOKEN}}\n${CHECKS}`), [
    `${words} http.tls, ${cure}`,
  ]);
  const {cert, key} = (await createAuthority(t)).selfSigned('shop');
  const tls = `tls: {cert: '${cert}', key: '${key}'}`;
  const loaded = folder.config(`http: {listen: ':8443', token: ${TOKEN}, ${tls}}\n${CHECKS}`);
  assert.equal(loaded.http?.tls?.cert, readFileSync(cert, 'utf8'));
  assert.ok(configFiles(loaded).includes(cert), 'a renewed certificate is a change of the configuration');
});

test('a certificate, its key and the token are looked at before they are needed', async (t) => {
  const folder = createFolder(t);
  const authority = await createAuthority(t);
  const [ours, theirs] = [authority.selfSigned('ours'), authority.selfSigned('theirs')];
  const problem = (cert: string, key: string) =>
    folder.problems(`http: {tls: {cert: '${cert}', key: '${key}'}}\n${CHECKS}`).join('\n');
  assert.match(
    problem(ours.cert, theirs.key),
    /http\.tls\.key: expected the key of the certificate, found another one$/,
  );
  assert.match(problem(ours.key, ours.key), /http\.tls\.cert: expected a file with a PEM certificate/);
  assert.match(problem(ours.cert, ours.cert), /http\.tls\.key: expected a file with a PEM key without a passphrase/);
  assert.match(problem('no.pem', ours.key), /config\.yaml:1:20 http\.tls\.cert: .*found no such file/);
  mkdirSync(join(folder.path, 'tls'));
  assert.match(problem('tls', ours.key), /found a folder/);
  const short = folder.problems(`http: {token: hunter2}\n${CHECKS}`).join();
  assert.match(short, /http\.token: expected at least 16 characters/);
  assert.doesNotMatch(short, /hunter2/);
});

test('a heartbeat needs the server and an id of its own, and its key mistakes are named', (t) => {
  const folder = createFolder(t);
  assert.deepEqual(folder.problems('checks:\n  a: {type: heartbeat}\n'), [
    'config.yaml:2:3 checks.a: a heartbeat comes in over HTTP: add http: {} at the top of the file',
  ]);
  const id = '1C9F2B6E-6f0c-4e7e-9f43-0c8b8a1f6d52';
  const both = `http: {}\nchecks:\n  a: {type: heartbeat, id: ${id}}\n  b: {type: heartbeat, id: ${id.toLowerCase()}}\n`;
  const [line = ''] = folder.problems(both);
  assert.match(line, /config\.yaml:4:28 checks\.b\.id: expected another id, found that of a; give each its own/);
  assert.doesNotMatch(line, /1c9f2b6e/i);
  const cron = folder.problems("http: {}\nchecks:\n  a: {type: heartbeat, period: 5s, cron: '0 3 * * *'}\n");
  assert.match(cron.join(), /checks\.a\.cron: expected either cron or period, got both; remove one/);
});

test('a heartbeat goes down at the first failure, whatever the defaults say, unless it says otherwise', (t) => {
  const folder = createFolder(t);
  const {checks} = folder.config(
    'http: {}\ndefaults: {fail_after: 5, interval: 60s}\nchecks:\n  a: {type: heartbeat}\n  b: {type: heartbeat, fail_after: 3, interval: 1m}\n',
  );
  assert.deepEqual(
    checks.map(({failAfter, recoverAfter, intervalMs}) => [failAfter, recoverAfter, intervalMs]),
    [
      [1, 1, 10_000],
      [3, 1, 60_000],
    ],
  );
  assert.equal(checks[0]?.reportId, 'a');
});

test('an id that is a secret is struck out of the log, and one that is a word is not', (t) => {
  const folder = createFolder(t);
  const secretsOf = (check: string, env = {}) => {
    const loaded = folder.load(`http: {}\nchecks:\n  ${check}\n`, env);
    assert.ok(loaded.ok);
    return loaded.secrets;
  };
  const uuid = '1c9f2b6e-6f0c-4e7e-9f43-0c8b8a1f6d52';
  assert.deepEqual(secretsOf(`backup: {type: heartbeat, id: ${uuid}}`), [uuid]);
  assert.deepEqual(secretsOf('backup: {type: heartbeat, id: GYIdk3Lq0xYh1Rn2}'), ['GYIdk3Lq0xYh1Rn2']);
  assert.deepEqual(secretsOf('backup: {type: heartbeat, id: nightly-backup}'), []);
  assert.deepEqual(secretsOf('The-Backup-of-the-large-shop: {type: heartbeat, id: The-Backup-of-the-large-shop}'), []);
  const fromOutside = `backup: {type: heartbeat, id: '\${PING_ID}'}`;
  assert.deepEqual(secretsOf(fromOutside, {PING_ID: 'nightly-backup'}), ['nightly-backup']);
});
