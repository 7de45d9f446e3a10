/** A token bucket: `burst` requests at once, refilled at `perSecond`. */
export interface Limit {
  readonly burst: number;
  readonly perSecond: number;
}

export interface Limits {
  /** Each chat on its own. */
  readonly chat: Limit;
  /** Each group, supergroup or channel, on top of `chat`. */
  readonly group: Limit;
  /** All chats together. */
  readonly global: Limit;
}

/**
 * About 1/s a chat, 20/min a group, 30/s in all: the figures of the Bot API's FAQ. The burst of a chat is not published;
 * three in a row pass in practice.
 */
export const OFFICIAL_LIMITS: Limits = {
  chat: {burst: 3, perSecond: 1},
  group: {burst: 20, perSecond: 20 / 60},
  global: {burst: 30, perSecond: 30},
};

export interface Buckets {
  /** Takes one request's worth from every bucket that concerns it; otherwise takes nothing and returns whole seconds to wait. */
  take(chatId: number, isGroup: boolean): number;
}

/** `now` is in milliseconds and only grows. */
export function createBuckets(limits: Limits | false, now: () => number): Buckets {
  const buckets = new Map<string, Bucket>();
  const bucket = (key: string, limit: Limit): Bucket => {
    const known = buckets.get(key) ?? {limit, tokens: limit.burst, at: now(), closedUntil: 0};
    buckets.set(key, known);
    return known;
  };
  return {
    take: (chatId, isGroup) => {
      if (limits === false) return 0;
      const concerned = [bucket('global', limits.global), bucket(`chat ${chatId}`, limits.chat)];
      if (isGroup) concerned.push(bucket(`group ${chatId}`, limits.group));
      const waitS = Math.max(...concerned.map((one) => waitSeconds(one, now())));
      if (waitS === 0) for (const one of concerned) one.tokens -= 1;
      return waitS;
    },
  };
}

interface Bucket {
  readonly limit: Limit;
  tokens: number;
  at: number;
  /** Whoever comes back before the named time is refused again, as the official server does. */
  closedUntil: number;
}

function waitSeconds(bucket: Bucket, now: number): number {
  const {limit} = bucket;
  bucket.tokens = Math.min(limit.burst, bucket.tokens + ((now - bucket.at) / 1000) * limit.perSecond);
  bucket.at = now;
  if (now < bucket.closedUntil) return Math.ceil((bucket.closedUntil - now) / 1000);
  // The tolerance keeps a rounding error of the refill from costing a whole second.
  if (bucket.tokens >= 1 - 1e-9) return 0;
  const waitS = Math.ceil((1 - bucket.tokens) / limit.perSecond - 1e-9);
  bucket.closedUntil = now + waitS * 1000;
  return waitS;
}
