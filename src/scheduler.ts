import type {Logger} from 'pino';
import type {Cancel, Clock} from './clock.ts';
import {popDue, push} from './scheduler/heap.ts';
import {phaseOf} from './scheduler/phase.ts';
import {createTurns, type Limits} from './scheduler/turns.ts';

/** One check, as far as its timing goes. */
export interface Job {
  readonly name: string;
  readonly intervalMs: number;
  /** Instead of the interval: a cron expression of five fields. */
  readonly at?: string;
  /** Where it goes, for the limit per host. */
  readonly host?: string;
  /** It does not run in the first so-long after the program's start. */
  readonly skipFirstMs?: number;
  /** The time until the next run, asked after each; left out: the interval. */
  readonly nextMs?: () => number;
  /** Never rejects. Aborted at shutdown. */
  readonly run: (signal: AbortSignal) => Promise<void>;
  /** Lets go of what is held between the runs; called when the scheduler has stopped. */
  readonly close?: () => void;
}

export interface Scheduler {
  start(): void;
  /**
   * Runs a job at once, between its times, as far as the limits let it; one that runs already is waited for. Resolves when the
   * run is over: false where there is no such job, or the scheduler stops.
   */
  runNow(name: string): Promise<boolean>;
  /** Aborts what is running; resolves when it has let go. */
  stop(): Promise<void>;
  /** How long ago the earliest run should have begun, or `stop` was called; 0 while all is on time. */
  lagMs(): number;
}

/** Calls at each time that the cron expression means in this time zone. */
export type OnCalendar = (expression: string, zone: string, run: () => void) => Cancel;

interface Use extends Limits {
  readonly clock: Clock;
  readonly log: Logger;
  readonly calendar: OnCalendar;
  /** Of the jobs' `at`. */
  readonly timezone: string;
  /** A run begins, so many milliseconds after it was due: it waited for the loop, or for its turn. */
  readonly onStart?: (lateMs: number) => void;
  /** So many runs were left out, as the one before them was not over or the machine slept. */
  readonly onSkipped?: (runs: number) => void;
  /** When the program started, on the monotonic clock; left out: now. */
  readonly startedAt?: number;
}

/** The first round after a start is a brisk one, so that people see states soon: this far apart. */
const FIRST_ROUND_GAP_MS = 10;
/** And it takes no more than this of an interval, so that all have run once an interval after the start, reading the config included. */
const FIRST_ROUND_SHARE = 0.8;
/** One timer serves all jobs and is re-armed no sooner than this: at 100,000 jobs that keeps it at 1 % of a core. */
const TIMER_MS_MIN = 5;
/** A timer that is later than this means that the machine slept, or stood still: then everything is due at once. */
const SLEPT_MS = 10_000;
/** A check that overruns its interval all the time says so once in so long, with the sum. */
const OVERRUN_SAID_EVERY_MS = 60_000;

/**
 * Runs every job at its interval, or at its times, never two runs of one job at once. A run that overruns its interval skips
 * the slots it missed and says so in the log. Phases come from the names, so that they are spread evenly and survive a
 * restart. From a job's first slot on only monotonic time counts: setting the wall clock moves nothing but `at`.
 */
