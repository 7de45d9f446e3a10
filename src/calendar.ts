import {ticksOf} from './calendar/ticks.ts';
import type {Cancel, Clock} from './clock.ts';
import type {OnCalendar} from './scheduler.ts';
import type {CronStretch} from './state/policy.ts';

/** Remembered stretches; a config has few expressions, so a small memory that starts anew when full will do. */
const REMEMBERED_MAX = 1_000;
const remembered = new Map<string, {from: number; until: number; open: boolean}>();

/** Whether a stretch of `forMs` that begins at each tick of the cron expression is going on at this time, and until when. */
export const cronStretch: CronStretch = (expression, forMs, zone, at) => {
  const key = `${expression}\n${forMs}\n${zone}`;
  const known = remembered.get(key);
  if (known && at >= known.from && at < known.until) return {open: known.open, until: known.until};
  const stretch = find(expression, forMs, zone, at);
  if (remembered.size >= REMEMBERED_MAX) remembered.clear();
  remembered.set(key, {...stretch, from: at});
  return {open: stretch.open, until: stretch.until};
};

function find(expression: string, forMs: number, zone: string, at: number): {open: boolean; until: number} {
  const ticks = ticksOf(expression, zone);
  const end = ticks.upTo(at) + forMs;
  return end > at ? {open: true, until: end} : {open: false, until: ticks.after(at)};
}

/** The wall clock is compared with the monotonic one this often, while anything waits for a time of the calendar. */
const LOOK_EVERY_MS = 30_000;
/** Corrections by the time service are far smaller; anything more means that the clock was set, or that the machine slept. */
const STEP_MS = 1_000;

/**
 * Calls at the times of cron expressions, by node-schedule, which is loaded when the first one comes. node-schedule sets timers,
 * and timers know nothing of a wall clock that is set or of a machine that slept: then the time is looked up anew, and a time
 * that was slept through or stepped over is made up for at once, one call for each job.
 */
export function createCalendar(clock: Clock): OnCalendar {
  return (expression, zone, run) => {
    let end: Cancel = () => {};
    let isOver = false;
    void import('node-schedule').then(({default: schedule}) => {
      if (!isOver) end = follow(schedule, {rule: expression, tz: zone}, {clock, run});
    });
    return () => {
      isOver = true;
      end();
    };
  };
}

function follow(
  schedule: typeof import('node-schedule'),
  spec: {readonly rule: string; readonly tz: string},
  {clock, run}: {readonly clock: Clock; readonly run: () => void},
): Cancel {
  const offset = () => clock.now() - clock.monotonic();
  let known = offset();
  const ring = (due: {getTime(): number}) => {
    const lateMs = clock.now() - due.getTime();
    if (lateMs > -STEP_MS) run();
    // node-schedule would go on from `due`, and call for each time since then.
    if (Math.abs(lateMs) > STEP_MS) beginAnew();
  };
  let job = schedule.scheduleJob(spec, ring);
  const beginAnew = () => {
    job.cancel();
    job = schedule.scheduleJob(spec, ring);
  };
  const look = () => {
    unset = clock.after(LOOK_EVERY_MS, look);
    const steppedMs = offset() - known;
    if (Math.abs(steppedMs) <= STEP_MS) return;
    known += steppedMs;
    const next = job.nextInvocation()?.getTime();
    beginAnew();
    if (next !== undefined && next <= clock.now()) run();
  };
  let unset = clock.after(LOOK_EVERY_MS, look);
  return () => {
    unset();
    job.cancel();
  };
}
