import type {NoticeCode} from '../state/vocabulary.ts';

/** The two files fall sick together when their disk does; people are told once. */
export interface Notices {
  listen(listener: (code: NoticeCode, detail: string) => void): void;
  damaged(detail: string): void;
  /** The part cannot write to the disk and goes on in memory. */
  sick(part: string, detail: string): void;
  /** The history's writer died. People are told once; if it dies again, only the log is. */
  historyFailed(detail: string): void;
  /** Only for the log: there is nobody left to tell. */
  lost(detail: string): void;
  /** The part is back on the disk. */
  well(part: string): void;
}

/** The part of pino's logger that the store uses. */
export interface StoreLog {
  warn(details: object, text: string): void;
}

/**
 * Listeners are called in a microtask of their own, never inside a call of the store: what they do is likely to be a
 * commit. What is told before the first of them comes is kept for it.
 */
export function createNotices(log?: StoreLog): Notices {
  const listeners: ((code: NoticeCode, detail: string) => void)[] = [];
  const sickParts = new Set<string>();
  let historyFailed = false;
  let waiting: {code: NoticeCode; detail: string}[] = [];

  const pass = () => {
    if (listeners.length === 0) return;
    const now = waiting;
    waiting = [];
    for (const {code, detail} of now) for (const listener of listeners) listener(code, detail);
  };
  const tell = (code: NoticeCode, detail: string) => {
    if (code === 'store_back_on_disk') log?.warn({code, detail}, 'the store is well again');
    else log?.warn({code, detail}, 'store trouble');
    waiting.push({code, detail});
    queueMicrotask(pass);
  };
  return {
    listen: (listener) => {
      listeners.push(listener);
      queueMicrotask(pass);
    },
    damaged: (detail) => tell('store_damaged', detail),
    sick: (part, detail) => {
      if (sickParts.size === 0) tell('store_in_memory', detail);
      else if (!sickParts.has(part)) log?.warn({part, detail}, 'store trouble');
      sickParts.add(part);
    },
    historyFailed: (detail) => {
      if (historyFailed) log?.warn({code: 'history_failed', detail}, 'store trouble');
      else tell('history_failed', detail);
      historyFailed = true;
    },
    lost: (detail) => log?.warn({detail}, 'store trouble'),
    well: (part) => {
      if (!sickParts.delete(part)) return;
      if (sickParts.size === 0) tell('store_back_on_disk', `${part} is written to the disk again`);
    },
  };
}
