import assert from 'node:assert/strict';
import {chmod, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {systemClock} from '../../src/clock.ts';
import {runProcess} from '../../src/reach/process-group.ts';
import {createFolder} from '../config/folder.ts';
import {needs} from '../support/packages.ts';
import {closedPort, runOnce, serveHttp, serveTcp, verdict} from './servers.ts';

const sh = (script: string) => ({command: script, shell: true});

async function temporary(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'vakhta-plugin-'));
  t.after(() => rm(folder, {recursive: true, force: true}));
  return folder;
}

/** Whether a process is there and no zombie. */
async function lives(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat !== '' && !/\) [ZX] /.test(stat);
}

async function pidIn(file: string): Promise<number> {
  return Number(await readFile(file, 'utf8'));
}

test('the exit code decides, never the text', async () => {
  const rows: readonly [string, Record<string, unknown>, string, string][] = [
    ['echo CRITICAL; exit 0', {}, 'ok', ''],
    ['echo slow; exit 1', {}, 'ok', 'slow'],
    ['echo slow; exit 1', {warning_is: 'failed'}, 'failed', 'slow'],
    ['echo OK; exit 2', {}, 'failed', 'OK'],
    ['exit 2', {}, 'failed', 'CRITICAL'],
    ['echo what; exit 3', {}, 'inconclusive', 'what'],
    ['echo what; exit 3', {unknown_is: 'failed'}, 'failed', 'what'],
    ['echo what; exit 3', {unknown_is: 'ok'}, 'ok', 'what'],
    ['echo odd; exit 4', {}, 'inconclusive', 'exit code 4: odd'],
    ['exit 255', {}, 'inconclusive', 'exit code 255: it said nothing'],
    ['echo bad >&2; exit 2', {}, 'failed', 'bad'],
    ['kill -SEGV $$', {}, 'inconclusive', 'ended by SIGSEGV: it said nothing'],
  ];
  for (const [script, given, result, reason] of rows) {
    assert.deepEqual(await verdict('plugin', {...sh(script), ...given}), {result, reason}, script);
  }
});

test('perfdata go to the history, under names without odd characters', async () => {
  const [observation] = await runOnce('plugin', sh(`echo "OK | 'used on /var'=80%;90;95 time=0.25s bad=1,5"`));
  assert.deepEqual(observation?.values, {'used_on_/var': 80, time: 0.25});
});

test('own ranges count where they are worse than the exit code', async () => {
  const at = (ranges: unknown, code = 0) =>
    verdict('plugin', {...sh(`echo "all well | time=3s"; exit ${code}`), ranges});
  assert.deepEqual(await at({time: {crit: 2}}), {result: 'failed', reason: 'time is 3s, outside 2 (critical)'});
  assert.deepEqual(await at({time: {warn: 2, crit: 5}}), {result: 'ok', reason: 'time is 3s, outside 2 (warning)'});
  assert.deepEqual(await at({time: {warn: 5, crit: '@2:4'}}), {
    result: 'failed',
    reason: 'time is 3s, inside 2:4 (critical)',
  });
  assert.deepEqual(await at({time: {warn: 5}}), {result: 'ok', reason: ''});
  assert.deepEqual(await at({time: {warn: 2}}, 2), {result: 'failed', reason: 'all well'});
  assert.deepEqual(await at({other: {warn: 2}}), {
    result: 'inconclusive',
    reason: 'the plugin printed no value of other',
  });
});

test('a command without a shell expands nothing', async () => {
  assert.equal((await verdict('plugin', {command: `sh -c 'echo "$1"; exit 2' x '$HOME *'`})).reason, '$HOME *');
  assert.equal((await verdict('plugin', {command: ['sh', '-c', 'echo "$1"; exit 2', 'x', '> a']})).reason, '> a');
});

