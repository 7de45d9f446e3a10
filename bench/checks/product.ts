import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {cpuOf} from './peers.ts';

export interface Product {
  readonly startedAt: number;
  readonly folder: string;
  readonly pid: number;
  cpu(): {own: number; children: number};
  /** All of it, or only what no file holds as well. */
  residentMb(what?: 'VmRSS' | 'RssAnon'): number;
  stop(): Promise<void>;
}

/** The whole program as users start it, with this config, its databases in a folder of its own. */
export function startProduct(config: string, before: readonly string[] = []): Product {
  const folder = mkdtempSync(join(tmpdir(), 'vakhta-bench-'));
  writeFileSync(join(folder, 'config.yaml'), config);
  const startedAt = Date.now();
  const [command = '', ...args] = [...before, 'sh', join(import.meta.dirname, '../../bin/vakhta'), 'run'];
  const child = spawn(command, args, {cwd: folder, stdio: 'ignore'});
  // sh and taskset replace themselves, so this is the program's own.
  const pid = child.pid ?? 0;
  return {
    ...{startedAt, folder, pid},
    cpu: () => cpuOf(pid),
    residentMb: (what = 'VmRSS') =>
      Number(new RegExp(`${what}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024,
    stop: async () => {
      child.kill('SIGTERM');
      await once(child, 'exit');
      rmSync(folder, {recursive: true});
    },
  };
}

/** So many checks of nginx, over a hundred addresses. */
export function httpChecks(
  count: number,
  {port, interval, path = '/'}: {port: number; interval: string; path?: string},
): string {
  const checks = Array.from(
    {length: count},
    (_, i) =>
      `  c${i}: {type: http, url: 'http://127.0.0.${(i % 100) + 1}:${port}${path}c${i}', expect: ['status == 200', 'json.status == "ok"']}`,
  );
  return `defaults: {interval: ${interval}, timeout: 5s}\nchecks:\n${checks.join('\n')}\n`;
}
