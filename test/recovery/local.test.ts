import assert from 'node:assert/strict';
import {existsSync, mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {systemClock as clock} from '../../src/clock.ts';
import {runHere} from '../../src/recovery/local.ts';

function here(exec: readonly string[], {timeoutMs = 10_000, env = {}} = {}) {
  const {signal, cancel} = clock.deadline(timeoutMs);
  return runHere(exec, env, {signal, clock}).finally(cancel);
}

const sh = (script: string, ...args: string[]) => ['/bin/sh', '-c', script, ...args];

function newFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'vakhta-recovery-'));
  t.after(() => rmSync(folder, {recursive: true, force: true}));
  return folder;
}

test('a program ends with its exit code, or by a signal', async () => {
  assert.deepEqual(await here(['/bin/true']), {status: 'done', exitCode: 0, output: ''});
  const failed = {status: 'failed', exitCode: 7, output: 'out\nerr\n'};
  assert.deepEqual(await here(sh('echo out; sleep 0.1; echo err >&2; exit 7')), failed);
  assert.deepEqual(await here(sh('kill -TERM $$')), {status: 'failed', signal: 'TERM', output: ''});
});

test('no shell reads the arguments', async () => {
  const odd = '$(exit 9); `id` > x | y & "z" *';
  assert.equal((await here(['/bin/echo', odd])).output, `${odd}\n`);
});

test('what cannot be started says why, and certainly did not run', async (t) => {
  const folder = newFolder(t);
  assert.deepEqual(await here(['/no/such/program']), {
    ...{status: 'not_started', output: ''},
    reason: 'there is no program /no/such/program',
  });
  const {status, reason} = await here([folder]);
  assert.deepEqual([status, reason], ['not_started', `${folder} may not be run (EACCES)`]);
});

test('of our own environment, with its secrets, nearly nothing is handed on', async (t) => {
  process.env.VAKHTA_TEST_TOKEN = 'hunter2hunter2';
  t.after(() => delete process.env.VAKHTA_TEST_TOKEN);
  const {output} = await here(['/usr/bin/env'], {env: {SHOP: '7'}});
  const names = output
    .trim()
    .split('\n')
    .map((line) => line.split('=')[0]);
  assert.ok(names.includes('SHOP') && names.includes('PATH'));
  assert.deepEqual(
    names.filter((name) => !['SHOP', 'PATH', 'HOME', 'USER', 'LOGNAME', 'LANG', 'TZ'].includes(name ?? '')),
    [],
  );
});

test('one that hangs is killed at its timeout with all that it has started', async (t) => {
  const pids = join(newFolder(t), 'pids');
  const script = `trap '' TERM; sleep 100 & echo $! > ${pids}; echo before; wait; sleep 100`;
  const {status, output} = await here(sh(script), {timeoutMs: 500});
  assert.deepEqual([status, output], ['timed_out', 'before\n']);
  const pid = readFileSync(pids, 'utf8').trim();
  const deadline = performance.now() + 5_000;
  while (isRunning(pid)) {
    assert.ok(performance.now() < deadline, 'its child runs on');
    await new Promise((resolve) => setImmediate(resolve));
  }
});

test('a service that it starts lives on when it ends', async (t) => {
  const pids = join(newFolder(t), 'pids');
  const {status} = await here(sh(`sleep 100 > /dev/null 2>&1 & echo $! > ${pids}`));
  assert.equal(status, 'done');
  const pid = readFileSync(pids, 'utf8').trim();
  t.after(() => process.kill(Number(pid), 'SIGKILL'));
  assert.ok(isRunning(pid));
});

test('of much output the end is kept', async () => {
  const {output} = await here(sh('seq 1 1000000; exit 1'), {timeoutMs: 30_000});
  assert.ok(output.length <= 4_096);
  assert.match(output, /^\d+\n[\s\S]*\n999999\n1000000\n$/);
});

/** A zombie that nobody has looked after yet has ended. */
function isRunning(pid: string): boolean {
  const stat = `/proc/${pid}/stat`;
  return existsSync(stat) && !/\) [ZX] /.test(readFileSync(stat, 'utf8'));
}
