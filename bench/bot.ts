import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import pino from 'pino';
import {createDesk} from '../src/bot/desk.ts';
import {createReaders} from '../src/bot/readers.ts';
import {cronStretch} from '../src/calendar.ts';
import {systemClock as clock} from '../src/clock.ts';
import type {Config} from '../src/config/config.ts';
import {loadConfig} from '../src/config/load.ts';
import {Pipeline} from '../src/pipeline.ts';
import type {Observation} from '../src/state/vocabulary.ts';
import {openStore} from '../src/store/open.ts';
import {printTable} from './table.ts';

const CHECKS = 1_000;
const TARGETS = 10_000;
/** One in so many checks is down, and one in so many targets. */
const DOWN_EVERY = 20;
const ASKED = 1_000;
const LIMIT_MS = 20;
const COMMANDS = ['status', 'status #2', 'status shops-3', 'problems', 'terminals', 'terminals #400', 'json'];

/** How long the process is busy with a question about a large server, the answer's commit to state.db included. */
export default async function bot(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'vakhta-bench-'));
  const config = largeConfig(folder);
  const store = openStore({...config, clock});
  const log = pino({enabled: false});
  const pipeline = new Pipeline({config, clock, store, log, cron: cronStretch, onQueued: () => {}});
  pipeline.observe(config.checks.flatMap(observations));
  await clock.sleep(200);
  const readers = createReaders(config, 'bench', store.telegram);
  const desk = createDesk({config, readers, version: '0', pipeline, store, clock, log, reload: () => {}});
  const rows = COMMANDS.map((command) => {
    const {p50, p99, busy99} = measure(command, desk);
    return [`/${command}`, ...[p50, p99, busy99].map((ms) => `${ms.toFixed(1)} ms`), `${LIMIT_MS} ms`];
  });
  printTable(
    `${ASKED} questions each to ${CHECKS} checks and one with ${TARGETS} targets`,
    ['command', 'median', 'p99', 'p99 of its CPU time', 'limit of p99'],
    rows,
  );
  pipeline.stop();
  await store.close();
  rmSync(folder, {recursive: true});
}

/** On a machine that does other things too, the CPU time of the thread says what the question itself took. */
function measure(command: string, desk: ReturnType<typeof createDesk>): {p50: number; p99: number; busy99: number} {
  const [name = '', ...words] = command.split(' ');
  const times: number[] = [];
  const busy: number[] = [];
  for (let updateId = 0; updateId < ASKED; updateId++) {
    const person = {id: 1, name: 'Anna'};
    const call = {person, role: 'viewer', chatId: -1, text: words.join(' '), now: clock.now()} as const;
    const cpu = process.threadCpuUsage();
    const from = performance.now();
    desk.take(name, call, ({lines}) => ({
      handledUpdate: updateId,
      messages: [{kind: 'reply', channel: '', reason: 'reply', to: {chatId: -1}, html: lines.join('\n')}],
    }));
    times.push(performance.now() - from);
    const {user, system} = process.threadCpuUsage(cpu);
    busy.push((user + system) / 1_000);
  }
  return {p50: share(times, 0.5), p99: share(times, 0.99), busy99: share(busy, 0.99)};
}

function share(numbers: readonly number[], part: number): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length * part)] ?? 0;
}

/** The shipped config with many copies of its checks: what a command sees of a check is the same. */
function largeConfig(dataDir: string): Config {
  const loaded = loadConfig(join(import.meta.dirname, '../config.yaml'), {}, 0);
  const [model] = loaded.ok ? loaded.config.checks : [];
  if (!loaded.ok || !model) throw new Error('the shipped config.yaml does not load');
  const targets = Array.from({length: TARGETS}, (_, index) => ({address: `192.0.2.${index}`, label: `till ${index}`}));
  const checks = Array.from({length: CHECKS}, (_, index) => ({
    ...model,
    ...{name: `check-${index}`, group: `shops-${index % 10}`, targets: [], failAfter: 1},
  }));
  return {...loaded.config, dataDir, checks: [...checks, {...model, name: 'tills', targets, failAfter: 1}]};
}

function observations({name, targets}: Config['checks'][number], index: number): Observation[] {
  const at = clock.now();
  const look = (down: boolean, target?: string): Observation => ({
    ...{check: name, at, result: down ? 'failed' : 'ok', reason: down ? 'HTTP 503' : '', latencyMs: 5},
    ...(target !== undefined && {target}),
  });
  if (targets.length === 0) return [look(index % DOWN_EVERY === 0)];
  return targets.map(({address}, place) => look(place % DOWN_EVERY === 0, address));
}
