/**
 * What Telegram lets a bot send. Not published exactly: about 1 message a second per chat, 20 a minute per group and 30 a
 * second in all (core.telegram.org/bots/faq); `retry_after` is obeyed besides.
 */
const LIMITS = {
  chat: {count: 1, perMs: 1_000},
  group: {count: 20, perMs: 60_000},
  all: {count: 30, perMs: 1_000},
} as const;

export interface Budget {
  /**
   * How long to wait before this chat may be sent to; 0 means now. Nothing is spent. `spare`: so many of what a group may be
   * sent in a minute are to be left for others.
   */
  waitMs(chatId: number, now: number, spare?: number): number;
  /** One message was sent. */
  spend(chatId: number, now: number): void;
}

/** Sliding windows over monotonic milliseconds. A chat that was quiet for longer than its window is forgotten. */
export function createBudget(): Budget {
  const sent = new Map<string, number[]>();

  function windows(chatId: number, spare = 0): {key: string; count: number; perMs: number}[] {
    const list: {key: string; count: number; perMs: number}[] = [
      {key: 'all', ...LIMITS.all},
      {key: `chat ${chatId}`, ...LIMITS.chat},
    ];
    // Groups have negative ids; people and their private chats positive ones.
    if (chatId < 0) list.push({...LIMITS.group, key: `group ${chatId}`, count: LIMITS.group.count - spare});
    return list;
  }

  function recent(key: string, perMs: number, now: number): number[] {
    const times = (sent.get(key) ?? []).filter((time) => time > now - perMs);
    if (times.length > 0) sent.set(key, times);
    else sent.delete(key);
    return times;
  }

  return {
    waitMs: (chatId, now, spare) => {
      let wait = 0;
      for (const {key, count, perMs} of windows(chatId, spare)) {
        const times = recent(key, perMs, now);
        const blocking = times[times.length - count];
        if (blocking !== undefined) wait = Math.max(wait, blocking + perMs - now);
      }
      return wait;
    },
    spend: (chatId, now) => {
      for (const {key, perMs} of windows(chatId)) sent.set(key, [...recent(key, perMs, now), now]);
    },
  };
}
