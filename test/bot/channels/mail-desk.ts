import assert from 'node:assert/strict';
import type {TestContext} from 'node:test';
import type {Channel, Outcome} from '../../../src/bot/channels/channel.ts';
import {createEmailChannel} from '../../../src/bot/channels/email.ts';
import {type Clock, systemClock} from '../../../src/clock.ts';
import type {EmailChannelConfig} from '../../../src/config/config.ts';
import type {CardMessage, Message} from '../../../src/state/vocabulary.ts';
import type {OutboxRow, Store} from '../../../src/store/store.ts';
import {START} from '../../support/hand-clock.ts';
import {keptLog, machine, newFolder, readerOf, storeIn} from '../world.ts';
import {headerText, type MailServer, type TakenMail} from './mail-server.ts';

export const card: CardMessage = {
  kind: 'card',
  channel: 'mail',
  reason: 'first',
  card: 1,
  incidents: [{id: 1, check: 'billing-api', openedAt: START, reason: 'HTTP 503', errors: 3, cards: [1]}],
  total: 1,
  open: 1,
  missed: [],
};
const by = {id: 222, name: 'Boris'};
export const acknowledged = card.incidents.map((one) => ({...one, acknowledged: {by, at: START, why: 'on it'}}));
export const over = card.incidents.map((one) => ({...one, closedAt: START + 60_000}));
export const recovery: Message & {kind: 'recovery' | 'reminder'} = {
  kind: 'recovery',
  channel: 'mail',
  reason: 'recovered',
  card: 1,
  incidents: over,
  more: 0,
};

export interface Desk {
  readonly channel: Channel;
  readonly send: (message: Message, changes?: Partial<OutboxRow>) => Promise<Outcome>;
  /** As the outbox does it: queued, sent and marked. */
  readonly pass: (message: Message) => Promise<Outcome>;
  readonly lines: ReturnType<typeof keptLog>['lines'];
}

/** The channel in front of this server, with a store of its own. */
export function desk(
  context: TestContext,
  port: number,
  {clock = systemClock, signal, ...changes}: Partial<EmailChannelConfig> & {clock?: Clock; signal?: AbortSignal} = {},
): Desk {
  const store: Store = storeIn(context, newFolder(), clock);
  const {log, lines} = keptLog();
  const config: EmailChannelConfig = {
    name: 'mail',
    type: 'email',
    host: '127.0.0.1',
    port,
    tls: 'none',
    from: {name: 'Vakhta', address: 'vakhta@shop.example'},
    to: [{address: 'anna@shop.example'}],
    subjectPrefix: '',
    systemInfo: false,
    timeoutMs: 5_000,
    ...changes,
  };
  const use = {reader: readerOf(), clock, log, store, machine, print: () => {}, telegram: undefined};
  const channel = createEmailChannel(use, config);
  const until = signal ?? new AbortController().signal;
  const send: Desk['send'] = (message, row) => {
    const usual = {id: 7, lane: 'mail', message, createdAt: clock.now(), dueAt: 0, attempts: 0, inDoubt: false};
    return channel.deliver({row: {...usual, ...row}, message}, until);
  };
  const pass = async (message: Message) => {
    store.commit({now: clock.now(), messages: [message], durable: true});
    const row = store.outbox.first('mail');
    assert.ok(row);
    const outcome = await channel.deliver({row, message: row.message}, until);
    assert.ok(outcome.kind === 'delivered' || outcome.kind === 'needless');
    store.outbox.sent(row.id, {now: clock.now(), ...outcome});
    return outcome;
  };
  return {channel, send, pass, lines};
}

export function only(server: MailServer): TakenMail {
  assert.equal(server.taken.length, 1);
  const [mail] = server.taken;
  assert.ok(mail);
  return mail;
}

export const subjects = (server: MailServer) => server.taken.map(({headers}) => headerText(headers.get('subject')));
