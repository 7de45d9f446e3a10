/** A span of time as people type it into a chat: `30m`, `2h`, `1d`. Undefined for anything else. */
export function parseSpan(text: string): number | undefined {
  const [, amount, unit = ''] = SPAN.exec(text) ?? [];
  return amount === undefined ? undefined : Number(amount) * (UNIT_MS[unit] ?? 0);
}

const SPAN = /^([1-9]\d{0,3})(m|h|d)$/;
const UNIT_MS: Record<string, number> = {m: 60_000, h: 3_600_000, d: 86_400_000};

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
