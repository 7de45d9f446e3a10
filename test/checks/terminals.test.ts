import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {chmod, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {kinds} from '../../src/checks/index.ts';
import {needs} from '../support/packages.ts';
import {closedPort, runOnce, serveTcp, stoppedServer} from './servers.ts';

const KIND = 'terminals';
const needsFping = needs('fping');
const needsSpace = needs('ip').skip || needs.root.skip || needsFping.skip;

test('1,000 addresses are pinged by one process, each with a result of its own', needsFping, async (t) => {
  const calls = await countCalls(t);
  const addresses = ['127.9.0.0/22', '::1'];
  const observations = await runOnce(KIND, {addresses}, {timeoutMs: 10_000});
  assert.equal(observations.length, 1_023);
  assert.deepEqual([...new Set(observations.map(({result, reason}) => `${result} ${reason}`))], ['ok ']);
  assert.equal(new Set(observations.map(({target}) => target)).size, 1_023);
  const last = observations.at(-1);
  assert.equal(last?.values?.loss_percent, 0);
  assert.ok((last?.values?.rtt_ms ?? -1) > 0);
  assert.equal(await calls(), 1);
});

test('a name is looked up, and one that does not exist has failed', needsFping, async () => {
  const observations = await runOnce(KIND, {addresses: ['localhost Here', 'no-such-host.invalid', '127.0.0.1']});
  const reasons = new Map(observations.map(({target, reason}) => [target, reason]));
  assert.equal(reasons.get('localhost'), '');
  assert.equal(reasons.get('127.0.0.1'), '');
  assert.match(reasons.get('no-such-host.invalid') ?? '', /^DNS: .*no-such-host\.invalid$/);
});

test('an address that does not answer has failed, and the others have not', {skip: needsSpace}, async (t) => {
  const space = makeNetworkSpace(t);
  if (!space) return t.skip('this machine allows no network namespaces');
  const program = `
    import {runOnce} from ${JSON.stringify(join(import.meta.dirname, 'servers.ts'))};
    const run = {timeoutMs: 1000};
    console.log(JSON.stringify(await runOnce('terminals', {addresses: ['127.0.0.1', '192.0.2.1', '192.0.2.129', '2001:db8::1']}, run)));
    process.exit();`;
  const {stdout, stderr} = spawnSync(
    'ip',
    ['netns', 'exec', space, process.execPath, '--input-type=module', '-e', program],
    {
      encoding: 'utf8',
    },
  );
  assert.equal(stderr, '');
  const observations: {target: string; result: string; reason: string}[] = JSON.parse(stdout);
  assert.deepEqual(
    observations.map(({target, result, reason}) => `${target} ${result} ${reason.replace(/[\d.]+ s$/, 'N s')}`),
    [
      '127.0.0.1 ok ',
      '192.0.2.1 ok ',
      '192.0.2.129 failed no answer to a ping within N s',
      '2001:db8::1 failed no answer to a ping within N s',
    ],
  );
});

test('without fping every target says what to install', async (t) => {
  usePath(t, await makeFolder(t));
  const observations = await runOnce(KIND, {addresses: ['127.0.0.1', '127.0.0.2']});
  assert.deepEqual(
    observations.map(({target, result, reason}) => [target, result, reason]),
    ['127.0.0.1', '127.0.0.2'].map((target) => [
      target,
      'failed',
      'fping is not installed: install it (apt-get install fping) or give tcp: PORT',
    ]),
  );
});

test('fping without the right to send ICMP says what to do', async (t) => {
  usePath(t, await fakeFping(t, 'exit 4'));
  const [observation] = await runOnce(KIND, {addresses: ['127.0.0.1']});
  assert.match(observation?.reason ?? '', /^fping may not send ICMP: as root, setcap/);
});

test('fping that fails in another way is quoted', async (t) => {
  usePath(t, await fakeFping(t, 'echo "127.0.0.1 : 0.5" >&2; echo "fping: something new" >&2; exit 3'));
  const observations = await runOnce(KIND, {addresses: ['127.0.0.1', '127.0.0.2']});
  assert.deepEqual(
    observations.map(({reason}) => reason),
    ['', 'fping failed (exit code 3): fping: something new'],
  );
});

test('fping that hangs and ignores SIGTERM is killed at the timeout', async (t) => {
  const folder = await makeFolder(t);
  usePath(t, await fakeFping(t, `trap '' TERM; echo $$ > ${folder}/pid; while :; do :; done`));
  const observations = await runOnce(KIND, {addresses: ['127.0.0.1']}, {timeoutMs: 200});
  assert.deepEqual(
    observations.map(({result, reason}) => [result, reason]),
    [['failed', 'no answer within 0.2 s']],
  );
  const pid = Number(await readFile(join(folder, 'pid'), 'utf8'));
  assert.ok(pid > 1);
  assert.throws(() => process.kill(pid, 0), {code: 'ESRCH'});
});

test('with tcp: a connection is made to each address', async (t) => {
  const port = await serveTcp(t, () => {}, '0.0.0.0');
  const observations = await runOnce(KIND, {addresses: ['127.8.0.0/23', 'no-such-host.invalid'], tcp: port});
  assert.equal(observations.length, 511);
  assert.equal(observations.filter(({result}) => result === 'ok').length, 510);
  assert.match(observations.find(({result}) => result === 'failed')?.reason ?? '', /^DNS: /);
  const refused = await runOnce(KIND, {addresses: ['127.0.0.1'], tcp: await closedPort()});
  assert.deepEqual([refused[0]?.reason, refused[0]?.values], ['connection refused', {loss_percent: 100}]);
});

test('an address that there was no time for is inconclusive, not failed', async (t) => {
  const port = await stoppedServer(t);
  const addresses = Array.from({length: 300}, (_, i) => `127.7.${i >> 8}.${i & 255}`);
  const observations = await runOnce(KIND, {addresses, tcp: port}, {timeoutMs: 300});
  const failed = observations.filter(({result}) => result === 'failed');
  const untried = observations.filter(({result}) => result === 'inconclusive');
  assert.equal(observations.length, 300);
  assert.ok(failed.length >= 250);
  assert.ok(failed.every(({reason}) => reason === 'no answer within 0.3 s'));
  assert.ok(untried.every(({reason}) => reason === 'not reached in time: 300 addresses need a longer timeout'));
});

test('only the targets asked for are looked at in a retry', async (t) => {
  let connections = 0;
  const port = await serveTcp(t, () => connections++);
  const addresses = ['127.0.0.1', '127.6.6.6'];
  const observations = await runOnce(KIND, {addresses, tcp: port}, {attempts: 3});
  assert.deepEqual(
    observations.map(({target, result}) => `${target} ${result}`),
    ['127.0.0.1 ok', '127.6.6.6 failed'],
  );
  assert.equal(connections, 1);
});

for (const [given, path, message] of [
  [{}, '', /expected file or addresses, got neither/],
  [{file: 'ips.txt', addresses: ['10.0.0.1']}, 'addresses', /either file or addresses/],
  [{addresses: ['10.0.0.1', '10.0.0.300']}, 'addresses.1', /got "10.0.0.300"/],
  [{addresses: ['10.0.0.1', {address: '10.0.0.1'}]}, 'addresses.1', /10.0.0.1 again/],
  [{addresses: ['']}, 'addresses.0', /expected an address, got none/],
  [{addresses: ['10.0.0.1'], alert_when: '0%'}, 'alert_when', /expected any, a number of targets such as 5/],
] as const) {
  test(`the config refuses ${JSON.stringify(given)}`, () => {
    const {error} = kinds.get(KIND)?.options.safeParse(given) ?? {};
    assert.equal(error?.issues[0]?.path.join('.'), path);
    assert.match(error?.issues[0]?.message ?? '', message);
  });
}

test('targets and alert_when are told to the config', () => {
  const kind = kinds.get(KIND);
  const options = (alert_when: unknown) => kind?.options.parse({addresses: ['10.0.0.1 Till'], alert_when});
  assert.deepEqual(kind?.targets?.(options(5)), [{address: '10.0.0.1', label: 'Till'}]);
  assert.deepEqual(kind?.alertWhen?.(options(5)), {kind: 'count', count: 5});
  assert.deepEqual(kind?.alertWhen?.(options('10%')), {kind: 'percent', percent: 10});
  assert.deepEqual(kind?.alertWhen?.(options('any')), {kind: 'count', count: 1});
  assert.deepEqual(kind?.addressList, {from: 'file', into: 'addresses'});
});

async function makeFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'vakhta-'));
  t.after(() => rm(folder, {recursive: true}));
  return folder;
}

