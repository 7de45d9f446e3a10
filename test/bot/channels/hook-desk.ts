import assert from 'node:assert/strict';
import http from 'node:http';
import https from 'node:https';
import type net from 'node:net';
import type {TestContext} from 'node:test';
import {createWebhookChannel} from '../../../src/bot/channels/webhook.ts';
import {type Clock, systemClock} from '../../../src/clock.ts';
import type {WebhookChannelConfig} from '../../../src/config/config.ts';
import type {CardMessage, Incident, Message} from '../../../src/state/vocabulary.ts';
import type {OutboxRow} from '../../../src/store/store.ts';
import {START} from '../../support/hand-clock.ts';
import {checkConfig, configWith, keptLog, machine, newFolder, notice, readerOf, storeIn} from '../world.ts';

export const MINUTE = 60_000;
export const incident: Incident = {
  id: 4,
  check: 'billing-api',
  openedAt: START,
  reason: 'HTTP 503',
  errors: 3,
  cards: [1],
};
export const closed: Incident = {...incident, closedAt: START + MINUTE};
export const card: CardMessage = {
  kind: 'card',
  channel: 'hook',
  reason: 'first',
  card: 1,
  incidents: [incident],
  total: 1,
  open: 1,
  missed: [],
};
const by = {id: 222, name: 'Boris'};
const targets = {listed: [{target: '192.0.2.17', reason: 'no answer', since: START}], count: 1, of: 3};
export const messages: readonly Message[] = [
  card,
  {...card, incidents: [{...incident, falseTargets: targets}], missed: [closed], delayedSince: START},
  {
    ...card,
    kind: 'edit',
    reason: 'acknowledged',
    incidents: [{...incident, acknowledged: {by, at: START, why: 'on it', until: START + MINUTE}}],
  },
  {...card, kind: 'edit', reason: 'removed', open: 0, incidents: [{...closed, removed: true}]},
  {kind: 'recovery', channel: 'hook', reason: 'recovered', card: 1, incidents: [closed], more: 2},
  {kind: 'reminder', channel: 'hook', reason: 'repeat', card: 1, incidents: [incident], more: 0},
  {kind: 'flapping', channel: 'hook', reason: 'flapping_ended', check: 'billing-api', isDown: true, since: START},
  notice('disk full', 'hook'),
];

interface Taken {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

type Answer = (response: http.ServerResponse, request: http.IncomingMessage) => void;

/** A real HTTP server that reads each request and then answers as the test says. */
export async function receiver(
  context: TestContext,
  answer: Answer = (response) => response.writeHead(204).end(),
  pair?: {cert: Buffer; key: Buffer},
) {
  const taken: Taken[] = [];
  const listener: http.RequestListener = (request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      taken.push({method: request.method, path: request.url, headers: request.headers, body});
      answer(response, request);
    });
    request.on('error', () => {});
  };
  const server = pair ? https.createServer(pair, listener) : http.createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const {port} = server.address() as net.AddressInfo;
  return {taken, url: `${pair ? 'https' : 'http'}://${pair ? 'localhost' : '127.0.0.1'}:${port}/hooks/vakhta?team=ops`};
}

type Given = Partial<WebhookChannelConfig> & {clock?: Clock; signal?: AbortSignal; row?: Partial<OutboxRow>};

export async function send(context: TestContext, url: string, message: Message, given: Given = {}) {
  const {clock = systemClock, signal = new AbortController().signal, row: changes, ...keys} = given;
  const {log, lines} = keptLog();
  const config: WebhookChannelConfig = {
    name: 'hook',
    type: 'webhook',
    url,
    format: 'vakhta',
    headers: {},
    systemInfo: false,
    timeoutMs: 5_000,
    ...keys,
  };
  const checks = [checkConfig('billing-api', {group: 'shops', comment: 'Call Anna.'})];
  const reader = readerOf(configWith({checks}));
  const store = storeIn(context, newFolder(), clock);
  const channel = createWebhookChannel(
    {reader, clock, log, store, machine, print: () => {}, telegram: undefined},
    config,
  );
  const row = {id: 12, lane: 'hook', message, createdAt: START, dueAt: 0, attempts: 0, inDoubt: false, ...changes};
  return {outcome: await channel.deliver({row, message}, signal), lines};
}

export async function bodyOf(context: TestContext, message: Message, given: Given = {}) {
  const {taken, url} = await receiver(context);
  const {outcome} = await send(context, url, message, given);
  assert.deepEqual(outcome, {kind: 'delivered'});
  return JSON.parse(taken[0]?.body ?? '');
}
