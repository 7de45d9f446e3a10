import assert from 'node:assert/strict';
import type {Channel, Delivery, Outcome} from '../../src/bot/channels/channel.ts';
import {createFallback} from '../../src/bot/fallback.ts';
import {createOutbox} from '../../src/bot/outbox.ts';
import type {CardMessage, Incident, Message} from '../../src/state/vocabulary.ts';
import type {Store} from '../../src/store/store.ts';
import {createHandClock, START} from '../support/hand-clock.ts';
import {alertConfig, checkConfig, configWith, keptLog, newFolder, storeIn} from './world.ts';

export const SECOND = 1_000;
export const HOUR = 3_600 * SECOND;
export const delivered: Outcome = {kind: 'delivered'};
export const retry: Outcome = {kind: 'retry', reason: 'no network'};

type Behaviour = (delivery: Delivery) => Outcome | Promise<Outcome>;

/** A channel that does what the test says, and keeps what it was given. */
export function channelOf(name: string, behaviour: Behaviour = () => delivered) {
  const tries: {at: number; delivery: Delivery}[] = [];
  const bench = {behaviour, tries};
  const channel = (now: () => number): Channel => ({
    name,
    deliver: async (delivery) => {
      tries.push({at: now(), delivery});
      return bench.behaviour(delivery);
    },
  });
  return Object.assign(bench, {channel, details: () => tries.map(({delivery}) => detailOf(delivery.message))});
}

export function detailOf(message: Message): string {
  return message.kind === 'notice' ? message.detail : `${message.kind} ${message.reason}`;
}

export type TestChannel = ReturnType<typeof channelOf>;

export function bench(
  context: Parameters<typeof storeIn>[0],
  channels: Record<string, TestChannel>,
  use: {
    fallback?: string;
    /** Where the check of `card` tells its news. */
    to?: readonly string[];
    dataDir?: string;
    clock?: ReturnType<typeof createHandClock>;
    random?: number;
  } = {},
) {
  const {clock = createHandClock(), dataDir = newFolder()} = use;
  const store = storeIn(context, dataDir, clock);
  const {log, lines} = keptLog();
  const dead: string[] = [];
  const givenUp: string[] = [];
  const fallback = use.fallback === undefined ? {} : {fallback: use.fallback};
  const config = configWith({
    alerts: alertConfig(fallback),
    channels: new Map(),
    checks: use.to ? [checkConfig('api', {alerts: alertConfig({...fallback, to: use.to})})] : [],
  });
  const outbox = createOutbox({
    store,
    clock,
    log,
    channel: (lane) => channels[lane]?.channel(clock.now),
    fallback: createFallback(config),
    onBacklog: (name) => assert.fail(`${name} has a backlog`),
    onGivenUp: (card, movedTo) => void givenUp.push(movedTo === undefined ? `${card}` : `${card} to ${movedTo}`),
    onDead: (channel) => void dead.push(channel),
    random: () => use.random ?? 0.5,
  });
  const queue = (...messages: Message[]) => {
    store.commit({now: clock.now(), messages, durable: true});
    outbox.wake();
  };
  return {clock, dataDir, store, outbox, queue, lines, dead, givenUp};
}

export function card(
  kind: 'card' | 'edit',
  changes: Partial<CardMessage> = {},
  incident: Partial<Incident> = {},
): CardMessage {
  const whole: Incident = {id: 1, check: 'api', openedAt: START, reason: 'x', errors: 3, cards: [1], ...incident};
  return {
    kind,
    channel: 'ops',
    reason: 'first',
    card: 1,
    incidents: [whole],
    total: 1,
    open: 1,
    missed: [],
    ...changes,
  };
}

export function undelivered(store: Store): number {
  return store.outbox.backlog().rows;
}
