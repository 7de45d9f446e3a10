import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:http';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {median, printTable} from './table.ts';

const CHECKS = 100;
const RUNS = 5;
/** Long enough for V8 to have compiled what they make hot, which takes memory for a while: the figure is what stays. */
const SETTLE_MS = 40_000;

/** From the start of the process to its first check, and what it occupies, with 100 HTTP checks. */
export default async function start(): Promise<void> {
  const runs = [];
  for (let run = 0; run < RUNS; run++) runs.push(await measure());
  const rows = [
    ['start to first check', `${Math.round(median(runs.map(({firstMs}) => firstMs)))} ms`, 'under 1,000 ms'],
    ['start to all checks run', `${Math.round(median(runs.map(({allMs}) => allMs)))} ms`, 'one interval: 2,000 ms'],
    ['resident memory', `${Math.round(median(runs.map(({rssMb}) => rssMb)))} MB`, 'under 120 MB'],
  ];
  printTable(`${CHECKS} HTTP checks every 2 s, medians of ${RUNS}`, ['figure', 'measured', 'wanted'], rows);
}

async function measure(): Promise<{firstMs: number; allMs: number; rssMb: number}> {
  const seen = new Set<string>();
  let onRequest = () => {};
  const server = createServer((request, response) => {
    seen.add(request.url ?? '');
    onRequest();
    response.end('{"status":"ok"}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const folder = mkdtempSync(join(tmpdir(), 'vakhta-bench-'));
  writeFileSync(
    join(folder, 'config.yaml'),
    configFor(address !== null && typeof address === 'object' ? address.port : 0),
  );
  const startedAt = performance.now();
  const has = (count: number) =>
    new Promise<number>((resolve) => {
      onRequest = () => seen.size >= count && resolve(performance.now() - startedAt);
    });
  const first = has(1);
  const child = spawn('sh', [join(import.meta.dirname, '../bin/vakhta'), 'run'], {cwd: folder, stdio: 'ignore'});
  const firstMs = await first;
  const allMs = await has(CHECKS);
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  const rssMb = residentMb(child.pid ?? 0);
  child.kill('SIGTERM');
  await once(child, 'exit');
  server.closeAllConnections();
  server.close();
  rmSync(folder, {recursive: true});
  return {firstMs, allMs, rssMb};
}

function configFor(port: number): string {
  const checks = Array.from(
    {length: CHECKS},
    (_, i) =>
      `  c${i}: {type: http, url: 'http://127.0.0.1:${port}/${i}', expect: ['status == 200', 'json.status == "ok"']}`,
  );
  return `defaults: {interval: 2s, timeout: 1s}\nchecks:\n${checks.join('\n')}\n`;
}

function residentMb(pid: number): number {
  const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line?.[1] ?? Number.NaN) / 1024;
}
