import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {startNginx} from '../../test/checks/nginx.ts';
import type {Life} from '../../test/checks/servers.ts';

export interface Nginx {
  readonly port: number;
  /** Requests served so far. */
  count(): Promise<number>;
  /** When each of the logged paths was asked for, in epoch milliseconds; only below `/log/`. */
  logged(): {path: string; at: number}[];
}

/** One nginx for all peers: every address of 127.0.0.0/8, a small JSON answer, and a log of what is under `/log/`. */
export async function serveBench(life: Life): Promise<Nginx> {
  let log = '';
  const portOf = await startNginx(life, (folder) => {
    log = join(folder, 'access.log');
    return `log_format moments '$msec $uri'; keepalive_requests 1000000; default_type application/json;
      server { listen @main backlog=4096; location / { return 200 '{"status":"ok"}'; }
      location /log/ { access_log ${log} moments; return 200 '{"status":"ok"}'; }
      location /count { stub_status; } }`;
  });
  const port = portOf('main');
  return {
    port,
    count: async () => {
      const text = await (await fetch(`http://127.0.0.1:${port}/count`)).text();
      return Number(/\n \d+ \d+ (\d+)/.exec(text)?.[1]);
    },
    logged: () =>
      readFileSync(log, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => {
          const [seconds, path = ''] = line.split(' ');
          return {path, at: Number(seconds) * 1_000};
        }),
  };
}
