import type {Draft} from './draft.ts';
import {isDownAgain, tellEndsBefore} from './ends.ts';
import {type Hold, holdOn, holdOnRecovery} from './holds.ts';
import {ending, free, holdBack, listed} from './incidents.ts';
import {endAcknowledgement, planTimers} from './reminders.ts';
import {CARD_LISTED_MAX, type Card, type Incident, type Person, type SendReason} from './vocabulary.ts';

/**
 * Storms. The first news leaves at once; what follows within `group_wait` in the same channel is gathered into one digest,
 * and so is what follows within `group_wait` of that.
 */

function groupKey(way: 'down' | 'up', channel: string): string {
  return `${way} ${channel}`;
}

/** Announces the incident in every channel of its check that has no card of it yet, at once or in the channel's next digest. */
export function offer(draft: Draft, incident: Incident, reason: SendReason): void {
  let current = incident;
  draft.put(current);
  const channels = channelsOf(draft, incident).filter((channel) => !draft.cardIn(incident, channel));
  if (channels.length === 0) planTimers(draft, current);
  for (const channel of channels) {
    if (isGathered(draft, 'down', channel, incident)) {
      current = gather(draft, current, channel);
      continue;
    }
    sendCard(draft, channel, {broken: [current], missed: [], reason});
    current = draft.incident(incident.id) ?? current;
  }
}

/** Whether news of it wait for the channel's next digest. With a `group_wait` of 0 they leave by themselves, whatever else waits. */
export function isGathered(draft: Draft, way: 'down' | 'up', channel: string, {check}: Incident): boolean {
  return draft.policy.check(check)?.groupWaitMs !== 0 && draft.now < draft.groupUntil(groupKey(way, channel));
}

/** The next digest of this channel will tell. */
export function gather(draft: Draft, incident: Incident, channel: string): Incident {
  const waiting: Incident = {...incident, gathering: [...(incident.gathering ?? []), channel]};
  draft.put(waiting);
  draft.setDue(incident.id, gatheredAt(draft, waiting));
  return waiting;
}

/** When the first of the digests that the incident waits for is complete; undefined: it waits for none. */
export function gatheredAt(draft: Draft, incident: Incident): number | undefined {
  const isWaiting = isDownAgain(draft, incident);
  const ends = (incident.gathering ?? []).flatMap((channel) => {
    const isTold = draft.cardIn(incident, channel) !== undefined;
    return isTold && isWaiting ? [] : draft.groupUntil(groupKey(isTold ? 'up' : 'down', channel));
  });
  return ends.length === 0 ? undefined : ends.reduce((a, b) => Math.min(a, b));
}

export function startGroup(draft: Draft, way: 'down' | 'up', channel: string, incidents: readonly Incident[]): void {
  // A gathering that is going on ends when those who wait for it were told.
  if (draft.now < draft.groupUntil(groupKey(way, channel))) return;
  const waits = incidents.map(({check}) => draft.policy.check(check)?.groupWaitMs ?? 0);
  draft.setGroup(groupKey(way, channel), draft.now + waits.reduce((a, b) => Math.max(a, b), 0));
}

interface News {
  readonly broken: readonly Incident[];
  readonly missed: readonly Incident[];
  readonly reason: SendReason;
  /** Whose private chat the channel is. */
  readonly calls?: Person;
}

/** A new card in the channel. */
export function sendCard(draft: Draft, channel: string, {broken, missed, reason, calls}: News): void {
  tellEndsBefore(draft, channel, broken);
  // The caller may have looked before another channel was told.
  const newest = (incident: Incident) =>
    told(channel)(endAcknowledgement(draft, draft.incident(incident.id) ?? incident));
  const card: Card = {
    id: draft.newCardId(),
    channel,
    incidents: broken.map(({id}) => id),
    ...pastOf(missed.map(newest)),
    ...(calls && {calls}),
  };
  draft.addCard(card);
  for (const incident of broken.map(newest)) {
    const announcedAt = incident.announcedAt ?? draft.now;
    const announced = {...incident, announcedAt, cards: [...incident.cards, card.id]};
    draft.put(announced);
    planTimers(draft, announced);
    draft.judge(incident.check, 'sent', reason);
  }
  for (const incident of missed.map(newest)) {
    draft.put(incident);
    if (!incident.held) draft.setDue(incident.id, gatheredAt(draft, incident));
    draft.judge(incident.check, 'sent', reason);
  }
  // Its content is filled in when all is decided.
  const empty = {incidents: [], total: 0, open: 0, missed: []};
  draft.messages.push({kind: 'card', channel, reason, card: card.id, ...empty});
  startGroup(draft, 'down', channel, [...broken, ...missed]);
}

/** What a card says of those that are over: as many as it can list, and how many more there are. */
export function pastOf(missed: readonly Incident[], unlisted = 0): Pick<Card, 'missed' | 'missedMore'> {
  const listed = missed.slice(0, CARD_LISTED_MAX);
  const more = unlisted + missed.length - listed.length;
  return {missed: listed, ...(more > 0 && {missedMore: more})};
}

