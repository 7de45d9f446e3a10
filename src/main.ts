import {HOSTNAME} from '../HOSTNAME.ts';
import manifest from '../package.json' with {type: 'json'};
import {createAwake} from './awake.ts';
import {banner} from './banner.ts';
import {createChannels} from './bot/channels/index.ts';
import {createDesk, type OrderDesk} from './bot/desk.ts';
import {createFallback} from './bot/fallback.ts';
import {readMachine as machine} from './bot/messages/machine.ts';
import {createOutbox} from './bot/outbox.ts';
import {createPainter} from './bot/pictures/painter.ts';
import {createTerminal, type Terminal} from './bot/prompt.ts';
import {createReaders} from './bot/readers.ts';
import {openTelegram} from './bot/telegram/open.ts';
import {createCalendar, cronStretch} from './calendar.ts';
import {strayCheck} from './checks/index.ts';
import {systemClock as clock, every} from './clock.ts';
import type {Config} from './config/config.ts';
import {loadConfig} from './config/load.ts';
import {createRedact, type Redact} from './config/redact.ts';
import {createHouse} from './house.ts';
import {createDoor} from './http/door.ts';
import {createJobs} from './jobs.ts';
import {createLogs, type Logs, logCrash} from './log.ts';
import {type Metrics, openMetrics} from './metrics.ts';
import {createReloads, summarize} from './reload.ts';
import {createScheduler} from './scheduler.ts';
import {createSpine} from './spine.ts';
import {openStoreOrSayWhyNot} from './store/open.ts';
import type {Store} from './store/store.ts';

/** Deliveries under way get this long to end at shutdown; Ctrl-C must be done within two seconds. */
const STOP_GRACE_MS = 1_000;
/** Delivered messages are of use to somebody who looks into last week's alert; then they go. */
const KEEP_DELIVERED_MS = 7 * 24 * 3_600_000;
const PRUNE_EVERY_MS = 3_600_000;

/** Watches until it is told to stop. Resolves with what keeps it from starting, or with nothing. */
export async function run(first: Config, secrets: readonly string[]): Promise<string | undefined> {
  let strike = createRedact(secrets);
  const redact: Redact = (text) => strike(text);
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
  const lasting = createLasting(first, {store, logs, terminal, redact});
  const {pipeline} = lasting;
  const logPlaces = {logFile: logs.file(), logsToStdout: !isTTY};
  const facts = {server: HOSTNAME, version: manifest.version, takesOrders: process.stdin.isTTY, ...logPlaces};
  for (const line of banner({...facts, config: first, mocksUrl: mocks?.api.url})) terminal.print(line);
  // Only now: what the store found when it was opened is told after the banner.
  store.onNotice((code, detail) => pipeline.notice(code, detail));

  for (let config = first; ; ) {
    const next = await serve(config, lasting);
    if (!next) break;
    strike = createRedact([...secrets, ...next.secrets]);
    logs.apply(next.config);
    pipeline.reload(next.config);
    pipeline.notice('config_reloaded', summarize(config, next.config));
    config = next.config;
  }
  pipeline.stop();
  lasting.awake.stop();
  lasting.current.metrics?.close();
  await Promise.all([store.close(), mocks?.stop(), lasting.painter.close()]);
  terminal.close();
  return undefined;
}

type Lasting = ReturnType<typeof createLasting>;

/** What lives as long as the process does: what is known, and where people are reached. */
function createLasting(config: Config, given: {store: Store; logs: Logs; terminal: Terminal; redact: Redact}) {
  const {store, logs, terminal} = given;
  const log = logs.of('main');
  const current: {wake: () => void; take?: OrderDesk['take']; metrics?: Metrics} = {wake: () => {}};
  const spine = createSpine({...given, config, clock, cron: cronStretch, onQueued: () => current.wake()});
  const {pipeline} = spine;
  store.onReset(() => pipeline.restate());
  const onRefused = (problems: string) => pipeline.notice('config_refused', problems);
  const reloads = createReloads({clock, log, load: () => loadConfig(config.file, process.env), onRefused});
  process.once('SIGINT', reloads.stop).once('SIGTERM', reloads.stop).on('SIGHUP', reloads.request);
  const take: OrderDesk['take'] = (...order) => current.take?.(...order) ?? {lines: []};
  terminal.listen({desk: {take}, clock, onEnd: () => reloads.stop('the console')});
  const onFailed = (detail: string) => pipeline.notice('not_listening', detail);
  const door = createDoor({clock, log: logs.of('http'), onFailed});
  const awake = createAwake(clock);
  const timing = {calendar: createCalendar(clock), startedAt: clock.monotonic(), reachableSince: awake.since};
  const painter = createPainter({clock});
  return {...given, ...spine, log, reloads, current, door, awake, painter, ...timing};
}

/** Everything that depends on the configuration is built anew for each of them. Resolves with the next one. */
async function serve(config: Config, lasting: Lasting) {
  const {pipeline, stopSpine, store, logs, log, current, reloads, door, terminal} = lasting;
  const {telegram, desk, outbox, scheduler, house, readers} = await assemble(config, lasting);
  Object.assign(current, {wake: outbox.wake, take: desk.take});
  const stopping = new AbortController();
  const {signal} = stopping;
  pipeline.start();
  scheduler.start();
  outbox.wake();
  await door.use(house);
  const loops = [
    telegram?.serve({config, desk, store, clock, log: logs.of('telegram'), readers, tell: terminal.print}, signal),
    every(clock, config.logStatusEveryMs, signal, () => log.info({status: pipeline.statusMap()}, 'status')),
    every(clock, PRUNE_EVERY_MS, signal, () => store.outbox.prune(clock.now() - KEEP_DELIVERED_MS)),
  ];
  const next = await reloads.next(config);
  stopping.abort();
  await scheduler.stop();
  await desk.stop();
  if (!next) await stopSpine();
  await Promise.all([outbox.stop(STOP_GRACE_MS), next ? undefined : door.close()]);
  await Promise.all([...loops, telegram?.hangUp()]);
  return next;
}

async function assemble(config: Config, lasting: Lasting) {
  const {store, logs, pipeline, nextCheckAt, terminal, reloads, current} = lasting;
  const {version} = manifest;
  if (config.http) current.metrics ??= await openMetrics({...lasting, clock, version, server: HOSTNAME});
  const {metrics} = current;
  const told = {...lasting, ...metrics?.listeners, clock};
  const readers = createReaders(config, HOSTNAME, store.telegram, nextCheckAt);
  const telegram = await openTelegram(config, {store, readers, clock, machine});
  const log = logs.of('outbox');
  const use = {readers, clock, log, store, machine, print: terminal.print, telegram};
  const outbox = createOutbox({
    ...{...told, log, random: Math.random},
    channel: await createChannels(config, use),
    fallback: createFallback(config),
    onBacklog: (channel, {rows, backlog}) => pipeline.delayed(channel, backlog, rows),
    onGivenUp: (card) => pipeline.givenUp(card),
    onDead: (channel, reason) => pipeline.notice('channel_dead', `${channel}: ${reason}`),
  });
  const jobs = createJobs(config, {...told, log: logs.of('checks')});
  const scheduler = createScheduler({...config, ...told, log: logs.of('scheduler')}, jobs);
  const orders = {config, readers, clock, version, log: logs.of('audit'), reload: reloads.request};
  const desk = createDesk({...lasting, ...orders, runNow: scheduler.runNow});
  const house = createHouse(config, {...told, jobs, telegram, metrics});
  return {telegram, outbox, desk, scheduler, house, readers};
}
