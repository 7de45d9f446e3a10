import type {Logger} from 'pino';
import type {Update} from 'telegraf/types';
import type {Clock} from '../../clock.ts';
import type {TelegramTables} from '../../store/store.ts';
import {type OpsTelegram, Refused} from './api.ts';

/** How long Telegram holds a poll that has nothing to say; at most 50 s are allowed. */
const POLL_SECONDS = 50;
/** While a handler is still busy, Telegram would answer at once with what it is busy with: ask this often instead. */
const BUSY_POLL_MS = 250;
const BACKOFF_MS_MIN = 1_000;
const BACKOFF_MS_MAX = 30_000;
/** What we listen to; Telegram remembers the list. Reactions come only where the bot is an administrator. */
const ALLOWED_UPDATES = ['message', 'callback_query', 'message_reaction'] as const;

export const UNKNOWN_TOKEN =
  'Telegram does not know this bot token; orders from Telegram are off. Mend telegram.token, restart.';

/** No retry can mend that. */
export function isUnknownToken(error: unknown): boolean {
  return error instanceof Refused && error.code === 401;
}

/**
 * Fetches updates until the signal aborts, and hands each to `handle` once: those of one chat in order, chats in parallel.
 * The offset moves only past updates that were handled, so a crash gets the rest again. Resolves with the reason when
 * Telegram says that the token is not valid, since no retry can mend that.
 */
export async function pollUpdates(use: {
  api: OpsTelegram;
  tables: TelegramTables;
  clock: Clock;
  log: Logger;
  handle: (update: Update) => Promise<void>;
  signal: AbortSignal;
}): Promise<'stopped' | 'unauthorized'> {
  const {api, clock, log, signal} = use;
  const desk = new HandlingDesk(use, signal);
  let failures = 0;
  while (!signal.aborted) {
    const timeout = desk.isBusy() ? 0 : POLL_SECONDS;
    const offset = desk.offset();
    try {
      const updates = await api.callApi('getUpdates', {offset, timeout, allowed_updates: ALLOWED_UPDATES}, {signal});
      failures = 0;
      desk.take(updates as Update[]);
      if (desk.isBusy()) await Promise.race([desk.settled(), clock.sleep(BUSY_POLL_MS, signal)]);
    } catch (error) {
      if (signal.aborted) break;
      if (isUnknownToken(error)) {
        log.error(UNKNOWN_TOKEN);
        return 'unauthorized';
      }
      failures++;
      await recover(error, api, log);
      await clock.sleep(backoffMs(error, failures), signal);
    }
  }
  await desk.settled();
  return 'stopped';
}

async function recover(error: unknown, api: OpsTelegram, log: Logger): Promise<void> {
  const reason = error instanceof Error ? error.message : String(error);
  if (!(error instanceof Refused && error.code === 409)) {
    return log.warn({reason}, 'Telegram cannot be polled; trying again');
  }
  if (!reason.includes('webhook')) {
    return log.error({reason}, 'another program polls with this token: stop it, or set telegram.commands: false here');
  }
  log.warn('this bot had a webhook; removing it, so that its updates come here');
  await api.deleteWebhook().catch(() => {});
}

function backoffMs(error: unknown, failures: number): number {
  if (error instanceof Refused && error.retryAfterMs !== undefined) return error.retryAfterMs;
  return Math.min(BACKOFF_MS_MAX, BACKOFF_MS_MIN * 2 ** (failures - 1));
}

/** Who is being served, in which order, and up to where all are done. */
class HandlingDesk {
  readonly #handle: (update: Update) => Promise<void>;
  readonly #tables: TelegramTables;
  readonly #log: Logger;
  readonly #stopped: AbortSignal;
  /** Updates that were taken and are not done. */
  readonly #pending = new Set<number>();
  readonly #chats = new Map<number, Promise<void>>();
  #next: number;

  constructor(use: Pick<Parameters<typeof pollUpdates>[0], 'handle' | 'tables' | 'log'>, stopped: AbortSignal) {
    this.#handle = use.handle;
    this.#tables = use.tables;
    this.#log = use.log;
    this.#stopped = stopped;
    this.#next = use.tables.offset();
  }

  take(updates: readonly Update[]): void {
    for (const update of updates) {
      const id = update.update_id;
      // Not the highest: after a week without updates Telegram goes on from a random id, possibly a lower one.
      this.#next = id + 1;
      if (this.#pending.has(id) || this.#tables.isHandled(id)) continue;
      this.#pending.add(id);
      const chat = chatOf(update);
      const turn = (this.#chats.get(chat) ?? Promise.resolve()).then(() => this.#serve(update));
      this.#chats.set(chat, turn);
      void turn.then(() => this.#chats.get(chat) === turn && this.#chats.delete(chat));
    }
  }

  /** The lowest update that is not done, or one past the newest. */
  offset(): number {
    const offset = Math.min(this.#next, ...this.#pending);
    if (offset !== this.#tables.offset()) this.#tables.setOffset(offset);
    return offset;
  }

  isBusy(): boolean {
    return this.#pending.size > 0;
  }

  async settled(): Promise<void> {
    await Promise.all(this.#chats.values());
  }

  async #serve(update: Update): Promise<void> {
    // It is not confirmed, so it comes again at the next start.
    if (this.#stopped.aborted) return;
    try {
      await this.#handle(update);
    } catch (error) {
      this.#log.error({err: error, update: update.update_id}, 'a handler failed; its update is dropped');
    }
    if (!this.#tables.isHandled(update.update_id)) this.#tables.markHandled(update.update_id);
    this.#pending.delete(update.update_id);
  }
}

function chatOf(update: Update): number {
  if ('message' in update) return update.message.chat.id;
  if ('callback_query' in update) return update.callback_query.message?.chat.id ?? update.callback_query.from.id;
  if ('message_reaction' in update) return update.message_reaction.chat.id;
  return 0;
}
