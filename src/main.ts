import {join} from 'node:path';
import type {Logger} from 'pino';
import {HOSTNAME} from '../HOSTNAME.ts';
import packageJson from '../package.json' with {type: 'json'};
import {banner} from './banner.ts';
import {createChannels} from './bot/channels/index.ts';
import {createDesk} from './bot/desk.ts';
import {createFallback} from './bot/fallback.ts';
import {en} from './bot/messages/en.ts';
import {createFormat} from './bot/messages/format.ts';
import type {Reader} from './bot/messages/render.ts';
import {createOutbox} from './bot/outbox.ts';
import {createTerminal} from './bot/prompt.ts';
import {prepareCheck, strayCheck} from './checks/index.ts';
import {systemClock as clock} from './clock.ts';
import type {Config} from './config/config.ts';
import {createRedact, type Redact, redactReason} from './config/redact.ts';
import {createLog, logCrash} from './log.ts';
import {Pipeline} from './pipeline.ts';
import {createScheduler, type Job} from './scheduler.ts';
import {openStore} from './store/open.ts';
import {StoreRefused} from './store/sickness.ts';
import type {Store} from './store/store.ts';

/** Deliveries under way get this long to end at shutdown; Ctrl-C must be done within two seconds. */
const STOP_GRACE_MS = 1_000;
/** Delivered messages are of use to somebody who looks into last week's alert; then they go. */
const KEEP_DELIVERED_MS = 7 * 24 * 3_600_000;
const PRUNE_EVERY_MS = 3_600_000;

/** Watches until it is told to stop. Resolves with what keeps it from starting, or with nothing. */
export async function run(config: Config, secrets: readonly string[]): Promise<string | undefined> {
  const logFile = process.stdout.isTTY ? join(config.dataDir, 'vakhta.log') : undefined;
  const redact = createRedact(secrets);
  const log = createLog({file: logFile, secrets, server: HOSTNAME});
  logCrash(log, strayCheck);
  const store = open(config, log);
  if (typeof store === 'string') return store;
  const mocks = config.mocks ? await startMocks() : undefined;
  if (typeof mocks === 'string') {
    // Its writer would keep the program from ending.
    await store.close();
    return mocks;
  }
  const parts = await assemble(config, {store, log, redact});

  const takesOrders = process.stdin.isTTY;
  const facts = {
    config,
    server: HOSTNAME,
    version: packageJson.version,
    logFile,
    mocksUrl: mocks?.api.url,
    takesOrders,
  };
  for (const line of banner(facts)) parts.terminal.print(line);
  const stop = waitForStop(parts);
  const stopping = new AbortController();
  const loops = start(config, parts, stopping.signal);
  log.info({signal: await stop}, 'stopping');

  stopping.abort();
  await parts.scheduler.stop();
  parts.pipeline.stop();
  await parts.outbox.stop(STOP_GRACE_MS);
  await Promise.all([...loops, parts.telegram?.hangUp(), mocks?.stop()]);
  await store.close();
  parts.terminal.close();
  return undefined;
}

type Parts = Awaited<ReturnType<typeof assemble>>;

async function assemble(config: Config, {store, log, redact}: {store: Store; log: Logger; redact: Redact}) {
  const terminal = createTerminal(process.stdin, process.stdout);
  const checks = new Map(config.checks.map((check) => [check.name, check]));
  const format = createFormat(en, config.timezone);
  const reader: Reader = {words: en, format, server: HOSTNAME, check: (name) => checks.get(name)};
  const telegram = await openTelegram(config, {store, reader, clock, words: en});
  let wake = () => {};
  const pipeline = new Pipeline({config, clock, store, log, onQueued: () => wake()});
  const outbox = createOutbox({
    store,
    clock,
    log,
    random: Math.random,
    channel: createChannels({config, reader, clock, print: terminal.print, telegram}),
    fallback: createFallback(config),
    onDead: (channel, reason) => pipeline.notice('channel_dead', `${channel}: ${reason}`),
  });
  wake = outbox.wake;
  store.onReset(() => pipeline.restate());
  const desk = createDesk({config, reader, version: packageJson.version, pipeline, store, clock, log});
  const scheduler = createScheduler({clock, log}, createJobs(config, {pipeline, store, redact, log}));
  return {terminal, telegram, pipeline, outbox, desk, scheduler, store, log};
}

/** Sets everything going; the loops end when the signal aborts. */
function start(config: Config, parts: Parts, signal: AbortSignal): (Promise<void> | undefined)[] {
  const {telegram, pipeline, scheduler, outbox, store, log, desk} = parts;
  // Only now: what the store found when it was opened is told after the banner.
  store.onNotice((code, detail) => pipeline.notice(code, detail));
  pipeline.start();
  scheduler.start();
  outbox.wake();
  return [
    telegram?.serve({config, desk, store, clock, log, words: en}, signal),
    every(config.logStatusEveryMs, signal, () => log.info({status: pipeline.statusMap()}, 'status')),
    every(PRUNE_EVERY_MS, signal, () => store.outbox.prune(clock.now() - KEEP_DELIVERED_MS)),
  ];
}

function open(config: Config, log: Logger): Store | string {
  try {
    return openStore({...config, clock, log});
  } catch (error) {
    if (error instanceof StoreRefused) return error.message;
    throw error;
  }
}

async function startMocks() {
  const mocks = await import('../mocks/index.ts');
  return mocks.startMocks().catch((error) => `mocks: true in the config cannot be had: ${error.message}`);
}

async function openTelegram(config: Config, use: Parameters<TelegramModule['createTelegramSide']>[0]) {
  if (!config.telegram) return undefined;
  const {createTelegramSide}: TelegramModule = await import('./bot/telegram/side.ts');
  return createTelegramSide(use, config.telegram);
}

type TelegramModule = typeof import('./bot/telegram/side.ts');

/** The reasons of checks reach chats and databases, so they are redacted before anybody sees them. */
function createJobs(config: Config, use: {pipeline: Pipeline; store: Store; redact: Redact; log: Logger}): Job[] {
  return config.checks.map((check) => {
    const observe = prepareCheck(check, {clock, memory: use.store.memory(check.name), log: use.log});
    const run = async (signal: AbortSignal) =>
      use.pipeline.observe((await observe(signal)).map((observation) => redactReason(observation, use.redact)));
    return {name: check.name, intervalMs: check.intervalMs, run};
  });
}

/** Resolves with what ended it. */
function waitForStop({terminal, desk}: Parts): Promise<string> {
  return new Promise((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
    terminal.listen({desk, clock, onEnd: () => resolve('the console')});
  });
}

async function every(ms: number, signal: AbortSignal, work: () => void): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(ms, signal);
    if (!signal.aborted) work();
  }
}
