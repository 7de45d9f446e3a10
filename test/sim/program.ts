import type {Logger} from 'pino';
import {createBudget} from '../../src/bot/budget.ts';
import type {Channel} from '../../src/bot/channels/channel.ts';
import {createConsoleChannel} from '../../src/bot/channels/console.ts';
import {createTelegramChannel} from '../../src/bot/channels/telegram.ts';
import {createDesk} from '../../src/bot/desk.ts';
import {createFallback} from '../../src/bot/fallback.ts';
import {createOutbox} from '../../src/bot/outbox.ts';
import {createReaders, type Readers} from '../../src/bot/readers.ts';
import {serveTelegram} from '../../src/bot/telegram/serve.ts';
import {cronStretch} from '../../src/calendar.ts';
import {attempt} from '../../src/checks/attempt.ts';
import type {Probe} from '../../src/checks/check.ts';
import {every} from '../../src/clock.ts';
import type {CheckConfig, Config} from '../../src/config/config.ts';
import {Pipeline} from '../../src/pipeline.ts';
import type {runCommand} from '../../src/recovery/run.ts';
import {createRunner} from '../../src/recovery/runner.ts';
import {createScheduler, type Job} from '../../src/scheduler.ts';
import type {RecoveryRun} from '../../src/state/recovery-vocabulary.ts';
import type {Observation} from '../../src/state/vocabulary.ts';
import type {OutboxRow, Store} from '../../src/store/store.ts';
import {machine} from '../bot/world.ts';
import type {Life} from './life.ts';
import type {Random} from './random.ts';
import type {SimTelegram} from './telegram.ts';

const STOP_GRACE_MS = 1_000;
const KEEP_DELIVERED_MS = 24 * 3_600_000;
const PRUNE_EVERY_MS = 3_600_000;

export interface ProgramUse {
  readonly life: Life;
  readonly store: Store;
  readonly telegram: SimTelegram;
  readonly random: Random;
  readonly log: Logger;
  readonly probe: (check: CheckConfig, life: Life) => Probe;
  readonly command: typeof runCommand;
  /** A recovery's command begins to run. */
  readonly onCommand: (run: RecoveryRun) => void;
  readonly onObserved: (run: readonly Observation[]) => void;
  readonly onConfigured: (config: Config) => void;
  /** A row is about to be delivered; what arrives in this lane until the next one is of this row. */
  readonly onDelivering: (row: OutboxRow, delivered: Parameters<Channel['deliver']>[0]['message']) => void;
  readonly onPrinted: (lane: string, text: string) => void;
  /** Planted bugs stand here; without any, a channel is used as it is. */
  readonly channel?: (channel: Channel, store: Store) => Channel;
}

export interface Program {
  readonly pipeline: Pipeline;
  /** As src/main.ts does it: everything that depends on the configuration is built anew. */
  reload(config: Config): Promise<void>;
  stop(): Promise<void>;
}

