import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {readFile} from 'node:fs/promises';
import net from 'node:net';
import {join} from 'node:path';
import {test} from 'node:test';
import {systemClock} from '../../src/clock.ts';
import type {HostConfig} from '../../src/config/config.ts';
import {runOnHost} from '../../src/recovery/remote.ts';
import {type Ending, OUTPUT_BYTES_MAX} from '../../src/recovery/run.ts';
import {closedPort, serveTcp} from '../checks/servers.ts';
import {PASSWORD, type SshServer, serveAgent, serveSsh} from '../reach/ssh-server.ts';
import {needs} from '../support/packages.ts';

const sshd = needs('sshd');
const asRoot = {skip: sshd.skip || needs.root.skip || needs('unshare').skip};
const done = {status: 'done', exitCode: 0, output: ''};

/** The host as `hosts:` would have it. */
function hostOf(server: SshServer, changes: Partial<HostConfig> = {}, name = 'DC3'): HostConfig {
  const {host, port, user, private_key: privateKey} = server.login;
  return {name, host, port, user, privateKey, fingerprint: server.fingerprint, ...changes};
}

async function run(
  hosts: HostConfig | readonly HostConfig[],
  shellLine: string,
  {timeoutMs = 10_000, env = {}, signal = new AbortController().signal} = {},
): Promise<Ending> {
  const all = [hosts].flat();
  const named = new Map(all.map((one) => [one.name, one]));
  const {signal: deadline, cancel} = systemClock.deadline(timeoutMs, signal);
  const ending = await runOnHost({host: all[0]?.name ?? '', shellLine, env}, named, {
    clock: systemClock,
    signal: deadline,
  });
  cancel();
  return ending;
}

test('a command ends with its exit code, or by a signal, and the end of both streams is kept', sshd, async (t) => {
  const host = hostOf(await serveSsh(t));
  assert.deepEqual(await run(host, 'true'), done);
  assert.deepEqual(await run(host, 'echo out; echo err >&2; exit 3'), {
    ...{status: 'failed', exitCode: 3},
    output: 'out\nerr\n',
  });
  assert.deepEqual(await run(host, 'kill -KILL $$'), {status: 'failed', signal: 'KILL', output: ''});
  assert.deepEqual(await run(host, 'cat'), done, 'its input has ended');
});

test('variables arrive whatever they hold, and no other is named', sshd, async (t) => {
  const host = hostOf(await serveSsh(t));
  const env = {SHOP: '7\' "$(exit 9)\n`x`', EMPTY: ''};
  const {output} = await run(host, 'printf %s "$SHOP|$EMPTY"', {env});
  assert.equal(output, `${env.SHOP}|`);
});

test('a locked key, an agent and a password log in', asRoot, async (t) => {
  const server = await serveSsh(t);
  const agent = await serveAgent(t, server.folder, join(server.folder, 'client'));
  const {privateKey: _, ...keyless} = hostOf(server);
  assert.deepEqual(await run({...keyless, agent}, 'true'), done);
  execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'drawer', '-f', join(server.folder, 'client')]);
  const locked = hostOf(server, {privateKey: (await readFile(join(server.folder, 'client'), 'utf8')).trimEnd()});
  assert.deepEqual(await run({...locked, passphrase: 'drawer'}, 'true'), done);
  const refused = await run({...locked, passphrase: 'hunter2'}, 'true');
  assert.match(refused.reason ?? '', /^private_key: .*bad passphrase/);
  const withPassword = await serveSsh(t, {passwords: true, extra: 'PubkeyAuthentication no'});
  const {privateKey: __, ...plain} = hostOf(withPassword);
  assert.deepEqual(await run({...plain, password: PASSWORD}, 'true'), done);
});

test('what fails before the command was asked for did certainly not run', sshd, async (t) => {
  const server = await serveSsh(t);
  const host = hostOf(server);
  const touched = join(server.folder, 'touched');
  const why = async (changes: Partial<HostConfig>, timeoutMs?: number) => {
    const {status, reason, output} = await run({...host, ...changes}, `touch ${touched}`, {
      ...(timeoutMs && {timeoutMs}),
    });
    assert.deepEqual([status, output], ['not_started', '']);
    return reason ?? '';
  };
  assert.match(
    await why({fingerprint: `SHA256:${'A'.repeat(43)}`}),
    /^the host key is another one than fingerprint says/,
  );
  const {fingerprint: _, ...unpinned} = host;
  const other = server.write('known', `[127.0.0.1]:1 ${server.knownHosts.split(' ').slice(1).join(' ')}`);
  const unknown = await run({...unpinned, knownHosts: other}, `touch ${touched}`);
  assert.match(unknown.reason ?? '', /^the host is not in/);
  assert.equal(await why({port: await closedPort()}), 'connection refused');
  assert.equal(await why({user: 'nobody-here'}), 'the server refuses the login of nobody-here');
  assert.equal(await why({privateKey: server.newKey('stranger')}), `the server refuses the login of ${host.user}`);
  const silent = await serveTcp(t, (socket) => socket.resume());
  assert.equal(await why({port: silent}, 300), 'no answer within 0.3 s');
  await assert.rejects(readFile(touched));
});

