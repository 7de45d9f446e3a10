import {spawn} from 'node:child_process';
import {once} from 'node:events';
import http from 'node:http';
import net from 'node:net';
import type {TestContext} from 'node:test';
import {kinds, prepareCheck} from '../../src/checks/index.ts';
import {systemClock} from '../../src/clock.ts';
import type {Observation} from '../../src/state/vocabulary.ts';

/** Runs one check of a kind once on the machine's own clock, its options read as from config.yaml. */
export async function runOnce(
  kind: string,
  given: Record<string, unknown>,
  {timeoutMs = 5_000, attempts = 1, signal = new AbortController().signal} = {},
): Promise<Observation[]> {
  const options = kinds.get(kind)?.options.parse(given);
  const spec = {name: 'it', kind, options, timeoutMs, attempts, retryDelayMs: 1};
  return await prepareCheck(spec, {clock: systemClock})(signal);
}

/** The one observation of a check without targets, without what differs each time. */
export async function verdict(
  kind: string,
  given: Record<string, unknown>,
  run?: {timeoutMs?: number; attempts?: number},
): Promise<{result: string; reason: string}> {
  const [observation] = await runOnce(kind, given, run);
  if (!observation) throw new Error('there was no observation');
  return {result: observation.result, reason: observation.reason};
}

/** A check that is run several times; each run gives its reason. */
export function held(
  kind: string,
  given: Record<string, unknown>,
): (timeoutMs?: number) => Promise<string | undefined> {
  const options = kinds.get(kind)?.options.parse(given);
  const probe = kinds.get(kind)?.prepare(options, {clock: systemClock, timeoutMs: 5_000});
  return async (timeoutMs = 5_000) => {
    const {signal, cancel} = systemClock.deadline(timeoutMs);
    const [finding] = (await probe?.({signal})) ?? [];
    cancel();
    return finding?.reason;
  };
}

/** What ends with a test, or with a suite (`createLife`). */
export type Life = Pick<TestContext, 'after'>;

/** For what a whole suite shares: `after(life.end)`. */
export function createLife(): Life & {end(): Promise<void>} {
  const cleanups: (() => unknown)[] = [];
  return {
    after: (cleanup) => {
      if (cleanup) cleanups.unshift(() => Reflect.apply(cleanup, undefined, []));
    },
    end: async () => {
      for (const cleanup of cleanups) await cleanup();
    },
  };
}

/** Starts an HTTP server for one test; its address has no slash at the end. */
export async function serveHttp(t: TestContext, handler: http.RequestListener): Promise<string> {
  const server = http.createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${portOf(server)}`;
}

/** Starts a TCP server for one test, and returns its port. */
export async function serveTcp(
  t: TestContext,
  handler: (socket: net.Socket) => void,
  host = '127.0.0.1',
): Promise<number> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    handler(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return portOf(server);
}

/** A port of 127.0.0.1 on which nothing listens. */
export async function closedPort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The port of a stopped process whose queue of connections is full: further ones hang, as to a host that is gone. */
export async function stoppedServer(t: TestContext): Promise<number> {
  const program = `require('net').createServer().listen({port: 0, host: '0.0.0.0', backlog: 1}, function () {
    console.log(this.address().port); process.kill(process.pid, 'SIGSTOP') })`;
  const child = spawn(process.execPath, ['-e', program], {stdio: ['ignore', 'pipe', 'inherit']});
  t.after(() => child.kill('SIGKILL'));
  const [line] = await once(child.stdout.setEncoding('utf8'), 'data');
  return Number(line);
}

/** The port on which a server listens. */
export function portOf(server: net.Server): number {
  const address = server.address();
  if (address === null || typeof address !== 'object') throw new Error('the server does not listen');
  return address.port;
}
