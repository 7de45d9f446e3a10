import type {Limits} from '../../src/scheduler/turns.ts';
import {createScheduler, type Job, type OnCalendar} from '../../src/scheduler.ts';
import {keptLog} from '../bot/world.ts';
import {createHandClock} from '../support/hand-clock.ts';

export const SECOND = 1_000;

interface Given extends Partial<Limits> {
  readonly clock?: ReturnType<typeof createHandClock>;
  readonly startedAt?: number;
  readonly onStart?: (lateMs: number) => void;
  readonly onSkipped?: (runs: number) => void;
}

/** Jobs that take `takesMs` of the clock's time; `ran` has the times at which each began. */
export function createBench({
  clock = createHandClock(),
  concurrency = 256,
  concurrencyPerHost = 0,
  ...rest
}: Given = {}) {
  const {log, lines} = keptLog();
  const ran: {name: string; at: number}[] = [];
  const busy = {now: 0, most: 0, sameJob: 0};
  const running = new Set<string>();
  const rings: {expression: string; zone: string; ring: () => void}[] = [];
  const job = (
    name: string,
    intervalMs: number,
    takesMs: number | ((run: number) => number) = 0,
    more: Partial<Job> = {},
  ): Job => ({
    ...{name, intervalMs, ...more},
    run: async (signal) => {
      ran.push({name, at: clock.monotonic()});
      if (running.has(name)) busy.sameJob++;
      running.add(name);
      busy.now++;
      busy.most = Math.max(busy.most, busy.now);
      const ms = typeof takesMs === 'number' ? takesMs : takesMs(times(name).length);
      if (ms > 0) await clock.sleep(ms, signal);
      busy.now--;
      running.delete(name);
    },
  });
  const calendar: OnCalendar = (expression, zone, ring) => {
    const entry = {expression, zone, ring};
    rings.push(entry);
    return () => void rings.splice(rings.indexOf(entry), 1);
  };
  const start = (jobs: readonly Job[]) => {
    const use = {clock, log, calendar, timezone: 'Europe/Moscow', concurrency, concurrencyPerHost, ...rest};
    const scheduler = createScheduler(use, jobs);
    scheduler.start();
    return scheduler;
  };
  const times = (name: string) => ran.filter((one) => one.name === name).map(({at}) => at);
  return {clock, lines, ran, busy, rings, job, start, times};
}

export function gaps(times: readonly number[]): number[] {
  return times.slice(1).map((at, index) => at - (times[index] ?? 0));
}
