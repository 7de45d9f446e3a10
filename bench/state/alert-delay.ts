import {once} from 'node:events';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:http';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import pino from 'pino';
import {createBudget} from '../../src/bot/budget.ts';
import {createTelegramChannel} from '../../src/bot/channels/telegram.ts';
import {readMachine} from '../../src/bot/messages/machine.ts';
import {createOutbox} from '../../src/bot/outbox.ts';
import {createReader} from '../../src/bot/readers.ts';
import {OpsTelegram} from '../../src/bot/telegram/api.ts';
import {cronStretch} from '../../src/calendar.ts';
import {systemClock as clock} from '../../src/clock.ts';
import {loadConfig} from '../../src/config/load.ts';
import {Pipeline} from '../../src/pipeline.ts';
import {openStore} from '../../src/store/open.ts';
import {printTable} from '../table.ts';

const CHECKS = 1_000;
const SECONDS = 20;
/** Each alert goes to another chat, as Telegram takes one message a second of each; 20 alerts a second need 30 chats. */
const CHATS = 30;
const ALERTS_A_SECOND = 20;
const TICK_MS = 10;

/** From a failing observation to its request at the Bot API, while 1,000 checks a second report that they are fine. */
export async function alertDelay(): Promise<void> {
  const arrived = new Map<string, number>();
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      const check = /x\d+/.exec(body)?.[0];
      if (check !== undefined && !arrived.has(check)) arrived.set(check, performance.now());
      response.end('{"ok":true,"result":{"message_id":1,"chat":{"id":1}}}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const failedAt = await measure(`http://127.0.0.1:${port}`, arrived);
  server.closeAllConnections();
  server.close();
  const delays = [...failedAt].map(([check, at]) => (arrived.get(check) ?? Number.POSITIVE_INFINITY) - at);
  delays.sort((a, b) => a - b);
  const at = (share: number) => `${(delays[Math.floor(delays.length * share)] ?? Number.NaN).toFixed(1)} ms`;
  printTable(
    `${delays.length} alerts among ${CHECKS} observations a second`,
    ['figure', 'measured', 'wanted'],
    [
      ['observation to request, median', at(0.5), ''],
      ['observation to request, p99', at(0.99), '20 ms or less'],
    ],
  );
}

async function measure(apiRoot: string, arrived: ReadonlyMap<string, number>): Promise<ReadonlyMap<string, number>> {
  const folder = mkdtempSync(join(tmpdir(), 'vakhta-bench-'));
  const config = configIn(folder);
  const log = pino({level: 'silent'});
  const store = openStore({...config, clock, log});
  let wake = () => {};
  const pipeline = new Pipeline({config, clock, store, log, cron: cronStretch, onQueued: () => wake()});
  const api = new OpsTelegram({token: '1:x', apiRoot, clock});
  const reader = createReader(config, 'bench');
  const use = {api, store, clock, budget: createBudget(), reader, machine: readMachine, takesOrders: true};
  const outbox = createOutbox({
    store,
    clock,
    log,
    random: Math.random,
    channel: (lane) => createTelegramChannel(use, {name: lane, chatId: Number(lane.slice(1)) + 1}),
    fallback: () => ({kind: 'nowhere'}),
    onBacklog: () => {},
    onGivenUp: () => {},
    onDead: () => {},
  });
  wake = outbox.wake;
  const failedAt = await feed(pipeline);
  await clock.sleep(2_000);
  await outbox.stop(1_000);
  pipeline.stop();
  await store.close();
  await api.hangUp();
  rmSync(folder, {recursive: true});
  if (arrived.size < failedAt.size) console.log(`${failedAt.size - arrived.size} alerts did not arrive`);
  return failedAt;
}

async function feed(pipeline: Pipeline): Promise<ReadonlyMap<string, number>> {
  const failedAt = new Map<string, number>();
  const startedAt = performance.now();
  for (let tick = 0; tick < (SECONDS * 1_000) / TICK_MS; tick++) {
    for (let i = 0; i < (CHECKS * TICK_MS) / 1_000; i++) {
      const check = `c${(tick * 10 + i) % CHECKS}`;
      pipeline.observe([{check, at: clock.now(), result: 'ok', reason: '', latencyMs: 1}]);
    }
    if (tick % (1_000 / TICK_MS / ALERTS_A_SECOND) === 0) {
      const check = `x${failedAt.size}`;
      failedAt.set(check, performance.now());
      pipeline.observe([{check, at: clock.now(), result: 'failed', reason: 'HTTP 503', latencyMs: 1}]);
    }
    await clock.sleep(Math.max(0, startedAt + (tick + 1) * TICK_MS - performance.now()));
  }
  return failedAt;
}

function configIn(folder: string) {
  const alerting = Array.from({length: SECONDS * ALERTS_A_SECOND}, (_, i) => i);
  const fine = Array.from({length: CHECKS}, (_, i) => i);
  const text = [
    'telegram: {token: "1:x"}',
    'users: {1: {name: Anna, role: admin}}',
    `channels:`,
    ...Array.from({length: CHATS}, (_, i) => `  t${i}: {type: telegram, chat_id: ${i + 1}}`),
    'alerts: {to: [t0], group_wait: 0s}',
    'defaults: {fail_after: 1}',
    'checks:',
    ...fine.map((i) => `  c${i}: {type: socket, host: 127.0.0.1, port: 1}`),
    ...alerting.map((i) => `  x${i}: {type: socket, host: 127.0.0.1, port: 1, alerts: {to: [t${i % CHATS}]}}`),
  ].join('\n');
  const file = join(folder, 'config.yaml');
  writeFileSync(file, text);
  const loaded = loadConfig(file, {}, 0);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems.slice(0, 3)));
  return loaded.config;
}
