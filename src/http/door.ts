import {once} from 'node:events';
import type {FastifyInstance} from 'fastify';
import type {Logger} from 'pino';
import type {Cancel, Clock} from '../clock.ts';
import type {HttpConfig} from '../config/config.ts';
import type {House} from './house.ts';
import type {Server} from './server.ts';

/** A port that is taken is tried again this often. */
const AGAIN_MS = 10_000;
/** How long answers under way may take when the server closes. */
const CLOSE_MS = 500;
/** For the name, fastify would open a server for each of its addresses, with limits for the first one only. */
const LOCALHOST = '127.0.0.1';

/** The server across configurations: it is opened, closed or left as it is, as each of them asks for. */
export interface Door {
  /** Answers with this from now on. Never rejects: what keeps it from listening is told of, and tried again. */
  use(house: House): Promise<void>;
  /** Lets the answers under way end. */
  close(): Promise<void>;
}

interface Open {
  readonly config: HttpConfig;
  readonly server: Server;
  readonly app: FastifyInstance;
}

export function createDoor(use: {
  readonly clock: Clock;
  readonly log: Logger;
  /** Once for each time that the port cannot be had. */
  readonly onFailed: (detail: string) => void;
}): Door {
  const {clock, log, onFailed} = use;
  let house: House | undefined;
  let open: Open | undefined;
  let opening: Promise<void> = Promise.resolve();
  let unset: Cancel = () => {};

  const current = () => {
    if (!house) throw new Error('a request came before the door was opened');
    return house;
  };

  async function listen(config: HttpConfig, isFirst: boolean): Promise<void> {
    const {createServer} = await import('./server.ts');
    const {createApp} = await import('./app.ts');
    const server = createServer({tls: config.tls});
    const app = createApp({house: current, clock, log, serverFactory: server.factory});
    try {
      await app.listen({host: config.host === 'localhost' ? LOCALHOST : config.host, port: config.port});
      open = {config, server, app};
      log.info({listens: addressOf(config)}, 'the HTTP server listens');
    } catch (error) {
      await app.close();
      if (isFirst) onFailed(`${addressOf(config)}: ${whyNot(error)}`);
      unset = clock.after(AGAIN_MS, () => {
        opening = listen(config, false);
      });
    }
  }

  async function shut(): Promise<void> {
    await opening;
    unset();
    const closing = open;
    open = undefined;
    if (!closing) return;
    const {server, app} = closing;
    const {signal, cancel} = clock.deadline(CLOSE_MS);
    const closed = once(server.http, 'close', {signal}).catch(() => {});
    server.http.close();
    server.http.closeIdleConnections();
    await closed;
    cancel();
    await app.close();
  }

  return {
    use: async (next) => {
      house = next;
      const {http} = next.config;
      if (http && open && isSamePlace(http, open.config)) {
        if (http.tls) open.server.renew(http.tls);
        return;
      }
      await shut();
      if (http) await listen(http, true);
    },
    close: shut,
  };
}

export function addressOf({host, port, tls}: HttpConfig): string {
  const shown = host === '::' ? '*' : host.includes(':') ? `[${host}]` : host;
  return `${tls ? 'https' : 'http'}://${shown}:${port}`;
}

function isSamePlace(a: HttpConfig, b: HttpConfig): boolean {
  return a.host === b.host && a.port === b.port && (a.tls === undefined) === (b.tls === undefined);
}

function whyNot(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  if (code === 'EADDRINUSE') return 'another program listens there';
  if (code === 'EACCES') return 'ports below 1024 need a privilege';
  return code === 'EADDRNOTAVAIL' ? 'this machine has no such address' : code;
}
