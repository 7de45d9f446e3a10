import {existsSync} from 'node:fs';
import {setTimeout as wait} from 'node:timers/promises';
import {phaseOf} from '../src/scheduler/phase.ts';
import {createLife, type Life} from '../test/checks/servers.ts';
import {createPostgres} from '../test/support/postgres.ts';
import {runBlackbox} from './checks/blackbox.ts';
import {type Nginx, serveBench} from './checks/nginx.ts';
import {type Done, runPeer} from './checks/peers.ts';
import {httpChecks, startProduct} from './checks/product.ts';
import {median, printTable} from './table.ts';

type Row = readonly string[];

const CHECK_HTTP = '/usr/lib/nagios/plugins/check_http';
const SWEEP_S = 6;
/** From two seconds after the start V8 still compiles what has become hot, which a program that runs for weeks does not notice. */
const WARM_MS = 5_000;
/** Of one measure. */
const SECONDS = 3;
const TERMINALS = 10_000;

/** What is measured, by the word that `--only=WORD,…` takes. */
const PARTS: Readonly<Record<string, (use: {life: Life; nginx: Nginx; runs: number}) => Promise<Row[]>>> = {
  rate: ({nginx, runs}) => atRate(nginx, runs),
  flat: ({nginx, runs}) => flatOut(nginx, runs),
  single: ({nginx, runs}) => single(nginx, runs),
  terminals: ({runs}) => terminals(runs),
  lag: ({nginx}) => startLag(nginx),
  memory: ({nginx}) => memory(nginx),
  blackbox: ({life, nginx, runs}) => blackbox(life, nginx, runs),
};

/**
 * What checks cost beside their peers, in CPU-seconds; `--quick` takes one run for each median instead of five, `--only=flat,single`
 * measures these parts alone.
 */
export default async function checks(flags: readonly string[]): Promise<void> {
  const runs = flags.includes('--quick') ? 1 : 5;
  const only = flags
    .find((flag) => flag.startsWith('--only='))
    ?.slice('--only='.length)
    .split(',');
  const unknown = only?.find((name) => !(name in PARTS));
  if (unknown !== undefined)
    throw new Error(`there is no part ${unknown}; there are: ${Object.keys(PARTS).join(', ')}`);
  const life = createLife();
  const rows: Row[] = [];
  try {
    const nginx = await serveBench(life);
    for (const [name, measure] of Object.entries(PARTS)) {
      if (only && !only.includes(name)) continue;
      const found = await measure({life, nginx, runs});
      rows.push(...found);
      printTable(`checks, medians of ${runs}`, ['figure', 'measured', 'wanted'], found);
    }
  } finally {
    await life.end();
  }
  printTable(`checks, medians of ${runs}`, ['figure', 'measured', 'wanted'], rows);
}

async function blackbox(life: Life, nginx: Nginx, runs: number): Promise<Row[]> {
  const peer = await runBlackbox(life, nginx.port);
  const seen: Done[] = [];
  for (let run = 0; peer && run < runs; run++) seen.push(await peer(2));
  return [['flat out, prometheus-blackbox-exporter', seen.length > 0 ? shown(middle(seen)) : 'not installed', '']];
}

/** Both at 1,000 checks a second. */
async function atRate(nginx: Nginx, runs: number): Promise<Row[]> {
  const [ours, bare]: [Done[], Done[]] = [[], []];
  for (let run = 0; run < runs; run++) {
    ours.push(await measureProduct(httpChecks(1_000, {...nginx, interval: '1s'}), {nginx, seconds: SECONDS}));
    bare.push(await runPeer('http-bare', {port: nginx.port, seconds: SECONDS, rate: 1_000}));
  }
  const [a, b] = [middle(ours), middle(bare)];
  const rate = `${Math.round(a.done / SECONDS)} and ${Math.round(b.done / SECONDS)} a second`;
  return [
    [`HTTP at ${rate}: whole product`, `${micros(a)} µs a check`, ''],
    ['  bare undici Client a request', `${micros(b)} µs a check`, ''],
    ['  ratio', (micros(a) / micros(b)).toFixed(2), '1.3 or less'],
  ];
}

async function flatOut(nginx: Nginx, runs: number): Promise<Row[]> {
  const [ours, bare, plugin]: [Done[], Done[], Done[]] = [[], [], []];
  for (let run = 0; run < runs; run++) {
    ours.push(await measureProduct(httpChecks(8_000, {...nginx, interval: '1s'}), {nginx, seconds: SECONDS}));
    bare.push(await runPeer('http-bare', {port: nginx.port, seconds: 2}));
    if (existsSync(CHECK_HTTP)) plugin.push(await runPeer('check_http', {port: nginx.port, seconds: 2}));
  }
  return [
    [
      `flat out (${Math.round(middle(ours).done / SECONDS)} a second), whole product`,
      shown(middle(ours)),
      '6,000 or more',
    ],
    ['flat out, bare undici Client a request', shown(middle(bare)), ''],
    ['flat out, check_http', plugin.length > 0 ? shown(middle(plugin)) : 'not installed', ''],
  ];
}

