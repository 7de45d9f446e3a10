import type {Draft} from './draft.ts';
import {flushUp, gatheredAt, without} from './groups.ts';
import {holdOnRecovery} from './holds.ts';
import {free, holdBack, sayRecovered} from './incidents.ts';
import type {Incident} from './vocabulary.ts';

/*
 * Ends that were not told yet when their check broke again. Who reads last that it is back believes it: such an end is told
 * in each channel just before the news of the next failure, or when that is over as well.
 */

/** The check of what is over here is down again. */
export function isDownAgain(draft: Draft, {check, closedAt}: Incident): boolean {
  return closedAt !== undefined && draft.openIncident(check) !== undefined;
}

/** The end is owed in the channels that gather it still, where some have told it; else in all that were told of the beginning. */
export function tellEnd(draft: Draft, incident: Incident): void {
  const gathered = incident.gathering?.filter((channel) => draft.cardIn(incident, channel)) ?? [];
  const owed = gathered.length > 0 || incident.untold ? gathered : draft.shownIn(incident);
  const rest = without(free(incident), owed);
  const waits = owed.length > 0 && isDownAgain(draft, incident);
  const current = waits ? {...rest, gathering: [...(rest.gathering ?? []), ...owed]} : rest;
  draft.put(current);
  draft.setDue(current.id, gatheredAt(draft, current));
  if (!waits && owed.length > 0) sayRecovered(draft, current, incident.removed ? 'removed' : 'recovered', owed);
}

/** This channel is about to hear that these are down: what it is owed of their earlier ends leaves first. */
export function tellEndsBefore(draft: Draft, channel: string, broken: readonly Incident[]): void {
  const checks = new Set(broken.map(({check}) => check));
  let isOwed = false;
  for (const incident of [...checks].flatMap((check) => draft.owing(check))) {
    // What held it may have ended in this very moment. One that owes a line as well is looked at when all is.
    if (incident.held && !incident.untold && !holdOnRecovery(draft, incident)) tellEnd(draft, incident);
    const current = draft.incident(incident.id);
    isOwed ||= !current?.held && (current?.gathering?.includes(channel) ?? false);
  }
  if (isOwed) flushUp(draft, channel, checks);
}

/** The check is up: whoever still has to hear of an earlier end of it hears of it now. */
export function tellEarlierEnds(draft: Draft, check: string, latest: number): void {
  for (const incident of draft.owing(check)) {
    if (incident.id === latest || incident.held) continue;
    if (!incident.gathering?.some((channel) => draft.cardIn(incident, channel))) continue;
    const hold = holdOnRecovery(draft, incident);
    if (hold) holdBack(draft, incident, hold);
    else tellEnd(draft, incident);
  }
}
