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

/** A turn of the event loop costs a system call, which was a fifth of the time with one timer a turn. */
const STEPS_A_TURN = 64;

/** What Node does between two callbacks of the event loop. It has had this for ever, but @types/node has not. */
const settle = (process as unknown as {_tickCallback(): void})._tickCallback;

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
    run: (endMs, isOver) => {
      const next = () => {
        const timer = isOver() ? undefined : earliest(heap);
        if (!timer || timer.at > endMs) return false;
        pop(heap);
        elapsed = Math.max(elapsed, timer.at);
        timer.run?.();
        return true;
      };
      return inTurns(next);
    },
  };
}

/**
 * Calls `step` until it says no, each time after all that the last one caused has run: promises and ticks are served in
 * between. Only outside a promise does Node serve them, hence the callbacks.
 */
function inTurns(step: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const turn = () => {
      try {
        for (let count = 0; count < STEPS_A_TURN; count++) {
          settle();
          if (!step()) return resolve();
        }
        setImmediate(turn);
      } catch (error) {
        reject(error);
      }
    };
    setImmediate(turn);
  });
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
