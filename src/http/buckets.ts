import {isIPv6} from 'node:net';
import type {Clock} from '../clock.ts';

/** Addresses that are remembered; beyond these the one that was quiet longest is forgotten. */
const ADDRESSES_MAX = 10_000;

export interface Buckets {
  /** False: this address has used up what it had. */
  has(address: string): boolean;
  /** Takes one; false when there was none left. */
  take(address: string): boolean;
  size(): number;
}

/** A token bucket for each address, full at first, that gains `perSecond`. A network of IPv6 (/64) is one address. */
export function createBuckets({
  capacity,
  perSecond,
  clock,
}: {
  readonly capacity: number;
  readonly perSecond: number;
  readonly clock: Pick<Clock, 'monotonic'>;
}): Buckets {
  const buckets = new Map<string, {left: number; at: number}>();
  const leftIn = (key: string, now: number) => {
    const bucket = buckets.get(key);
    return bucket ? Math.min(capacity, bucket.left + ((now - bucket.at) / 1000) * perSecond) : capacity;
  };
  return {
    has: (address) => leftIn(networkOf(address), clock.monotonic()) >= 1,
    take: (address) => {
      const key = networkOf(address);
      const now = clock.monotonic();
      const left = leftIn(key, now);
      buckets.delete(key);
      buckets.set(key, {left: Math.max(0, left - 1), at: now});
      const oldest = buckets.size > ADDRESSES_MAX ? buckets.keys().next().value : undefined;
      if (oldest !== undefined) buckets.delete(oldest);
      return left >= 1;
    },
    size: () => buckets.size,
  };
}

const GROUPS = 8;
const NETWORK_GROUPS = 4;

/** Whoever has one address of IPv6 has 2^64 of them. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [head = '', tail] = address.replace(/%.*/, '').split('::');
  const before = head === '' ? [] : head.split(':');
  const behind = tail ? tail.split(':') : [];
  const middle =
    tail === undefined ? [] : Array.from({length: Math.max(0, GROUPS - before.length - behind.length)}, () => '0');
  return [...before, ...middle, ...behind].slice(0, NETWORK_GROUPS).join(':');
}
