import type {AlertState, Decision} from './alerts.ts';
import {isOwing} from './draft.ts';
import {isRunning} from './recovery.ts';
import type {Card, Incident} from './vocabulary.ts';

/**
 * Carries a decision into the state, in place: with 10,000 open incidents a copy of it for every batch would cost more than
 * the decision. An incident is forgotten when it is over, owes nothing and no living card shows it.
 */
export function settle(state: AlertState, decision: Decision): void {
  for (const card of decision.cards) {
    // One that shows no incident will never be edited.
    if (card.incidents.length > 0) state.cards.set(card.id, card);
    else state.cards.delete(card.id);
    state.nextCard = Math.max(state.nextCard, card.id + 1);
  }
  for (const incident of decision.incidents) {
    state.incidents.set(incident.id, incident);
    state.nextIncident = Math.max(state.nextIncident, incident.id + 1);
    if (incident.closedAt === undefined) state.open.set(incident.check, incident.id);
    else if (state.open.get(incident.check) === incident.id) state.open.delete(incident.check);
    noteOwing(state, incident);
  }
  for (const [id, at] of decision.dueAt) state.dueAt.set(id, at);
  for (const [check, spell] of decision.spells) put(state.spells, check, spell);
  for (const [check, recovery] of decision.recoveries) put(state.recoveries, check, recovery);
  for (const {id} of decision.runs) state.nextRun = Math.max(state.nextRun, id + 1);
  for (const [rotation, override] of decision.overrides) put(state.overrides, rotation, override);
  for (const silence of decision.silences) {
    state.silences.set(silence.id, silence);
    state.nextSilence = Math.max(state.nextSilence, silence.id + 1);
  }
  for (const id of decision.endedSilences) state.silences.delete(id);
  for (const [key, until] of decision.groups) state.groups.set(key, until);
  for (const incident of decision.incidents) forgetFinished(state, incident);
}

/** When `decide` must be asked again though nothing happens; undefined when there is nothing to wait for. */
export function wakeAt(state: AlertState): number | undefined {
  let earliest = state.dueAt.earliest();
  for (const {until} of state.silences.values()) if (until !== 'recovered' && until < earliest) earliest = until;
  for (const {until} of state.spells.values()) if (until !== undefined && until < earliest) earliest = until;
  return earliest === Number.POSITIVE_INFINITY ? undefined : earliest;
}

function noteOwing({owing}: AlertState, incident: Incident): void {
  const known = owing.get(incident.check);
  if (isOwing(incident)) owing.set(incident.check, new Set([...(known ?? []), incident.id]));
  else if (known?.has(incident.id)) {
    const rest = new Set([...known].filter((id) => id !== incident.id));
    put(owing, incident.check, rest.size > 0 ? rest : undefined);
  }
}

function put<K, V>(map: Map<K, V>, key: K, value: V | undefined): void {
  if (value === undefined) map.delete(key);
  else map.set(key, value);
}

function forgetFinished(state: AlertState, incident: Incident): void {
  if (!isFinished(incident)) return;
  for (const id of incident.cards) {
    const card = state.cards.get(id);
    if (!card || !isCardFinished(state, card)) continue;
    state.cards.delete(id);
    for (const other of card.incidents) forgetUnshown(state, other);
  }
  forgetUnshown(state, incident.id);
}

/** Looks from the end: the newest incidents of a card are the likeliest to be open. */
function isCardFinished(state: AlertState, card: Card): boolean {
  for (let i = card.incidents.length - 1; i >= 0; i--) {
    const incident = state.incidents.get(card.incidents[i] ?? 0);
    if (incident && !isFinished(incident)) return false;
  }
  return true;
}

function forgetUnshown(state: AlertState, id: number): void {
  const incident = state.incidents.get(id);
  if (!incident || incident.cards.some((card) => state.cards.has(card))) return;
  state.incidents.delete(id);
  state.dueAt.set(id, undefined);
}

/** Nothing will be said of it any more. */
function isFinished({closedAt, held, gathering, recovery}: Incident): boolean {
  return closedAt !== undefined && !held && !gathering && !(recovery && isRunning(recovery));
}