/** One message for each channel whose time of gathering is over. */
export function flushGroups(draft: Draft): void {
  const channels = new Set(draft.due().flatMap((incident) => draft.incident(incident.id)?.gathering ?? []));
  for (const channel of channels) {
    if (draft.groupUntil(groupKey('down', channel)) <= draft.now) flushDown(draft, channel);
    if (draft.groupUntil(groupKey('up', channel)) <= draft.now) flushUp(draft, channel);
  }
}

function flushDown(draft: Draft, channel: string): void {
  const broken: Incident[] = [];
  const missed: Incident[] = [];
  for (const incident of draft.all()) {
    if (!incident.gathering?.includes(channel) || draft.cardIn(incident, channel)) continue;
    const hold = holdOn(draft, incident.check);
    if (hold) holdGathered(draft, incident, channel, hold);
    else if (incident.closedAt === undefined) broken.push(incident);
    else missed.push(incident);
  }
  if (broken.length + missed.length > 0) sendCard(draft, channel, {broken, missed, reason: 'digest'});
}

/** Something has come up while it was being gathered. Where it was told already, it is told in the other channels later. */
function holdGathered(draft: Draft, incident: Incident, channel: string, hold: Hold): void {
  const {gathering = [], ...rest} = incident;
  const isMissed = hold.reason === 'outside_window' && draft.policy.check(incident.check)?.missed === 'digest';
  const isTold = incident.cards.length > 0;
  if (incident.closedAt === undefined) {
    const untold = gathering.filter((other) => !draft.cardIn(incident, other));
    return holdBack(draft, isTold && isMissed ? {...rest, untold} : rest, hold);
  }
  if (isMissed && !isTold) return holdBack(draft, rest, hold);
  const left = without(incident, [channel]);
  if (isMissed) return holdBack(draft, withOwed(draft, incident, left, channel), hold);
  draft.put(left);
  if (!left.held) draft.setDue(left.id, gatheredAt(draft, left));
  draft.judge(incident.check, 'dropped', hold.reason);
}

/** Apart from those that are owed a line, the channels that are owed its end: all that were told, if that waits as well. */
function withOwed(draft: Draft, incident: Incident, left: Incident, channel: string): Incident {
  const isWaiting = incident.held && !incident.gathering?.some((other) => draft.cardIn(incident, other));
  const told = isWaiting ? draft.shownIn(incident) : [];
  const gathering = [...(left.gathering ?? []), ...told];
  return {...left, ...(gathering.length > 0 && {gathering}), untold: [...(incident.untold ?? []), channel]};
}

/** The ends that are gathered in the channel, and those that wait for the next failure of their check, of these checks only. */
export function flushUp(draft: Draft, channel: string, broken: ReadonlySet<string> = new Set()): void {
  const over: Incident[] = [];
  for (const incident of draft.all()) {
    if (incident.closedAt === undefined || incident.held || !incident.gathering?.includes(channel)) continue;
    if (!draft.cardIn(incident, channel)) continue;
    const hold = holdOnRecovery(draft, incident);
    // It stays in the gathering: so it is known which channels are still to be told.
    if (hold) holdBack(draft, incident, hold);
    else if (isDownAgain(draft, incident) && !broken.has(incident.check))
      draft.setDue(incident.id, gatheredAt(draft, incident));
    else over.push(incident);
  }
  const card = over[0] && draft.cardIn(over[0], channel);
  if (!card) return;
  // One that only had to leave before a card was not gathered with others.
  const reason = broken.size > 0 && over.length === 1 ? 'recovered' : 'digest';
  for (const incident of over) {
    const current = told(channel)(incident);
    draft.put(current);
    draft.setDue(incident.id, gatheredAt(draft, current));
    draft.judge(incident.check, 'sent', reason);
  }
  const {incidents, more} = listed(over);
  const endings = incidents.map((incident) => ending(draft, incident));
  draft.messages.push({kind: 'recovery', channel, reason, card: card.id, incidents: endings, more});
  startGroup(draft, 'up', channel, over);
}

/** The incident when this channel has been told. */
function told(channel: string): (incident: Incident) => Incident {
  return (incident) => {
    // Its end may still have to wait in the channels that knew it from the beginning.
    const waits = incident.held && incident.closedAt !== undefined && incident.cards.length > 0;
    const {untold = [], ...rest} = without(waits ? incident : free(incident), [channel]);
    const left = untold.filter((other) => other !== channel);
    return left.length > 0 ? {...rest, untold: left} : rest;
  };
}

/** The incident gathered in these channels no more. */
export function without(incident: Incident, channels: readonly string[]): Incident {
  const {gathering, ...rest} = incident;
  const left = gathering?.filter((channel) => !channels.includes(channel)) ?? [];
  return left.length > 0 ? {...rest, gathering: left} : rest;
}

function channelsOf(draft: Draft, incident: Incident): readonly string[] {
  return draft.policy.check(incident.check)?.to ?? draft.policy.noticeTo;
}
