import type {Person} from './vocabulary.ts';
import {localTime, offsetAt} from './zone-offsets.ts';

/** People who take turns at being on call. Plain data: it may be frozen. */
export interface Rotation {
  readonly name: string;
  /** In the order of their turns; at least one. Who stands twice has two turns. */
  readonly people: readonly Person[];
  /** How long a turn is. */
  readonly days: 1 | 7;
  /** The day on which the first of them takes over, in days since 1970-01-01. */
  readonly startDay: number;
  /** The time of day of the handover on the zone's clocks, in minutes. */
  readonly minute: number;
  /** An IANA name. */
  readonly zone: string;
}

/** One person's turn. Epoch milliseconds; `until` is exclusive, and the next turn's `since`. */
export interface Turn {
  readonly person: Person;
  readonly since: number;
  readonly until: number;
}

/** A human's word: until then, this person is on call in place of whoever's turn it is. */
export interface DutyOverride {
  readonly rotation: string;
  readonly person: Person;
  readonly at: number;
  readonly by: Person;
  /** Epoch milliseconds, exclusive. */
  readonly until: number;
}

/** Who is on call in a rotation, and until when. */
export interface Duty {
  readonly rotation: string;
  readonly person: Person;
  readonly until: number;
}

/** The same, and whose turn it is in any case. */
export interface DutyNow extends Duty {
  readonly turn: Turn;
  /** Left out: it is their turn. */
  readonly override?: DutyOverride;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/**
 * Whose turn it is at this moment (epoch milliseconds). There is always exactly one: the order goes on before the first day,
 * backwards. A handover is at its time of day by the zone's clocks, so the turn of a night in which they are changed is an
 * hour shorter or longer.
 */
export function turnAt(rotation: Rotation, at: number): Turn {
  const {zone, startDay, days, minute} = rotation;
  const local = at + offsetAt(zone, at).offset - minute * MINUTE_MS;
  // Next to a change of the clocks this may be one off.
  let count = Math.floor((Math.floor(local / DAY_MS) - startDay) / days);
  while (handoverAt(rotation, count) > at) count--;
  while (handoverAt(rotation, count + 1) <= at) count++;
  return {
    person: personOf(rotation, count),
    since: handoverAt(rotation, count),
    until: handoverAt(rotation, count + 1),
  };
}

/** The moment of the handover after which so many turns have passed. */
function handoverAt({zone, startDay, days, minute}: Rotation, count: number): number {
  return localTime(zone, (startDay + count * days) * DAY_MS + minute * MINUTE_MS);
}

function personOf({people, name}: Rotation, count: number): Person {
  const person = people[((count % people.length) + people.length) % people.length];
  if (!person) throw new Error(`the rotation ${name} has nobody in it`);
  return person;
}
