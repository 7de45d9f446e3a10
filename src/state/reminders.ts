import type {CheckAlerts} from './alerts.ts';
import type {Draft} from './draft.ts';
import {tellEnd} from './ends.ts';
import {gatheredAt, offer, sendCard} from './groups.ts';
import {type Hold, holdOn, holdOnRecovery} from './holds.ts';
import {editCards, free, holdBack, listed} from './incidents.ts';
import {personLane} from './oncall.ts';
import type {Incident, Person} from './vocabulary.ts';

/** What the incidents whose time has come have to say, gathered so that each channel hears it once. */
interface Due {
  readonly reminders: Map<string, Incident[]>;
  readonly escalations: Map<string, Incident[]>;
  /** Who of those on call is told, by the lane of their private chat. */
  readonly called: Map<string, Person>;
  /** Held until their window opened, which it has: broken still, and over. */
  readonly broken: Incident[];
  readonly missed: Incident[];
}

/** Looks at every incident whose time has come, and at all of them when something has changed that may set them free. */
export function runTimers(draft: Draft): void {
  const due: Due = {reminders: new Map(), escalations: new Map(), called: new Map(), broken: [], missed: []};
  const look = draft.holdsChanged ? [...draft.all()] : draft.due();
  for (const {id} of look) {
    const incident = draft.incident(id);
    if (incident) lookAt(draft, incident, due);
  }
  if (due.reminders.size > 0) takeAlong(draft, due);
  tellWindowOpened(draft, due);
  for (const [channel, incidents] of due.reminders) remind(draft, channel, incidents);
  for (const [channel, incidents] of due.escalations) {
    const calls = due.called.get(channel);
    sendCard(draft, channel, {broken: incidents, missed: [], reason: 'escalation', ...(calls && {calls})});
  }
}

/** When this announced incident next has something to say by itself. */
export function planTimers(draft: Draft, incident: Incident): void {
  const gathered = gatheredAt(draft, incident) ?? Number.POSITIVE_INFINITY;
  const at = Math.min(ackEnds(incident), reminderAt(draft, incident), escalationAt(draft, incident), gathered);
  // A step that came due while the incident was held is taken by a decision of its own, soon.
  draft.setDue(incident.id, finite(at <= draft.now ? draft.now + OVERDUE_MS : at));
}

const OVERDUE_MS = 1_000;

function finite(at: number): number | undefined {
  return at === Number.POSITIVE_INFINITY ? undefined : at;
}

function lookAt(draft: Draft, incident: Incident, due: Due): void {
  if (incident.held) return reconsider(draft, incident, due);
  // It was looked at with all others, after a reload, and nothing is left to do but to tell what is gathered.
  if (incident.closedAt !== undefined || incident.announcedAt === undefined)
    return draft.setDue(incident.id, gatheredAt(draft, incident));
  const current = endAcknowledgement(draft, incident);
  const hold = holdOn(draft, current.check);
  if (hold) {
    const reminderDue = Math.min(reminderAt(draft, current), escalationAt(draft, current)) <= draft.now;
    if (!reminderDue) return planTimers(draft, current);
    draft.judge(current.check, 'held', hold.reason);
    return draft.setDue(current.id, finite(Math.min(hold.until ?? Number.POSITIVE_INFINITY, ackEnds(current))));
  }
  escalate(draft, current, due);
  repeat(draft, draft.incident(current.id) ?? current, due);
  planTimers(draft, draft.incident(current.id) ?? current);
}

function reconsider(draft: Draft, incident: Incident, due: Due): void {
  const announced = incident.cards.length > 0;
  const isOver = incident.closedAt !== undefined;
  const hold = announced && isOver ? holdOnRecovery(draft, incident) : holdOn(draft, incident.check);
  if (hold && isOver && !announced && hold.reason !== 'outside_window') return passOver(draft, incident, hold);
  if (hold) return holdBack(draft, incident, hold);
  if (incident.closedAt !== undefined && announced) {
    if (incident.untold) due.missed.push(incident);
    return tellEnd(draft, incident);
  }
  if (incident.closedAt !== undefined) return void due.missed.push(incident);
  if (incident.held === 'parent_down') return waitForLook(draft, incident);
  if (incident.held === 'outside_window') return void due.broken.push(incident);
  offer(draft, free(incident), 'first');
}

/** Nobody was told of it, and something else holds it now. */
function passOver(draft: Draft, incident: Incident, {reason}: Hold): void {
  // Its line has nothing to do with a parent, or with flapping: when that ends, all are looked at.
  if (incident.held === 'outside_window' && (reason === 'parent_down' || reason === 'flapping'))
    return draft.setDue(incident.id, undefined);
  draft.put(free(incident));
  draft.judge(incident.check, 'dropped', reason);
}

/** The parent is back, and so may the child be: its next observation decides. */
function waitForLook(draft: Draft, incident: Incident): void {
  if (incident.parentBackAt === undefined) draft.put({...incident, parentBackAt: draft.now});
  draft.setDue(incident.id, undefined);
}

