import {formatDuration, parseDuration} from '../checks/duration.ts';
import {isTimezone} from '../config/timezone.ts';
import type {Draft} from './draft.ts';
import {asList, type Fields, textOf} from './fields.ts';

const MINUTE_MS = 60_000;
const DAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

/** Gatus's one maintenance, of everything; its cron is in the config's own time zone. */
export function readGatusMaintenance(maintenance: Fields, draft: Draft): void {
  const start = /^(\d\d):(\d\d)$/.exec(textOf(maintenance.start) ?? '');
  const duration = parseDuration(textOf(maintenance.duration) ?? '');
  if (maintenance.enabled === false || !start || duration === undefined) return;
  const timezone = textOf(maintenance.timezone) ?? 'UTC';
  draft.set('timezone', {timezone: isTimezone(timezone) ? timezone : 'UTC'}, ['That of the maintenance']);
  const days = asList(maintenance.every).flatMap((day) => {
    const index = DAYS.indexOf(String(day).toLowerCase());
    return index < 0 ? [] : [index];
  });
  const at = `${Number(start[2])} ${Number(start[1])} * * ${days.length === 0 ? '*' : days.join(',')}`;
  draft.set('maintenance', {maintenance: [{checks: 'all', at, for: formatDuration(Math.max(MINUTE_MS, duration))}]});
}
