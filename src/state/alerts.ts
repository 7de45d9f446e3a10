import {Draft} from './draft.ts';
import type {Acknowledgement, Card, Event, HoldReason, Incident, Message, SendReason, Verdict} from './vocabulary.ts';

/** What people have been told, and what they are still owed. */
export interface AlertState {
  /** Open incidents, and closed ones that still owe a message or share a card with an open one. */
  readonly incidents: ReadonlyMap<number, Incident>;
  /** The open incident of a check. */
  readonly open: ReadonlyMap<string, number>;
  readonly cards: ReadonlyMap<number, Card>;
  readonly nextIncident: number;
  readonly nextCard: number;
}

/** What `decide` needs to know of the configuration. */
export interface AlertPolicy {
  /** Undefined for a check that is no longer configured. */
  readonly check: (name: string) => CheckAlerts | undefined;
  /** Where notices of the program itself go. */
  readonly noticeTo: readonly string[];
  /** The named window at this time; `until` is when that next changes, null for never. */
  readonly window: (name: string, at: number) => {readonly open: boolean; readonly until: number | null};
}

export interface CheckAlerts {
  readonly to: readonly string[];
  /** Left out: always open. */
  readonly window?: string;
  readonly missed: 'digest' | 'drop';
  readonly urgent: boolean;
}

/** What follows from the events. Nothing is changed yet: `settle` does that, once it is committed. */
export interface Decision {
  /** New or changed incidents, in their new form. */
  readonly incidents: readonly Incident[];
  readonly cards: readonly Card[];
  readonly messages: readonly Message[];
  readonly verdicts: readonly Verdict[];
}

export const emptyAlerts: AlertState = {
  incidents: new Map(),
  open: new Map(),
  cards: new Map(),
  nextIncident: 1,
  nextCard: 1,
};

/**
 * Decides who is told what. Called with every batch of events, and without events at the time that `wakeAt` names, when a
 * window opens or an acknowledgement ends.
 */
export function decide(state: AlertState, events: readonly Event[], now: number, policy: AlertPolicy): Decision {
  const draft = new Draft(state, now, policy);
  for (const event of events) take(draft, event);
  endAcknowledgements(draft);
  openWindows(draft);
  return draft.decision();
}

/** The state after a decision. An incident is forgotten when it is over, owes nothing and no living card shows it. */
export function settle(state: AlertState, decision: Decision): AlertState {
  if (decision.incidents.length === 0 && decision.cards.length === 0) return state;
  const incidents = new Map(state.incidents);
  const open = new Map(state.open);
  const cards = new Map(state.cards);
  for (const card of decision.cards) cards.set(card.id, card);
  for (const incident of decision.incidents) {
    incidents.set(incident.id, incident);
    if (incident.closedAt === undefined) open.set(incident.check, incident.id);
    else if (open.get(incident.check) === incident.id) open.delete(incident.check);
  }
  for (const incident of decision.incidents) forgetFinished(incidents, cards, incident);
  const nextIncident = Math.max(state.nextIncident, ...decision.incidents.map((incident) => incident.id + 1));
  const nextCard = Math.max(state.nextCard, ...decision.cards.map((card) => card.id + 1));
  return {incidents, open, cards, nextIncident, nextCard};
}

/** When `decide` must be asked again though nothing happens; undefined when there is nothing to wait for. */
export function wakeAt(state: AlertState, now: number, policy: AlertPolicy): number | undefined {
  let earliest = Number.POSITIVE_INFINITY;
  for (const incident of state.incidents.values()) {
    if (incident.acknowledged?.until !== undefined) earliest = Math.min(earliest, incident.acknowledged.until);
    if (!incident.held) continue;
    const name = policy.check(incident.check)?.window;
    const until = name === undefined ? now : policy.window(name, now).until;
    if (until !== null) earliest = Math.min(earliest, until);
  }
  return earliest === Number.POSITIVE_INFINITY ? undefined : earliest;
}

function take(draft: Draft, event: Event): void {
  switch (event.kind) {
    case 'went_down':
      if (event.target === undefined) open(draft, event);
      return;
    case 'recovered':
      if (event.target === undefined) close(draft, event.check, event.at, 'recovered');
      return;
    case 'targets_changed':
      return change(draft, event.check, 'targets_changed', (incident) => ({
        ...incident,
        falseTargets: event.falseTargets,
      }));
    case 'acknowledged':
      return change(draft, event.check, 'acknowledged', (incident) => ({
        ...incident,
        acknowledged: acknowledgement(event),
      }));
    case 'check_removed':
      return close(draft, event.check, event.at, 'removed');
    case 'noticed':
      for (const channel of draft.policy.noticeTo) {
        draft.messages.push({kind: 'notice', channel, reason: 'notice', code: event.code, detail: event.detail});
      }
      return;
  }
}

function open(draft: Draft, event: Event & {kind: 'went_down'}): void {
  // A crash between two commits cannot leave an incident open twice, but a hand-edited database can.
  if (draft.openIncident(event.check)) return;
  const incident: Incident = {
    id: draft.newIncidentId(),
    check: event.check,
    openedAt: event.at,
    reason: event.reason,
    errors: event.errors,
    ...(event.falseTargets && {falseTargets: event.falseTargets}),
    cards: [],
  };
  if (draft.isOpen(event.check)) return announce(draft, [incident], [], 'first');
  draft.put({...incident, held: 'outside_window'});
  draft.judge(event.check, 'held', 'outside_window');
}

