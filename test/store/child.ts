import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {writeSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {systemClock} from '../../src/clock.ts';
import {openStore} from '../../src/store/open.ts';
import type {Store} from '../../src/store/store.ts';
import {DAY, START} from './folder.ts';
import {card, cardMessage, counter, incident, observation} from './samples.ts';

export interface Child {
  readonly process: ChildProcess;
  /** The lines that it has printed, each after what it tells of was done. */
  readonly lines: string[];
}

/** Runs this file as a program of its own on the folder, and waits for its first line. */
export async function startChild(task: 'hold' | 'work' | 'lease', folder: string): Promise<Child> {
  const stdio = ['ignore', 'pipe', 'inherit'] as const;
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), task, folder], {stdio: [...stdio]});
  const lines: string[] = [];
  let rest = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    const parts = (rest + chunk.toString()).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
  });
  if (child.stdout) await once(child.stdout, 'data');
  return {process: child, lines};
}

/** kill -9, and everything that it had printed has been read. */
export async function kill(child: Child): Promise<void> {
  const closed = once(child.process, 'close');
  child.process.kill('SIGKILL');
  await closed;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) run(process.argv[2] ?? '', process.argv[3] ?? '');

function run(task: string, dataDir: string): void {
  const store = openStore({dataDir, clock: systemClock, keepRawMs: 7 * DAY, keepHistoryMs: 400 * DAY});
  if (task === 'hold') return say('held');
  if (task === 'work') return step(store, store.load().nextIncident);
  store.commit({now: START, durable: true, messages: [cardMessage(1), cardMessage(2)]});
  store.outbox.lease(1, START);
  say('leased 1');
}

/** Commit N makes counter N, incident N, card N and message N; then the outbox delivers one message. */
function step(store: Store, n: number): void {
  store.commit({
    now: START,
    durable: n % 2 === 0,
    counters: [{check: 'api', target: '', counter: counter(n)}],
    incidents: [incident(n)],
    cards: [card(n)],
    messages: [cardMessage(n)],
    handledUpdate: n,
  });
  say(`committed ${n}`);
  store.history.record([observation(START + n)]);
  const row = store.outbox.first('ops');
  if (row) {
    store.outbox.lease(row.id, START);
    say(`leased ${row.id}`);
    store.outbox.sent(row.id, {now: START, chatId: -100, messageId: row.id});
    say(`sent ${row.id}`);
  }
  setImmediate(step, store, n + 1);
}

function say(line: string): void {
  writeSync(1, `${line}\n`);
}