/** One kind each, without scheduler and pipeline, beside the bare thing. */
async function single({port}: Nginx, runs: number): Promise<Row[]> {
  const postgres = await createPostgres();
  const seen = new Map<string, Done[]>();
  const names = [
    'http-check',
    'http-bare',
    'socket-check',
    'socket-bare',
    'postgres-check',
    'postgres-bare',
    'postgres-read-only',
  ] as const;
  try {
    for (let run = 0; run < runs; run++) {
      for (const name of names) {
        const done = await runPeer(name, {port, seconds: 1, login: postgres.login});
        seen.set(name, [...(seen.get(name) ?? []), done]);
      }
    }
  } finally {
    await postgres.remove();
  }
  type Name = (typeof names)[number];
  const cost = (name: Name) => micros(middle(seen.get(name) ?? []));
  const row = (what: string, check: Name, peer: Name, wanted: string): Row => {
    const [ours, bare] = [cost(check), cost(peer)];
    return [
      what,
      `${ours} µs to ${bare} µs: ${(ours / bare).toFixed(2)}, ${Math.round((100 * bare) / ours)} %`,
      wanted,
    ];
  };
  return [
    row('http check, fresh connections, to bare', 'http-check', 'http-bare', ''),
    row('socket check to a bare net.connect', 'socket-check', 'socket-bare', '60 % or more'),
    row('postgres check on a held connection to pg', 'postgres-check', 'postgres-bare', '1.5 or less'),
    row('  to pg in a read-only transaction too', 'postgres-check', 'postgres-read-only', ''),
  ];
}

/** The program's children are fping and nothing else. */
async function terminals(runs: number): Promise<Row[]> {
  const addresses = Array.from({length: TERMINALS}, (_, i) => `127.${1 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}`);
  const config = `checks:\n  all: {type: terminals, interval: ${SWEEP_S}s, timeout: 5s, addresses: [${addresses.join(', ')}]}\n`;
  const product = startProduct(config);
  const ratios: number[] = [];
  await wait(2.2 * SWEEP_S * 1_000);
  for (let run = 0; run < runs; run++) {
    const before = product.cpu();
    await wait(SWEEP_S * 1_000);
    const after = product.cpu();
    const fping = after.children - before.children;
    ratios.push((after.own - before.own + fping) / fping);
  }
  await product.stop();
  return [
    [
      `${TERMINALS} terminals a sweep, whole product with fping, to fping's own CPU`,
      median(ratios).toFixed(2),
      '2 or less',
    ],
  ];
}

/** 20,000 checks a minute on one core; nginx says when each of them arrived, and the names say when it should have. */
async function startLag(nginx: Nginx): Promise<Row[]> {
  const intervalMs = 6_000;
  const count = Math.round((20_000 * intervalMs) / 60_000);
  const product = startProduct(httpChecks(count, {...nginx, interval: '6s', path: '/log/'}), ['taskset', '-c', '0']);
  await wait(3.2 * intervalMs);
  const from = Date.now();
  await wait(2 * intervalMs);
  await product.stop();
  const lags = nginx
    .logged()
    .filter(({at}) => at >= from)
    .map(({path, at}) => distance(at - phaseOf(path.slice('/log/'.length), intervalMs), intervalMs))
    .sort((a, b) => a - b);
  const at = (share: number) => `${(lags[Math.floor(lags.length * share)] ?? Number.NaN).toFixed(0)} ms`;
  const what = `start lag at ${Math.round((lags.length * 60_000) / (2 * intervalMs))} checks a minute on one core, seen by nginx`;
  return [[what, `p50 ${at(0.5)}, p99 ${at(0.99)}, most ${at(0.9999)}`, 'p99 20 ms or less']];
}

async function memory(nginx: Nginx): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [count, seconds, wanted] of [
    [1_000, 10, '100 MB or less'],
    [10_000, 20, '220 MB or less'],
  ] as const) {
    const product = startProduct(httpChecks(count, {...nginx, interval: `${seconds}s`, path: `/log/of-${count}/`}));
    const seen = () =>
      new Set(nginx.logged().flatMap(({path}) => (path.startsWith(`/log/of-${count}/`) ? [path] : [])));
    while (seen().size < count) await wait(100);
    const allS = (Date.now() - product.startedAt) / 1_000;
    await wait(750 * seconds);
    rows.push([`resident with ${count} checks`, `${Math.round(product.residentMb())} MB`, wanted]);
    rows.push(['  of it what no file holds', `${Math.round(product.residentMb('RssAnon'))} MB`, '']);
    rows.push([`  all have run once after`, `${allS.toFixed(1)} s`, `one interval: ${seconds} s`]);
    await product.stop();
  }
  return rows;
}

/** nginx's moments are whole milliseconds, and may lie one before the slot: that is -1, not nearly a whole interval. */
function distance(ms: number, intervalMs: number): number {
  const beyond = ms % intervalMs;
  return beyond > intervalMs / 2 ? beyond - intervalMs : beyond;
}

/** When the first round is over and the code is warm. */
async function measureProduct(config: string, {nginx, seconds}: {nginx: Nginx; seconds: number}): Promise<Done> {
  const product = startProduct(config);
  const began = await nginx.count();
  while ((await nginx.count()) - began < 500) await wait(50);
  await wait(WARM_MS);
  const [before, countBefore] = [product.cpu().own, await nginx.count()];
  await wait(seconds * 1_000);
  const done = {done: (await nginx.count()) - countBefore - 1, cpuMs: product.cpu().own - before};
  await product.stop();
  return done;
}

function micros({done, cpuMs}: Done): number {
  return Math.round((cpuMs * 1_000) / done);
}

function shown({done, cpuMs}: Done): string {
  return `${Math.round((done * 1_000) / cpuMs)} checks a CPU-second`;
}

/** The run whose cost is the median. */
function middle(runs: readonly Done[]): Done {
  const cost = median(runs.map(({done, cpuMs}) => cpuMs / done));
  return runs.find(({done, cpuMs}) => cpuMs / done === cost) ?? {done: Number.NaN, cpuMs: Number.NaN};
}
