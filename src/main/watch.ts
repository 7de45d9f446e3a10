import {HOSTNAME} from '../../HOSTNAME.ts';
import {createChannels} from '../bot/channels/index.ts';
import {createDesk} from '../bot/desk.ts';
import {createFallback} from '../bot/fallback.ts';
import {readMachine as machine} from '../bot/messages/machine.ts';
import {createOutbox} from '../bot/outbox.ts';
import {createReaders} from '../bot/readers.ts';
import {openTelegram} from '../bot/telegram/open.ts';
import {systemClock as clock, every} from '../clock.ts';
import type {Config} from '../config/config.ts';
import {createHouse} from '../house.ts';
import {createJobs, followFirstRound} from '../jobs.ts';
import type {Lasting} from '../main.ts';
import {openMetrics} from '../metrics.ts';
import {createScheduler} from '../scheduler.ts';
import {giveBackNowAndThen} from './give-back.ts';

/** Deliveries under way get this long to end at shutdown; Ctrl-C must be done within two seconds. */
const STOP_GRACE_MS = 1_000;
/** Delivered messages are of use to somebody who looks into last week's alert; then they go. */
const KEEP_DELIVERED_MS = 7 * 24 * 3_600_000;
const PRUNE_EVERY_MS = 3_600_000;

/** Everything that depends on the configuration is built anew for each of them. Resolves with the next one. */
export async function watch(config: Config, lasting: Lasting) {
  const {pipeline, stopSpine, store, logs, log, current, reloads, notify, door, terminal} = lasting;
  const {telegram, desk, outbox, scheduler, ran, house, readers} = await assemble(config, lasting);
  Object.assign(current, {wake: outbox.wake, take: desk.take});
  const stopping = new AbortController();
  pipeline.start();
  scheduler.start();
  outbox.wake();
  await door.use(house);
  notify.begun({config, ran, lagMs: scheduler.lagMs});
  void ran.then(() => giveBackNowAndThen(clock, stopping.signal));
  const loops = [
    telegram?.serve(
      {
        config,
        desk,
        store,
        clock,
        log: logs.of('telegram'),
        readers,
        tell: terminal.print,
        view: () => pipeline.view(),
      },
      stopping.signal,
    ),
    every(clock, config.logStatusEveryMs, stopping.signal, () => log.info({status: pipeline.statusMap()}, 'status')),
    every(clock, PRUNE_EVERY_MS, stopping.signal, () => store.outbox.prune(clock.now() - KEEP_DELIVERED_MS)),
  ];
  const next = await reloads.next(config);
  notify.ended(next !== undefined);
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
  if (config.http) current.metrics ??= await openMetrics({...lasting, clock});
  const {metrics} = current;
  const told = {...lasting, ...metrics?.listeners, clock};
  const readers = createReaders(config, HOSTNAME, store.telegram, nextCheckAt);
  const telegram = await openTelegram(config, {store, readers, clock, machine, log: logs.of('telegram')});
  const log = logs.of('outbox');
  const use = {readers, clock, log, store, machine, print: terminal.print, telegram};
  const outbox = createOutbox({
    ...{...told, log, random: Math.random},
    channel: await createChannels(config, use),
    fallback: createFallback(config),
    onBacklog: (channel, {rows, backlog}) => pipeline.delayed(channel, backlog, rows),
    onGivenUp: (card, movedTo) => pipeline.givenUp(card, movedTo),
    onDead: (channel, reason) => pipeline.notice('channel_dead', `${channel}: ${reason}`),
  });
  const {jobs, ran} = followFirstRound(createJobs(config, {...told, log: logs.of('checks')}));
  const scheduler = createScheduler({...config, ...told, log: logs.of('scheduler')}, jobs);
  const orders = {config, readers, clock, log: logs.of('audit'), reload: reloads.request};
  const desk = createDesk({...lasting, ...orders, runNow: scheduler.runNow});
  const house = createHouse(config, {...told, jobs, telegram, metrics});
  return {telegram, outbox, desk, scheduler, ran, house, readers};
}