test('a plugin that cannot start has failed', async (t) => {
  const folder = await temporary(t);
  await writeFile(join(folder, 'plain'), 'no program');
  const reason = async (given: Record<string, unknown>) => {
    const found = await verdict('plugin', given);
    assert.equal(found.result, 'failed');
    return found.reason;
  };
  assert.match(await reason({command: 'no_such_plugin'}), /^no_such_plugin did not start: there is no such program/);
  assert.match(await reason({command: join(folder, 'plain')}), /may not be run \(EACCES\)/);
  assert.match(await reason({command: 'true', cwd: join(folder, 'missing')}), /no folder .*missing/);
});

test('a plugin runs in cwd and sees only the environment that is meant for it', async (t) => {
  const folder = await temporary(t);
  const before = {...process.env};
  Object.assign(process.env, {TELEGRAM_BOT_TOKEN: '1:secret', NODE_COMPILE_CACHE: '/x', MALLOC_ARENA_MAX: '2'});
  t.after(() => {
    process.env = before;
  });
  const given = {...sh('env | cut -d= -f1 | sort | tr "\\n" " "; exit 2'), env: {PRINTER: 'till'}, cwd: folder};
  const {reason} = await verdict('plugin', given);
  const names = reason
    .trim()
    .split(' ')
    .filter((name) => !['HOME', 'USER', 'LOGNAME', 'TZ', '_', 'SHLVL', 'OLDPWD'].includes(name));
  assert.deepEqual(names, ['LC_ALL', 'PATH', 'PRINTER', 'PWD']);
  assert.equal((await verdict('plugin', {...sh('pwd; exit 2'), cwd: folder})).reason, folder);
});

test('a plugin that ignores SIGTERM, and all that it started, is dead after its timeout', async (t) => {
  const folder = await temporary(t);
  const script = `trap '' TERM; (trap '' TERM; echo $BASHPID > ${folder}/b; while :; do sleep 1; done) & echo $$ > ${folder}/a; wait; sleep 100`;
  const began = performance.now();
  assert.deepEqual(await verdict('plugin', {command: ['bash', '-c', script]}, {timeoutMs: 1_000}), {
    result: 'failed',
    reason: 'no answer within 1 s',
  });
  assert.ok(performance.now() - began < 2_900);
  for (const file of ['a', 'b']) assert.equal(await lives(await pidIn(join(folder, file))), false, file);
});

test('a plugin that is told to stop at shutdown is gone with its children', async (t) => {
  const folder = await temporary(t);
  const stopping = new AbortController();
  const run = runOnce('plugin', sh(`sleep 100 & echo $! > ${folder}/a; echo $$ > ${folder}/b; wait`), {
    signal: stopping.signal,
  });
  while (!(await readFile(join(folder, 'b'), 'utf8').catch(() => '')))
    await new Promise((resolve) => setImmediate(resolve));
  stopping.abort();
  assert.deepEqual(await run, []);
  for (const file of ['a', 'b']) assert.equal(await lives(await pidIn(join(folder, file))), false, file);
});

test('what a plugin leaves running is ended with it, also if it holds the output', async (t) => {
  const folder = await temporary(t);
  const began = performance.now();
  assert.equal((await verdict('plugin', sh(`sleep 100 & echo $! > ${folder}/a; echo gone; exit 2`))).reason, 'gone');
  assert.equal(
    (await verdict('plugin', sh(`sleep 100 >/dev/null 2>&1 & echo $! > ${folder}/b; echo gone; exit 2`))).reason,
    'gone',
  );
  for (const file of ['a', 'b']) {
    const pid = await pidIn(join(folder, file));
    // The signal is sent by then; the kernel takes its moment to carry it out.
    while ((await lives(pid)) && performance.now() - began < 2_000)
      await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(await lives(pid), false, file);
  }
  assert.ok(performance.now() - began < 2_000);
});

test('a child that left the process group does not hold the check up', async (t) => {
  const folder = await temporary(t);
  const began = performance.now();
  const {reason} = await verdict('plugin', sh(`setsid sleep 5 & echo $! > ${folder}/a; echo gone; exit 2`));
  assert.equal(reason, 'gone');
  assert.ok(performance.now() - began < 2_000);
});

