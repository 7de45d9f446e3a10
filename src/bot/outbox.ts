import type {Logger} from 'pino';
import type {Cancel, Clock} from '../clock.ts';
import type {Message} from '../state/vocabulary.ts';
import type {OutboxRow, Store} from '../store/store.ts';
import {BACKLOG_ROWS_MAX, backlogOf, isLate} from './backlog.ts';
import type {Channel, Outcome} from './channels/channel.ts';
import type {Elsewhere} from './fallback.ts';

export interface Outbox {
  /** There may be something to send. Cheap; call it after every commit that queued messages. */
  wake(): void;
  /** Begins nothing new; gives the deliveries under way so many milliseconds to end, then aborts them. */
  stop(graceMs: number): Promise<void>;
}

export interface OutboxUse {
  readonly store: Pick<Store, 'outbox' | 'telegram'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** The channel of a lane; undefined when it left the configuration. */
  readonly channel: (lane: string) => Channel | undefined;
  /** Where a message goes that its own channel refuses for good. */
  readonly fallback: (message: Message) => Elsewhere;
  /** Puts one digest in the place of these rows of a channel. */
  readonly onBacklog: (channel: string, found: NonNullable<ReturnType<typeof backlogOf>>) => void;
  /** This card is given up by the channel that refused it: another shows it from now on, or has a copy of its own. */
  readonly onGivenUp: (card: number, movedTo?: string) => void;
  /** A channel that worked refuses for good now. */
  readonly onDead: (channel: string, reason: string) => void;
  /** What became of one try, and how long ago its message was decided on. */
  readonly onOutcome?: (lane: string, outcome: Outcome['kind'], lateMs: number) => void;
  /** In [0, 1): spreads retries. */
  readonly random: () => number;
}

const BACKOFF_MS_MIN = 1_000;
const BACKOFF_MS_MAX = 300_000;
/** What is refused and has no other way out is tried again this often: the bot may be let back in. */
const DEAD_RETRY_MS = 600_000;
/** An answer to a command that could not be given within this time is of no use any more. */
const REPLY_MS_MAX = 600_000;

/**
 * Delivers what the store's outbox holds, lane by lane, each lane in order and one message at a time: lease, send, mark.
 * A message leaves the outbox only when it was delivered, or refused for good with nowhere else to go.
 */
export function createOutbox(use: OutboxUse): Outbox {
  const {store, clock, log} = use;
  const busy = new Map<string, Promise<void>>();
  const aborting = new AbortController();
  let stopped = false;
  let unset: Cancel = () => {};

  function wake(): void {
    if (stopped) return;
    unset();
    const now = clock.now();
    let next = Number.POSITIVE_INFINITY;
    for (const {lane, dueAt} of store.outbox.lanes()) {
      if (busy.has(lane)) continue;
      // Nothing is put off this far here, so the wall clock was set back since.
      const due = dueAt - now > DEAD_RETRY_MS ? now : dueAt;
      const at = Math.max(due, store.telegram.blockedUntil(lane));
      if (at <= now) serve(lane);
      else next = Math.min(next, at);
    }
    if (next < Number.POSITIVE_INFINITY) unset = clock.after(next - now, wake);
  }

  function serve(lane: string): void {
    // In a turn of its own: what it does first may be a commit, whose wake-up must find the lane busy.
    const turn = Promise.resolve()
      .then(() => deliverFirst(use, lane, aborting.signal))
      .catch((error) => {
        log.error({err: error, lane}, 'delivering failed in an unforeseen way');
        // What failed at once would fail at once again, and again.
        return clock.sleep(BACKOFF_MS_MIN, aborting.signal);
      })
      .then(() => {
        busy.delete(lane);
        wake();
      });
    busy.set(lane, turn);
  }

  async function stop(graceMs: number): Promise<void> {
    stopped = true;
    unset();
    const done = Promise.all(busy.values());
    const cancel = clock.after(graceMs, () => aborting.abort());
    await done;
    cancel();
  }

  return {wake, stop};
}

async function deliverFirst(use: OutboxUse, lane: string, signal: AbortSignal): Promise<void> {
  const {store, clock} = use;
  const row = store.outbox.first(lane);
  if (!row) return;
  const channel = use.channel(lane);
  if (!channel) return refuse(use, row, 'the channel is no longer configured');
  if (row.message.kind === 'reply' && clock.now() - row.createdAt > REPLY_MS_MAX) {
    return store.outbox.refuse(row.id, {now: clock.now(), error: 'too late for an answer'});
  }
  const restsUntil = restOf(use, channel);
  if (restsUntil > clock.now()) return store.telegram.block(lane, restsUntil);
  const wait = channel.waitMs?.() ?? 0;
  if (wait > 0) return clock.sleep(wait, signal);
  const found = row.message.kind === 'reply' ? undefined : backlogOf(waitingRows(use, row), clock.now());
  if (found) return use.onBacklog(lane, found);
  store.outbox.lease(row.id, clock.now());
  const message = newest(use, row);
  const outcome = await channel.deliver({row, message}, signal).catch(unforeseen(use, row));
  if (outcome.kind === 'retry' && outcome.retryAfterMs) rest(use, lane, channel, clock.now() + outcome.retryAfterMs);
  settleRow(use, {...row, message}, outcome);
}