/** One message in each channel: what is still broken, and a line with what broke and recovered meanwhile. */
function tellWindowOpened(draft: Draft, {broken, missed}: Due): void {
  const goesTo = ({check}: Incident) => draft.policy.check(check)?.to ?? draft.policy.noticeTo;
  for (const channel of new Set([...broken, ...missed].flatMap(goesTo))) {
    const mine = (incident: Incident) => goesTo(incident).includes(channel) && !draft.cardIn(incident, channel);
    const current = broken.filter(mine).map((incident) => draft.incident(incident.id) ?? incident);
    const past = missed.filter((incident) => mine(incident) && isOwed(incident, channel));
    if (current.length + past.length === 0) continue;
    sendCard(draft, channel, {broken: current, missed: past, reason: 'window_opened'});
  }
  for (const incident of [...broken, ...missed]) endWait(draft, draft.incident(incident.id) ?? incident);
}

/** What had no channel to be told in waits for nothing any more, either. */
function endWait(draft: Draft, incident: Incident): void {
  const current = incident.held ? free(incident) : incident;
  if (incident.held) draft.put(current);
  if (current.closedAt === undefined) planTimers(draft, current);
  else draft.setDue(current.id, gatheredAt(draft, current));
}

/** What one channel was told in time is owed to those only whose digest came too late. */
function isOwed({cards, untold}: Incident, channel: string): boolean {
  return cards.length === 0 || (untold ?? []).includes(channel);
}

/** Without an acknowledgement whose time is over. */
export function endAcknowledgement(draft: Draft, incident: Incident): Incident {
  if (ackEnds(incident) > draft.now) return incident;
  const {acknowledged: _, ...rest} = incident;
  draft.put(rest);
  editCards(draft, rest, 'acknowledgement_ended');
  return rest;
}

/** A step that finds the incident acknowledged is over: somebody is on it. */
function escalate(draft: Draft, incident: Incident, {escalations, called}: Due): void {
  if (escalationAt(draft, incident) > draft.now) return;
  const steps = draft.policy.check(incident.check)?.escalate ?? [];
  const taken = incident.escalated ?? 0;
  const due = steps.slice(taken).filter(({afterMs}) => (incident.announcedAt ?? 0) + afterMs <= draft.now);
  const current = {...incident, escalated: taken + due.length};
  draft.put(current);
  if (incident.acknowledged) return draft.judge(incident.check, 'held', 'acked');
  const people = due.flatMap(({oncall = []}) => oncall.flatMap((name) => draft.duty(name)?.person ?? []));
  for (const person of people) called.set(personLane(person), person);
  for (const channel of new Set([...due.flatMap(({to}) => to), ...people.map(personLane)])) {
    if (!draft.cardIn(incident, channel)) add(escalations, channel, current);
  }
}

/** When the next reminder of an announced incident is due; undefined: never. */
export function nextReminderAt(check: CheckAlerts | undefined, incident: Incident): number | undefined {
  const every = check?.repeatEveryMs;
  if (every === undefined || incident.announcedAt === undefined) return undefined;
  return (incident.remindedAt ?? incident.announcedAt) + every;
}

/** The next step of the escalation of an announced incident. */
export function nextEscalation(check: CheckAlerts | undefined, incident: Incident): NextEscalation | undefined {
  const next = check?.escalate[incident.escalated ?? 0];
  if (!next || incident.announcedAt === undefined) return undefined;
  return {at: incident.announcedAt + next.afterMs, to: next.to, oncall: next.oncall ?? []};
}

export interface NextEscalation {
  readonly at: number;
  readonly to: readonly string[];
  /** Rotations. */
  readonly oncall: readonly string[];
}

/** What would be due within `group_wait` comes along, so that the reminders of a storm are one message. */
function takeAlong(draft: Draft, due: Due): void {
  for (const {id} of [...draft.all()]) {
    const incident = draft.incident(id);
    if (!incident || incident.held || incident.closedAt !== undefined || incident.acknowledged) continue;
    const {groupWaitMs = 0, repeatEveryMs = 0} = draft.policy.check(incident.check) ?? {};
    // Half the way at most: what was said a moment ago is not said again.
    const wait = Math.min(groupWaitMs, repeatEveryMs / 2);
    if (reminderAt(draft, incident) > draft.now + wait || holdOn(draft, incident.check)) continue;
    repeat(draft, incident, due, wait);
    planTimers(draft, draft.incident(id) ?? incident);
  }
}

function repeat(draft: Draft, incident: Incident, {reminders}: Due, earlyMs = 0): void {
  if (reminderAt(draft, incident) > draft.now + earlyMs) return;
  const current = {...incident, remindedAt: draft.now};
  draft.put(current);
  if (incident.acknowledged) return draft.judge(incident.check, 'held', 'acked');
  for (const channel of draft.shownIn(incident)) add(reminders, channel, current);
}

function remind(draft: Draft, channel: string, incidents: readonly Incident[]): void {
  const [first] = incidents;
  const card = first && draft.cardIn(first, channel);
  if (!card) return;
  draft.messages.push({kind: 'reminder', channel, reason: 'repeat', card: card.id, ...listed(incidents)});
  for (const {check} of incidents) draft.judge(check, 'sent', 'repeat');
}

function ackEnds(incident: Incident): number {
  return incident.acknowledged?.until ?? Number.POSITIVE_INFINITY;
}

function reminderAt(draft: Draft, incident: Incident): number {
  return nextReminderAt(draft.policy.check(incident.check), incident) ?? Number.POSITIVE_INFINITY;
}

function escalationAt(draft: Draft, incident: Incident): number {
  return nextEscalation(draft.policy.check(incident.check), incident)?.at ?? Number.POSITIVE_INFINITY;
}

function add(map: Map<string, Incident[]>, key: string, incident: Incident): void {
  const list = map.get(key);
  if (list) list.push(incident);
  else map.set(key, [incident]);
}
