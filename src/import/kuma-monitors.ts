import {allowedName, type Draft} from './draft.ts';
import {compact, type Fields, isOn, numberOf, textOf} from './fields.ts';
import type {Kuma} from './kuma.ts';
import {kindOf} from './kuma-kinds.ts';
import {LIMITS, seconds} from './timing.ts';

/** Nothing is said there of monitors that had no notification. */
const SILENT = 'silent';

/** The monitors as checks; returns their names by Kuma's ids. A group's name goes to its members. */
export function readMonitors(
  kuma: Kuma,
  channels: ReadonlyMap<number, string>,
  draft: Draft,
): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  for (const monitor of kuma.monitors) {
    const id = Number(monitor.id);
    const name = textOf(monitor.name) ?? `monitor-${id}`;
    if (monitor.type === 'group') continue;
    if (!isOn(monitor.active ?? 1)) {
      draft.lacks(`monitor ${JSON.stringify(name)} is paused, and so left out`);
      continue;
    }
    const kind = kindOf(monitor, {draft, name, proxy: kuma.proxies.get(Number(monitor.proxy_id))});
    if (typeof kind === 'string') {
      draft.lacks(`monitor ${JSON.stringify(name)} (${textOf(monitor.type) ?? 'unknown'}): ${kind}`);
      continue;
    }
    const timing = timingOf(monitor, kind.keys.type);
    const group = groupOf(monitor, kuma);
    const to = alertsOf(id, kuma, channels, monitor);
    const comments = [...kind.comments, ...timing.comments, ...aboutOf(id, monitor, kuma)];
    names.set(id, draft.check(name, compact({...kind.keys, ...timing.keys, group, alerts: to}), comments));
  }
  if ([...draft.checks.values()].some(({keys}) => JSON.stringify(keys.alerts ?? '').includes(`"${SILENT}"`)))
    draft.channel(SILENT, {type: 'console'}, [
      'For monitors that had no notification: their alerts are printed, and sent to nobody',
    ]);
  return names;
}

/** Kuma tries `maxretries` times more, `retry_interval` apart, before it says that a monitor is down. */
function timingOf(monitor: Fields, type: unknown): {keys: Fields; comments: string[]} {
  const interval = numberOf(monitor.interval) ?? 60;
  const retries = Math.max(0, numberOf(monitor.maxretries) ?? 0);
  const pause = numberOf(monitor.retry_interval) || interval;
  const timeout = numberOf(monitor.timeout) || Math.floor(interval * 0.8);
  const comments: string[] = [];
  if (type === 'heartbeat') return {keys: {}, comments};
  const fits = (timeout + pause) * (retries + 1) <= interval;
  const retrying =
    retries === 0
      ? {}
      : fits && pause !== interval
        ? {attempts: retries + 1, retry_delay: seconds(pause, LIMITS.retryDelay)}
        : {fail_after: retries + 1};
  if (retries > 0 && !fits && pause !== interval)
    comments.push(`Kuma tried again every ${pause}s while it was not sure; Vakhta keeps to the interval`);
  if (isOn(monitor.upside_down))
    comments.push('It was upside down in Kuma (a failure was good): turn expect round by hand');
  const keys = {interval: seconds(interval, LIMITS.interval), timeout: seconds(timeout, LIMITS.timeout), ...retrying};
  return {keys, comments};
}

function groupOf(monitor: Fields, {monitors}: Kuma): string | undefined {
  const parent = monitors.find(({id, type}) => id === monitor.parent && type === 'group');
  return parent ? allowedName(textOf(parent.name) ?? '') || undefined : undefined;
}

function alertsOf(id: number, {told}: Kuma, channels: ReadonlyMap<number, string>, monitor: Fields): Fields {
  const to = (told.get(id) ?? []).flatMap((notification) => channels.get(notification) ?? []);
  const every = numberOf(monitor.resend_interval) ?? 0;
  const repeat = every > 0 ? seconds(every * (numberOf(monitor.interval) ?? 60), LIMITS.repeatEvery) : undefined;
  return compact({to: to.length > 0 ? to : [SILENT], repeat_every: repeat});
}

function aboutOf(id: number, monitor: Fields, {tags}: Kuma): string[] {
  const description = textOf(monitor.description);
  return [
    ...(description === undefined ? [] : [description]),
    ...(tags.get(id)?.length ? [`tags: ${tags.get(id)?.join(', ')}`] : []),
  ];
}
