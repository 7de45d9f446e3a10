import assert from 'node:assert/strict';
import {join} from 'node:path';
import {describe, test} from 'node:test';
import {createFolder} from './folder.ts';

const PIN = `SHA256:${'A'.repeat(43)}`;
const KEY = '-----BEGIN OPENSSH PRIVATE KEY-----\nabcdefghijklmnop\n-----END OPENSSH PRIVATE KEY-----\n';
const HOSTS = `hosts:\n  DC3: {host: 10.0.0.3, user: ops, password: '\${PASSWORD}', fingerprint: '${PIN}'}\n`;
const env = {PASSWORD: 'hunter2-hunter2'};

function check(recovery: string, more = ''): string {
  return `checks:\n  SRV4:\n    type: http\n    url: http://127.0.0.1:1/\n${more}    recovery: ${recovery}\n`;
}

describe('hosts and recoveries', () => {
  test('are read with their defaults', (t) => {
    const folder = createFolder(t);
    const {hosts, checks} = folder.config(HOSTS + check('{host: DC3, command: systemctl restart shop}'), env);
    assert.deepEqual(
      [...hosts.values()],
      [{name: 'DC3', host: '10.0.0.3', port: 22, user: 'ops', password: env.PASSWORD, fingerprint: PIN}],
    );
    assert.deepEqual(checks[0]?.recovery, {
      ...{
        host: 'DC3',
        command: 'systemctl restart shop',
        shellLine: 'systemctl restart shop',
        isLocal: false,
        env: {},
        timeoutMs: 60_000,
      },
      ...{afterFailures: 3, maxAttempts: 3, intervalMs: 60_000, backoffFactor: 2, maxIntervalMs: 3_600_000},
      ...{approve: false, dryRun: false},
    });
  });

  test('are read with every key', (t) => {
    const folder = createFolder(t);
    folder.write('id', KEY);
    const text = `
hosts:
  bastion: {host: b.example, port: 2222, user: ops, agent: /run/agent, known_hosts: known}
  DC3: {host: 10.0.0.3, user: ops, private_key: 'file:id', passphrase: '\${PASSWORD}', known_hosts: known, jump: bastion}
time_intervals: [{name: night, time_intervals: [{times: [{start_time: '22:00', end_time: '24:00'}]}]}]
${check(`
      host: DC3
      command: systemctl restart shop
      after_failures: 5
      max_attempts: 4
      backoff_factor: 1.5
      max_interval: 300s
      timeout: 90s
      approve: true
      window: night
      env: {SHOP: '7'}
      dry_run: true`)}`;
    const loaded = folder.load(text, env);
    assert.ok(loaded.ok, JSON.stringify(loaded));
    const {hosts, checks} = loaded.config;
    const known = join(folder.path, 'known');
    assert.deepEqual(hosts.get('bastion')?.knownHosts, known, 'paths start at the config’s folder');
    const {privateKey, passphrase, jump} = hosts.get('DC3') ?? {};
    assert.deepEqual([privateKey, passphrase, jump], [KEY.trimEnd(), env.PASSWORD, 'bastion']);
    assert.deepEqual(checks[0]?.recovery, {
      ...{
        host: 'DC3',
        command: 'systemctl restart shop',
        shellLine: 'systemctl restart shop',
        isLocal: false,
        env: {SHOP: '7'},
        timeoutMs: 90_000,
      },
      ...{afterFailures: 5, maxAttempts: 4, intervalMs: 60_000, backoffFactor: 1.5, maxIntervalMs: 300_000},
      ...{approve: true, window: 'night', dryRun: true},
    });
    assert.ok(loaded.secrets.includes(env.PASSWORD), 'the log strikes it out');
    assert.ok(loaded.secrets.some((secret) => secret.includes('abcdefghijklmnop')));
  });

  test('are shown without what variables have brought into the command', (t) => {
    const text = HOSTS + check(`{host: DC3, command: 'mysqladmin -p\${PW} kill \${N} # \${PASSWORD}'}`);
    const {command, shellLine} =
      createFolder(t).config(text, {...env, PW: 'tiger-tiger', N: '7'}).checks[0]?.recovery ?? {};
    assert.equal(command, 'mysqladmin -p[redacted] kill 7 # [redacted]');
    assert.equal(shellLine, 'mysqladmin -ptiger-tiger kill 7 # hunter2-hunter2');
  });

  test('may be a program of this server', (t) => {
    const {checks} = createFolder(t).config(check('{exec: [systemctl, restart, shop]}'));
    const {host, command, exec, isLocal} = checks[0]?.recovery ?? {};
    assert.deepEqual(
      [host, command, exec, isLocal],
      [...['local', 'systemctl restart shop', ['systemctl', 'restart', 'shop'], true]],
    );
  });

  const rows: [string, string, RegExp][] = [
    ['an unknown host', HOSTS + check('{host: DC33, command: x}'), /:7:22 .*got "DC33"; did you mean DC3\?/],
    [
      'no hosts at all',
      check('{host: DC3, command: x}'),
      /expected the name of a host, got "DC3"; define it under hosts/,
    ],
    ['no command', HOSTS + check('{host: DC3}'), /expected host and command, found no command; add what to run/],
    ['no host', check('{command: x}'), /found no host; add the name of one of hosts, or write exec/],
    ['nothing', check('{approve: true}'), /found neither; add what to run/],
    ['both ways', HOSTS + check('{host: DC3, exec: [x]}'), /found both; remove exec/],
    ['an unknown window', check('{exec: [x], window: night}'), /expected the name of a window, got "night"/],
    ['a time without a unit', check('{exec: [x], timeout: 60}'), /got 60 without a unit; write 60s/],
    ['a shell line as a program', check('{exec: x y}'), /recovery\.exec: expected a list/],
    ['no attempts', check('{exec: [x], max_attempts: 0}'), /max_attempts: expected .*1/],
    ['a mistyped key', check('{exec: [x], aprove: true}'), /unknown key; did you mean approve\?/],
    ['an odd variable', check('{exec: [x], env: {"A B": c}}'), /expected the name of a variable/],
    ['the reserved name', HOSTS.replace('DC3', 'local') + check('{exec: [x]}'), /local means this server/],
    [
      'a host whose key nobody can know',
      `hosts: {a: {host: x, user: y, password: z}}\n${check('{exec: [x]}')}`,
      /expected either known_hosts or fingerprint; ssh-keyscan/,
    ],
    [
      'a key file that is not there',
      `hosts: {a: {host: x, user: y, private_key: 'file:nope', fingerprint: '${PIN}'}}\n${check('{exec: [x]}')}`,
      /hosts\.a\.private_key: expected file: and the path of a file that can be read, found no such file/,
    ],
    [
      'two ways to log in',
      `hosts: {a: {host: x, user: y, password: p, agent: q, fingerprint: '${PIN}'}}\n${check('{exec: [x]}')}`,
      /expected exactly one of password, private_key and agent/,
    ],
    [
      'an unknown jump host',
      `hosts: {a: {host: x, user: y, agent: q, fingerprint: '${PIN}', jump: b}}\n${check('{exec: [x]}')}`,
      /hosts\.a\.jump: expected the name of a host, got "b"/,
    ],
    [
      'jump hosts in a circle',
      `hosts:\n  a: {host: x, user: y, agent: q, fingerprint: '${PIN}', jump: b}\n` +
        `  b: {host: x, user: y, agent: q, fingerprint: '${PIN}', jump: a}\n${check('{exec: [x]}')}`,
      /hosts\.a\.jump: expected a way that does not lead back here/,
    ],
  ];
  for (const [what, text, expected] of rows) {
    test(`${what} is refused with its place and the cure`, (t) => {
      const problems = createFolder(t).problems(text, env).join('\n');
      assert.match(problems, expected);
      assert.match(problems, /^config\.yaml:\d+:\d+ /);
      assert.doesNotMatch(problems, /hunter2/);
    });
  }

  test('what cannot be as early, or rest as long, as it says is warned of', (t) => {
    const folder = createFolder(t);
    assert.match(
      folder.warnings(check('{exec: [x], after_failures: 2}')).join(),
      /down after 3 failures; it runs then/,
    );
    assert.match(folder.warnings(check('{exec: [x], max_interval: 1s}')).join(), /shorter than the check's 1m/);
  });
});