/** The lane itself finds its rest without asking its channel. */
function rest({store}: OutboxUse, lane: string, channel: Channel, until: number): void {
  for (const name of new Set([lane, channel.restsAs?.() ?? lane])) store.telegram.block(name, until);
}

/** Until when the place where the channel leads has asked all its lanes to rest. */
function restOf({store: {telegram}, clock}: OutboxUse, {restsAs}: Channel): number {
  const name = restsAs?.();
  const until = name === undefined ? 0 : telegram.blockedUntil(name);
  // Once it is over it must not come back when the wall clock is set back.
  if (name !== undefined && until > 0 && until <= clock.now()) telegram.block(name, 0);
  return until;
}

/** A bug in a channel must neither spin nor stop the other lanes. */
function unforeseen({log}: OutboxUse, {id, lane}: OutboxRow): (error: unknown) => Outcome {
  return (error) => {
    log.error({err: error, lane, id}, 'delivering failed in an unforeseen way');
    return {kind: 'doubt', reason: 'an unforeseen failure; the log has it'};
  };
}

/** Only a late row is worth a look at those behind it. */
function waitingRows({store, clock}: OutboxUse, row: OutboxRow): readonly OutboxRow[] {
  return isLate(row, clock.now()) ? store.outbox.waiting(row.lane, BACKLOG_ROWS_MAX) : [];
}

/** A card that waited while it changed leaves as it is now. */
function newest({store, clock}: OutboxUse, {lane, message}: OutboxRow): Message {
  if (message.kind !== 'card' && message.kind !== 'edit') return message;
  const edit = store.outbox.takeEdits(lane, message.card, clock.now());
  return edit?.kind === 'edit' ? {...edit, kind: message.kind, reason: message.reason} : message;
}

function settleRow(use: OutboxUse, row: OutboxRow, outcome: Outcome): void {
  const {store, clock, log} = use;
  const now = clock.now();
  use.onOutcome?.(row.lane, outcome.kind, now - row.createdAt);
  const about = {lane: row.lane, id: row.id, kind: row.message.kind, attempt: row.attempts + 1};
  switch (outcome.kind) {
    case 'delivered': {
      const {chatId, messageId} = outcome;
      store.outbox.sent(row.id, {
        now,
        ...(chatId !== undefined && {chatId}),
        ...(messageId !== undefined && {messageId}),
      });
      if (row.message.channel !== '') store.telegram.markAlive(row.message.channel);
      return log.info({...about, lateMs: now - row.createdAt}, 'delivered');
    }
    case 'needless':
      store.outbox.sent(row.id, {now});
      return log.info(about, 'needless by now');
    case 'retry':
    case 'doubt': {
      const waitMs = outcome.kind === 'retry' ? (outcome.retryAfterMs ?? backoffMs(use, row)) : backoffMs(use, row);
      if (outcome.kind === 'retry') store.outbox.retry(row.id, now + waitMs, outcome.reason);
      else store.outbox.doubt(row.id, now + waitMs, outcome.reason);
      return log.warn({...about, reason: outcome.reason, waitMs: Math.round(waitMs)}, 'not delivered yet');
    }
    case 'migrated':
      store.telegram.migrateChat(outcome.from, outcome.to);
      store.outbox.retry(row.id, now, 'the chat has a new id');
      return log.info({...about, from: outcome.from, to: outcome.to}, 'the chat has a new id');
    case 'refused':
      log.error({...about, reason: outcome.reason}, 'refused');
      if (outcome.channelDead) bury(use, row.message.channel, outcome.reason);
      return refuse(use, row, outcome.reason, !outcome.channelDead);
  }
}

function backoffMs({random}: OutboxUse, row: OutboxRow): number {
  const base = Math.min(BACKOFF_MS_MAX, BACKOFF_MS_MIN * 2 ** Math.min(row.attempts, 20));
  return base * (0.75 + 0.5 * random());
}

function bury({store, clock, onDead}: OutboxUse, channel: string, reason: string): void {
  if (channel === '' || store.telegram.deadChannels().some((dead) => dead.channel === channel)) return;
  store.telegram.markDead(channel, clock.now(), reason);
  onDead(channel, reason);
}

/** `isItself`: the channel takes others, which are not to wait for this one. */
function refuse(use: OutboxUse, row: OutboxRow, error: string, isItself = false): void {
  const {store, clock, fallback, onGivenUp} = use;
  const now = clock.now();
  if (row.message.kind === 'reply') return store.outbox.refuse(row.id, {now, error});
  // It may have changed while it was being refused, and its edits stay behind.
  const message = newest(use, row);
  const elsewhere = fallback(message);
  if (elsewhere.kind === 'nowhere') {
    const keep = isItself ? store.outbox.setAside : store.outbox.retry;
    return keep(row.id, now + DEAD_RETRY_MS, error);
  }
  const moved = elsewhere.kind === 'moved' ? elsewhere : undefined;
  if (message.kind === 'card') onGivenUp(message.card, moved?.isGivenUp === false ? moved.message.channel : undefined);
  store.outbox.refuse(row.id, {now, error, ...(moved && {moved: moved.message})});
}
