import {type Clock, createClock} from '../../src/clock.ts';

export interface HandClock extends Clock {
  /** Moves both times on, firing what falls due on the way and letting what follows from it run. */
  advance(ms: number): Promise<void>;
  /** Sets the wall clock, as NTP does; monotonic time and timers do not notice. */
  stepWall(ms: number): void;
  /** The machine sleeps: both times move on, and what fell due meanwhile fires late. */
  sleepThrough(ms: number): void;
  /** How many timers are set. */
  waiting(): number;
  /** How many timers were ever set. */
  everSet(): number;
}

/** 2026-11-20T06:13:00Z */
export const START = 1_795_155_180_000;

/** A clock that stands still until `advance` moves it. */
export function createHandClock(start = START): HandClock {
  let elapsed = 0;
  let offset = start;
  let set = 0;
  const timers = new Set<{at: number; run: () => void}>();
  const clock = createClock({
    now: () => offset + elapsed,
    monotonic: () => elapsed,
    after: (ms, run) => {
      const timer = {at: elapsed + ms, run};
      timers.add(timer);
      set++;
      return () => void timers.delete(timer);
    },
  });
  const advance = async (ms: number) => {
    const end = elapsed + ms;
    for (;;) {
      await settle();
      const next = earliest(timers);
      if (!next || next.at > end) break;
      timers.delete(next);
      elapsed = Math.max(elapsed, next.at);
      next.run();
    }
    elapsed = Math.max(elapsed, end);
    await settle();
  };
  const stepWall = (ms: number) => {
    offset += ms;
  };
  const sleepThrough = (ms: number) => {
    elapsed += ms;
  };
  return {...clock, advance, stepWall, sleepThrough, waiting: () => timers.size, everSet: () => set};
}

/** Lets everything that is already resolved run. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function earliest(timers: ReadonlySet<{at: number; run: () => void}>): {at: number; run: () => void} | undefined {
  let found: {at: number; run: () => void} | undefined;
  for (const timer of timers) if (!found || timer.at < found.at) found = timer;
  return found;
}
