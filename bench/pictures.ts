import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {performance} from 'node:perf_hooks';
import pino from 'pino';
import {createDesk} from '../src/bot/desk.ts';
import {createPainter} from '../src/bot/pictures/painter.ts';
import {createReaders} from '../src/bot/readers.ts';
import {cronStretch} from '../src/calendar.ts';
import {systemClock as clock} from '../src/clock.ts';
import {Pipeline} from '../src/pipeline.ts';
import type {Incident, Observation} from '../src/state/vocabulary.ts';
import {openStore} from '../src/store/open.ts';
import {checkConfig, configWith} from '../test/bot/world.ts';
import {median, printTable} from './table.ts';

const RUNS = 5;
const TARGETS = 10_000;
const CHECKS = 1_000;
const INCIDENTS = 5_000;
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const LIMIT_MS = 150;
const TURN_LIMIT_MS = 20;

const ORDERS = [
  'graph api 24h',
  'graph fast 24h',
  'graph api 30d',
  'graph api heat 30d',
  'terminals tills grid',
  'report month',
];

/** From an order to the picture that is ready to be sent, and the longest that it kept anything else waiting. */
export default async function pictures(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'vakhta-bench-'));
  const store = openStore({dataDir: folder, clock, keepRawMs: 7 * DAY, keepHistoryMs: 400 * DAY});
  const config = largeConfig(folder);
  await fill(store, config);
  const log = pino({enabled: false});
  const pipeline = new Pipeline({config, clock, store, log, cron: cronStretch, onQueued: () => {}});
  const painter = createPainter({clock});
  const parts = {readers: createReaders(config, 'bench', store.telegram), version: '0', reload: () => {}};
  const desk = createDesk({...parts, config, pipeline, store, clock, log, painter});
  const first = await measure(ORDERS[0] ?? '', desk);
  const rows = [row('graph api 24h, the first', [first])];
  for (const order of ORDERS) {
    const runs = [];
    for (let run = 0; run < RUNS; run++) runs.push(await measure(order, desk));
    rows.push(row(order, runs));
  }
  const heads = ['picture', 'ready', 'longest turn, CPU', 'CPU of the thread', 'of all threads', 'size'];
  printTable(`pictures, medians of ${RUNS} (wanted: ${LIMIT_MS} ms, turns of ${TURN_LIMIT_MS} ms)`, heads, rows);
  await painter.close();
  pipeline.stop();
  await store.close();
  rmSync(folder, {recursive: true});
}

type Run = Awaited<ReturnType<typeof measure>>;

function row(name: string, runs: readonly Run[]): string[] {
  const middle = (of: (run: Run) => number) => median(runs.map(of)).toFixed(0);
  return [
    ...[`/${name}`, `${middle(({readyMs}) => readyMs)} ms`, `${middle(({turnMs}) => turnMs)} ms`],
    ...[
      `${middle(({threadMs}) => threadMs)} ms`,
      `${middle(({allMs}) => allMs)} ms`,
      `${middle(({bytes}) => bytes / 1_000)} kB`,
    ],
  ];
}

async function measure(order: string, desk: ReturnType<typeof createDesk>) {
  const [name = '', ...words] = order.split(' ');
  const person = {id: 1, name: 'Anna'};
  const cpu = process.cpuUsage();
  const thread = threadCpuMs();
  const watch = watchTurns();
  const from = performance.now();
  const taken = desk.take(name, {person, role: 'viewer', chatId: -1, text: words.join(' '), now: clock.now()});
  const {file} = (await taken.rest) ?? taken;
  const readyMs = performance.now() - from;
  const turnMs = await watch();
  const {user, system} = process.cpuUsage(cpu);
  if (!file) throw new Error(`no picture of /${order}`);
  return {
    readyMs,
    turnMs,
    threadMs: threadCpuMs() - thread,
    allMs: (user + system) / 1_000,
    bytes: file.base64.length * 0.75,
  };
}

function threadCpuMs(): number {
  const {user, system} = process.threadCpuUsage();
  return (user + system) / 1_000;
}

/** The longest that the thread worked between two looks, in its CPU time: others may share the machine. */
function watchTurns(): () => Promise<number> {
  let longest = 0;
  let last = threadCpuMs();
  const look = () => {
    const now = threadCpuMs();
    longest = Math.max(longest, now - last);
    last = now;
  };
  const timer = setInterval(look, 1);
  return async () => {
    await clock.sleep(5);
    clearInterval(timer);
    look();
    return longest;
  };
}

function largeConfig(dataDir: string) {
  const targets = Array.from({length: TARGETS}, (_, index) => ({address: `192.0.2.${index}`, label: `till ${index}`}));
  const others = Array.from({length: CHECKS}, (_, index) => checkConfig(`check-${index}`));
  const checks = [
    checkConfig('api', {options: {expect: ['latency_ms < 800']}}),
    checkConfig('fast', {intervalMs: 1_000}),
    checkConfig('tills', {targets}),
    ...others,
  ];
  const nightly = {kind: 'cron', checks: [{kind: 'all'}], at: '0 3 * * *', forMs: 60 * MINUTE} as const;
  return configWith({dataDir, checks, maintenance: [nightly]});
}

/** A month of `api` each minute, a day of `fast` each second, and incidents of all. */
async function fill(store: ReturnType<typeof openStore>, {checks}: ReturnType<typeof configWith>): Promise<void> {
  const now = clock.now();
  const look = (check: string, at: number): Observation => {
    const isBad = Math.floor(at / 1_000) % 977 === 0;
    return {
      check,
      at,
      result: isBad ? 'failed' : 'ok',
      reason: '',
      latencyMs: 90 + 60 * Math.sin(at / 3e6) + ((at / 1_000) % 17),
    };
  };
  const record = async (check: string, from: number, stepMs: number) => {
    const rows: Observation[] = [];
    for (let at = from; at < now; at += stepMs) rows.push(look(check, at));
    for (let index = 0; index < rows.length; index += 10_000) {
      store.history.record(rows.slice(index, index + 10_000));
      // An answer means that what came before is written.
      await store.history.begins();
    }
  };
  await record('api', now - 30 * DAY, MINUTE);
  await record('fast', now - DAY, 1_000);
  store.history.record(checks.map(({name}) => look(name, now - 30 * DAY)));
  const incidents = Array.from({length: INCIDENTS}, (_, index): Incident => {
    const openedAt = now - ((index * 7_919) % 43_000) * MINUTE - MINUTE;
    const check = checks[index % checks.length]?.name ?? '';
    return {id: index + 1, check, openedAt, closedAt: openedAt + 30_000, reason: 'HTTP 503', errors: 3, cards: []};
  });
  store.commit({now, durable: false, incidents});
}
