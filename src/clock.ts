/** Undoes an `after` or a `deadline`; calling it again does nothing. */
export type Cancel = () => void;

/** All that the program knows of time. Everything that waits or stamps gets one of these as a parameter. */
export interface Clock {
  /** Wall time in milliseconds since 1970; may step backwards when the machine's clock is corrected. */
  now(): number;
  /** Milliseconds that only grow, from an arbitrary start: for latencies and intervals. */
  monotonic(): number;
  /** Runs `run` once, `ms` milliseconds from now. */
  after(ms: number, run: () => void): Cancel;
  /** Resolves after `ms` milliseconds, or as soon as `signal` is aborted; never rejects, so look at the signal. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /**
   * A signal that aborts with a `TimedOut` after `ms`, or with the parent's reason when the parent does. Call `cancel` when
   * done. `onAbort` is called after the signal's listeners, and costs less than one.
   */
  deadline(ms: number, parent?: AbortSignal, onAbort?: () => void): {signal: AbortSignal; cancel: Cancel};
}

/** The reason of a signal that its deadline aborted. */
export class TimedOut extends Error {
  override readonly name = 'TimedOut';
  readonly ms: number;

  constructor(ms: number) {
    super(`no answer within ${ms} ms`);
    this.ms = ms;
  }
}

/** Builds a Clock from the three things that a source of time can do; the simulated world brings its own three. */
export function createClock(source: Pick<Clock, 'now' | 'monotonic' | 'after'>): Clock {
  return {
    ...source,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const wake = () => {
          cancel();
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        const cancel = source.after(ms, wake);
        signal?.addEventListener('abort', wake, {once: true});
      }),
    deadline: (ms, parent, onAbort) => {
      const controller = new AbortController();
      const abort = (reason: unknown) => {
        controller.abort(reason);
        onAbort?.();
      };
      const unset = source.after(ms, () => abort(new TimedOut(ms)));
      const leave = parent && follow(parent, abort);
      const cancel = () => {
        unset();
        leave?.();
      };
      return {signal: controller.signal, cancel};
    },
  };
}

interface Follower {
  readonly abort: (reason: unknown) => void;
  /** In its crowd. */
  place: number;
}

const crowds = new WeakMap<AbortSignal, Follower[]>();

/**
 * Is aborted with the parent, for the parent's reason, until it leaves. One listener serves all: a signal keeps its listeners in a list
 * that is searched at every change, and hundreds of checks follow the one that ends the program.
 */
function follow(parent: AbortSignal, abort: Follower['abort']): Cancel {
  if (parent.aborted) {
    abort(parent.reason);
    return () => {};
  }
  const crowd = crowds.get(parent) ?? gather(parent);
  const follower = {abort, place: crowd.length};
  crowd.push(follower);
  return () => leave(crowd, follower);
}

function gather(parent: AbortSignal): Follower[] {
  const crowd: Follower[] = [];
  crowds.set(parent, crowd);
  const abortAll = () => {
    for (const {abort} of crowd.splice(0)) abort(parent.reason);
  };
  parent.addEventListener('abort', abortAll, {once: true});
  return crowd;
}

/** The last one takes the place that becomes free. */
function leave(crowd: Follower[], follower: Follower): void {
  const {place} = follower;
  if (crowd[place] !== follower) return;
  const last = crowd.pop();
  if (!last || last === follower) return;
  crowd[place] = last;
  last.place = place;
}

/** Does this work every so many milliseconds until the signal aborts, the first time after one such wait. */
export async function every(clock: Clock, ms: number, signal: AbortSignal, work: () => void): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(ms, signal);
    if (!signal.aborted) work();
  }
}

/** setTimeout fires at once beyond this (2^31 − 1 ms, 24.8 days), so a longer wait is cut and its owner asks again. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** The machine's own clock. */
export const systemClock: Clock = createClock({
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, Math.min(ms, TIMER_MS_MAX));
    return () => clearTimeout(timer);
  },
});
