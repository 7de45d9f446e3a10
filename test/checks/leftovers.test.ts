import assert from 'node:assert/strict';
import {chmod, mkdtemp, readdir, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test} from 'node:test';
import {runOnce, serveTcp, stoppedServer} from './servers.ts';

const RUNS = 200;
const run = {timeoutMs: 60};

/** Runs a check until it has timed out 200 times, 50 at once, and says what this process holds more than before. */
async function leftAfterTimeouts(kind: string, given: Record<string, unknown>, runs = RUNS) {
  const reasons = new Set<string | undefined>();
  const round = async () => {
    const results = await Promise.all(Array.from({length: Math.min(50, runs)}, () => runOnce(kind, given, run)));
    for (const [observation] of results) reasons.add(observation?.reason);
  };
  await round();
  const before = await holdings();
  for (let done = 0; done < runs; done += 50) await round();
  const deadline = performance.now() + 5_000;
  for (;;) {
    const after = await holdings();
    const left = {
      files: after.files - before.files,
      children: after.children - before.children,
      timers: after.timers - before.timers,
    };
    if ((left.files <= 0 && left.children <= 0 && left.timers <= 0) || performance.now() > deadline)
      return {left, reasons};
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function holdings() {
  const resources = process.getActiveResourcesInfo();
  const count = (name: string) => resources.filter((resource) => resource === name).length;
  return {files: (await readdir('/proc/self/fd')).length, children: count('ProcessWrap'), timers: count('Timeout')};
}

function assertNothingLeft({left, reasons}: Awaited<ReturnType<typeof leftAfterTimeouts>>): void {
  assert.deepEqual([...reasons], ['no answer within 0.06 s']);
  assert.deepEqual([left.files <= 0, left.children <= 0, left.timers <= 0], [true, true, true], JSON.stringify(left));
}

test('200 HTTP timeouts on a silent server leave nothing behind', async (t) => {
  const port = await serveTcp(t, (socket) => socket.resume());
  assertNothingLeft(await leftAfterTimeouts('http', {url: `http://127.0.0.1:${port}`}));
});

test('200 timeouts of a TLS handshake leave nothing behind', async (t) => {
  const port = await serveTcp(t, (socket) => socket.resume());
  assertNothingLeft(await leftAfterTimeouts('http', {url: `https://127.0.0.1:${port}`}));
});

test('200 timeouts while connecting leave nothing behind', async (t) => {
  const port = await stoppedServer(t);
  assertNothingLeft(await leftAfterTimeouts('http', {url: `http://127.0.0.1:${port}`}));
  const talk = {host: '127.0.0.1', port, send: 'STATUS\n'};
  assertNothingLeft(await leftAfterTimeouts('socket', talk));
});

test('200 timeouts of a socket whose peer drips leave nothing behind', async (t) => {
  const port = await serveTcp(t, (socket) => {
    const timer = setInterval(() => socket.write('x'), 5);
    socket.resume().on('close', () => clearInterval(timer));
  });
  assertNothingLeft(await leftAfterTimeouts('socket', {host: '127.0.0.1', port, send_hex: '00'}));
});

test('timeouts of fping leave no process behind', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'vakhta-'));
  await writeFile(join(folder, 'fping'), '#!/bin/sh\nexec sleep 100\n');
  await chmod(join(folder, 'fping'), 0o755);
  const path = process.env.PATH;
  process.env.PATH = `${folder}:${path}`;
  t.after(() => {
    process.env.PATH = path;
    return rm(folder, {recursive: true});
  });
  assertNothingLeft(await leftAfterTimeouts('terminals', {addresses: ['127.0.0.1']}, 20));
});
