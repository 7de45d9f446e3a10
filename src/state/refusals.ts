import type {Draft} from './draft.ts';
import {offer, without} from './groups.ts';
import {holdOn} from './holds.ts';
import {holdBack} from './incidents.ts';
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
  const hold = holdOn(draft, untold.check);
  if (hold) holdBack(draft, untold, hold);
  else offer(draft, untold, 'first');
}

/** What follows goes where the card is now, and what was being gathered there is told by it. */
function moveCard(draft: Draft, id: number, channel: string): void {
  const card = draft.card(id);
  if (!card) return;
  draft.addCard({...card, channel});
  for (const incident of card.incidents.map((one) => draft.incident(one))) {
    if (!incident?.gathering?.includes(channel) || incident.closedAt !== undefined) continue;
    const rest = without(incident, [channel]);
    draft.put(rest);
    if (!rest.held) planTimers(draft, rest);
  }
}
