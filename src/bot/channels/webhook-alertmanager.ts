import type {Incident, Message} from '../../state/vocabulary.ts';
import type {Reader} from '../messages/render.ts';
import type {ChannelUse, Delivery} from './channel.ts';
import {isoTime} from './webhook-body.ts';

type Labels = Readonly<Record<string, string>>;

/**
 * What Alertmanager sends to a webhook, version 4 (prometheus.io/docs/alerting/latest/configuration/#webhook_config). A card
 * is a group of alerts, a check an alert's name, this server its instance. Undefined for what has no form there: notices
 * and flapping, and what the newest edit of the card has told already.
 */
export function alertmanagerBody({message}: Delivery, {reader}: Pick<ChannelUse, 'reader'>) {
  if (!isAboutAlerts(message)) return undefined;
  const {card, channel} = message;
  const missed = message.kind === 'reminder' ? [] : message.missed;
  const alerts = [...message.incidents, ...missed].map((incident) => alertOf(incident, reader));
  return {
    version: '4',
    groupKey: `{}/{card="${card}"}:{instance=${JSON.stringify(reader.server)}}`,
    truncatedAlerts: unlistedIn(message),
    status: isFiring(message) ? 'firing' : 'resolved',
    receiver: channel,
    groupLabels: {instance: reader.server},
    commonLabels: common(alerts.map(({labels}) => labels)),
    commonAnnotations: common(alerts.map(({annotations}) => annotations)),
    externalURL: '',
    alerts,
  };
}

type AboutAlerts = Message & {kind: 'card' | 'edit' | 'reminder'};

/** A recovery is told by the edit of its card. Who is on it, and which targets changed, has no form there. */
function isAboutAlerts(message: Message): message is AboutAlerts {
  if (message.kind === 'edit') return message.incidents.some(({closedAt}) => closedAt !== undefined);
  return message.kind === 'card' || message.kind === 'reminder';
}

function unlistedIn(message: AboutAlerts): number {
  if (message.kind === 'reminder') return message.more;
  return message.total - message.incidents.length + (message.missedMore ?? 0);
}

function isFiring(message: AboutAlerts): boolean {
  return message.kind === 'reminder' || message.open > 0;
}

/** A moment that never was: the alert has not ended. Go writes its zero time so. */
const NOT_ENDED = '0001-01-01T00:00:00Z';

function alertOf(incident: Incident, {server, check}: Reader) {
  const {reason, openedAt, closedAt, acknowledged} = incident;
  const {group, comment} = check(incident.check) ?? {};
  const labels: Labels = {
    alertname: incident.check,
    ...(group !== undefined && {group}),
    instance: server,
    job: 'vakhta',
  };
  const annotations: Labels = {
    summary: `${incident.check} on ${server}`,
    description: reason,
    ...(comment !== undefined && {comment}),
    ...(acknowledged && {acknowledged_by: acknowledged.by.name}),
  };
  return {
    status: closedAt === undefined ? 'firing' : 'resolved',
    labels,
    annotations,
    startsAt: isoTime(openedAt),
    endsAt: closedAt === undefined ? NOT_ENDED : isoTime(closedAt),
    generatorURL: '',
    fingerprint: fingerprintOf(labels),
  };
}

/** What all of them have in common. */
function common([first = {}, ...others]: readonly Labels[]): Labels {
  return Object.fromEntries(
    Object.entries(first).filter(([name, value]) => others.every((labels) => labels[name] === value)),
  );
}

/** FNV-1a of 64 bits (draft-eastlake-fnv). */
const OFFSET = 0xcbf29ce484222325n;
const PRIME = 0x100000001b3n;
/** Stands behind each name and value; no UTF-8 has it. */
const SEPARATOR = 0xff;

/** As Prometheus counts it (prometheus/common, model.LabelSet.Fingerprint), so that the same labels have the same one. */
export function fingerprintOf(labels: Labels): string {
  const sorted = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  const bytes = sorted.flatMap(([name, value]) => [...Buffer.from(name), SEPARATOR, ...Buffer.from(value), SEPARATOR]);
  const hash = bytes.reduce((sum, byte) => BigInt.asUintN(64, (sum ^ BigInt(byte)) * PRIME), OFFSET);
  return hash.toString(16).padStart(16, '0');
}
