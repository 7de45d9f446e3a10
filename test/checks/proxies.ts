import type {ChildProcess} from 'node:child_process';
import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {serveOn} from './nginx.ts';
import {closedPort, type Life} from './servers.ts';

export interface Proxy {
  readonly port: number;
  readonly child: ChildProcess;
}

/** Debian's tinyproxy; `BasicAuth NAME PASSWORD` among the lines has it want these. */
export async function startTinyproxy(
  t: Life,
  lines: readonly string[] = [],
  given: {readonly port?: number} = {},
): Promise<Proxy> {
  const folder = await mkdtemp(join(tmpdir(), 'vakhta-proxy-'));
  t.after(() => rm(folder, {recursive: true}));
  const port = given.port ?? (await closedPort());
  const config = [
    `Port ${port}`,
    'Listen 127.0.0.1',
    'Timeout 60',
    'MaxClients 50',
    `LogFile "${folder}/log"`,
    ...lines,
  ];
  await writeFile(join(folder, 'conf'), `${config.join('\n')}\n`);
  return {port, child: await serveOn(t, ['tinyproxy', '-d', '-c', join(folder, 'conf')], port)};
}

/**
 * Debian's microsocks, a SOCKS5 server. `hosts` becomes its /etc/hosts, which nobody else sees: needs root.
 */
export async function startMicrosocks(
  t: Life,
  {login, hosts}: {readonly login?: {readonly user: string; readonly password: string}; readonly hosts?: string} = {},
): Promise<Proxy> {
  const port = await closedPort();
  const wanted = login ? ['-u', login.user, '-P', login.password] : [];
  const command: [string, ...string[]] = ['microsocks', '-i', '127.0.0.1', '-p', String(port), ...wanted];
  if (hosts === undefined) return {port, child: await serveOn(t, command, port)};
  const folder = await mkdtemp(join(tmpdir(), 'vakhta-hosts-'));
  t.after(() => rm(folder, {recursive: true}));
  await writeFile(join(folder, 'hosts'), hosts);
  const script = 'mount --bind "$0" /etc/hosts && exec "$@"';
  return {
    port,
    child: await serveOn(t, ['unshare', '--mount', 'sh', '-c', script, join(folder, 'hosts'), ...command], port),
  };
}