export function createScheduler(use: Use, jobs: readonly Job[]): Scheduler {
  const {clock, log} = use;
  const heap: Entry[] = [];
  const turns = createTurns<Entry>(use);
  const stopping = new AbortController();
  const subscriptions: Cancel[] = [];
  const known = new Map<string, Entry>();
  let disarm: Cancel = () => {};
  /** When the timer goes off. */
  let armedFor = Number.POSITIVE_INFINITY;
  let stoppedAt: number | undefined;

  function start(): void {
    const now = clock.monotonic();
    const entries = jobs.map((job) => entryOf(job, (use.startedAt ?? now) + (job.skipFirstMs ?? 0)));
    for (const entry of entries) {
      known.set(entry.job.name, entry);
      const {at} = entry.job;
      if (at !== undefined) subscriptions.push(use.calendar(at, use.timezone, () => callUp(entry)));
    }
    const regular = entries.filter(({job}) => job.at === undefined);
    spread(heap, regular, now);
    tick();
  }

  function runNow(name: string): Promise<boolean> {
    const entry = known.get(name);
    if (!entry || stopping.signal.aborted) return Promise.resolve(false);
    const over = new Promise<boolean>((resolve) => entry.awaitedBy.push(resolve));
    if (!entry.isBusy) {
      // In the heap its place must stay what it is.
      if (!entry.isPlanned) entry.dueAt = clock.monotonic();
      enter(entry);
      launch();
    }
    return over;
  }

  function callUp(entry: Entry): void {
    if (stopping.signal.aborted || clock.monotonic() < entry.notBefore) return;
    if (entry.isBusy) return sayOverrun(entry, 1, use);
    entry.dueAt = clock.monotonic();
    enter(entry);
    launch();
  }

  function enter(entry: Entry): void {
    entry.isBusy = true;
    turns.wait(entry);
  }

  function tick(): void {
    const now = clock.monotonic();
    if (heap[0] && now - heap[0].dueAt > SLEPT_MS) catchUp(now);
    for (let entry = popDue(heap, now); entry; entry = popDue(heap, now)) {
      entry.isPlanned = false;
      // Somebody had it run just now, and that run counts for this slot.
      if (!entry.isBusy) enter(entry);
    }
    launch();
    arm();
  }

  /** After a sleep each check runs once for all the slots it missed, and not all checks at once. */
  function catchUp(now: number): void {
    const late: Entry[] = [];
    let skipped = 0;
    const lateMs = now - (heap[0]?.dueAt ?? now);
    for (let entry = popDue(heap, now); entry; entry = popDue(heap, now)) {
      entry.isPlanned = false;
      skipped += Math.floor((now - entry.dueAt) / entry.job.intervalMs);
      entry.slotAt = undefined;
      late.push(entry);
    }
    use.onSkipped?.(skipped);
    log.warn({lateMs, checks: late.length, skipped}, 'the machine slept or stood still: each check runs once now');
    spread(heap, late, now);
  }

  /** Only for an earlier time than before: a timer that goes off for nothing costs less than setting it at every run's end. */
  function arm(): void {
    const next = heap[0];
    if (!next || next.dueAt >= armedFor || stopping.signal.aborted) return;
    disarm();
    armedFor = next.dueAt;
    disarm = clock.after(Math.max(TIMER_MS_MIN, next.dueAt - clock.monotonic()), () => {
      armedFor = Number.POSITIVE_INFINITY;
      tick();
    });
  }

  function launch(): void {
    if (stopping.signal.aborted) return;
    for (let entry = turns.next(); entry; entry = turns.next()) follow(entry);
  }

  function follow(entry: Entry): void {
    const {job} = entry;
    use.onStart?.(Math.max(0, clock.monotonic() - entry.dueAt));
    job.run(stopping.signal).then(
      () => over(entry),
      // A run that rejects is a bug; it must not end the other checks.
      (error: unknown) => {
        log.error({err: error, check: job.name}, 'a run of a check broke');
        over(entry);
      },
    );
  }

  function over(entry: Entry): void {
    turns.done(entry);
    entry.isBusy = false;
    if (entry.awaitedBy.length > 0) for (const tell of entry.awaitedBy.splice(0)) tell(!stopping.signal.aborted);
    if (stopping.signal.aborted) return;
    if (!entry.job.at && !entry.isPlanned) reschedule(entry);
    tick();
  }

  function reschedule(entry: Entry): void {
    const {job, slotAt} = entry;
    const now = clock.monotonic();
    let next = slotAt === undefined ? firstSlot(job, clock) : slotAt + Math.max(job.intervalMs, job.nextMs?.() ?? 0);
    if (next <= now) {
      const skipped = Math.ceil((now - next) / job.intervalMs);
      if (skipped > 0) sayOverrun(entry, skipped, use);
      next += skipped * job.intervalMs;
    }
    entry.slotAt = next;
    entry.dueAt = next;
    plan(heap, entry);
  }

  async function stop(): Promise<void> {
    stoppedAt = clock.monotonic();
    stopping.abort();
    disarm();
    for (const cancel of subscriptions) cancel();
    await turns.idle();
    // Those that still waited for their turn.
    for (const {awaitedBy} of known.values()) for (const tell of awaitedBy.splice(0)) tell(false);
    for (const {close} of jobs) close?.();
  }

  return {start, runNow, stop, lagMs: () => lagSince(stoppedAt ?? heap[0]?.dueAt, clock)};
}

function lagSince(dueAt: number | undefined, clock: Clock): number {
  return dueAt === undefined ? 0 : Math.max(0, clock.monotonic() - dueAt);
}

/** Times are on the monotonic clock. */
interface Entry {
  readonly job: Job;
  readonly host: string | undefined;
  readonly notBefore: number;
  dueAt: number;
  /** The regular time of the run that is due; undefined: in a brisk round, which has none. */
  slotAt: number | undefined;
  /** Waiting its turn, or running. */
  isBusy: boolean;
  /** In the heap. */
  isPlanned: boolean;
  /** Whoever asked for the run that is waiting or under way. */
  readonly awaitedBy: ((hasRun: boolean) => void)[];
  /** Slots that the log does not know of yet. */
  skipped: number;
  silentUntil: number;
}

function entryOf(job: Job, notBefore: number): Entry {
  return {
    job,
    host: job.host,
    notBefore,
    dueAt: 0,
    slotAt: undefined,
    isBusy: false,
    isPlanned: false,
    awaitedBy: [],
    skipped: 0,
    silentUntil: 0,
  };
}

/** Gives each of these its turn from now on, in a brisk round; none before it may. */
function spread(heap: Entry[], entries: readonly Entry[], now: number): void {
  const gap = Math.min(FIRST_ROUND_GAP_MS, (FIRST_ROUND_SHARE * shortestOf(entries)) / entries.length);
  for (const [index, entry] of entries.entries()) {
    entry.dueAt = Math.max(now + index * gap, entry.notBefore);
    plan(heap, entry);
  }
}

function plan(heap: Entry[], entry: Entry): void {
  entry.isPlanned = true;
  push(heap, entry);
}

function sayOverrun(entry: Entry, skipped: number, {clock, log, onSkipped}: Use): void {
  onSkipped?.(skipped);
  const now = clock.monotonic();
  entry.skipped += skipped;
  if (now < entry.silentUntil) return;
  log.warn({check: entry.job.name, skipped: entry.skipped}, 'the check overran its interval');
  entry.skipped = 0;
  entry.silentUntil = now + OVERRUN_SAID_EVERY_MS;
}

function shortestOf(entries: readonly Entry[]): number {
  return entries.reduce((shortest, {job}) => Math.min(shortest, job.intervalMs), Number.POSITIVE_INFINITY);
}

/** The job's next slot by the wall clock, at least half an interval away. */
function firstSlot(job: Job, clock: Clock): number {
  const phase = phaseOf(job.name, job.intervalMs);
  const sinceSlot = (((clock.now() - phase) % job.intervalMs) + job.intervalMs) % job.intervalMs;
  const wait = job.intervalMs - sinceSlot;
  return clock.monotonic() + (wait < job.intervalMs / 2 ? wait + job.intervalMs : wait);
}
