import {formatDuration} from '../checks/duration.ts';
import {cronProblem} from '../config/cron.ts';
import {isTimezone} from '../config/timezone.ts';
import type {Draft} from './draft.ts';
import {asList, compact, type Fields, isOn, jsonOf, numberOf, textOf} from './fields.ts';
import type {Kuma} from './kuma.ts';

const DAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** Kuma's maintenances as planned silences; `names` are the checks by Kuma's ids. */
export function readMaintenance(kuma: Kuma, names: ReadonlyMap<number, string>, draft: Draft): void {
  const planned: Fields[] = [];
  const windows: Fields[] = [];
  if (kuma.timezone !== undefined && isTimezone(kuma.timezone))
    draft.top.set('timezone', {keys: {timezone: kuma.timezone}, comments: []});
  for (const maintenance of kuma.maintenances) {
    const title = textOf(maintenance.title) ?? `maintenance ${maintenance.id}`;
    const checks = (kuma.maintained.get(Number(maintenance.id)) ?? []).flatMap((id) => names.get(id) ?? []);
    const plan =
      isOn(maintenance.active ?? 1) && checks.length > 0
        ? planOf(maintenance, title, kuma)
        : 'it is off, or of no check that is here';
    if (typeof plan === 'string') draft.lacks(`maintenance ${JSON.stringify(title)}: ${plan}`);
    else {
      if (plan.window) windows.push(plan.window);
      planned.push({checks, ...plan.keys});
    }
  }
  if (windows.length > 0) draft.set('time_intervals', {time_intervals: windows});
  if (planned.length > 0) draft.set('maintenance', {maintenance: planned});
}

interface Plan {
  readonly keys: Fields;
  readonly window?: Fields;
}

function planOf(maintenance: Fields, title: string, kuma: Kuma): Plan | string {
  const [own = '', general = 'UTC'] = [textOf(maintenance.timezone), kuma.timezone];
  const location = isTimezone(own) ? own : isTimezone(general) ? general : 'UTC';
  const name = `maintenance: ${title} (${maintenance.id})`;
  switch (maintenance.strategy) {
    case 'cron':
      return cronOf(maintenance);
    case 'recurring-weekday': {
      const weekdays = numbersOf(maintenance.weekdays).flatMap((day) => DAYS[day % 7] ?? []);
      return windowOf(name, maintenance, {weekdays}, location);
    }
    case 'recurring-day-of-month': {
      const days_of_month = asList(jsonOf(maintenance.days_of_month)).map((day) =>
        String(day).replace(/^lastDay/, '-'),
      );
      return windowOf(name, maintenance, {days_of_month}, location);
    }
    case 'recurring-interval':
      if (numberOf(maintenance.interval_day) === 1) return windowOf(name, maintenance, {}, location);
      return `it came every ${maintenance.interval_day} days: write its days as a window or as at:`;
    default:
      return `it is of kind ${maintenance.strategy}: give the order /maintenance when it comes`;
  }
}

function cronOf({cron, duration}: Fields): Plan | string {
  const at = textOf(cron) ?? '';
  const secondsLong = numberOf(duration) ?? 0;
  if (cronProblem(at) !== undefined) return 'its cron expression does not have five fields';
  const ms = Math.min(30 * DAY_MS, Math.max(MINUTE_MS, secondsLong * 1_000));
  return {keys: {at, for: formatDuration(ms)}};
}

/** A time past midnight is two intervals, the second of which belongs to the next day: said only where no day is named. */
function windowOf(name: string, maintenance: Fields, days: Fields, location: string): Plan | string {
  const [from, to] = [maintenance.start_time, maintenance.end_time].map((time) => /^\d\d:\d\d/.exec(String(time))?.[0]);
  if (from === undefined || to === undefined) return 'its times are not of the form HH:MM';
  const interval = (start_time: string, end_time: string, day: Fields) =>
    compact({...day, times: [{start_time, end_time}], location});
  if (from < to) return {keys: {window: name}, window: {name, time_intervals: [interval(from, to, days)]}};
  const next = nextDays(days);
  if (!next) return 'it goes past midnight on certain days of the month: write it as at: and for:';
  const morning = to === '00:00' ? [] : [interval('00:00', to, next)];
  return {keys: {window: name}, window: {name, time_intervals: [interval(from, '24:00', days), ...morning]}};
}

function nextDays(days: Fields): Fields | undefined {
  if (days.days_of_month) return undefined;
  if (!days.weekdays) return {};
  return {weekdays: asList(days.weekdays).map((day) => DAYS[(DAYS.indexOf(String(day)) + 1) % 7])};
}

function numbersOf(json: unknown): number[] {
  return asList(jsonOf(json)).flatMap((value) => numberOf(value) ?? []);
}
