import assert from 'node:assert/strict';
import {readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, test} from 'node:test';
import {serveTcp} from '../checks/servers.ts';
import {needs} from '../support/packages.ts';
import {
  assertNoViolations,
  BORIS,
  configWith,
  GROUP,
  mountSmallDisk,
  program,
  said,
  serve,
  startBrokenApi,
  startTelegram,
  waitForWords,
  watching,
} from './sick-world.ts';

const WATCHED_MS = 20_000;
const SAMPLE_MS = 250;
/**
 * What a garbage collector may be late by, and what the start leaves behind, which is given back meanwhile; a body that is
 * kept would be hundreds of megabytes.
 */
const GROWTH_MIB_MAX = 40;

// What takes its time; side by side, so that it takes it once.
describe('in the long run', {concurrency: 2}, () => {
  test('peers that never end their answers do not make the program grow', async (context) => {
    const telegram = await startTelegram(context);
    const block = Buffer.alloc(256 * 1024, 'x');
    const endless = await serve(context, (_request, response) => {
      const pour = () => {
        while (!response.destroyed && response.write(block));
      };
      response.on('drain', pour);
      pour();
    });
    const drip = await serveTcp(context, (socket) => {
      const timer = setInterval(() => socket.write('.'), 1_000);
      socket.on('close', () => clearInterval(timer));
    });
    const checks = `
  endless: {type: http, url: '${endless}/', expect: ['body != ""']}
  endless-unread: {type: http, url: '${endless}/', body_limit: 64MiB}
  drip: {type: socket, host: 127.0.0.1, port: ${drip}, send: "STATUS\\n", timeout: 5s}
`;
    const vakhta = program(context, telegram, configWith(telegram, {checks}));
    await vakhta.start();
    const samples: number[] = [];
    while (samples.length < WATCHED_MS / SAMPLE_MS) {
      await new Promise((resolve) => setTimeout(resolve, SAMPLE_MS));
      samples.push(residentMib(vakhta.pid ?? 0));
    }
    const half = samples.length / 2;
    // Half of the time; how high it shoots up just before a collection is chance.
    const [first, second] = [median(samples.slice(0, half)), median(samples.slice(half))];
    context.diagnostic(`resident: median ${first} MiB in the first half, ${second} MiB in the second`);
    assert.ok(second < first + GROWTH_MIB_MAX, `resident memory grew: ${samples.join(' ')} MiB`);
    assert.match(vakhta.output, /endless/);
    assert.equal(await vakhta.stop(), 0);
  });

  test('a thousand commands at once, again and again, do not make the program grow, and none is left untaken', async (context) => {
    const telegram = await startTelegram(context);
    const api = await startBrokenApi(context);
    const vakhta = program(context, telegram, configWith(telegram, {checks: watching(`${api.url}/health`)}));
    await vakhta.start();
    await waitForWords(telegram, /billing-api is down/);
    const samples: number[] = [];
    for (let round = 0; round < 6; round++) {
      for (let index = 0; index < 1_000; index++) telegram.say({chat: GROUP, from: BORIS, text: '/status'});
      await telegram.waitFor(() => telegram.pendingUpdates() === 0, {what: 'all to be taken', timeoutMs: 60_000});
      samples.push(residentMib(vakhta.pid ?? 0));
    }
    context.diagnostic(`resident after each thousand: ${samples.join(' ')} MiB`);
    assert.ok((samples.at(-1) ?? 0) < (samples[1] ?? 0) + GROWTH_MIB_MAX, `it grew: ${samples.join(' ')} MiB`);
    assertNoViolations(telegram);
    assert.equal(await vakhta.stop(), 0);
  });

  test(
    'on a full disk the alert arrives, one message says that state is in memory, and room brings it back',
    needs.root,
    async (context) => {
      const telegram = await startTelegram(context);
      const api = await startBrokenApi(context);
      const data = mountSmallDisk(context);
      const keys = {checks: watching(`${api.url}/health`), top: `data_dir: ${data}`};
      const vakhta = program(context, telegram, configWith(telegram, keys));
      const filler = join(data, 'filler');
      assert.throws(() => writeFileSync(filler, Buffer.alloc(3 * 2 ** 20)), /ENOSPC/);
      await vakhta.start();
      await waitForWords(telegram, /billing-api is down/);
      await waitForWords(telegram, /going on in memory/);
      telegram.say({chat: GROUP, from: BORIS, text: '/ack billing-api on it'});
      await waitForWords(telegram, /Acknowledged by Boris/);
      rmSync(filler);
      // The way back is tried once a minute.
      await telegram.waitFor(() => said(telegram).some((text) => /can be written again/.test(text)), {
        timeoutMs: 75_000,
      });
      assert.equal(said(telegram).filter((text) => /going on in memory/.test(text)).length, 1);
      await vakhta.kill();
      await vakhta.start();
      telegram.say({chat: GROUP, from: BORIS, text: '/status'});
      await waitForWords(telegram, /billing-api · HTTP 503 .*Boris/);
      assert.equal(said(telegram).filter((text) => /billing-api is down/.test(text)).length, 1);
      assertNoViolations(telegram);
    },
  );
});

/** Of the program's own: the pages of files come and go. */
function residentMib(pid: number): number {
  const kib = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
  return Math.round(Number(kib) / 1024);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
