import type {AlertPolicy, AlertState, Stretch} from './alerts.ts';
import {Draft} from './draft.ts';
import {type Hold, holdOn} from './holds.ts';
import {nextEscalation, nextReminderAt} from './reminders.ts';
import {selects} from './silences.ts';
import type {Person, Silence} from './vocabulary.ts';

/** All that bears on whether people hear of a check. */
export interface Explanation {
  /** Where its news go. */
  readonly to: readonly string[];
  /** Why nothing would be said of it now. */
  readonly hold?: Hold;
  /** The window it keeps to; left out where it has none, or ignores it. */
  readonly window?: Stretch & {readonly name: string};
  /** A planned maintenance that is going on. */
  readonly planned?: Stretch;
  /** Silences and maintenances ordered by people that name it. */
  readonly silences: readonly Silence[];
  readonly parents: readonly {readonly name: string; readonly isDown: boolean}[];
  readonly reminderAt?: number;
  /** Who is told next; of rotations, who is on call now. */
  readonly escalation?: {readonly at: number; readonly to: readonly string[]; readonly people: readonly Person[]};
}

/** The same rules that `decide` goes by, asked about one check; undefined for one that is not configured. */
export function explain(state: AlertState, policy: AlertPolicy, name: string, now: number): Explanation | undefined {
  const alerts = policy.check(name);
  if (!alerts) return undefined;
  const draft = new Draft(state, [], now, policy);
  const hold = holdOn(draft, name);
  const incident = draft.openIncident(name);
  const window = alerts.urgent ? undefined : alerts.window;
  const planned = policy.maintenance(alerts, now);
  const isQuiet = incident === undefined || incident.acknowledged !== undefined;
  const reminderAt = isQuiet ? undefined : nextReminderAt(alerts, incident);
  const escalation = isQuiet ? undefined : nextEscalation(alerts, incident);
  const people = (escalation?.oncall ?? []).flatMap((rotation) => draft.duty(rotation)?.person ?? []);
  return {
    to: alerts.to,
    ...(hold && {hold}),
    ...(window !== undefined && {window: {name: window, ...policy.window(window, now)}}),
    ...(planned.open && {planned}),
    silences: [...draft.silences()].filter(({what}) => selects(what, alerts)),
    parents: alerts.dependsOn.map((parent) => ({name: parent, isDown: draft.openIncident(parent) !== undefined})),
    ...(reminderAt !== undefined && {reminderAt}),
    ...(escalation && {escalation: {at: escalation.at, to: escalation.to, people}}),
  };
}
