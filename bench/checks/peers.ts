import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {readFileSync} from 'node:fs';
import net from 'node:net';
import {join} from 'node:path';
import {Client as PgClient} from 'pg';
import {Client} from 'undici';
import {kinds, prepareCheck} from '../../src/checks/index.ts';
import {systemClock} from '../../src/clock.ts';

/** A process of its own for each peer, so that its CPU is what it does and no more: `node peers.ts NAME JSON` prints `{done, cpuMs}`. */
export interface Task {
  readonly port: number;
  readonly seconds: number;
  /** A second; left out: as many as go, 32 at once. */
  readonly rate?: number;
  readonly login?: Record<string, unknown>;
}

export interface Done {
  readonly done: number;
  readonly cpuMs: number;
}

const TICKS_A_SECOND = 100;
const AT_ONCE = 32;
/** How often the loop at a rate looks what is due, as the scheduler does. */
const TICK_MS = 5;
const REQUEST = 'GET / HTTP/1.0\r\n\r\n';

/** Runs one peer to its end in a process of its own. */
export async function runPeer(name: keyof typeof peers, task: Task): Promise<Done> {
  const child = spawn(process.execPath, [import.meta.filename, name, JSON.stringify(task)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  await once(child, 'close');
  return JSON.parse(output);
}

/** CPU milliseconds of a process, and of its children that have ended. */
export function cpuOf(pid: number | 'self'): {own: number; children: number} {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  // proc(5): utime, stime, cutime and cstime are the fields 14 to 17; the first here is the third.
  const [user = 0, system = 0, childUser = 0, childSystem = 0] = fields.slice(11, 15).map(Number);
  const ms = 1_000 / TICKS_A_SECOND;
  return {own: (user + system) * ms, children: (childUser + childSystem) * ms};
}

/** What each peer does once; made ready first, outside the measure. */
const peers = {
  'http-bare': async ({port}: Task) => {
    let turn = 0;
    return () => askBare(`http://127.0.0.${(turn++ % 100) + 1}:${port}`);
  },
  'http-check': async ({port}: Task) =>
    checkOf('http', {url: `http://127.0.0.1:${port}/`, expect: ['status == 200', 'json.status == "ok"']}),
  'socket-bare':
    async ({port}: Task) =>
    () =>
      talkBare(port),
  'socket-check': async ({port}: Task) =>
    checkOf('socket', {
      host: '127.0.0.1',
      port,
      send: REQUEST,
      reply_until: '"ok"}',
      expect: ['reply.contains("200 OK")'],
    }),
  'postgres-bare': ({login}: Task) => queryBare(login, 'SELECT 1 AS one'),
  // What the check does too, in as few round trips: nothing that it runs can write.
  'postgres-read-only': ({login}: Task) => queryBare(login, 'BEGIN READ ONLY; SELECT 1 AS one; ROLLBACK'),
  'postgres-check': async ({login}: Task) =>
    checkOf('postgres', {...login, query: 'SELECT 1 AS one', keep: true, expect: ['rows[0].one == 1']}),
  check_http:
    async ({port}: Task) =>
    async () => {
      const plugin = join('/usr/lib/nagios/plugins', 'check_http');
      await once(spawn(plugin, ['-I', '127.0.0.1', '-p', String(port), '-s', 'ok'], {stdio: 'ignore'}), 'close');
    },
};

async function queryBare(login: Task['login'], sql: string): Promise<() => Promise<void>> {
  const client = new PgClient(login);
  await client.connect();
  return async () => void (await client.query(sql));
}

function askBare(origin: string): Promise<void> {
  const {promise, resolve, reject} = Promise.withResolvers<void>();
  const client = new Client(origin);
  client.dispatch(
    {path: '/', method: 'GET', reset: true},
    {
      onRequestStart: () => {},
      onResponseStart: () => {},
      onResponseData: () => {},
      onResponseEnd: () => {
        void client.destroy();
        resolve();
      },
      onResponseError: (_controller, error) => reject(error),
    },
  );
  return promise;
}

function talkBare(port: number): Promise<void> {
  const {promise, resolve, reject} = Promise.withResolvers<void>();
  const socket = net.connect({host: '127.0.0.1', port, noDelay: true}, () => socket.write(REQUEST));
  let reply = '';
  socket.on('error', reject).on('data', (chunk) => {
    reply += chunk;
    if (!reply.includes('"ok"}')) return;
    socket.destroySoon();
    resolve();
  });
  return promise;
}

function checkOf(kind: string, given: Record<string, unknown>): () => Promise<void> {
  const options = kinds.get(kind)?.options.parse(given);
  const spec = {name: 'it', kind, options, timeoutMs: 10_000, attempts: 1, retryDelayMs: 0};
  const run = prepareCheck(spec, {clock: systemClock});
  const {signal} = new AbortController();
  return async () => {
    const [observation] = await run(signal);
    if (observation?.result !== 'ok') throw new Error(observation?.reason);
  };
}

async function flatOut(once: () => Promise<void>, endAt: number, atOnce: number): Promise<number> {
  let done = 0;
  const worker = async () => {
    while (performance.now() < endAt) {
      await once();
      done++;
    }
  };
  await Promise.all(Array.from({length: atOnce}, worker));
  return done;
}

async function atRate(once: () => Promise<void>, {rate, endAt}: {rate: number; endAt: number}): Promise<number> {
  const startedAt = performance.now();
  let begun = 0;
  let running: Promise<void>[] = [];
  while (performance.now() < endAt) {
    for (const due = ((performance.now() - startedAt) * rate) / 1_000; begun < due; begun++) running.push(once());
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    if (running.length > 10_000) running = running.slice(-5_000);
  }
  await Promise.all(running);
  return begun;
}

if (import.meta.main) {
  const name = process.argv[2] as keyof typeof peers;
  const task: Task = JSON.parse(process.argv[3] ?? '{}');
  const once = await peers[name](task);
  const atOnce = name.startsWith('postgres') ? 1 : name === 'check_http' ? 2 : AT_ONCE;
  await flatOut(once, performance.now() + 500, atOnce);
  const before = {own: process.cpuUsage(), children: cpuOf('self').children};
  const endAt = performance.now() + task.seconds * 1_000;
  const done =
    task.rate === undefined ? await flatOut(once, endAt, atOnce) : await atRate(once, {rate: task.rate, endAt});
  const own = process.cpuUsage(before.own);
  const children = cpuOf('self').children - before.children;
  process.stdout.write(
    JSON.stringify({done, cpuMs: name === 'check_http' ? children : (own.user + own.system) / 1_000}),
  );
  process.exit(0);
}
