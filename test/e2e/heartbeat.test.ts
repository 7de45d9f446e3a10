import assert from 'node:assert/strict';
import {writeFileSync} from 'node:fs';
import net from 'node:net';
import {join} from 'node:path';
import {describe, type TestContext, test} from 'node:test';
import {type Simulator, startSimulator} from '../../mocks/telegram/simulator.ts';
import {freePort} from '../http/world.ts';
import {Vakhta} from '../support/vakhta.ts';
import {GROUP} from './chat.ts';

const ID = '1c9f2b6e-6f0c-4e7e-9f43-0c8b8a1f6d52';
/** Ctrl-C must be done within this. */
const STOP_MS_MAX = 2_000;

interface Shop {
  readonly telegram: Simulator;
  readonly vakhta: Vakhta;
  readonly ask: (path: string, init?: RequestInit) => Promise<Response>;
  readonly port: number;
  /** Starts it, and waits until it listens. */
  readonly start: () => Promise<void>;
  readonly said: (pattern: RegExp) => number;
  readonly config: string;
}

async function startShop(context: TestContext, keys = 'period: 2s, grace: 1s'): Promise<Shop> {
  const telegram = await startSimulator();
  context.after(() => telegram.stop());
  telegram.addChat({id: GROUP, type: 'supergroup', title: 'Shop operations'});
  const port = await freePort();
  const config = `
http: {listen: '127.0.0.1:${port}'}
telegram: {token: '\${BOT_TOKEN}', api_root: ${telegram.apiRoot}}
channels: {ops: {type: telegram, chat_id: ${GROUP}}}
checks:
  backup: {type: heartbeat, id: ${ID}, interval: 1s, ${keys}}
`;
  const vakhta = new Vakhta(context, {'config.yaml': config}, {BOT_TOKEN: telegram.token});
  const ask = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${port}${path}`, init);
  const start = async () => {
    const from = vakhta.output.length;
    await vakhta.start();
    await vakhta.waitFor(() => vakhta.output.slice(from).includes('the HTTP server listens'), 'the server');
  };
  const said = (pattern: RegExp) =>
    telegram.messages(GROUP).filter((message) => message.byBot && pattern.test(message.text)).length;
  return {telegram, vakhta, ask, port, start, said, config};
}

describe('heartbeats, in the real program', {concurrency: 4}, () => {
  test('a ping, a miss, one alert; a ping, the recovery', async (context) => {
    const {telegram, vakhta, ask, port, start, said} = await startShop(context);
    await start();
    assert.match(vakhta.output, new RegExp(`it listens on http://127\\.0\\.0\\.1:${port}`));
    assert.equal(await (await ask(`/ping/${ID}`)).text(), 'OK');
    const card = await telegram.waitFor(() => telegram.messages(GROUP).find(({byBot}) => byBot), {
      what: 'the alert',
      timeoutMs: 15_000,
    });
    assert.match(card.text, /backup is down/);
    assert.match(card.text, /no data for \d+ s \(interval 2 s\)/);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    assert.equal(said(/backup/), 1, 'while it stays away nothing more comes');
    assert.equal((await ask(`/api/push/${ID}?status=up`)).status, 200);
    await telegram.waitFor(() => said(/is back after/) === 1, {what: 'the recovery', timeoutMs: 10_000});
    assert.equal((await ask('/readyz')).status, 200, 'Telegram was reached');
    assert.match(
      await (await ask('/metrics')).text(),
      /^vakhta_check_observations_total\{check="backup",result="failed"\} [1-9]/m,
    );
    assert.deepEqual(telegram.violations, []);
    assert.ok(!vakhta.output.includes(ID), 'the id is in the output');
    assert.equal(await vakhta.stop(), 0);
  });

  test('a failure that is reported counts at once, and kill -9 right behind the OK does not lose it', async (context) => {
    const {telegram, vakhta, ask, start, said} = await startShop(context, 'period: 1h');
    await start();
    await ask(`/ping/${ID}/start`);
    assert.equal((await ask(`/ping/${ID}/2`, {method: 'POST', body: 'no space left on device\n'})).status, 200);
    await vakhta.kill();
    await start();
    await telegram.waitFor(() => said(/backup is down[\s\S]*exit code 2: no space left on device/) >= 1, {
      what: 'the alert',
      timeoutMs: 10_000,
    });
    await ask(`/ping/${ID}`);
    await telegram.waitFor(() => said(/is back after/) === 1, {what: 'the recovery', timeoutMs: 10_000});
    assert.equal(await vakhta.stop(), 0);
  });

  test('what could not be delivered while the program was down is not late', async (context) => {
    const {vakhta, ask, start, said} = await startShop(context, 'period: 3s, grace: 1s');
    await start();
    await ask(`/ping/${ID}`);
    await vakhta.stop();
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    await start();
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    await ask(`/ping/${ID}`);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    assert.equal(said(/./), 0);
  });

  test('a reload refuses no ping, and knows a new heartbeat; Ctrl-C is quick with connections open', async (context) => {
    const {vakhta, ask, port, start, said, config} = await startShop(context, 'period: 1h');
    await start();
    writeFileSync(join(vakhta.folder, 'config.yaml'), `${config}  second: {type: heartbeat, period: 1h}\n`);
    process.kill(vakhta.pid ?? 0, 'SIGHUP');
    const seen = new Set<number>();
    // The message is queued before the new checks are there, and delivered when they are.
    while (said(/read again: 1 added: second/) === 0) seen.add((await ask(`/ping/${ID}`)).status);
    for (let i = 0; i < 100; i++) seen.add((await ask(`/ping/${ID}`)).status);
    assert.deepEqual([...seen], [200]);
    assert.equal((await ask('/ping/second')).status, 200);
    const sockets = Array.from({length: 100}, () => net.connect(port, '127.0.0.1').on('error', () => {}));
    for (const [index, socket] of sockets.entries())
      if (index % 2 === 0) socket.write('POST /ping/second HTTP/1.1\r\nho');
    await ask('/healthz');
    const began = performance.now();
    assert.equal(await vakhta.stop('SIGINT'), 0);
    const took = performance.now() - began;
    assert.ok(took < STOP_MS_MAX, `it took ${Math.round(took)} ms`);
  });
});
