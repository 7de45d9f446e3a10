import type {Draft} from './draft.ts';
import {gatheredAt, pastOf, without} from './groups.ts';
import {ending, free} from './incidents.ts';
import {planTimers} from './reminders.ts';
import type {Backlog, Card, Incident} from './vocabulary.ts';

/**
 * One card takes the place of all that were never shown, and of the reminders; what is over is a line on it. What was only
 * reminded of keeps the card that it has there already: both are edited from then on.
 */
export function regroup(draft: Draft, channel: string, backlog: Backlog): void {
  const merged = backlog.cards.map((id) => draft.card(id)).filter((card) => card !== undefined);
  const unseen = merged.flatMap(({incidents}) => incidents).flatMap((id) => draft.incident(id) ?? []);
  const reminded = remindedOf(draft, channel, backlog);
  const shown = distinct([...unseen, ...reminded]);
  const open = shown.filter(({closedAt}) => closedAt === undefined);
  const closed = shown.filter(({closedAt}) => closedAt !== undefined).map((one) => ending(draft, one));
  const missed = distinct([...backlog.over, ...merged.flatMap((card) => card.missed), ...closed]);
  const past = pastOf(missed, backlog.overMore);
  // There were only reminders of what is over by now: its end is told in its own time.
  if (open.length + past.missed.length + (past.missedMore ?? 0) === 0) return;
  // A private chat is one person's: all its cards call the same.
  const earlier = reminded.flatMap((incident) => draft.cardIn(incident, channel) ?? []);
  const calls = [...merged, ...earlier].find((old) => old.calls)?.calls;
  const id = draft.newCardId();
  const card: Card = {id, channel, incidents: open.map((incident) => incident.id), ...past, ...(calls && {calls})};
  draft.addCard(card);
  for (const incident of shown) putOn(draft, card, {...incident, cards: unmerged(incident, backlog)});
  for (const old of merged) draft.addCard({...old, incidents: []});
  const empty = {incidents: [], total: 0, open: 0, missed: []};
  draft.messages.push({kind: 'card', channel, reason: 'late', card: id, ...empty, delayedSince: backlog.since});
  for (const {check} of [...open, ...past.missed]) draft.judge(check, 'sent', 'late');
}

/** What is broken still of that which the reminders were about. */
function remindedOf(draft: Draft, channel: string, {reminded}: Backlog): readonly Incident[] {
  const known =
    reminded === 'all'
      ? [...draft.all()].filter((one) => one.remindedAt !== undefined && draft.cardIn(one, channel))
      : reminded.flatMap((id) => draft.incident(id) ?? []);
  return known.filter(({closedAt}) => closedAt === undefined);
}

function unmerged({cards}: Incident, backlog: Backlog): readonly number[] {
  return cards.filter((id) => !backlog.cards.includes(id));
}

/** What is broken is shown by this card; what is over is told by it, so that its channel is owed nothing more of it. */
function putOn(draft: Draft, card: Card, incident: Incident): void {
  if (incident.closedAt === undefined) {
    const current = {...incident, cards: [...incident.cards, card.id]};
    draft.put(current);
    if (!current.held) planTimers(draft, current);
    return;
  }
  const rest = toldIn(draft, incident, card.channel);
  draft.put(rest);
  if (!rest.held) draft.setDue(rest.id, gatheredAt(draft, rest));
}

/** Its end is owed in the other channels that know of it still, if in any. */
function toldIn(draft: Draft, incident: Incident, channel: string): Incident {
  if (!incident.held || incident.cards.length === 0) return without(free(incident), [channel]);
  const owed = incident.gathering ?? draft.shownIn(incident);
  const left = owed.filter((other) => other !== channel);
  return left.length > 0 ? {...incident, gathering: left} : without(free(incident), [channel]);
}

function distinct<T extends Incident>(incidents: readonly T[]): T[] {
  return [...new Map(incidents.map((incident) => [incident.id, incident])).values()];
}