/** A folder with a shell script called fping in it. */
async function fakeFping(t: TestContext, script: string): Promise<string> {
  const folder = await makeFolder(t);
  await writeFile(join(folder, 'fping'), `#!/bin/sh\n${script}\n`);
  await chmod(join(folder, 'fping'), 0o755);
  return folder;
}

function usePath(t: TestContext, path: string): void {
  const before = process.env.PATH;
  process.env.PATH = path;
  t.after(() => {
    process.env.PATH = before;
  });
}

/** Puts a counter in front of the real fping. */
async function countCalls(t: TestContext): Promise<() => Promise<number>> {
  const real = spawnSync('sh', ['-c', 'command -v fping'], {encoding: 'utf8'}).stdout.trim();
  const log = join(await makeFolder(t), 'calls');
  usePath(t, `${await fakeFping(t, `echo call >> ${log}; exec ${real} "$@"`)}:${process.env.PATH}`);
  return async () => (await readFile(log, 'utf8')).trim().split('\n').length;
}

/** A network of its own, in which half of 192.0.2.0/24 answers and half is a black hole; undefined without the right to. */
function makeNetworkSpace(t: TestContext): string | undefined {
  const name = `vakhta-${process.pid}`;
  const ip = (...args: string[]) => spawnSync('ip', args).status === 0;
  if (!ip('netns', 'add', name)) return undefined;
  t.after(() => ip('netns', 'delete', name));
  const inside = (...args: string[]) => ip('-n', name, ...args);
  const made =
    inside('link', 'set', 'lo', 'up') &&
    inside('route', 'add', 'local', '192.0.2.0/25', 'dev', 'lo') &&
    inside('route', 'add', 'blackhole', '192.0.2.128/25');
  return made ? name : undefined;
}
