import {HOSTNAME} from '../HOSTNAME.ts';
import manifest from '../package.json' with {type: 'json'};
import {createAwake} from './awake.ts';
import {banner} from './banner.ts';
import type {OrderDesk} from './bot/desk.ts';
import {createPainter} from './bot/pictures/painter.ts';
import {createTerminal, type Terminal} from './bot/prompt.ts';
import {createCalendar, cronStretch} from './calendar.ts';
import {strayCheck} from './checks/index.ts';
import {systemClock as clock} from './clock.ts';
import type {Config} from './config/config.ts';
import {loadConfig} from './config/load.ts';
import {createRedact, type Redact} from './config/redact.ts';
import {createDoor} from './http/door.ts';
import {createLogs, type Logs, logCrash} from './log.ts';
import {watch} from './main/watch.ts';
import type {Metrics} from './metrics.ts';
import {createNotify} from './notify.ts';
import {configFiles, createReloads, type Stamps, stampsOf, summarize} from './reload.ts';
import {createSpine} from './spine.ts';
import {openStoreOrSayWhyNot} from './store/open.ts';
import type {Store} from './store/store.ts';

const IDENTITY = {server: HOSTNAME, version: manifest.version};

/** Watches until it is told to stop. Resolves with what keeps it from starting, or with nothing. */
export async function run(first: Config, secrets: readonly string[]): Promise<string | undefined> {
  let strike = createRedact(secrets);
  const redact: Redact = (text) => strike(text);
  // What is written while the program starts is a change already.
  const read = stampsOf(configFiles(first));
  const {isTTY} = process.stdout;
  // Where standard output is no terminal it carries the log, so that the chat is on the other one.
  const terminal = createTerminal(process.stdin, isTTY ? process.stdout : process.stderr);
  const logs = createLogs({settings: first, redact, server: HOSTNAME, print: isTTY ? terminal.print : undefined});
  logCrash(logs.of('main'), strayCheck);
  const store = openStoreOrSayWhyNot({...first, clock, log: logs.of('store')});
  if (typeof store === 'string') return store;
  const mocks = first.mocks ? await (await import('../mocks/index.ts')).startOrSayWhyNot() : undefined;
  // The store's writer would keep the program from ending.
  if (typeof mocks === 'string') return store.close().then(() => mocks);
  const lasting = createLasting(first, {store, logs, terminal, redact, read});
  const facts = {...IDENTITY, takesOrders: process.stdin.isTTY, logFile: logs.file(), logsToStdout: !isTTY};
  for (const line of banner({...facts, config: first, mocksUrl: mocks?.api.url})) terminal.print(line);
  // Only now: what the store found when it was opened is told after the banner.
  store.onNotice((code, detail) => lasting.pipeline.notice(code, detail));

  for (let config = first; ; ) {
    const next = await watch(config, lasting);
    if (!next) break;
    strike = createRedact([...secrets, ...next.secrets]);
    logs.apply(next.config);
    lasting.pipeline.reload(next.config);
    lasting.pipeline.notice('config_reloaded', summarize(config, next.config));
    config = next.config;
  }
  lasting.pipeline.stop();
  lasting.awake.stop();
  lasting.current.metrics?.close();
  await Promise.all([store.close(), mocks?.stop(), lasting.painter.close()]);
  terminal.close();
  return undefined;
}

export type Lasting = ReturnType<typeof createLasting>;

interface Given {
  readonly store: Store;
  readonly logs: Logs;
  readonly terminal: Terminal;
  readonly redact: Redact;
  readonly read: Stamps;
}

/** What lives as long as the process does: what is known, and where people are reached. */
function createLasting(config: Config, given: Given) {
  const {store, logs, terminal} = given;
  const log = logs.of('main');
  const current: {wake: () => void; take?: OrderDesk['take']; metrics?: Metrics} = {wake: () => {}};
  const spine = createSpine({...given, config, clock, cron: cronStretch, onQueued: () => current.wake()});
  const {pipeline} = spine;
  store.onReset(() => pipeline.restate());
  const notify = createNotify({env: process.env, pipeline, store, clock, log, ...IDENTITY});
  const load = () => loadConfig(config.file, process.env, clock.now());
  const reloads = createReloads({clock, log, load, onRefused: notify.refused, read: given.read});
  // Ctrl-C a second time ends it at once; supervisors, and `timeout`, may send their signal twice and mean the same.
  process.once('SIGINT', reloads.stop).on('SIGTERM', reloads.stop).on('SIGHUP', reloads.request);
  const take: OrderDesk['take'] = (...order) => current.take?.(...order) ?? {lines: []};
  terminal.listen({desk: {take}, clock, onEnd: () => reloads.stop('the console')});
  const door = createDoor({clock, log: logs.of('http'), onFailed: (why) => pipeline.notice('not_listening', why)});
  const awake = createAwake(clock);
  const timing = {calendar: createCalendar(clock), startedAt: clock.monotonic(), reachableSince: awake.since};
  const painter = createPainter({clock});
  return {...IDENTITY, ...given, ...spine, log, reloads, notify, current, door, awake, painter, ...timing};
}
