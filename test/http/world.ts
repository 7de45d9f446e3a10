import {once} from 'node:events';
import net from 'node:net';
import {join} from 'node:path';
import type {TestContext} from 'node:test';
import {cronStretch} from '../../src/calendar.ts';
import {systemClock as clock} from '../../src/clock.ts';
import {createRedact} from '../../src/config/redact.ts';
import {createHouse} from '../../src/house.ts';
import {createDoor, type Door} from '../../src/http/door.ts';
import type {House} from '../../src/http/house.ts';
import {createJobs} from '../../src/jobs.ts';
import {Pipeline} from '../../src/pipeline.ts';
import {openStore} from '../../src/store/open.ts';
import {keptLog} from '../bot/world.ts';
import {createFolder} from '../config/folder.ts';

export interface World {
  readonly port: number;
  readonly url: string;
  readonly folder: string;
  readonly pipeline: Pipeline;
  readonly door: Door;
  readonly house: House;
  readonly failures: string[];
  /** Runs every check once. */
  readonly look: () => Promise<void>;
  readonly get: (path: string, init?: RequestInit) => Promise<Response>;
}

/** The server as main.ts wires it, on a free port, over a real store. `http` are further keys of that block. */
export async function startWorld(
  context: TestContext,
  {
    checks,
    http = '',
    change = (house) => house,
    port = 0,
  }: {
    readonly checks: string;
    readonly http?: string;
    readonly port?: number;
    readonly change?: (house: House) => House;
  },
): Promise<World> {
  const folder = createFolder(context);
  const chosen = port || (await freePort());
  const text = `data_dir: ./data\nhttp: {listen: '127.0.0.1:${chosen}'${http}}\nchecks:\n${checks}`;
  const config = folder.config(text);
  const {log} = keptLog();
  const store = openStore({...config, clock});
  const pipeline = new Pipeline({config, clock, store, log, cron: cronStretch, onQueued: () => {}});
  const loaded = folder.load(text);
  const redact = createRedact(loaded.ok ? loaded.secrets : []);
  const startedAt = clock.now();
  const use = {pipeline, store, clock, log, redact, reachableSince: () => startedAt};
  const jobs = createJobs(config, use);
  const house = change(createHouse(config, {...use, jobs, telegram: undefined}));
  const failures: string[] = [];
  const door = createDoor({clock, log, onFailed: (detail) => failures.push(detail)});
  context.after(async () => {
    pipeline.stop();
    await door.close();
    await store.close();
  });
  pipeline.start();
  await door.use(house);
  const url = `${config.http?.tls ? 'https' : 'http'}://127.0.0.1:${chosen}`;
  return {
    port: chosen,
    url,
    folder: join(folder.path, 'data'),
    ...{pipeline, door, house, failures},
    look: async () => {
      await Promise.all(jobs.map((job) => job.run(new AbortController().signal)));
      await clock.sleep(10);
    },
    get: (path, init) => fetch(url + path, init),
  };
}

export async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}

/** Sends these bytes and resolves with all that comes back until the server ends the connection. */
export function raw(port: number, bytes: string | Buffer): Promise<string> {
  const {promise, resolve} = Promise.withResolvers<string>();
  const socket = net.connect(port, '127.0.0.1');
  let answer = '';
  socket.setEncoding('latin1').on('data', (data) => {
    answer += data;
  });
  socket.on('error', () => {});
  socket.once('close', () => resolve(answer));
  socket.write(bytes);
  return promise;
}

export function statusOf(answer: string): number {
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);
}