/** One new card in each channel that any of these incidents goes to. */
function announce(draft: Draft, broken: readonly Incident[], missed: readonly Incident[], reason: SendReason): void {
  const cardsOf = new Map<number, number[]>();
  for (const channel of channelsOf(draft, [...broken, ...missed])) {
    const mine = broken.filter((incident) => draft.goesTo(incident.check, channel));
    const past = missed.filter((incident) => draft.goesTo(incident.check, channel));
    const card: Card = {id: draft.newCardId(), channel, incidents: mine.map(({id}) => id), missed: past};
    draft.addCard(card);
    for (const incident of mine) cardsOf.set(incident.id, [...(cardsOf.get(incident.id) ?? []), card.id]);
    draft.messages.push({kind: 'card', channel, reason, card: card.id, incidents: mine, missed: past});
  }
  for (const {held: _, ...incident} of broken) {
    draft.put({...incident, cards: cardsOf.get(incident.id) ?? []});
    draft.judge(incident.check, 'sent', reason);
  }
  for (const {held: _, ...incident} of missed) {
    draft.put(incident);
    draft.judge(incident.check, 'sent', reason);
  }
}

function close(draft: Draft, check: string, at: number, reason: 'recovered' | 'removed'): void {
  const incident = draft.openIncident(check);
  if (!incident) return;
  const closed: Incident = {...incident, closedAt: at, ...(reason === 'removed' && {removed: true as const})};
  if (incident.cards.length === 0 && incident.held) return closeUnannounced(draft, closed);
  const held: HoldReason | undefined = draft.isOpen(check) ? undefined : 'outside_window';
  draft.put(held ? {...closed, held} : closed);
  editCards(draft, closed, reason);
  if (held) return draft.judge(check, 'held', held);
  sayRecovered(draft, closed, reason);
}

/** Nobody was told that it broke: a line in the digest when the window opens, or nothing. */
function closeUnannounced(draft: Draft, closed: Incident): void {
  if (draft.policy.check(closed.check)?.missed === 'digest') {
    draft.put(closed);
    return draft.judge(closed.check, 'held', 'outside_window');
  }
  const {held: _, ...dropped} = closed;
  draft.put(dropped);
  draft.judge(closed.check, 'dropped', 'missed');
}

function sayRecovered(draft: Draft, incident: Incident, reason: 'recovered' | 'removed'): void {
  for (const id of incident.cards) {
    const card = draft.card(id);
    if (!card) continue;
    draft.messages.push({kind: 'recovery', channel: card.channel, reason, card: id, incidents: [incident]});
  }
  draft.judge(incident.check, 'sent', reason);
}

function change(draft: Draft, check: string, reason: SendReason, alter: (incident: Incident) => Incident): void {
  const incident = draft.openIncident(check);
  if (!incident) return;
  const changed = alter(incident);
  draft.put(changed);
  editCards(draft, changed, reason);
}

function editCards(draft: Draft, incident: Incident, reason: SendReason): void {
  for (const id of incident.cards) {
    const card = draft.card(id);
    if (!card) continue;
    const incidents = card.incidents.map((other) => draft.incident(other)).filter((other) => other !== undefined);
    draft.messages.push({kind: 'edit', channel: card.channel, reason, card: id, incidents, missed: card.missed});
  }
}

function acknowledgement(event: Event & {kind: 'acknowledged'}): Acknowledgement {
  return {by: event.by, at: event.at, why: event.why, ...(event.until !== undefined && {until: event.until})};
}

function endAcknowledgements(draft: Draft): void {
  for (const incident of draft.all()) {
    const until = incident.acknowledged?.until;
    if (until === undefined || until > draft.now || incident.closedAt !== undefined) continue;
    change(draft, incident.check, 'acknowledgement_ended', ({acknowledged: _, ...rest}) => rest);
  }
}

/** All that waited for a window which is open now leaves: one message with what is broken and what was missed. */
function openWindows(draft: Draft): void {
  const due = [...draft.all()].filter((incident) => incident.held && draft.isOpen(incident.check));
  const unannounced = due.filter((incident) => incident.cards.length === 0);
  const broken = unannounced.filter((incident) => incident.closedAt === undefined);
  const missed = unannounced.filter((incident) => incident.closedAt !== undefined);
  if (unannounced.length > 0) announce(draft, broken, missed, 'window_opened');
  for (const {held: _, ...incident} of due) {
    if (incident.cards.length === 0) continue;
    draft.put(incident);
    sayRecovered(draft, incident, incident.removed ? 'removed' : 'recovered');
  }
}

function channelsOf(draft: Draft, incidents: readonly Incident[]): Set<string> {
  return new Set(incidents.flatMap((incident) => draft.policy.check(incident.check)?.to ?? draft.policy.noticeTo));
}

function forgetFinished(incidents: Map<number, Incident>, cards: Map<number, Card>, incident: Incident): void {
  if (!isFinished(incident)) return;
  for (const id of incident.cards) {
    const shown = cards.get(id)?.incidents ?? [];
    if (!shown.every((other) => isFinished(incidents.get(other)))) continue;
    cards.delete(id);
    for (const other of shown) forgetUnshown(incidents, cards, other);
  }
  forgetUnshown(incidents, cards, incident.id);
}

function forgetUnshown(incidents: Map<number, Incident>, cards: ReadonlyMap<number, Card>, id: number): void {
  const incident = incidents.get(id);
  if (incident && !incident.cards.some((card) => cards.has(card))) incidents.delete(id);
}

function isFinished(incident: Incident | undefined): boolean {
  return incident === undefined || (incident.closedAt !== undefined && !incident.held);
}
