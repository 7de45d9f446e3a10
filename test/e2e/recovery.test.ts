import assert from 'node:assert/strict';
import {existsSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, type TestContext, test} from 'node:test';
import {rowsOf} from '../bot/world.ts';
import {type SshServer, serveSsh} from '../reach/ssh-server.ts';
import {needs} from '../support/packages.ts';
import {Vakhta} from '../support/vakhta.ts';

/** Checks whether a file is there; `recovery` may bring it back. */
function start(t: TestContext, {hosts = '', recovery}: {hosts?: string; recovery: (shop: string) => string}) {
  const config = (shop: string) => `
timezone: UTC
defaults: {interval: 1s, timeout: 900ms, fail_after: 2, recover_after: 1}
alerts: {group_wait: 0s}
${hosts}
checks:
  SRV4:
    type: plugin
    command: [/bin/sh, -c, 'test -e ${shop} || exit 2']
    flapping: false
    recovery: ${recovery(shop)}
`;
  const vakhta = new Vakhta(t, {});
  const shop = join(vakhta.folder, 'shop');
  writeFileSync(join(vakhta.folder, 'config.yaml'), config(shop));
  writeFileSync(shop, '');
  const rows = (query: string) => rowsOf(join(vakhta.folder, 'data'), query);
  const executed = () =>
    vakhta.output
      .split('\n')
      .filter((line) => line.startsWith('{') && line.includes('"msg":"COMMAND_EXECUTED"'))
      .map((line): Record<string, unknown> => JSON.parse(line));
  return {vakhta, shop, rows, executed, breaks: () => rmSync(shop)};
}

function hostsOf({login, fingerprint, write}: SshServer): string {
  const key = write('key', login.private_key);
  const {host, port, user} = login;
  return `hosts: {DC3: {host: ${host}, port: ${port}, user: ${user}, private_key: 'file:${key}', fingerprint: '${fingerprint}'}}`;
}

describe('a recovery in the real program', () => {
  test(
    'mends a check over SSH: the card tells of it, the log has a line, the audit table two',
    needs('sshd'),
    async (t) => {
      const hosts = hostsOf(await serveSsh(t));
      const recovery = (shop: string) => `{host: DC3, command: 'echo "back: $WHO"; touch ${shop}', env: {WHO: Anna}}`;
      const {vakhta, executed, rows, breaks} = start(t, {hosts, recovery});
      await vakhta.start();
      breaks();
      await vakhta.waitFor(
        () => /is back after .*, with 1 recovery attempt/.test(vakhta.output),
        'the recovery',
        30_000,
      );
      assert.match(vakhta.output, /Recovery attempt 1 of 3: running\n\s+DC3: echo/);
      assert.match(vakhta.output, /Recovery attempt 1 of 3: exit code 0 after .*\n\s+DC3: echo.*\n\s+back: Anna/);
      const [line, ...others] = executed();
      assert.deepEqual(others, []);
      assert.deepEqual([line?.pair, line?.host, line?.status, line?.output], ['DC3:SRV4', 'DC3', 'done', 'back: Anna']);
      assert.deepEqual(
        rows('SELECT outcome FROM audit').map(({outcome}) => outcome),
        ['started', 'done, exit code 0'],
      );
      assert.equal(await vakhta.stop(), 0);
    },
  );

  test('is not run again after kill -9 in its middle: its outcome is unknown, and the next attempt has the next number', async (t) => {
    const recovery = (shop: string) =>
      `{exec: [/bin/sh, -c, 'echo $$ >> ${shop}.begun; exec sleep 600'], max_interval: 5s, backoff_factor: 1, timeout: 700s}`;
    const {vakhta, shop, rows, breaks} = start(t, {recovery});
    const pids = () => (existsSync(`${shop}.begun`) ? readFileSync(`${shop}.begun`, 'utf8').trim().split('\n') : []);
    const begun = () => pids().length;
    await vakhta.start();
    breaks();
    await vakhta.waitFor(() => begun() === 1, 'the command');
    await vakhta.kill();
    // Nobody else ends what its dead parent began.
    process.kill(Number(pids()[0]), 'SIGKILL');
    assert.deepEqual(
      rows('SELECT outcome FROM audit').map(({outcome}) => outcome),
      ['started'],
      'it stood there before the command began',
    );
    await vakhta.start();
    await vakhta.waitFor(() => vakhta.output.includes('outcome unknown: vakhta ended meanwhile'), 'the card');
    await vakhta.waitFor(() => begun() === 2, 'the second attempt', 30_000);
    const runs = rows("SELECT json_extract(run, '$.attempt') AS attempt, ended_at IS NULL AS runs FROM recovery_runs");
    assert.deepEqual(runs, [
      {attempt: 1, runs: 0},
      {attempt: 2, runs: 1},
    ]);
    // At the end of the program the second is told to stop.
    const began = performance.now();
    assert.equal(await vakhta.stop(), 0);
    assert.ok(performance.now() - began < 2_500, 'it ends within two seconds or so');
    assert.equal(begun(), 2);
    assert.match(JSON.stringify(rows('SELECT outcome FROM audit ORDER BY id DESC LIMIT 1')), /unknown, stopped/);
  });

  test('never shows a password, wherever it might', needs('sshd'), async (t) => {
    const {login} = await serveSsh(t);
    const hosts =
      `hosts: {DC3: {host: ${login.host}, port: ${login.port}, user: ${login.user}, password: till-42-drawer, ` +
      `fingerprint: 'SHA256:${'A'.repeat(43)}'}}`;
    const {vakhta, executed, rows, breaks} = start(t, {
      hosts,
      recovery: () => '{host: DC3, command: echo till-42-drawer}',
    });
    await vakhta.start();
    breaks();
    await vakhta.waitFor(() => executed().length > 0, 'the attempt', 30_000);
    await vakhta.stop();
    assert.equal(executed()[0]?.status, 'not_started');
    assert.doesNotMatch(vakhta.output, /till-42-drawer/);
    assert.doesNotMatch(JSON.stringify([rows('SELECT * FROM recovery_runs'), rows('SELECT * FROM audit')]), /till-42/);
    assert.match(String(executed()[0]?.reason), /^the host key is another one than fingerprint says/);
  });
});
