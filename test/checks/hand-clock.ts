import {type Clock, createClock} from '../../src/clock.ts';

/** A clock that stands still until `advance` moves it, firing what falls due on the way. */
export function createHandClock(): Clock & {advance(ms: number): Promise<void>; waiting(): number} {
  let now = 1_000_000;
  const timers = new Set<{at: number; run: () => void}>();
  const clock = createClock({
    now: () => now,
    monotonic: () => now,
    after: (ms, run) => {
      const timer = {at: now + ms, run};
      timers.add(timer);
      return () => timers.delete(timer);
    },
  });
  const advance = async (ms: number) => {
    const end = now + ms;
    for (;;) {
      await settle();
      const [next] = [...timers].filter(({at}) => at <= end).sort((a, b) => a.at - b.at);
      if (!next) break;
      timers.delete(next);
      now = next.at;
      next.run();
    }
    now = end;
    await settle();
  };
  return {...clock, advance, waiting: () => timers.size};
}

/** Lets everything that is already resolved run. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
