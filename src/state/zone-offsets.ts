/** A time during which a zone's clocks are the same distance from UTC. All in milliseconds; `to` is exclusive. */
export interface OffsetStretch {
  readonly from: number;
  readonly to: number;
  readonly offset: number;
}

/** Ten years of a zone with summer time are twenty stretches; more than this and the list is begun afresh. */
const STRETCHES_MAX = 64;

/** Temporal takes 10–100 µs to find a transition. The answer depends on nothing but the arguments, so it may be kept. */
const known = new Map<string, OffsetStretch[]>();

/** The stretch of the zone that holds this moment (epoch milliseconds). The zone must be one that `zoneName` returned. */
export function offsetAt(zone: string, at: number): OffsetStretch {
  const stretches = known.get(zone) ?? [];
  const index = stretches.findIndex((stretch) => at >= stretch.from && at < stretch.to);
  const found = stretches[index] ?? readStretch(zone, at);
  if (index === 0) return found;
  if (index > 0) stretches.splice(index, 1);
  if (stretches.length >= STRETCHES_MAX) stretches.length = 0;
  // The newest question comes first, since the next one is mostly about the same stretch.
  stretches.unshift(found);
  known.set(zone, stretches);
  return found;
}

/** The zone's name as the time zone database spells it, in whatever case it came; undefined when there is no such zone. */
export function zoneName(name: string): string | undefined {
  // Temporal takes fixed offsets for zones too; the grammar does not.
  if (!/^[A-Za-z]/.test(name)) return undefined;
  try {
    return new Temporal.ZonedDateTime(0n, name).timeZoneId;
  } catch {
    return undefined;
  }
}

function readStretch(zone: string, at: number): OffsetStretch {
  const moment = Temporal.Instant.fromEpochMilliseconds(Math.floor(at)).toZonedDateTimeISO(zone);
  // 'previous' looks strictly before, and a stretch holds its own first moment.
  const from = moment.add({milliseconds: 1}).getTimeZoneTransition('previous');
  const to = moment.getTimeZoneTransition('next');
  return {
    from: from?.epochMilliseconds ?? Number.NEGATIVE_INFINITY,
    to: to?.epochMilliseconds ?? Number.POSITIVE_INFINITY,
    offset: moment.offsetNanoseconds / 1e6,
  };
}

/**
 * The moment (epoch milliseconds) at which the zone's clocks show this local time (as if it were UTC). Of a time that comes
 * twice it is the first; one that is left out comes as much later as the clocks are put forward.
 */
export function localTime(zone: string, local: number): number {
  // No transition moves a clock by more than a day.
  const before = offsetAt(zone, local - 2 * DAY_MS).offset;
  const after = offsetAt(zone, local + 2 * DAY_MS).offset;
  for (const offset of [before, after]) if (offsetAt(zone, local - offset).offset === offset) return local - offset;
  return local - before;
}

const DAY_MS = 86_400_000;
