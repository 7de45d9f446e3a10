import type {CheckConfig} from '../../config/config.ts';
import type {TemplateName} from '../../config/template-variables.ts';
import type {CardMessage, Incident, Message} from '../../state/vocabulary.ts';
import {acknowledged} from './acknowledged.ts';
import type {Words} from './en.ts';
import type {Format} from './format.ts';
import {clip, escapeHtml, fitLines, withTail} from './html.ts';
import {BODY_UNITS_MAX, COMMENT_UNITS_MAX, MISSED_UNITS_MAX, REASON_UNITS_MAX, TARGET_UNITS_MAX} from './limits.ts';
import {onCallLines} from './oncall-lines.ts';
import {recoveryLines} from './recovery-lines.ts';
import {isDigest, ownText} from './templates.ts';

/** What a message's words depend on besides the message. */
export interface Reader {
  readonly words: Words;
  readonly format: Format;
  /** The name this server signs with. */
  readonly server: string;
  readonly check: (name: string) => CheckConfig | undefined;
  /** When a check runs next; undefined where nobody knows. */
  readonly nextCheckAt?: (name: string) => number | undefined;
  /** Texts of the user's own in this language; left out where there are none. */
  readonly templates?: Readonly<Partial<Record<TemplateName, string>>>;
  /** Where the incident's own card is, for the lines of a list; left out: nowhere that a link leads to. */
  readonly link?: (incident: Incident) => string | undefined;
}

/** The message as Telegram's HTML, at most one message long. */
export function render(message: Message, reader: Reader, now: number): string {
  const text = (reader.templates && ownText(message, reader, now)) ?? usualText(message, reader, now);
  const isCard = message.kind === 'card' || message.kind === 'edit';
  return isCard ? withTail(text, onCallLines(message, reader, now), BODY_UNITS_MAX) : text;
}

function usualText(message: Message, reader: Reader, now: number): string {
  switch (message.kind) {
    case 'card':
    case 'edit':
      return card(message, reader, now);
    case 'recovery':
    case 'reminder':
      return brief(message, reader, now);
    case 'flapping':
      return flapping(message, reader, now);
    case 'notice':
      return `${message.code === 'rolled_out' ? '🚀' : '⚠️'} ${escapeHtml(clip(reader.words.notice[message.code](message.detail), 3000))} · ${signature(reader)}`;
    case 'reply':
      return message.html;
  }
}

function card(message: CardMessage, reader: Reader, now: number): string {
  const [incident] = message.incidents;
  const lines =
    incident && !isDigest(message) ? incidentLines(incident, reader, now) : digestLines(message, reader, now);
  return fitLines(lines, moreIncidents(reader, message.total - message.incidents.length), BODY_UNITS_MAX);
}

/** The line that counts what is not listed is the first to be cut: the cut counts its share in, and not the line itself. */
function moreIncidents({words}: Reader, unlisted: number): (left: number) => string {
  return (left) => words.card.moreIncidents(unlisted > 0 ? left - 1 + unlisted : left);
}

function incidentLines(incident: Incident, reader: Reader, now: number): string[] {
  const {words, format} = reader;
  const title = `${mark(incident)} <b>${escapeHtml(incident.check)}</b> ${state(incident, reader)} · ${signature(reader)}`;
  const comment = reader.check(incident.check)?.comment;
  const from = format.moment(incident.openedAt, now);
  if (incident.closedAt !== undefined) {
    const to = format.moment(incident.closedAt, now);
    return [
      title,
      ...reasonLine(incident, words.card.was),
      words.card.downFromTo(from, to),
      ...recoveryLines(incident, reader),
      ...acked(incident, reader, now),
    ];
  }
  return [
    title,
    ...(incident.cutOff ? cutOffLine(reader) : []),
    ...(incident.falseTargets ? targetLines(incident, reader) : reasonLine(incident, (reason) => reason)),
    words.card.failuresSince(incident.errors, from),
    ...(comment === undefined ? [] : [`💬 ${escapeHtml(clip(comment, COMMENT_UNITS_MAX))}`]),
    ...recoveryLines(incident, reader),
    ...nextCheckLine(incident, reader, now),
    ...acked(incident, reader, now),
  ];
}

function state(incident: Incident, {words, format}: Reader): string {
  if (incident.closedAt === undefined) return words.card.isDown;
  const duration = format.duration(incident.closedAt - incident.openedAt);
  return incident.removed ? words.card.removedAfter(duration) : words.card.recoveredAfter(duration);
}

function reasonLine(incident: Incident, wording: (reason: string) => string): string[] {
  return incident.reason === '' ? [] : [escapeHtml(wording(clip(incident.reason, REASON_UNITS_MAX)))];
}

function targetLines(incident: Incident, {words, check}: Reader): string[] {
  const list = incident.falseTargets;
  if (!list) return [];
  const labels = new Map(check(incident.check)?.targets.map((target) => [target.address, target.label]));
  const lines = list.listed.map(({target, reason}) => {
    const label = labels.get(target);
    const name = label === undefined ? target : `${target} ${label}`;
    return `• ${escapeHtml(clip(name, TARGET_UNITS_MAX))}: ${escapeHtml(clip(reason, TARGET_UNITS_MAX))}`;
  });
  const left = list.count - list.listed.length;
  return [words.card.targetsDown(list.count, list.of), ...lines, ...(left > 0 ? [words.card.moreTargets(left)] : [])];
}

