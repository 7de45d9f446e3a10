import type {TelegramUpdate} from '@gramio/types/objects';
import type {Clock} from '../../src/clock.ts';
import {Refusal} from './refusal.ts';

export type UpdateKind = Exclude<keyof TelegramUpdate, 'update_id'>;

/** One bot's updates: what getUpdates, setWebhook and deleteWebhook do to them. */
export interface UpdateQueue {
  /** Keeps an update unless `allowed_updates` left its kind out when it came into being. */
  push<Kind extends UpdateKind>(kind: Kind, payload: NonNullable<TelegramUpdate[Kind]>): void;
  poll(request: PollRequest, signal: AbortSignal): Promise<readonly TelegramUpdate[]>;
  /** Fails a held poll, as a webhook does. */
  terminate(by: string): void;
  allow(kinds: readonly string[] | undefined): void;
  drop(): void;
  pending(): readonly TelegramUpdate[];
  held(): boolean;
}

export interface PollRequest {
  readonly offset?: number;
  readonly limit?: number;
  /** Seconds. */
  readonly timeout?: number;
  readonly allowed_updates?: readonly string[];
}

const LIMIT_MAX = 100;
const TIMEOUT_S_MAX = 50;
/** Updates are kept for a day. */
const KEPT_MS = 24 * 60 * 60 * 1000;
/** These come only to a bot that names them. */
const ON_REQUEST = new Set<string>(['chat_member', 'message_reaction', 'message_reaction_count']);
const OTHER_POLL = 'other getUpdates request; make sure that only one bot instance is running';

/** `conflictDelayMs`: how late a second conflict within that time is answered; 3,000 at the official server. */
export function createUpdateQueue({clock, conflictDelayMs}: {clock: Clock; conflictDelayMs: number}): UpdateQueue {
  let updates: Array<{update: TelegramUpdate; at: number}> = [];
  let nextId = 1000;
  let allowed: ReadonlySet<string> | undefined;
  let held: Held | undefined;
  let nextConflictAt = 0;

  const pending = () => {
    updates = updates.filter(({at}) => clock.now() - at < KEPT_MS);
    return updates.map(({update}) => update);
  };
  const terminate = (by: string) => {
    const older = held;
    if (older === undefined) return;
    held = undefined;
    older.cancel();
    const fail = () => older.reject(new Refusal(409, `Conflict: terminated by ${by}`));
    if (clock.monotonic() >= nextConflictAt) {
      nextConflictAt = clock.monotonic() + conflictDelayMs;
      fail();
    } else clock.after(conflictDelayMs, fail);
  };
  const confirm = (offset: number) => {
    if (offset > 0) updates = updates.filter(({update}) => update.update_id >= offset);
    if (offset < 0) updates = updates.slice(offset);
  };
  const allow = (kinds: readonly string[] | undefined) => {
    if (kinds !== undefined) allowed = kinds.length === 0 ? undefined : new Set(kinds);
  };
  return {
    pending,
    terminate,
    allow,
    held: () => held !== undefined,
    drop: () => {
      updates = [];
    },
    push: (kind, payload) => {
      if (allowed === undefined ? ON_REQUEST.has(kind) : !allowed.has(kind)) return;
      updates.push({update: {update_id: nextId++, [kind]: payload}, at: clock.now()});
      const waiting = held;
      held = undefined;
      waiting?.cancel();
      waiting?.resolve(pending().slice(0, waiting.limit));
    },
    poll: (request, signal) =>
      new Promise((resolve, reject) => {
        terminate(OTHER_POLL);
        allow(request.allowed_updates);
        confirm(request.offset ?? 0);
        const limit = Math.min(Math.max(request.limit ?? LIMIT_MAX, 1), LIMIT_MAX);
        const timeoutS = Math.min(Math.max(request.timeout ?? 0, 0), TIMEOUT_S_MAX);
        if (updates.length > 0 || timeoutS === 0) return resolve(pending().slice(0, limit));
        const poll: Held = {limit, resolve, reject, cancel: clock.after(timeoutS * 1000, () => letGo([]))};
        const letGo = (answer: readonly TelegramUpdate[]) => {
          if (held === poll) held = undefined;
          poll.cancel();
          resolve(answer);
        };
        held = poll;
        signal.addEventListener('abort', () => letGo([]), {once: true});
      }),
  };
}

interface Held {
  readonly limit: number;
  readonly cancel: () => void;
  readonly resolve: (updates: readonly TelegramUpdate[]) => void;
  readonly reject: (reason: Refusal) => void;
}
