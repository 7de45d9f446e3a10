import {z} from 'zod';
import type {Rotation} from '../state/rotation.ts';
import type {User} from './config.ts';
import {orOneOf} from './references.ts';
import type {Report} from './report.ts';
import {timezone} from './timezone.ts';

/** In one rotation; a week each, that is two years of turns. */
const PEOPLE_MAX = 100;
const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const HANDOVER = new RegExp(`^(?:daily|weekly (${WEEKDAYS.join('|')})) ([01]\\d|2[0-3]):([0-5]\\d)$`);
const NO_USER = 'expected the numeric id of one of users';
const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** One entry of `oncall`. */
export const rotationKeys = z.strictObject({
  people: z
    .array(z.int({error: NO_USER}).positive(NO_USER))
    .min(1, 'expected at least one person')
    .max(PEOPLE_MAX)
    .describe('Who takes turns, in this order: numeric ids of `users`.'),
  handover: z
    .string()
    .regex(HANDOVER, 'expected daily 09:00, or weekly monday 09:00')
    .meta({examples: ['weekly monday 09:00', 'daily 09:00']})
    .describe('When the next one takes over, by the clocks of `timezone`.'),
  start: z
    .string()
    .refine((text) => dayOf(text) !== undefined, 'expected a day such as 2026-11-02')
    .meta({examples: ['2026-11-02']})
    .describe('The day on which the first of `people` takes over; their order goes on before it and after it.'),
  timezone: timezone.optional().describe('Left out: the top-level `timezone`.'),
});

type RotationKeys = z.output<typeof rotationKeys>;

/** Reports people who are no users, and a start on another day of the week than the handover. Takes the block as read. */
export function checkOncall(
  oncall: unknown,
  {users, channels}: {readonly users: ReadonlySet<string>; readonly channels: ReadonlySet<string>},
  report: Report,
): void {
  if (typeof oncall !== 'object' || oncall === null) return;
  // An escalation to oncall could mean either.
  if (channels.has('oncall') && Object.keys(oncall).length > 0)
    report.problem(['channels', 'oncall'], 'expected another name: beside oncall: it means who is on call', 'key');
  for (const [name, rotation] of Object.entries(oncall)) {
    if (typeof rotation !== 'object' || rotation === null) continue;
    const {people, handover, start}: Partial<Record<string, unknown>> = {...rotation};
    for (const [index, id] of Array.isArray(people) ? people.entries() : [])
      if (Number.isSafeInteger(id) && id > 0 && !users.has(String(id)))
        report.problem(['oncall', name, 'people', index], `${NO_USER}, got ${id}; add it there${orOneOf(users)}`);
    const wanted = typeof handover === 'string' ? HANDOVER.exec(handover)?.[1] : undefined;
    const day = typeof start === 'string' ? dayOf(start) : undefined;
    if (wanted === undefined || day === undefined) continue;
    const weekday = weekdayOf(day);
    if (weekday === wanted) continue;
    const words = `expected a ${wanted}, as in handover, got ${String(start)}, a ${weekday}`;
    report.problem(['oncall', name, 'start'], `${words}; write ${nearestBefore(day, wanted)}`);
  }
}

/** Of entries that are all right. */
export function rotationsOf(
  oncall: Readonly<Record<string, RotationKeys>> | undefined,
  users: ReadonlyMap<number, User>,
  zone: string,
): ReadonlyMap<string, Rotation> {
  return new Map(
    Object.entries(oncall ?? {}).map(([name, {people, handover, start, timezone: own}]) => {
      const [, weekday, hour, minute] = HANDOVER.exec(handover) ?? [];
      return [
        name,
        {
          name,
          people: people.map((id) => ({id, name: users.get(id)?.name ?? String(id)})),
          days: weekday === undefined ? 1 : 7,
          startDay: dayOf(start) ?? 0,
          minute: Number(hour) * 60 + Number(minute),
          zone: own ?? zone,
        },
      ];
    }),
  );
}

const DAY_MS = 86_400_000;

/** Days since 1970-01-01; undefined for what is no day of the calendar. */
function dayOf(text: string): number | undefined {
  if (!DATE.test(text)) return undefined;
  try {
    return Temporal.PlainDate.from(text).toZonedDateTime('UTC').epochMilliseconds / DAY_MS;
  } catch {
    return undefined;
  }
}

/** 1970-01-01 was a Thursday. */
function weekdayOf(day: number): string {
  return WEEKDAYS[(((day + 4) % 7) + 7) % 7] ?? '';
}

/** The last such day before this one. */
function nearestBefore(day: number, wanted: string): string {
  let found = day;
  while (weekdayOf(found) !== wanted) found--;
  return Temporal.PlainDate.from('1970-01-01').add({days: found}).toString();
}
