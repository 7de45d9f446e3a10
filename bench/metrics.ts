import {performance} from 'node:perf_hooks';
import {setFlagsFromString} from 'node:v8';
import {runInNewContext} from 'node:vm';
import {systemClock as clock} from '../src/clock.ts';
import type {CheckConfig} from '../src/config/config.ts';
import {openMetrics} from '../src/metrics.ts';
import {emptyAlerts} from '../src/state/alerts.ts';
import {startState, step} from '../src/state/engine.ts';
import {viewOf} from '../src/state/view.ts';
import type {Observation} from '../src/state/vocabulary.ts';
import {checkConfig, configWith} from '../test/bot/world.ts';
import {median, printTable} from './table.ts';

const RUNS = 21;
const policy = {
  failAfter: 3,
  recoverAfter: 2,
  alertWhen: {kind: 'count', count: 1},
  flapping: true,
  targetCount: 0,
} as const;

/** What a page costs, how long it holds up everything else at a time, and what each observation costs. */
export default async function metrics(): Promise<void> {
  const rows = [];
  for (const count of [1_000, 10_000]) rows.push(await measure(count));
  const heads = [
    'checks',
    'lines',
    'first page, CPU',
    'page, CPU',
    'longest turn',
    'an observation',
    'kept on the heap',
  ];
  printTable(`/metrics, medians of ${RUNS} (wanted: 50 ms for 1,000 checks)`, heads, rows);
}

async function measure(count: number): Promise<string[]> {
  const checks = Array.from({length: count}, (_, index) => checkConfig(`shop-${index}-billing`));
  const before = heapMb();
  const page = await openMetrics({...worldOf(checks), clock, version: '0.1.0', server: 'bench'});
  const observeUs = observeAll(checks, page.listeners.onObserved);
  const first = await timed(page.render);
  const keptMb = heapMb() - before;
  const runs = [];
  for (let run = 0; run < RUNS; run++) runs.push(await timed(page.render));
  page.close();
  return [
    ...[String(count), String(first.lines), `${first.cpuMs.toFixed(0)} ms`],
    `${median(runs.map(({cpuMs}) => cpuMs)).toFixed(0)} ms`,
    `${median(runs.map(({turnMs}) => turnMs)).toFixed(0)} ms`,
    ...[`${observeUs.toFixed(1)} µs`, `${keptMb.toFixed(1)} MB`],
  ];
}

/** What is left on the heap when it has been tidied up. */
function heapMb(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed / 1e6;
}

/** CPU and not time, as other work may share the machine; and the longest that a timer had to wait meanwhile. */
async function timed(render: () => Promise<string>) {
  const cpu = process.cpuUsage();
  let turnMs = 0;
  let from = performance.now();
  const watch = setInterval(() => {
    turnMs = Math.max(turnMs, performance.now() - from);
    from = performance.now();
  }, 1);
  const text = await render();
  clearInterval(watch);
  const {user, system} = process.cpuUsage(cpu);
  return {cpuMs: (user + system) / 1_000, turnMs, lines: text.split('\n').length};
}

function observeAll(checks: readonly CheckConfig[], observe: (observations: readonly Observation[]) => void): number {
  const observations = checks.map(({name}, index) => observation(name, index % 700));
  observe(observations);
  const from = performance.now();
  for (let run = 0; run < 10; run++) observe(observations);
  return ((performance.now() - from) * 1_000) / (10 * checks.length);
}

function observation(check: string, latencyMs: number): Observation {
  return {check, at: 1_000, result: 'ok', reason: '', latencyMs};
}

/** As much of a program as a page asks for. */
function worldOf(checks: readonly CheckConfig[]) {
  const config = configWith({checks});
  const states = checks.map(({name}) => step(startState(name), [observation(name, 5)], 1_000, policy).state);
  const alerts = emptyAlerts();
  const world = {checks: new Map(states.map((state) => [state.check, state])), alerts};
  const commits = {count: 7, ms: 7};
  const figures = {
    state: {durable: commits, relaxed: commits, inMemory: false},
    history: {waiting: 0, dropped: 0, inMemory: false},
  };
  const store = {
    figures: () => figures,
    outbox: {lanes: () => [], backlog: () => ({rows: 0})},
    telegram: {deadChannels: () => []},
  };
  return {pipeline: {config, alerts, view: () => viewOf(config, world, new Map())}, store};
}
