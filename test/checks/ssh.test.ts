import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {readFile} from 'node:fs/promises';
import net from 'node:net';
import {join} from 'node:path';
import {test} from 'node:test';
import {fingerprintOf} from '../../src/reach/ssh-host-key.ts';
import {createFolder} from '../config/folder.ts';
import {PASSWORD, serveAgent, serveSsh} from '../reach/ssh-server.ts';
import {needs} from '../support/packages.ts';
import {closedPort, runOnce, serveTcp, verdict} from './servers.ts';

const sshd = needs('sshd');
const asRoot = {skip: sshd.skip || needs.root.skip || needs('unshare').skip};
const ok = {result: 'ok', reason: ''};

test('a command over SSH is judged by its exit code, or by expectations', sshd, async (t) => {
  const {login, fingerprint} = await serveSsh(t);
  const on = (command: string, expect?: string[]) =>
    verdict('ssh', {...login, fingerprint, command, ...(expect && {expect})});
  assert.deepEqual(await on('true'), ok);
  assert.deepEqual(await on('echo it is bad >&2; exit 3'), {result: 'failed', reason: 'exit code 3: it is bad'});
  assert.deepEqual(await on('exit 1'), {result: 'failed', reason: 'exit code 1'});
  assert.deepEqual(await on('kill -KILL $$'), {result: 'failed', reason: 'ended by SIGKILL'});
  const all = ['exit_code == 2', 'signal == ""', 'stdout == "out" && stderr == "err"', 'latency_ms > 0'];
  assert.deepEqual(await on('echo out; echo err >&2; exit 2', all), ok);
  assert.deepEqual(await on('kill -TERM $$', ['exit_code == -1 && signal == "TERM"']), ok);
  assert.deepEqual(await on('echo 7', ['int(stdout) < 5']), {result: 'failed', reason: 'int(stdout) < 5: it is 7'});
  // Its input is empty and ended: what reads it does not hang.
  assert.deepEqual(await on('cat', ['stdout == ""']), ok);
  const [observation] = await runOnce('ssh', {...login, fingerprint, command: 'exit 4'});
  assert.deepEqual(observation?.values, {exit_code: 4});
});

test('a host is known by each form of known_hosts, and trusted no further', sshd, async (t) => {
  const {login, knownHosts, write, newKey, folder, port} = await serveSsh(t);
  const by = async (text: string) =>
    (await verdict('ssh', {...login, known_hosts: write('known', text), command: 'true'})).reason;
  assert.equal(await by(knownHosts), '');
  assert.equal(await by(`# nothing\n\nother ${knownHosts.split(' ').slice(1).join(' ')}${knownHosts}`), '');
  const hashed = write('hashed', knownHosts);
  execFileSync('ssh-keygen', ['-q', '-H', '-f', hashed], {stdio: 'ignore'});
  const text = await readFile(hashed, 'utf8');
  assert.match(text, /^\|1\|/);
  assert.equal(await by(text), '');
  assert.match(await by(''), /^the host is not in .*known; its key is SHA256:\S{43} \(ssh-ed25519\)$/);
  assert.match(await by(knownHosts.replace(`[127.0.0.1]:${port}`, '127.0.0.1')), /^the host is not in/);
  assert.match(await by(`@revoked ${knownHosts}${knownHosts}`), /^the host key is revoked in/);
  newKey('other');
  const other = await readFile(join(folder, 'other.pub'), 'utf8');
  assert.match(await by(`[127.0.0.1]:${port} ${other}`), /^THE HOST KEY HAS CHANGED, or somebody is in between/);
  assert.equal(await by(`[127.0.0.1]:${port} ${other}${knownHosts}`), '');
  const missing = join(folder, 'missing');
  assert.equal(
    (await verdict('ssh', {...login, known_hosts: missing, command: 'true'})).reason,
    `known_hosts: no file ${missing}`,
  );
});

test('a host with several keys shows the one that is known', sshd, async (t) => {
  const {login, newKey, folder, write, port} = await serveSsh(t, {extra: 'HostKeyAlgorithms +ssh-rsa'});
  const server = await serveSsh(t, {keyType: 'rsa'});
  assert.equal(
    (await verdict('ssh', {...server.login, known_hosts: server.write('k', server.knownHosts), command: 'true'}))
      .reason,
    '',
  );
  // This one has Ed25519 only, and RSA is what is known: that is no match, whatever is asked for first.
  newKey('rsa', '-t', 'rsa');
  const rsa = await readFile(join(folder, 'rsa.pub'), 'utf8');
  const known_hosts = write('k', `[127.0.0.1]:${port} ${rsa}`);
  assert.match((await verdict('ssh', {...login, known_hosts, command: 'true'})).reason, /^THE HOST KEY HAS CHANGED/);
  const both = await serveSsh(t, {extra: `HostKey ${folder}/rsa`});
  const known = both.write('k', `[127.0.0.1]:${both.port} ${rsa}`);
  assert.equal((await verdict('ssh', {...both.login, known_hosts: known, command: 'true'})).reason, '');
});