/** Who is on it: a line of HTML, or none. */
export function acked(incident: Incident, {words, format}: Pick<Reader, 'words' | 'format'>, now: number): string[] {
  const write = {time: (at: number) => format.moment(at, now), text: escapeHtml};
  return acknowledged(incident, words, write).map((line) => `👤 ${line}`);
}

/** Where the check backs off, or something is tried meanwhile; elsewhere its interval says enough. */
function nextCheckLine(incident: Incident, reader: Reader, now: number): string[] {
  const config = reader.check(incident.check);
  if (!config || (config.backoffFactor === 1 && !config.recovery)) return [];
  const at = reader.nextCheckAt?.(incident.check);
  if (at === undefined || at <= now) return [];
  return [reader.words.attempt.nextCheck(reader.format.moment(at, now), reader.format.duration(at - now))];
}

function digestLines(message: CardMessage, reader: Reader, now: number): string[] {
  const {words, format} = reader;
  const title = `${message.open > 0 ? '🔴' : '🟢'} <b>${words.card.broken(message.open)}</b> · ${signature(reader)}`;
  const lines = message.incidents.map((incident) => incidentLine(incident, reader, now));
  const late =
    message.delayedSince === undefined ? [] : [`⏳ ${words.card.delayed(format.duration(now - message.delayedSince))}`];
  const missed = message.missed.map(
    (incident) => `${incident.check} (${format.duration((incident.closedAt ?? now) - incident.openedAt)})`,
  );
  const list = clip(missed.join(', '), MISSED_UNITS_MAX);
  const more = message.missedMore === undefined ? '' : ` ${words.card.moreIncidents(message.missedMore)}`;
  const last = missed.length === 0 ? [] : [escapeHtml(words.card.missed(list) + more)];
  const unlisted = message.total - message.incidents.length;
  const isCutOff = message.incidents.some(({cutOff, closedAt}) => cutOff && closedAt === undefined);
  const server = isCutOff ? cutOffLine(reader) : [];
  return [title, ...server, ...late, ...last, ...lines, ...(unlisted > 0 ? [words.card.moreIncidents(unlisted)] : [])];
}

const cutOffLine = (reader: Reader) => [`🔌 ${reader.words.card.cutOff(signature(reader))}`];

function incidentLine(incident: Incident, reader: Reader, now: number): string {
  const {words, format} = reader;
  const name = `${mark(incident)} ${nameOf(incident, reader)}`;
  if (incident.closedAt !== undefined) return `${name} ${state(incident, reader)}`;
  const since = words.card.sinceTime(format.moment(incident.openedAt, now));
  const by = incident.acknowledged ? ` · 👤 ${escapeHtml(incident.acknowledged.by.name)}` : '';
  const run = incident.recovery?.run;
  const attempt = run?.incident === incident.id ? ` · 🔧 ${run.attempt}/${run.of}` : '';
  return `${name} ${escapeHtml(clip(incident.reason, 120))}, ${since}${attempt}${by}`;
}

type Brief = Message & {kind: 'recovery' | 'reminder'};

/** In a list, a name leads to the incident's own card. */
function nameOf(incident: Incident, {link}: Reader): string {
  const name = `<b>${escapeHtml(incident.check)}</b>`;
  const url = link?.(incident);
  return url === undefined ? name : `<a href="${url}">${name}</a>`;
}

/** What rings under a card: a line for each incident. */
function brief(message: Brief, {link, ...rest}: Reader, now: number): string {
  const {words} = rest;
  // A single one answers its card already.
  const reader = message.incidents.length > 1 && link ? {...rest, link} : rest;
  const lines = message.incidents.map((incident) =>
    message.kind === 'reminder' ? reminder(incident, reader, now) : recovery(incident, reader),
  );
  const last = message.more > 0 ? [words.card.moreIncidents(message.more)] : [];
  return fitLines([...lines, ...last], moreIncidents(reader, message.more), BODY_UNITS_MAX);
}

function recovery(incident: Incident, reader: Reader): string {
  const {words, format} = reader;
  const duration = format.duration((incident.closedAt ?? incident.openedAt) - incident.openedAt);
  const what = incident.removed ? words.recovery.removed : words.recovery.isBack(duration);
  const attempts = incident.recovery?.run?.incident === incident.id ? incident.recovery.run.attempt : 0;
  const after = attempts > 0 ? `, ${words.attempt.afterAttempts(attempts)}` : '';
  return `${mark(incident)} ${nameOf(incident, reader)} ${what}${after} · ${signature(reader)}`;
}

function reminder(incident: Incident, reader: Reader, now: number): string {
  const {words, format} = reader;
  const still = words.reminder.stillDown(format.duration(now - incident.openedAt));
  const title = `⏰ ${nameOf(incident, reader)} ${still} · ${signature(reader)}`;
  const attempt = recoveryLines(incident, reader).slice(0, 1);
  return [title, escapeHtml(clip(incident.reason, 120)), ...attempt, ...nextCheckLine(incident, reader, now)].join(
    '\n',
  );
}

function flapping(message: Message & {kind: 'flapping'}, reader: Reader, now: number): string {
  const {words, format} = reader;
  const since = format.duration(now - message.since);
  const what =
    message.reason === 'flapping_started' ? words.flapping.started : words.flapping.ended(since, message.isDown);
  return `〰️ <b>${escapeHtml(message.check)}</b> ${what} · ${signature(reader)}`;
}

/** How an incident stands, in one sign. */
export function mark(incident: Incident): string {
  if (incident.closedAt !== undefined) return incident.removed ? '⚪️' : '🟢';
  return incident.acknowledged ? '🟠' : '🔴';
}

function signature(reader: Reader): string {
  return escapeHtml(reader.server);
}
