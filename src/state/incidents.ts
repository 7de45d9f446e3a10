import type {Draft} from './draft.ts';
import {tellEarlierEnds} from './ends.ts';
import {gather, gatheredAt, isGathered, offer, startGroup} from './groups.ts';
import {type Hold, holdOn, holdOnRecovery} from './holds.ts';
import {leaveRecovery} from './recovery.ts';
import {CARD_LISTED_MAX, type Ending, type Event, type Incident, type SendReason} from './vocabulary.ts';

/** A check went down: people are told, or the reason why not is kept. */
export function open(draft: Draft, event: Event & {kind: 'went_down'}): void {
  // A crash between two commits cannot leave an incident open twice, but a hand-edited database can.
  if (draft.openIncident(event.check)) return;
  const incident: Incident = {
    id: draft.newIncidentId(),
    check: event.check,
    openedAt: event.at,
    reason: event.reason,
    errors: event.errors,
    ...(event.falseTargets && {falseTargets: event.falseTargets}),
    ...(isCutOff(draft, event.check) && {cutOff: true as const}),
    cards: [],
  };
  announce(draft, incident);
}

/** Of what nobody was told yet: told now, or held back. */
export function announce(draft: Draft, incident: Incident): void {
  const hold = holdOn(draft, incident.check);
  if (hold) holdBack(draft, incident, hold);
  else offer(draft, incident, 'first');
}

/** A check is true again, or is not watched any more. */
export function close(draft: Draft, check: string, at: number, reason: 'recovered' | 'removed'): void {
  const incident = draft.openIncident(check);
  if (!incident) return;
  draft.holdsChanged = true;
  leaveRecovery(draft, check);
  const {parentBackAt: _, ...rest} = incident;
  const over: Incident = {...rest, closedAt: at, ...(reason === 'removed' && {removed: true as const})};
  if (incident.cards.length === 0) closeUnannounced(draft, over);
  else closeAnnounced(draft, asUntold(draft, incident, free(over)), reason);
  tellEarlierEnds(draft, check, incident.id);
}

function closeAnnounced(draft: Draft, closed: Incident, reason: 'recovered' | 'removed'): void {
  draft.put(closed);
  draft.setDue(closed.id, gatheredAt(draft, closed));
  editCards(draft, closed, reason);
  const hold = holdOnRecovery(draft, closed);
  if (hold) holdBack(draft, closed, hold);
  // The window opens at this very moment: the next decision tells all that waited for it.
  else if (closed.untold) holdBack(draft, closed, {reason: 'outside_window', until: draft.now});
  else sayRecovered(draft, closed, reason);
}

/** With the channels that are owed its end, apart from those that are owed a line of its having been, if any are. */
function asUntold(draft: Draft, incident: Incident, closed: Incident): Incident {
  const {untold, ...rest} = closed;
  if (untold === undefined || incident.held !== 'outside_window') return rest;
  return {...rest, untold, gathering: draft.shownIn(incident)};
}

/** Nobody was told that it broke: a line in a digest that is still to come, or nothing. */
function closeUnannounced(draft: Draft, closed: Incident): void {
  if (closed.gathering) return draft.put(closed);
  const {held, ...dropped} = closed;
  if (held === 'outside_window' && draft.policy.check(closed.check)?.missed === 'digest') return draft.put(closed);
  draft.put(dropped);
  draft.setDue(closed.id, undefined);
  if (held) draft.judge(closed.check, 'dropped', held === 'outside_window' ? 'missed' : held);
}

/** Somebody waits for the first look at this check since its parent came back; this was it. */
export function lookedAgain(draft: Draft, check: string, at: number): void {
  const incident = draft.openIncident(check);
  if (incident?.held !== 'parent_down' || incident.parentBackAt === undefined) return;
  // One from beyond now means that the wall clock was set back.
  if (incident.parentBackAt <= draft.now && at < incident.parentBackAt) return;
  const hold = holdOn(draft, check);
  if (hold) return holdBack(draft, incident, hold);
  offer(draft, free(incident), 'first');
}

/** Under every card of it, or under those in these channels. */
export function sayRecovered(
  draft: Draft,
  incident: Incident,
  reason: 'recovered' | 'removed' | 'window_opened',
  channels?: readonly string[],
): void {
  let current = incident;
  for (const channel of draft.shownIn(incident)) {
    const card = draft.cardIn(incident, channel);
    if (!card || (channels && !channels.includes(channel))) continue;
    if (isGathered(draft, 'up', channel, incident)) {
      current = gather(draft, current, channel);
      continue;
    }
    const over = [ending(draft, current)];
    draft.messages.push({kind: 'recovery', channel, reason, card: card.id, incidents: over, more: 0});
    startGroup(draft, 'up', channel, [incident]);
  }
  if (!current.gathering) draft.judge(incident.check, 'sent', reason);
}

/**
 * With the channels that hear of the end whatever becomes of this message. One in which the beginning is being gathered
 * still is none of them: its digest may be held until it is too late for it.
 */
export function ending(draft: Draft, incident: Incident): Ending {
  return {...incident, heardIn: [...draft.shownIn(incident), ...(incident.untold ?? [])]};
}

/** Keeps what is owed until the hold ends; says so once for each reason. */
export function holdBack(draft: Draft, incident: Incident, {reason, until}: Hold): void {
  const {parentBackAt: _, ...rest} = incident;
  if (incident.held !== reason || incident.parentBackAt !== undefined) draft.put({...rest, held: reason});
  if (incident.held !== reason) draft.judge(incident.check, 'held', reason);
  draft.setDue(incident.id, until);
}

/** The incident without its hold. */
export function free(incident: Incident): Incident {
  const {held: _, parentBackAt: __, ...rest} = incident;
  return rest;
}

/** The cards that show the incident are sent anew, once each, when all is decided. */
export function editCards(draft: Draft, incident: Incident, reason: SendReason): void {
  for (const id of incident.cards) if (draft.card(id)) draft.edits.set(id, reason);
}

/** As many incidents as one message lists, the open ones first. */
export function listed(incidents: readonly Incident[]): {incidents: readonly Incident[]; more: number} {
  const open = incidents.filter(({closedAt}) => closedAt === undefined);
  const closed = incidents.filter(({closedAt}) => closedAt !== undefined);
  const some = [...open, ...closed].slice(0, CARD_LISTED_MAX);
  return {incidents: some, more: incidents.length - some.length};
}

/** False where there are none. */
export function areAllDown(draft: Draft, checks: readonly string[]): boolean {
  return checks.length > 0 && checks.every((check) => draft.openIncident(check));
}

function isCutOff(draft: Draft, check: string): boolean {
  const {guards} = draft.policy;
  return guards.includes(check) && guards.every((guard) => guard === check || draft.openIncident(guard));
}