test('another key than the pinned one is refused, and its fingerprint told', sshd, async (t) => {
  const {login, fingerprint, newKey, folder} = await serveSsh(t);
  newKey('other');
  const [, key = ''] = (await readFile(join(folder, 'other.pub'), 'utf8')).split(' ');
  const other = fingerprintOf(Buffer.from(key, 'base64'));
  const {reason} = await verdict('ssh', {...login, fingerprint: other, command: 'true'});
  assert.equal(reason, `the host key is another one than fingerprint says: ${fingerprint} (ssh-ed25519)`);
});

test('a locked key needs its passphrase', sshd, async (t) => {
  const {login, fingerprint, folder} = await serveSsh(t);
  execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'drawer', '-f', join(folder, 'client')]);
  const locked = {
    ...login,
    fingerprint,
    private_key: (await readFile(join(folder, 'client'), 'utf8')).trimEnd(),
    command: 'true',
  };
  assert.deepEqual(await verdict('ssh', {...locked, passphrase: 'drawer'}), ok);
  assert.match((await verdict('ssh', locked)).reason, /^private_key: .*no passphrase given/);
  assert.match((await verdict('ssh', {...locked, passphrase: 'wrong'})).reason, /^private_key: .*bad passphrase/);
});

test('a key that the host does not know is refused, and so is an unknown user', sshd, async (t) => {
  const {login, fingerprint, newKey} = await serveSsh(t);
  const given = {...login, fingerprint, command: 'true'};
  const refused = `the server refuses the login of ${login.user}`;
  assert.deepEqual(await verdict('ssh', {...given, private_key: newKey('stranger')}), {
    result: 'failed',
    reason: refused,
  });
  assert.equal(
    (await verdict('ssh', {...given, user: 'nobody-here'})).reason,
    'the server refuses the login of nobody-here',
  );
});

test('an agent may hold the key', sshd, async (t) => {
  const {login, fingerprint, folder} = await serveSsh(t);
  const agent = await serveAgent(t, folder, join(folder, 'client'));
  const {private_key: _, ...host} = login;
  const given = {...host, fingerprint, command: 'true'};
  assert.deepEqual(await verdict('ssh', {...given, agent}), ok);
  const {result, reason} = await verdict('ssh', {...given, agent: join(folder, 'no-agent')});
  assert.equal(result, 'failed');
  assert.match(reason, /agent|refuses the login/);
});

test('a password logs in, and a wrong one does not', asRoot, async (t) => {
  const {login, fingerprint} = await serveSsh(t, {passwords: true, extra: 'PubkeyAuthentication no'});
  const {private_key: _, ...host} = login;
  const given = {...host, fingerprint, command: 'true'};
  assert.deepEqual(await verdict('ssh', {...given, password: PASSWORD}), ok);
  const {reason} = await verdict('ssh', {...given, password: 'wrong'}, {timeoutMs: 15_000});
  assert.equal(reason, `the server refuses the login of ${login.user}`);
});

test('a command that hangs is told to stop at the timeout', asRoot, async (t) => {
  const {login, fingerprint, folder} = await serveSsh(t, {passwords: true});
  const {private_key: _, ...host} = login;
  const command = `echo $$ > ${folder}/pid; exec sleep 100`;
  const given = {...host, user: 'watch', password: PASSWORD, fingerprint, command};
  assert.deepEqual(await verdict('ssh', given, {timeoutMs: 3_000}), {
    result: 'failed',
    reason: 'no answer within 3 s',
  });
  const pid = (await readFile(join(folder, 'pid'), 'utf8')).trim();
  const deadline = performance.now() + 5_000;
  const alive = () =>
    readFile(`/proc/${pid}/stat`).then(
      () => true,
      () => false,
    );
  while ((await alive()) && performance.now() < deadline) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(await alive(), false);
});

test('timeouts leave no connection behind', sshd, async (t) => {
  const {login, fingerprint} = await serveSsh(t);
  const connections = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
  const given = {...login, fingerprint, command: 'exec sleep 2'};
  const timeouts = [1, 10, 30, 100, 150, 200, 250, 300];
  const results = await Promise.all(timeouts.map((timeoutMs) => verdict('ssh', given, {timeoutMs})));
  assert.deepEqual(new Set(results.map(({result}) => result)), new Set(['failed']));
  const deadline = performance.now() + 3_000;
  while (connections() > 0 && performance.now() < deadline) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(connections(), 0);
});