/** The wiring of src/main.ts, with the world's ends simulated: probes, the Bot API, the clock and the console. */
export function startProgram(first: Config, use: ProgramUse): Program {
  const {life, store, log} = use;
  const {clock} = life;
  let wake = () => {};
  let current = first;
  const runner = createRunner({
    ...{clock, log, config: () => current, redact: (text: string) => text, command: use.command},
    onEnded: (run) => life.isAlive() && pipeline.recoveryEnded(run),
  });
  const onRun = (run: RecoveryRun) => {
    if (!life.isAlive()) return;
    use.onCommand(run);
    runner.start(run);
  };
  const wiring = {clock, store, log, cron: cronStretch, onQueued: () => wake(), onRun};
  const pipeline: Pipeline = new Pipeline({config: first, ...wiring});
  store.onReset(() => life.isAlive() && pipeline.restate());
  store.onNotice((code, detail) => life.isAlive() && pipeline.notice(code, detail));
  let serving = serve(first);

  function serve(config: Config) {
    const readers = createReaders(config, 'shop-7', store.telegram);
    const outbox = createOutbox({
      store,
      clock,
      log,
      random: use.random.next,
      channel: createChannels(config, readers, use),
      fallback: createFallback(config),
      onBacklog: (channel, {rows, backlog}) => pipeline.delayed(channel, backlog, rows),
      onGivenUp: (card, movedTo) => pipeline.givenUp(card, movedTo),
      onDead: (channel, reason) => pipeline.notice('channel_dead', `${channel}: ${reason}`),
    });
    wake = outbox.wake;
    const desk = createDesk({config, readers, version: '0', pipeline, store, clock, log, reload: () => {}});
    const scheduler = createScheduler({...config, clock, log, calendar: noCalendar}, jobs(config, pipeline, use));
    const stopping = new AbortController();
    const {signal} = stopping;
    pipeline.start();
    scheduler.start();
    outbox.wake();
    const api = use.telegram.client(life, '');
    const loops = [
      serveTelegram(
        {api, config, desk, store, clock, log, readers, tell: () => {}, view: () => pipeline.view()},
        signal,
      ),
      every(clock, PRUNE_EVERY_MS, signal, () => store.outbox.prune(clock.now() - KEEP_DELIVERED_MS)),
    ];
    return {outbox, scheduler, stopping, loops};
  }

  async function end(isLast: boolean): Promise<void> {
    const {outbox, scheduler, stopping, loops} = serving;
    stopping.abort();
    await Promise.all([scheduler.stop(), isLast ? runner.stop() : undefined]);
    if (isLast) pipeline.stop();
    await outbox.stop(STOP_GRACE_MS);
    await Promise.all(loops);
  }

  return {
    pipeline,
    reload: async (config) => {
      await end(false);
      // What the last runs found is decided on by then, under the old configuration.
      await clock.sleep(10);
      if (!life.isAlive()) return;
      use.onConfigured(config);
      current = config;
      pipeline.reload(config);
      pipeline.notice('config_reloaded', 'simulated');
      serving = serve(config);
    },
    stop: () => end(true),
  };
}

/** No drawn check runs by the calendar. */
const noCalendar = () => () => {};

function jobs(config: Config, pipeline: Pipeline, use: ProgramUse): Job[] {
  const {clock} = use.life;
  return config.checks.map((spec) => {
    const probe = use.probe(spec, use.life);
    const subjects = spec.targets.length === 0 ? [undefined] : spec.targets.map(({address}) => address);
    const run = async (signal: AbortSignal) => {
      const at = clock.now();
      const findings = await attempt({probe, spec, clock, subjects}, signal);
      if (signal.aborted || !use.life.isAlive()) return;
      const observations = findings.map((finding) => ({check: spec.name, at, ...finding}));
      use.onObserved(observations);
      pipeline.observe(observations);
    };
    return {name: spec.name, intervalMs: spec.intervalMs, nextMs: () => pipeline.intervalMs(spec.name), run};
  });
}

function createChannels(config: Config, readers: Readers, use: ProgramUse): (lane: string) => Channel | undefined {
  const {life, store, telegram} = use;
  const {clock} = life;
  const budget = createBudget();
  const made = new Map<string, Channel | undefined>();
  const find = (lane: string): Channel | undefined => {
    const person = /^(?:chat|person):(.+)$/.exec(lane)?.[1];
    const place =
      person === undefined
        ? config.channels.get(lane)
        : ({type: 'telegram', name: lane, chatId: Number(person)} as const);
    // The simulated world has neither mail nor webhooks.
    if (place?.type !== 'telegram' && place?.type !== 'console') return undefined;
    const reader = readers.channel(lane);
    if (place.type === 'console')
      return createConsoleChannel({reader, clock, print: (text) => print(lane, text)}, lane);
    const api = telegram.client(life, lane);
    return createTelegramChannel({api, store, clock, budget, reader, machine, takesOrders: true}, place);
  };
  const print = (lane: string, text: string) => {
    life.point('before print');
    if (life.isAlive()) use.onPrinted(lane, text);
    life.point('after print');
  };
  return (lane) => {
    if (!made.has(lane)) {
      const channel = find(lane);
      const changed = channel && use.channel ? use.channel(channel, store) : channel;
      made.set(lane, changed && announced(changed, use));
    }
    return made.get(lane);
  };
}

/** A delivery that the program did not live to see the end of has none. */
function announced(channel: Channel, {life, onDelivering}: ProgramUse): Channel {
  return {
    ...channel,
    deliver: async (delivery, signal) => {
      if (life.isAlive()) onDelivering(delivery.row, delivery.message);
      const outcome = await channel.deliver(delivery, signal);
      return life.isAlive() ? outcome : new Promise(() => {});
    },
  };
}
