import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises';
import net from 'node:net';
import {tmpdir} from 'node:os';
import {delimiter, join} from 'node:path';
import {stopServer} from '../support/processes.ts';
import {closedPort, type Life} from './servers.ts';

/** Where Debian keeps servers. */
const env = {...process.env, PATH: [process.env.PATH, '/usr/sbin', '/sbin'].join(delimiter)};

/** Starts Debian's nginx with these `server { … }` blocks, in which each `@name` stands for a free port; gives the ports. */
export async function startNginx(
  t: Life,
  servers: (folder: string) => string,
  files: Readonly<Record<string, string>> = {},
): Promise<(name: string) => number> {
  const folder = await mkdtemp(join(tmpdir(), 'vakhta-nginx-'));
  await mkdir(join(folder, 'html'));
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  const ports = new Map<string, number>();
  const text = servers(folder);
  for (const [name] of text.matchAll(/@\w+/g)) if (!ports.has(name)) ports.set(name, await closedPort());
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const config = [
    `daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/error.log;`,
    'events { worker_connections 2048; }',
    `http { access_log off; root ${folder}/html;`,
    ...temporary.map((name) => `${name}_temp_path ${folder}/${name};`),
    text.replace(/@\w+/g, (name) => String(ports.get(name))),
    '}',
  ];
  await writeFile(join(folder, 'nginx.conf'), config.join('\n'));
  t.after(() => rm(folder, {recursive: true}));
  const [first = 0] = ports.values();
  await serveOn(t, ['nginx', '-p', folder, '-c', 'nginx.conf', '-e', join(folder, 'error.log')], first);
  return (name) => ports.get(`@${name}`) ?? 0;
}

/** Starts a program of Debian's that serves on a port, and waits until it does. */
export async function serveOn(
  t: Life,
  [command, ...args]: readonly [string, ...string[]],
  port: number,
): Promise<ChildProcess> {
  const child = spawn(command, args, {stdio: ['pipe', 'ignore', 'ignore'], env});
  t.after(() => stopServer(child, 'SIGKILL'));
  await untilOpen(port, child);
  return child;
}

async function untilOpen(port: number, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`${child.spawnfile} ended with ${child.exitCode}`);
    const isOpen = await Promise.any([answers(port, '127.0.0.1'), answers(port, '::1')]).catch(() => false);
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function answers(port: number, host: string): Promise<true> {
  const socket = net.connect({port, host});
  try {
    await once(socket, 'connect');
    return true;
  } finally {
    socket.destroy();
  }
}
