import assert from 'node:assert/strict';
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {chmod, copyFile, mkdtemp, readFile, rm, statfs, utimes, writeFile} from 'node:fs/promises';
import {loadavg, tmpdir} from 'node:os';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {localMounts} from '../../src/checks/system-disks.ts';
import {cpuPercent} from '../../src/checks/system-memory.ts';
import {createFolder} from '../config/folder.ts';
import {runOnce, verdict} from './servers.ts';

async function temporary(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'vakhta-system-'));
  t.after(() => rm(folder, {recursive: true, force: true}));
  return folder;
}

async function start(t: TestContext, program: string, args: readonly string[]): Promise<ChildProcess> {
  const child = spawn(program, args, {stdio: 'ignore'});
  t.after(() => child.kill('SIGKILL'));
  await once(child, 'spawn');
  return child;
}

/** Puts a program of this name first on the PATH. */
async function fake(t: TestContext, name: string, script: string): Promise<void> {
  const folder = await temporary(t);
  await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`);
  await chmod(join(folder, name), 0o755);
  const path = process.env.PATH;
  process.env.PATH = `${folder}:${path}`;
  t.after(() => {
    process.env.PATH = path;
  });
}

async function isZombieParent({pid}: ChildProcess): Promise<boolean> {
  const child = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim();
  return child !== '' && / Z /.test(await readFile(`/proc/${child}/stat`, 'utf8'));
}

test('processors, load, memory and uptime are measured, and only what is mentioned', async () => {
  const expect = [
    'cpu_percent >= 0 && cpu_percent <= 100',
    'load1 >= 0 && cpus > 0',
    'mem_percent > 0 && uptime_s > 0',
  ];
  const [observation] = await runOnce('system', {expect});
  assert.deepEqual([observation?.result, observation?.reason], ['ok', '']);
  const values = observation?.values ?? {};
  assert.deepEqual(Object.keys(values).sort(), [
    'cpu_percent',
    'load1',
    'load15',
    'load5',
    'mem_percent',
    'swap_percent',
    'uptime_s',
  ]);
  assert.ok(Math.abs((values.load5 ?? 99) - (loadavg()[1] ?? -99)) < 1);
  const [other] = await runOnce('system', {expect: ['uptime_s > 0']});
  assert.deepEqual(Object.keys(other?.values ?? {}), ['uptime_s']);
});

test('what does not hold is told with its value', async () => {
  const {result, reason} = await verdict('system', {expect: ['mem_percent < 0']});
  assert.equal(result, 'failed');
  assert.match(reason, /^mem_percent < 0: it is \d/);
});

test('the share of busy time lies between nothing and everything', () => {
  assert.equal(cpuPercent({busy: 100, all: 1000}, {busy: 150, all: 1100}), 50);
  assert.equal(cpuPercent({busy: 100, all: 1000}, {busy: 100, all: 1000}), 0);
  assert.equal(cpuPercent({busy: 100, all: 1000}, {busy: 90, all: 1010}), 0);
  assert.equal(cpuPercent({busy: 100, all: 1000}, {busy: 120, all: 1010}), 100);
});

test('disks and inodes are as full as df says', async () => {
  const {blocks, bfree, bavail} = await statfs('/');
  const [observation] = await runOnce('system', {
    disk: ['/', '/tmp'],
    expect: ['disk_percent["/"] >= 0', 'inode_percent["/tmp"] >= 0'],
  });
  assert.equal(observation?.reason, '');
  const used = (100 * (blocks - bfree)) / (blocks - bfree + bavail);
  assert.ok(Math.abs((observation?.values?.['disk_percent:/'] ?? -99) - used) < 2);
  assert.deepEqual(Object.keys(observation?.values ?? {}), [
    'disk_percent:/',
    'disk_percent:/tmp',
    'inode_percent:/',
    'inode_percent:/tmp',
  ]);
});

test('all local disks are those of mounted devices', async () => {
  const mounts = await localMounts();
  assert.ok(!mounts.includes('/proc') && !mounts.includes('/dev/shm'));
  const [observation] = await runOnce('system', {
    disk: 'all',
    expect: ['disk_percent.all(path, disk_percent[path] <= 100)'],
  });
  const names = Object.keys(observation?.values ?? {}).filter((name) => name.startsWith('disk_percent:'));
  assert.deepEqual(
    names,
    mounts.map((path) => `disk_percent:${path}`),
  );
  assert.equal(observation?.reason, '');
});

test('a folder that is not there fails the check', async () => {
  assert.deepEqual(await verdict('system', {disk: ['/no/such/folder']}), {
    result: 'failed',
    reason: '/no/such/folder: there is no such folder',
  });
});

test('processes are counted by program, long name and script, and zombies are not', async (t) => {
  const folder = await temporary(t);
  await copyFile('/bin/sleep', join(folder, 'vakhta-till'));
  await copyFile('/bin/sleep', join(folder, 'vakhta-till-with-a-long-name'));
  await writeFile(join(folder, 'vakhta-queue.py'), 'kill -STOP $$\n');
  await start(t, join(folder, 'vakhta-till'), ['100']);
  await start(t, join(folder, 'vakhta-till'), ['100']);
  await start(t, join(folder, 'vakhta-till-with-a-long-name'), ['100']);
  const script = await start(t, '/bin/sh', [join(folder, 'vakhta-queue.py')]);
  await copyFile('/bin/true', join(folder, 'vakhta-zombie'));
  // `exec sleep` leaves the finished child to a parent that never waits.
  const parent = await start(t, '/bin/sh', ['-c', `${folder}/vakhta-zombie & exec sleep 100`]);
  while (!(await isZombieParent(parent))) await new Promise((resolve) => setImmediate(resolve));
  const names = ['vakhta-till', 'vakhta-till-with-a-long-name', 'vakhta-queue.py', 'vakhta-zombie', 'vakhta-nobody'];
  const [observation] = await runOnce('system', {process: names});
  const counts = names.map((name) => observation?.values?.[`process_count:${name}`]);
  assert.deepEqual(counts, [2, 1, 1, 0, 0]);
  assert.equal(observation?.reason, 'no process vakhta-zombie is running');
  script.kill('SIGKILL');
  await once(script, 'exit');
  assert.equal((await verdict('system', {process: ['vakhta-queue.py']})).result, 'failed');
});

test('units are asked of systemctl, all in one call', async (t) => {
  const folder = await temporary(t);
  // As systemd 252 prints it.
  await fake(
    t,
    'systemctl',
    `echo "$@" > ${folder}/args
printf 'LoadState=loaded\\nActiveState=active\\n\\nLoadState=loaded\\nActiveState=failed\\n\\nLoadState=not-found\\nActiveState=inactive\\n'`,
  );
  const unit = ['ssh.service', 'shop.service', 'nothing'];
  assert.deepEqual(await verdict('system', {unit}), {result: 'failed', reason: 'shop.service is failed'});
  assert.equal(
    (await readFile(join(folder, 'args'), 'utf8')).trim(),
    `show --property=LoadState,ActiveState -- ${unit.join(' ')}`,
  );
  assert.deepEqual(await verdict('system', {unit, expect: ['unit_state["nothing"] == "active"']}), {
    result: 'failed',
    reason: 'unit_state["nothing"] == "active": it is "not-found"',
  });
});

test('where systemd does not run, or is not installed, the reason says so', async (t) => {
  const path = process.env.PATH;
  await fake(
    t,
    'systemctl',
    `echo "System has not been booted with systemd as init system (PID 1). Can't operate." >&2; exit 1`,
  );
  assert.match((await verdict('system', {unit: ['a']})).reason, /^systemctl: System has not been booted with systemd/);
  process.env.PATH = '/nowhere';
  t.after(() => {
    process.env.PATH = path;
  });
  assert.equal(
    (await verdict('system', {unit: ['a']})).reason,
    'systemctl: it is not installed, as there is no systemd',
  );
});

test('a systemctl that hangs is killed at the timeout', async (t) => {
  await fake(t, 'systemctl', 'exec sleep 100');
  assert.deepEqual(await verdict('system', {unit: ['a']}, {timeoutMs: 100}), {
    result: 'failed',
    reason: 'no answer within 0.1 s',
  });
});

test("a file's age and size are measured, of a pattern the newest file's", async (t) => {
  const folder = await temporary(t);
  const hourAgo = Date.now() / 1000 - 3600;
  for (const [name, age] of [
    ['shop-1.gz', 100],
    ['shop-2.gz', 0],
    ['shop-3.gz', 50],
    ['.shop-4.gz', -10],
  ] as const) {
    await writeFile(join(folder, name), name.padEnd(20 + age));
    await utimes(join(folder, name), hourAgo - age, hourAgo - age);
  }
  const newest = join(folder, 'shop-*.gz');
  const one = join(folder, 'shop-1.gz');
  const [observation] = await runOnce('system', {
    file: [newest, one],
    expect: [`file_age_s["${newest}"] < 3700`, `file_bytes["${one}"] == 120.0`],
  });
  assert.equal(observation?.reason, '');
  assert.ok(Math.abs((observation?.values?.[`file_age_s:${newest}`] ?? 0) - 3600) < 60);
  assert.equal(observation?.values?.[`file_bytes:${newest}`], 20);
});

test('a file that is missing fails the check, unless its absence is asked for', async (t) => {
  const missing = join(await temporary(t), 'gone');
  const reason = `${missing}: there is no such file`;
  assert.deepEqual(await verdict('system', {file: [missing]}), {result: 'failed', reason});
  assert.deepEqual(await verdict('system', {file: [missing], expect: [`file_age_s["${missing}"] < 5`]}), {
    result: 'failed',
    reason,
  });
  assert.equal(
    (await verdict('system', {file: [`${missing}/*.sql`]})).reason,
    `${missing}/*.sql: there is no such file`,
  );
  assert.equal((await verdict('system', {file: [missing], expect: [`!file_exists["${missing}"]`]})).result, 'ok');
});

test('wrong options are config errors with their place', (t) => {
  const folder = createFolder(t);
  const problems = (body: string) => folder.problems(`checks:\n  s:\n    type: system\n${body}`);
  assert.match(problems('').join(), /:3:5 checks\.s: expected something to look at, found nothing; add disk/);
  assert.deepEqual(problems(`    disk: [/]\n    expect: ['disk_percent["/vra"] < 90']\n`), [
    'config.yaml:5:14 checks.s.expect[0]: expected what is listed under disk in disk_percent[…], got "disk_percent[\\"/vra\\"] < 90"; "/vra" is not, so add it to disk, or mend it',
  ]);
  assert.match(problems(`    expect: ['memory < 90']\n`).join(), /:4:14 .*unknown variable: memory/);
  assert.match(problems('    file: [backup]\n').join(), /:4:12 .*expected an absolute path/);
  assert.match(problems('    file: [/a*/b]\n').join(), /last part of the path only/);
  assert.deepEqual(problems('    disk: all\n'), []);
});
