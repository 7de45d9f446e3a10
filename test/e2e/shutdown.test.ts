import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {readdirSync, readFileSync} from 'node:fs';
import {describe, type TestContext, test} from 'node:test';
import {needs} from '../support/packages.ts';
import type {Vakhta} from '../support/vakhta.ts';
import {
  configWith,
  GROUP,
  program,
  said,
  serve,
  startBrokenApi,
  startTelegram,
  waitForWords,
  watching,
} from './sick-world.ts';

/** Ctrl-C must be done within this. */
const STOP_MS_MAX = 2_000;

/** Ends it as a terminal or a service manager does, and finds it gone in time, with nothing left behind. */
async function assertEndsCleanly(vakhta: Vakhta, signal: 'SIGTERM' | 'SIGINT'): Promise<void> {
  const {pid} = vakhta;
  assert.ok(pid !== undefined);
  const children = childrenOf(pid);
  const began = performance.now();
  assert.equal(await vakhta.stop(signal), 0);
  const took = performance.now() - began;
  assert.ok(took < STOP_MS_MAX, `it took ${Math.round(took)} ms\n${vakhta.output.slice(-2_000)}`);
  for (const child of children)
    assert.throws(() => process.kill(child, 0), /ESRCH/, `process ${child} was left behind`);
}

function childrenOf(pid: number): number[] {
  const stats = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readStat(name));
  return stats.filter((stat) => stat?.parent === pid).map((stat) => stat?.pid ?? 0);
}

/** proc_pid_stat(5): the parent is the second field behind the name in brackets. */
function readStat(name: string): {pid: number; parent: number} | undefined {
  try {
    const fields = readFileSync(`/proc/${name}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ');
    return {pid: Number(name), parent: Number(fields[1])};
  } catch {
    return undefined;
  }
}

async function hangingServer(context: TestContext) {
  let asked = 0;
  const url = await serve(context, () => {
    asked++;
  });
  return {url, asked: () => asked};
}

describe('the end of the program', {concurrency: 8}, () => {
  test('is as clean when SIGTERM comes twice, as from `timeout`', async (context) => {
    const telegram = await startTelegram(context);
    const api = await startBrokenApi(context);
    const vakhta = program(context, telegram, configWith(telegram, {checks: watching(`${api.url}/health`)}));
    const fault = telegram.fault({kind: 'hang', method: 'sendMessage'});
    await vakhta.start();
    await vakhta.waitFor(() => fault.hits > 0, 'a delivery that hangs, which the end waits a second for');
    const {pid} = vakhta;
    assert.ok(pid !== undefined);
    const ended = vakhta.stop('SIGTERM');
    await vakhta.waitFor(() => vakhta.output.includes('stopping'), 'the first signal is heard');
    process.kill(pid, 'SIGTERM');
    assert.equal(await ended, 0);
  });

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    test(`by ${signal} comes within 2 s while a check and a long poll wait for their answers`, async (context) => {
      const telegram = await startTelegram(context);
      const server = await hangingServer(context);
      const checks = `  slow: {type: http, url: '${server.url}/', timeout: 60s}\n`;
      const vakhta = program(context, telegram, configWith(telegram, {checks}));
      await vakhta.start();
      await vakhta.waitFor(() => server.asked() > 0 && telegram.isPolling(), 'a check and a poll under way');
      await assertEndsCleanly(vakhta, signal);
    });
  }

  test('in the middle of a delivery comes within 2 s, and the message is delivered at the next start', async (context) => {
    const telegram = await startTelegram(context);
    const api = await startBrokenApi(context);
    const vakhta = program(context, telegram, configWith(telegram, {checks: watching(`${api.url}/health`)}));
    const fault = telegram.fault({kind: 'hang', method: 'sendMessage'});
    await vakhta.start();
    await vakhta.waitFor(() => fault.hits > 0, 'a delivery that hangs');
    await assertEndsCleanly(vakhta, 'SIGTERM');
    assert.deepEqual(said(telegram), []);
    fault.clear();
    await vakhta.start();
    await waitForWords(telegram, /billing-api is down.*\(repeated\)/s);
    assert.equal(telegram.messages(GROUP).length, 1);
  });

  test('while fping runs leaves no process behind', needs('fping'), async (context) => {
    const telegram = await startTelegram(context);
    // TEST-NET-1 (RFC 5737): nobody answers, so fping waits.
    const checks = '  tills: {type: terminals, addresses: [192.0.2.1], timeout: 30s}\n';
    const vakhta = program(context, telegram, configWith(telegram, {checks}));
    await vakhta.start();
    await vakhta.waitFor(() => childrenOf(vakhta.pid ?? 0).length > 0, 'fping');
    await assertEndsCleanly(vakhta, 'SIGTERM');
  });

  test('is as quick when Telegram cannot be reached at all', async (context) => {
    const telegram = await startTelegram(context);
    telegram.outage(true);
    const vakhta = program(context, telegram, configWith(telegram, {checks: watching('http://127.0.0.1:1/')}));
    await vakhta.start();
    await vakhta.waitFor(() => vakhta.output.includes('not delivered yet'), 'a delivery that failed');
    await assertEndsCleanly(vakhta, 'SIGTERM');
  });

  test('leaves databases that another program can open', async (context) => {
    const telegram = await startTelegram(context);
    const api = await startBrokenApi(context);
    const vakhta = program(context, telegram, configWith(telegram, {checks: watching(`${api.url}/health`)}));
    await vakhta.start();
    await waitForWords(telegram, /billing-api is down/);
    await assertEndsCleanly(vakhta, 'SIGTERM');
    // A clean stop leaves no write-ahead log.
    assert.deepEqual(readdirSync(`${vakhta.folder}/data`).sort(), ['history.db', 'lock.db', 'state.db']);
    const query = `console.log(new (require('node:sqlite').DatabaseSync)('history.db').prepare('SELECT count(*) AS n FROM raw').get().n)`;
    const rows = Number(
      execFileSync(process.execPath, ['-e', query], {cwd: `${vakhta.folder}/data`, encoding: 'utf8'}),
    );
    assert.ok(rows >= 1);
  });
});
