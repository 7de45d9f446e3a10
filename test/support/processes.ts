import {type ChildProcess, spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {chownSync, mkdtempSync, rmSync} from 'node:fs';
import net from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

/** Database servers refuse to run as root: then this user, whom Debian's package brings, runs them. */
export interface RunAs {
  readonly uid?: number;
  readonly gid?: number;
}

export function runAs(user: string): RunAs {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string) => Number(spawnSync('id', [flag, user], {encoding: 'utf8'}).stdout);
  return {uid: id('-u'), gid: id('-g')};
}

/** A temporary folder of that user. */
export function createFolder(owner: RunAs): {readonly path: string; remove(): void} {
  const path = mkdtempSync(join(tmpdir(), 'vakhta-db-'));
  if (owner.uid !== undefined && owner.gid !== undefined) chownSync(path, owner.uid, owner.gid);
  return {path, remove: () => rmSync(path, {recursive: true, force: true})};
}

/** Runs a program to its end; throws with what it said when it fails. */
export function runProgram(command: string, args: readonly string[], options: RunAs & {input?: string} = {}): string {
  const {status, stdout, stderr, error} = spawnSync(command, args, {...options, encoding: 'utf8', cwd: tmpdir()});
  if (status !== 0) throw new Error(`${command} failed (${status}): ${error?.message ?? ''}${stderr}${stdout}`);
  return stdout;
}

/** A port of 127.0.0.1 that is free now. */
export async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address !== 'object') throw new Error('no port');
  return address.port;
}

/** Starts a server and waits until `isReady`; stopped by its own pid when this process ends, whatever becomes of the test. */
export async function startServer(
  [command, ...args]: readonly [string, ...string[]],
  isReady: () => Promise<boolean>,
  owner: RunAs,
): Promise<ChildProcess> {
  const child = spawn(command, args, {...owner, stdio: ['ignore', 'ignore', 'pipe'], cwd: tmpdir()});
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4_000);
  });
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  const end = performance.now() + 60_000;
  while (!(await isReady())) {
    if (child.exitCode !== null || performance.now() > end) throw new Error(`${command} does not start: ${said}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return child;
}

/** Ends a server with this signal, and waits for it. */
export async function stopServer(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  await once(child, 'exit');
}
