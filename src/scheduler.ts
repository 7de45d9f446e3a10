import type {Logger} from 'pino';
import type {Cancel, Clock} from './clock.ts';

/** One check, as far as its timing goes. */
export interface Job {
  readonly name: string;
  readonly intervalMs: number;
  /** Never rejects. Aborted at shutdown. */
  readonly run: (signal: AbortSignal) => Promise<void>;
}

export interface Scheduler {
  start(): void;
  /** Aborts what is running; resolves when it has let go. */
  stop(): Promise<void>;
}

/** How many checks run at once; the rest wait their turn. Sockets and memory for more are rarely there. */
const CONCURRENCY = 256;
/** The first round after a start is a brisk one, so that people see states soon: this far apart. */
const FIRST_ROUND_GAP_MS = 10;
/** One timer serves all jobs and is re-armed no sooner than this: at 100,000 jobs that keeps it at 1 % of a core. */
const TIMER_MS_MIN = 5;

/**
 * Runs every job at its interval, never two runs of one job at once. A run that overruns its interval skips the slots it
 * missed and says so in the log. Phases come from the names, so that they are spread evenly and survive a restart.
 */
export function createScheduler(
  use: {readonly clock: Clock; readonly log: Logger; readonly concurrency?: number},
  jobs: readonly Job[],
): Scheduler {
  const {clock, log, concurrency = CONCURRENCY} = use;
  const heap: Entry[] = [];
  const waiting: Entry[] = [];
  const running = new Set<Promise<void>>();
  const stopping = new AbortController();
  let disarm: Cancel = () => {};

  function start(): void {
    const now = clock.monotonic();
    const gap = Math.min(FIRST_ROUND_GAP_MS, ...jobs.map((job) => job.intervalMs / jobs.length));
    for (const [index, job] of jobs.entries()) push(heap, {job, dueAt: now + index * gap, first: true});
    tick();
  }

  function tick(): void {
    const now = clock.monotonic();
    for (let entry = heap[0]; entry && entry.dueAt <= now; entry = heap[0]) {
      pop(heap);
      waiting.push(entry);
    }
    while (waiting.length > 0 && running.size < concurrency) launch(waiting.shift());
    const next = heap[0];
    if (next && !stopping.signal.aborted) disarm = clock.after(Math.max(TIMER_MS_MIN, next.dueAt - now), tick);
  }

  function launch(entry: Entry | undefined): void {
    if (!entry || stopping.signal.aborted) return;
    const run = entry.job
      .run(stopping.signal)
      .catch(report(entry.job.name))
      .then(() => {
        running.delete(run);
        if (stopping.signal.aborted) return;
        reschedule(entry);
        disarm();
        tick();
      });
    running.add(run);
  }

  /** A run that rejects is a bug; it must not end the other checks. */
  const report = (check: string) => (error: unknown) => log.error({err: error, check}, 'a run of a check broke');

  function reschedule({job, dueAt, first}: Entry): void {
    const now = clock.monotonic();
    let next = first ? firstSlot(job, clock) : dueAt + job.intervalMs;
    if (next <= now) {
      const skipped = Math.ceil((now - next) / job.intervalMs);
      if (!first && skipped > 0) log.warn({check: job.name, skipped}, 'the check overran its interval');
      next += skipped * job.intervalMs;
    }
    push(heap, {job, dueAt: next, first: false});
  }

  async function stop(): Promise<void> {
    stopping.abort();
    disarm();
    await Promise.all(running);
  }

  return {start, stop};
}

interface Entry {
  readonly job: Job;
  /** On the monotonic clock. */
  readonly dueAt: number;
  readonly first: boolean;
}

/** The job's next slot by the wall clock, at least half an interval away; from then on only monotonic time counts. */
function firstSlot(job: Job, clock: Clock): number {
  const phase = fraction(job.name) * job.intervalMs;
  const sinceSlot = (((clock.now() - phase) % job.intervalMs) + job.intervalMs) % job.intervalMs;
  const wait = job.intervalMs - sinceSlot;
  return clock.monotonic() + (wait < job.intervalMs / 2 ? wait + job.intervalMs : wait);
}

/** FNV-1a of the name, finished by murmur3's mixer: without it similar names get similar phases. In [0, 1). */
function fraction(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

/** A heap of four children a node: shallower than a binary one, and its children share a cache line. */
function push(heap: Entry[], entry: Entry): void {
  let hole = heap.length;
  heap.push(entry);
  while (hole > 0) {
    const up = (hole - 1) >> 2;
    const parent = heap[up];
    if (!parent || parent.dueAt <= entry.dueAt) break;
    heap[hole] = parent;
    hole = up;
  }
  heap[hole] = entry;
}

function pop(heap: Entry[]): void {
  const last = heap.pop();
  if (!last || heap.length === 0) return;
  let hole = 0;
  for (;;) {
    const child = earliestChild(heap, hole);
    const entry = heap[child];
    if (!entry || entry.dueAt >= last.dueAt) break;
    heap[hole] = entry;
    hole = child;
  }
  heap[hole] = last;
}

function earliestChild(heap: readonly Entry[], parent: number): number {
  const from = parent * 4 + 1;
  let best = from;
  for (let child = from + 1; child < from + 4 && child < heap.length; child++) {
    if ((heap[child]?.dueAt ?? 0) < (heap[best]?.dueAt ?? 0)) best = child;
  }
  return best;
}