test('100 MB of output are read, and dropped past the first 64 KiB', async () => {
  const script = 'echo first line; head -c 100000000 /dev/zero; head -c 1000000 /dev/zero >&2; exit 2';
  const signal = new AbortController().signal;
  const command = {program: 'sh', args: ['-c', script], cwd: '/', env: {PATH: process.env.PATH ?? ''}};
  const ended = await runProcess(command, {signal, clock: systemClock});
  assert.deepEqual([ended.code, ended.stdout.length, ended.stderr.length], [2, 65_536, 65_536]);
  assert.equal((await verdict('plugin', sh(script))).reason, 'first line');
  assert.equal((await verdict('plugin', sh('head -c 1000000 /dev/zero | tr "\\0" x; exit 2'))).reason.length, 200);
});

test('wrong options are config errors with their place', (t) => {
  const folder = createFolder(t);
  const problems = (body: string) => folder.problems(`checks:\n  p:\n    type: plugin\n${body}`);
  assert.deepEqual(problems('    command: a | b\n'), [
    'config.yaml:4:14 checks.p.command: expected a command without |, as no shell reads it, got "a | b"; quote it, or add shell: true',
  ]);
  assert.deepEqual(problems('    command: a\n    ranges: {time: {warn: "20:10"}}\n'), [
    'config.yaml:5:27 checks.p.ranges.time.warn: expected a range that starts below its end, got "20:10"; 20:10 ends before it starts',
  ]);
  assert.match(problems('    command: [a]\n    shell: true\n').join(), /:4:14 .*expected one text for the shell/);
  assert.match(problems('    command: a\n    rangs: {}\n').join(), /:5:5 .*unknown key; did you mean ranges\?/);
  assert.deepEqual(problems('    command: a\n    ranges: {time: {crit: 10}}\n'), []);
});

const debian = needs('check_dummy');

test("Debian's check_dummy is read by its exit code", debian, async () => {
  const results = await Promise.all(
    [0, 1, 2, 3].map((code) => verdict('plugin', {command: `check_dummy ${code} well|a=1`.replace('|', "'|'")})),
  );
  assert.deepEqual(
    results.map(({result}) => result),
    ['ok', 'ok', 'failed', 'inconclusive'],
  );
  assert.deepEqual(
    results.map(({reason}) => reason),
    ['', 'WARNING: well', 'CRITICAL: well', 'UNKNOWN: well'],
  );
});

test("Debian's check_disk and check_load give values", debian, async () => {
  const [disk] = await runOnce('plugin', {command: 'check_disk -w 1% -c 1% -p /'});
  assert.ok((disk?.values?.['/'] ?? 0) > 1e6);
  const [load] = await runOnce('plugin', {command: 'check_load -w 900,900,900 -c 999,999,999'});
  assert.deepEqual(Object.keys(load?.values ?? {}), ['load1', 'load5', 'load15']);
});

test("Debian's check_tcp and check_http tell a server that is there from one that is not", debian, async (t) => {
  const port = await serveTcp(t, (socket) => socket.end());
  assert.equal((await verdict('plugin', {command: `check_tcp -H 127.0.0.1 -p ${port}`})).result, 'ok');
  const closed = await verdict('plugin', {command: `check_tcp -H 127.0.0.1 -p ${await closedPort()}`});
  assert.equal(closed.result, 'failed');
  assert.match(closed.reason, /refused/);
  const {port: web} = new URL(await serveHttp(t, (_, response) => response.writeHead(500).end()));
  const http = await verdict('plugin', {command: `check_http -H 127.0.0.1 -p ${web}`});
  assert.deepEqual([http.result, http.reason.startsWith('HTTP CRITICAL: HTTP/1.1 500')], ['failed', true]);
});

test('a plugin of the user’s own is found by its path', async (t) => {
  const folder = await temporary(t);
  await writeFile(join(folder, 'check it'), '#!/bin/sh\necho "$1"; exit 2\n');
  await chmod(join(folder, 'check it'), 0o755);
  assert.equal((await verdict('plugin', {command: `"${folder}/check it" 'a b'`})).reason, 'a b');
  assert.equal((await verdict('plugin', {command: ['./check it', 'x'], cwd: folder})).reason, 'x');
});