test('100 MB of output are dropped past the limit', sshd, async (t) => {
  const {login, fingerprint} = await serveSsh(t);
  const command = 'head -c 100000000 /dev/zero | tr "\\0" x; echo end >&2; exit 5';
  const expect = ['exit_code == 5 && size(stdout) == 1024 && stderr == "end"'];
  const given = {...login, fingerprint, command, expect, output_limit: '1KiB'};
  assert.deepEqual(await verdict('ssh', given, {timeoutMs: 30_000}), ok);
});

test('a connection that is lost half-way is a failure', sshd, async (t) => {
  const {login, fingerprint, port} = await serveSsh(t);
  // The shell's parent is the process that serves this connection.
  const given = {...login, fingerprint, command: 'kill -KILL $PPID; sleep 1'};
  const {result, reason} = await verdict('ssh', given);
  assert.equal(result, 'failed');
  assert.match(reason, /^(?:SSH: the connection was (?:closed|lost while the command ran)|connection reset)$/);
  const through = await serveTcp(t, (socket) => {
    const onward = net.connect(port, '127.0.0.1').on('error', () => {});
    let bytes = 0;
    onward.on('data', (chunk) => {
      bytes += chunk.length;
      if (bytes > 100_000) socket.resetAndDestroy();
      else socket.write(chunk);
    });
    socket.on('data', (chunk) => onward.write(chunk)).on('close', () => onward.destroy());
  });
  const cut = {...given, port: through, command: 'head -c 1000000 /dev/zero; sleep 100'};
  assert.deepEqual(await verdict('ssh', cut), {result: 'failed', reason: 'connection reset'});
});

test('what is no SSH server, or none at all, is told apart', async (t) => {
  const given = {
    user: 'watch',
    password: 'x',
    fingerprint: `SHA256:${'A'.repeat(43)}`,
    command: 'true',
    host: '127.0.0.1',
  };
  const reason = async (port: number, more = {}) => {
    const found = await verdict('ssh', {...given, port, ...more}, {timeoutMs: 300});
    assert.equal(found.result, 'failed');
    return found.reason;
  };
  assert.equal(await reason(await closedPort()), 'connection refused');
  assert.equal(await reason(await serveTcp(t, (socket) => socket.resume())), 'no answer within 0.3 s');
  assert.equal(
    await reason(await serveTcp(t, (socket) => socket.end())),
    'SSH: the connection was closed during the handshake',
  );
  assert.equal(
    await reason(await serveTcp(t, (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))),
    'SSH: the connection was closed during the handshake',
  );
  assert.equal(await reason(await serveTcp(t, (socket) => socket.write('SSH-1.5-old\r\n'))), 'the answer is not SSH');
  assert.match(await reason(22, {host: 'no-such-host.invalid'}), /^DNS: /);
});

test('wrong options are config errors with their place, and secrets stay out of them', (t) => {
  const folder = createFolder(t);
  const base = 'checks:\n  s:\n    type: ssh\n    host: h\n    user: u\n    command: c\n';
  const trust = `    fingerprint: SHA256:${'A'.repeat(43)}\n`;
  const problems = (body: string) => folder.problems(base + body).join('\n');
  assert.match(problems(trust), /:3:5 checks\.s: expected exactly one of password, private_key and agent/);
  assert.match(problems('    password: x\n'), /expected either known_hosts or fingerprint; ssh-keyscan/);
  assert.match(
    problems('    password: x\n    fingerprint: MD5:aa\n'),
    /:8:18 .*expected a fingerprint such as SHA256:/,
  );
  const bare = problems(`${trust}    private_key: hunter2-the-key\n`);
  assert.match(bare, /:8:18 .*expected a private key, got a value that is not shown; write file:PATH/);
  assert.doesNotMatch(bare, /hunter2/);
  assert.match(problems(`${trust}    password: x\n    passphrase: y\n`), /:9:17 .*expected a private_key with it/);
  folder.write('id', `-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----\n`);
  assert.equal(problems('    private_key: file:id\n    known_hosts: known_hosts\n'), '');
  const options = folder.config(`${base}    private_key: file:id\n    known_hosts: known_hosts\n`).checks[0]?.options;
  assert.equal((options as {known_hosts: string}).known_hosts, join(folder.path, 'known_hosts'));
});
