import type {Draft} from './draft.ts';
import {gatheredAt, pastOf, without} from './groups.ts';
import {ending, free} from './incidents.ts';
import {planTimers} from './reminders.ts';
import type {Backlog, Card, Ending, Incident} from './vocabulary.ts';

/** One card takes the place of all that were never shown; what is over is a line on it. */
export function regroup(draft: Draft, channel: string, {cards, over, overMore, since}: Backlog): void {
  const merged = cards.map((id) => draft.card(id)).filter((card) => card !== undefined);
  const shown = new Map<number, Incident>();
  for (const id of merged.flatMap(({incidents}) => incidents)) {
    const incident = draft.incident(id);
    if (incident) shown.set(id, incident);
  }
  const open = [...shown.values()].filter(({closedAt}) => closedAt === undefined);
  const closed = [...shown.values()].filter(({closedAt}) => closedAt !== undefined).map((one) => ending(draft, one));
  const missed = distinct([...merged.flatMap((card) => card.missed), ...closed, ...over]);
  const past = pastOf(missed, overMore);
  // A private chat is one person's: all its cards call the same.
  const calls = merged.find((old) => old.calls)?.calls;
  const id = draft.newCardId();
  const card: Card = {id, channel, incidents: open.map((incident) => incident.id), ...past, ...(calls && {calls})};
  draft.addCard(card);
  for (const incident of shown.values()) {
    const others = incident.cards.filter((id) => !cards.includes(id));
    if (incident.closedAt !== undefined) settleOver(draft, {...incident, cards: others}, channel);
    else {
      const current = {...incident, cards: [...others, card.id]};
      draft.put(current);
      if (!current.held) planTimers(draft, current);
    }
  }
  for (const old of merged) draft.addCard({...old, incidents: []});
  const empty = {incidents: [], total: 0, open: 0, missed: []};
  draft.messages.push({kind: 'card', channel, reason: 'late', card: card.id, ...empty, delayedSince: since});
  for (const {check} of [...open, ...past.missed]) draft.judge(check, 'sent', 'late');
}

/** The digest tells its end, so this channel is owed nothing more of it. */
function settleOver(draft: Draft, incident: Incident, channel: string): void {
  const rest = without(incident.cards.length === 0 ? free(incident) : incident, [channel]);
  draft.put(rest);
  if (!rest.held) draft.setDue(rest.id, gatheredAt(draft, rest));
}

function distinct(incidents: readonly Ending[]): Ending[] {
  return [...new Map(incidents.map((incident) => [incident.id, incident])).values()];
}
