import type {Cancel} from '../../src/clock.ts';

/** Time that stands still until the next thing happens, and a wall clock that can be set. */
export interface SimClock {
  now(): number;
  monotonic(): number;
  after(ms: number, run: () => void): Cancel;
  /** Sets the wall clock on or back; timers and monotonic time do not notice. */
  step(ms: number): void;
  /** When the wall clock was last set, on the monotonic clock. */
  steppedAt(): number;
  /** Fires what falls due, one after the other, each with all that follows from it, until `endMs` or until `isOver`. */
  run(endMs: number, isOver: () => boolean): Promise<void>;
}

interface Timer {
  readonly at: number;
  readonly order: number;
  run: (() => void) | undefined;
}

export function createSimClock(start: number): SimClock {
  const heap: Timer[] = [];
  let elapsed = 0;
  let offset = start;
  let order = 0;
  let steppedAt = Number.NEGATIVE_INFINITY;
  return {
    now: () => offset + elapsed,
    monotonic: () => elapsed,
    after: (ms, run) => {
      const timer: Timer = {at: elapsed + Math.max(0, ms), order: order++, run};
      push(heap, timer);
      return () => {
        timer.run = undefined;
      };
    },
    step: (ms) => {
      offset += ms;
      steppedAt = elapsed;
    },
    steppedAt: () => steppedAt,
    run: async (endMs, isOver) => {
      for (;;) {
        await settled();
        const timer = isOver() ? undefined : earliest(heap);
        if (!timer || timer.at > endMs) return;
        pop(heap);
        elapsed = Math.max(elapsed, timer.at);
        timer.run?.();
      }
    },
  };
}

/** Everything that was resolved has run: promises are served before the next turn of the event loop. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function earliest(heap: Timer[]): Timer | undefined {
  while (heap[0] && heap[0].run === undefined) pop(heap);
  return heap[0];
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

function push(heap: Timer[], timer: Timer): void {
  let hole = heap.length;
  heap.push(timer);
  while (hole > 0) {
    const up = (hole - 1) >> 1;
    const parent = heap[up];
    if (!parent || isBefore(parent, timer)) break;
    heap[hole] = parent;
    hole = up;
  }
  heap[hole] = timer;
}

function pop(heap: Timer[]): void {
  const last = heap.pop();
  if (!last || heap.length === 0) return;
  let hole = 0;
  for (;;) {
    let child = hole * 2 + 1;
    const [left, right] = [heap[child], heap[child + 1]];
    if (left && right && isBefore(right, left)) child += 1;
    const entry = heap[child];
    if (!entry || isBefore(last, entry)) break;
    heap[hole] = entry;
    hole = child;
  }
  heap[hole] = last;
}
