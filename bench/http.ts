import {spawn} from 'node:child_process';
import {randomUUID} from 'node:crypto';
import {once} from 'node:events';
import {readdirSync, readFileSync} from 'node:fs';
import net from 'node:net';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {startProduct} from './checks/product.ts';
import {load} from './http/load.ts';
import {median, printTable} from './table.ts';

const RUNS = 5;
const HEARTBEATS = 1_000;
const CONNECTIONS = 64;
const MS = 3_000;
/** Until V8 has compiled what is hot. */
const WARM_MS = 4_000;
const SHARE_MIN = 0.6;

/** Answers a second of CPU. */
interface Measure {
  /** Of the main thread, where HTTP is: that is the core which is full first. */
  readonly main: number;
  /** Of all threads together: the history's writer and V8's own too. */
  readonly all: number;
  readonly count: number;
}

/** Pings that one core takes with everything they cause (counters, memory, history), beside a fastify route that only answers. */
export default async function http(): Promise<void> {
  const ids = Array.from({length: HEARTBEATS}, () => randomUUID());
  const requests = ids.map((id) => `GET /ping/${id} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`);
  const [ours, bare] = [await startOurs(ids), await startBare()];
  const seen: Pair[] = [];
  let sent = 0;
  try {
    for (const {port} of [ours, bare]) {
      const count = await load({port, requests, connections: CONNECTIONS, ms: WARM_MS});
      if (port === ours.port) sent += count;
    }
    for (let run = 0; run < RUNS; run++) {
      seen.push({ours: await measure(ours, requests), bare: await measure(bare, requests)});
    }
    sent += seen.reduce((sum, {ours: {count}}) => sum + count, 0);
    const kept = await ours.kept();
    print(seen, kept / sent);
  } finally {
    await Promise.all([ours.stop(), bare.stop()]);
  }
}

type Pair = Readonly<Record<'ours' | 'bare', Measure>>;

function print(seen: readonly Pair[], kept: number): void {
  const of = (pick: (one: Pair) => number) => median(seen.map(pick));
  const rate = (pick: (one: Pair) => number) => Math.round(of(pick)).toLocaleString('en');
  const share = (which: 'main' | 'all') => `${Math.round(100 * of(({ours, bare}) => ours[which] / bare[which]))} %`;
  printTable(
    `http, medians of ${RUNS}, ${HEARTBEATS} heartbeats over ${CONNECTIONS} connections, answers a second of CPU`,
    ['figure', 'measured', 'wanted'],
    [
      ['pings, the main thread of the whole program', rate(({ours}) => ours.main), ''],
      ['a bare fastify route, the main thread', rate(({bare}) => bare.main), ''],
      ['  share', share('main'), `${100 * SHARE_MIN} % or more`],
      ['pings, all threads of the whole program', rate(({ours}) => ours.all), ''],
      ['a bare fastify route, all threads', rate(({bare}) => bare.all), ''],
      ['  share', share('all'), ''],
      ['pings that are in the history', `${(100 * kept).toFixed(1)} %`, '99 % or more'],
    ],
  );
}

interface Subject {
  readonly port: number;
  readonly pid: number;
  stop(): Promise<unknown>;
}

async function measure({port, pid}: Subject, requests: readonly string[]): Promise<Measure> {
  const before = cpuMsOf(pid);
  const count = await load({port, requests, connections: CONNECTIONS, ms: MS});
  const after = cpuMsOf(pid);
  return {main: (count * 1_000) / (after.main - before.main), all: (count * 1_000) / (after.all - before.all), count};
}

const TICK_MS = 10;

/** proc_pid_stat(5), for each thread: user and system time. The main thread has the number of the process. */
function cpuMsOf(pid: number): {main: number; all: number} {
  let [main, all] = [0, 0];
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const fields = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ');
    const ms = (Number(fields[11]) + Number(fields[12])) * TICK_MS;
    all += ms;
    if (thread === String(pid)) main = ms;
  }
  return {main, all};
}

/** Everything of one program on one core; the load is made on the others. */
const ON_ONE_CORE = ['taskset', '-c', '0'];

async function startOurs(ids: readonly string[]) {
  const port = await freePort();
  const checks = ids.map((id, i) => `  job-${i}: {type: heartbeat, id: ${id}, period: 1h}`);
  const product = startProduct(`http: {listen: '127.0.0.1:${port}'}\nchecks:\n${checks.join('\n')}\n`, ON_ONE_CORE);
  await untilOpen(port);
  /** Observations in the history, once its writer has nothing left to write. */
  const kept = async () => {
    const file = join(product.folder, 'data/history.db');
    for (let last = -1; ; ) {
      await new Promise((resolve) => setTimeout(resolve, 2_500));
      const sql = new DatabaseSync(file, {readOnly: true});
      const rows = Number(sql.prepare('SELECT count(*) AS n FROM raw').get()?.n);
      sql.close();
      if (rows === last) return rows;
      last = rows;
    }
  };
  return {port, pid: product.pid, stop: () => product.stop(), kept};
}

/** Those of bin/vakhta: they trade speed for memory, which is no matter of what is compared here. */
const FLAGS = [
  '--max-semi-space-size=4',
  '--no-allocation-site-pretenuring',
  '--v8-pool-size=1',
  '--heap-growing-percent=30',
];

async function startBare(): Promise<Subject> {
  const port = await freePort();
  const [command = '', ...args] = ON_ONE_CORE;
  const script = join(import.meta.dirname, 'http/bare.ts');
  const child = spawn(command, [...args, process.execPath, ...FLAGS, script, String(port)], {stdio: 'inherit'});
  await untilOpen(port);
  const stop = () => {
    child.kill();
    return once(child, 'exit');
  };
  return {port, pid: child.pid ?? 0, stop};
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address ? address.port : 0;
}

async function untilOpen(port: number): Promise<void> {
  for (;;) {
    const socket = net.connect({host: '127.0.0.1', port});
    const isOpen = await new Promise((resolve) =>
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false)),
    );
    socket.destroy();
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
