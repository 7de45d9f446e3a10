import type {Draft} from './draft.ts';
import type {Duty, DutyNow, DutyOverride} from './rotation.ts';
import {type Rotation, turnAt} from './rotation.ts';
import type {Card, Incident, Person} from './vocabulary.ts';

/** Rotations by name, in the order of the configuration: the first is the one that plain `oncall` means. */
export type Rotations = ReadonlyMap<string, Rotation>;

/** Who is on call in this rotation: whoever's turn it is, or who stands in for them. Undefined: there is no such rotation. */
export function dutyOf(
  rotations: Rotations,
  overrides: ReadonlyMap<string, DutyOverride>,
  name: string,
  at: number,
): DutyNow | undefined {
  const rotation = rotations.get(name);
  if (!rotation) return undefined;
  const turn = turnAt(rotation, at);
  const override = overrides.get(name);
  if (!override || at >= override.until) return {rotation: name, person: turn.person, until: turn.until, turn};
  return {rotation: name, person: override.person, until: override.until, turn, override};
}

/** The lane of a person's private chat with the bot; no configured channel can have this name. */
export function personLane({id}: Person): string {
  return `${LANE}${id}`;
}

/** Whose private chat this lane is; undefined for every other lane. */
export function personInLane(lane: string): number | undefined {
  return lane.startsWith(LANE) ? Number(lane.slice(LANE.length)) : undefined;
}

const LANE = 'person:';

/** What a card says of who is on call, while something on it waits for somebody: in private, that the reader is called. */
export function oncallOn(
  draft: Draft,
  {calls}: Pick<Card, 'calls'>,
  open: readonly Incident[],
): {readonly calls?: Person; readonly oncall?: readonly Duty[]} {
  const {rotations} = draft.policy;
  if (!calls && rotations.size === 0) return {};
  const waiting = open.filter(({acknowledged}) => acknowledged === undefined);
  if (waiting.length === 0) return {};
  if (calls) return {calls};
  const names = new Set(waiting.flatMap(({check}) => rotationOf(draft, check) ?? []));
  const duties = [...names]
    .flatMap((name) => draft.duty(name) ?? [])
    .map(({rotation, person, until}) => ({rotation, person, until}));
  return duties.length > 0 ? {oncall: duties} : {};
}

/** The rotation that the check calls first; one that calls nobody goes by the first there is. */
function rotationOf(draft: Draft, check: string): string | undefined {
  const steps = draft.policy.check(check)?.escalate ?? [];
  return steps.flatMap(({oncall = []}) => oncall)[0] ?? draft.policy.rotations.keys().next().value;
}
