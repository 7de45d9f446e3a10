/**
 * A span of time as people type it into a chat, in milliseconds: `30m`, `2h`, `1h30m`, `1D`. As in config.yaml, the largest unit
 * comes first; but nobody means milliseconds here. Undefined for anything else, and for no time at all.
 */
export function parseSpan(text: string): number | undefined {
  const [, ...amounts] = SPAN.exec(text) ?? [];
  const ms = amounts.reduce((sum, amount, index) => sum + Number(amount ?? 0) * (UNITS_MS[index] ?? 0), 0);
  return ms > 0 ? ms : undefined;
}

const SPAN = new RegExp(`^${[...'wdhms'].map((unit) => `(?:(\\d{1,4}(?:\\.\\d{1,2})?)${unit})?`).join('')}$`, 'i');
const UNITS_MS = [604_800_000, 86_400_000, 3_600_000, 60_000, 1_000];

/** What begins these words as a span would, and is none: `90min`, `2 hours`. Other numbers may begin a reason: `503 again`, `3rd line`. */
export function brokenSpan([first = '', second = '']: readonly string[]): string | undefined {
  if (parseSpan(first) !== undefined) return undefined;
  if (NEARLY.test(first)) return first;
  return /^\d+$/.test(first) && UNIT_WORD.test(second) ? `${first} ${second}` : undefined;
}

/** A number and the first letter of a unit, in the languages that the answers are written in. */
const NEARLY = /^\d[\d.,]*(?:[wdhmsндчмс]|周|天|日|小时|时|分|秒)/iu;
const UNIT_WORD = /^(w|d|h|m|s|weeks?|days?|hours?|hrs?|min(ute)?s?|sec(ond)?s?)$/i;

/** What people write as a reason; the rest of a longer one is cut. */
export const WHY_UNITS_MAX = 300;

/** Whoever is woken at night means the beginning of the working day. */
const MORNING = {hour: 8, minute: 0, second: 0, millisecond: 0};

/** The next 08:00 in this zone, in epoch milliseconds: today's while it is to come, otherwise tomorrow's. */
export function nextMorning(now: number, zone: string): number {
  const here = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(zone);
  const today = here.with(MORNING);
  const next = today.epochMilliseconds > now ? today : today.add({days: 1});
  return next.epochMilliseconds;
}