test('a server that takes no commands did not run it', sshd, async (t) => {
  const server = await serveSsh(t, {extra: 'MaxSessions 0'});
  const {status, reason} = await run(hostOf(server), 'true');
  assert.deepEqual([status, reason], ['not_started', 'SSH: the server does not run the command']);
});

test('a command that hangs is told to stop at its timeout, and what it said until then is kept', asRoot, async (t) => {
  const server = await serveSsh(t, {passwords: true});
  const {privateKey: _, ...host} = hostOf(server, {user: 'watch', password: PASSWORD});
  const command = `echo $$ > ${server.folder}/pid; echo before; exec sleep 100`;
  assert.deepEqual(await run(host, command, {timeoutMs: 3_000}), {status: 'timed_out', output: 'before\n'});
  const pid = (await readFile(join(server.folder, 'pid'), 'utf8')).trim();
  await until(async () => !(await isAlive(pid)));
});

test('at the end of the program the command is told to stop, and its outcome is unknown', sshd, async (t) => {
  const host = hostOf(await serveSsh(t));
  const stopping = new AbortController();
  const ended = run(host, 'echo begun; sleep 100', {signal: stopping.signal});
  setTimeout(() => stopping.abort(), 1_500);
  assert.deepEqual(await ended, {status: 'unknown', reason: 'stopped', output: 'begun\n'});
});

/** The two streams of a command come in their own order: what is told apart must not be written at once. */
test('of 100 MB the last 4 kB are kept, in little memory', sshd, async (t) => {
  const host = hostOf(await serveSsh(t));
  const before = process.memoryUsage().rss;
  const line = 'x'.repeat(99);
  const ended = await run(host, `yes ${line} | head -c 100000000; echo; sleep 1; echo end >&2; sleep 0.2; exit 5`, {
    timeoutMs: 60_000,
  });
  const grown = (process.memoryUsage().rss - before) / 1024 ** 2;
  assert.deepEqual([ended.status, ended.exitCode], ['failed', 5]);
  assert.ok(ended.output.length <= OUTPUT_BYTES_MAX && ended.output.length > OUTPUT_BYTES_MAX - 200);
  assert.match(ended.output, /^x{99}\n/, 'it begins with a whole line');
  assert.match(ended.output, /\nend\n$/);
  assert.ok(grown < 100, `${grown} MB`);
});

test('when the connection is lost half-way, nobody knows the outcome', sshd, async (t) => {
  const server = await serveSsh(t);
  const host = hostOf(server);
  // The shell's parent is the process that serves this connection.
  const killed = await run(host, 'echo begun; sleep 0.3; kill -KILL $PPID; sleep 1');
  assert.deepEqual([killed.status, killed.output], ['unknown', 'begun\n']);
  const through = await serveTcp(t, (socket) => {
    const onward = net.connect(server.port, '127.0.0.1').on('error', () => {});
    let bytes = 0;
    onward.on('data', (chunk) => {
      bytes += chunk.length;
      if (bytes > 100_000) socket.resetAndDestroy();
      else socket.write(chunk);
    });
    socket.on('data', (chunk) => onward.write(chunk)).on('close', () => onward.destroy());
  });
  const cut = await run({...host, port: through}, 'head -c 1000000 /dev/zero; sleep 100');
  assert.deepEqual([cut.status, cut.reason], ['unknown', 'connection reset']);
});

test('the way may lead through jump hosts, each of which is verified by its own key', sshd, async (t) => {
  const [bastion, inner] = [await serveSsh(t), await serveSsh(t)];
  const target = hostOf(inner, {jump: 'bastion'});
  const jump = hostOf(bastion, {}, 'bastion');
  const command = 'echo $SSH_CONNECTION';
  const {status, output} = await run([target, jump], command);
  assert.equal(status, 'done');
  assert.equal(output.trim().split(' ').at(-1), String(inner.port), 'it is the inner one that answers');
  const twice = [target, {...jump, jump: 'first'}, hostOf(bastion, {}, 'first')];
  assert.equal((await run(twice, 'true')).status, 'done');
  const reason = async (...hosts: HostConfig[]) => {
    const ending = await run(hosts, 'true');
    assert.equal(ending.status, 'not_started');
    return ending.reason ?? '';
  };
  const pinned = `SHA256:${'A'.repeat(43)}`;
  assert.match(
    await reason(target, {...jump, fingerprint: pinned}),
    /^the jump host 127\.0\.0\.1: the host key is another/,
  );
  assert.match(await reason({...target, fingerprint: pinned}, jump), /^the host key is another one/);
  const closed = await closedPort();
  assert.equal(
    await reason({...target, port: closed}, jump),
    `the jump host 127.0.0.1: it does not connect to 127.0.0.1:${closed}`,
  );
  assert.equal(await reason(target, {...jump, port: closed}), 'the jump host 127.0.0.1: connection refused');
  const connections = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
  await until(async () => connections() === 0);
});

async function isAlive(pid: string): Promise<boolean> {
  return readFile(`/proc/${pid}/stat`).then(
    () => true,
    () => false,
  );
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 5_000;
  while (!(await condition())) {
    if (performance.now() > deadline) assert.fail('not within 5 s');
    await new Promise((resolve) => setImmediate(resolve));
  }
}
