import type {Draft} from './draft.ts';
import {gatheredAt, without} from './groups.ts';
import {announce} from './incidents.ts';
import {planTimers} from './reminders.ts';
import type {Event, Incident} from './vocabulary.ts';

export function takeRefusal(draft: Draft, {card, movedTo}: Event & {kind: 'given_up'}): void {
  if (movedTo === undefined) unshow(draft, card);
  else moveCard(draft, card, movedTo);
}

/** Nobody saw this card: an incident that no other shows was not announced after all, and its other channels are to hear of it. */
function unshow(draft: Draft, id: number): void {
  const card = draft.card(id);
  if (!card) return;
  const isAlone = (incident: Incident | undefined) => incident?.cards.length === 1 && incident.cards[0] === id;
  for (const incident of card.incidents.map((one) => draft.incident(one))) {
    if (incident && isAlone(incident)) draft.put({...incident, cards: []});
  }
  const incidents = card.incidents.filter((one) => draft.incident(one)?.cards.includes(id));
  draft.addCard({...card, incidents});
  for (const one of card.incidents) tellAnew(draft, draft.incident(one));
}

/** A reload may have named the other channel only after the news were told: then it has no copy, and gets none. */
function tellAnew(draft: Draft, incident: Incident | undefined): void {
  if (!incident || incident.cards.length > 0 || incident.closedAt !== undefined) return;
  if (incident.held || incident.gathering) return;
  const {announcedAt: _, ...untold} = incident;
  announce(draft, untold);
}

/** What follows goes where the card is now, and what was being gathered there is told by it. */
function moveCard(draft: Draft, id: number, channel: string): void {
  const card = draft.card(id);
  if (!card) return;
  const isShown = new Set(card.incidents.filter((one) => isIn(draft, one, channel)));
  draft.addCard({...card, channel});
  for (const one of card.incidents) moveEnd(draft, one, card.channel, isShown.has(one) ? [] : [channel]);
  for (const incident of card.incidents.map((one) => draft.incident(one))) {
    if (!incident?.gathering?.includes(channel) || incident.closedAt !== undefined) continue;
    const rest = without(incident, [channel]);
    draft.put(rest);
    if (!rest.held) planTimers(draft, rest);
  }
}

/** An end that is still to be told where the card was is told where it is now, unless that channel has a card of its own. */
function moveEnd(draft: Draft, id: number, from: string, to: readonly string[]): void {
  const incident = draft.incident(id);
  if (!incident?.gathering?.includes(from) || incident.closedAt === undefined || draft.cardIn(incident, from)) return;
  const gathering = [...new Set([...incident.gathering, ...to])].filter((channel) => channel !== from);
  const {gathering: _, ...rest} = incident;
  const moved = gathering.length > 0 ? {...rest, gathering} : rest;
  draft.put(moved);
  if (!moved.held) draft.setDue(id, gatheredAt(draft, moved));
}

function isIn(draft: Draft, id: number, channel: string): boolean {
  const incident = draft.incident(id);
  return incident !== undefined && draft.cardIn(incident, channel) !== undefined;
}
