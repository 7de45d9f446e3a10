import type {Incident, Message} from '../../state/vocabulary.ts';
import type {OutboxRow} from '../../store/store.ts';
import {plainText} from '../messages/html.ts';
import {type Reader, render} from '../messages/render.ts';
import type {ChannelUse, Delivery} from './channel.ts';

/** The same for every try of one delivery. A store that was lost counts from 1 again, so the number alone would not do. */
export function deliveryId({id, createdAt}: Pick<OutboxRow, 'id' | 'createdAt'>): string {
  return `${id}-${createdAt}`;
}

/** Everything that is said, in the form of docs/webhook.schema.json. Keys may be added to it; none changes its meaning. */
export function vakhtaBody(
  {row, message}: Delivery,
  {reader, clock, machine, config}: Pick<ChannelUse, 'reader' | 'clock' | 'machine'> & {config: {systemInfo: boolean}},
) {
  const text = plainText(render(message, reader, clock.now()));
  const {address, os, uptimeMs, load} = config.systemInfo ? machine() : {};
  return {
    version: 1,
    id: deliveryId(row),
    server: reader.server,
    channel: message.channel,
    kind: KINDS[message.kind],
    reason: message.reason,
    at: isoTime(row.createdAt),
    repeated: row.inDoubt,
    title: text.split('\n', 1)[0],
    text,
    ...contentOf(message, reader),
    ...(config.systemInfo && {system: {address, os, uptimeMs, load}}),
  };
}

const KINDS: Record<Message['kind'], string> = {
  card: 'alert',
  edit: 'update',
  recovery: 'recovery',
  reminder: 'reminder',
  flapping: 'flapping',
  notice: 'notice',
  reply: 'reply',
};

function contentOf(message: Message, reader: Reader): object {
  const listed = (incidents: readonly Incident[]) => incidents.map((incident) => incidentOf(incident, reader));
  switch (message.kind) {
    case 'card':
    case 'edit': {
      const {card, open, total, incidents, missed, missedMore = 0, delayedSince} = message;
      const late = delayedSince === undefined ? {} : {delayedSince: isoTime(delayedSince)};
      return {card, open, total, incidents: listed(incidents), missed: listed(missed), missedMore, ...late};
    }
    case 'recovery':
    case 'reminder':
      return {card: message.card, total: message.incidents.length + message.more, incidents: listed(message.incidents)};
    case 'flapping': {
      const {check, isDown, since, reason} = message;
      return {flapping: {check, isDown, since: isoTime(since), isOver: reason === 'flapping_ended'}};
    }
    case 'notice':
      return {notice: {code: message.code, detail: message.detail}};
    case 'reply':
      return {};
  }
}

function incidentOf(incident: Incident, {check}: Reader) {
  const {id, openedAt, closedAt, reason, errors, acknowledged: ack, falseTargets: targets} = incident;
  const {group, comment} = check(incident.check) ?? {};
  return {
    id,
    check: incident.check,
    ...(group !== undefined && {group}),
    ...(comment !== undefined && {comment}),
    state: stateOf(incident),
    openedAt: isoTime(openedAt),
    ...(closedAt !== undefined && {closedAt: isoTime(closedAt)}),
    reason,
    failures: errors,
    ...(ack && {
      acknowledged: {...ack, at: isoTime(ack.at), ...(ack.until !== undefined && {until: isoTime(ack.until)})},
    }),
    ...(targets && {
      targets: {
        down: targets.count,
        of: targets.of,
        listed: targets.listed.map((one) => ({...one, since: isoTime(one.since)})),
      },
    }),
  };
}

function stateOf({closedAt, removed, acknowledged}: Incident): 'down' | 'acknowledged' | 'up' | 'removed' {
  if (closedAt !== undefined) return removed ? 'removed' : 'up';
  return acknowledged ? 'acknowledged' : 'down';
}

/** RFC 3339, in UTC. */
export function isoTime(at: number): string {
  return Temporal.Instant.fromEpochMilliseconds(at).toString();
}
