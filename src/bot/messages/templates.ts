import {createRequire} from 'node:module';
import type Mustache from 'mustache';
import type {TemplateName, TemplateVariable} from '../../config/template-variables.ts';
import type {Message} from '../../state/vocabulary.ts';
import {clip, escapeHtml, fitLines, plainText, visible} from './html.ts';
import {BODY_UNITS_MAX} from './limits.ts';
import type {Reader} from './render.ts';
import {flappingView, incidentView, missedView} from './views.ts';

const load = createRequire(import.meta.url);

/** The message in the user's own words; undefined where the config has none for it, or where they come to nothing. */
export function ownText(message: Message, reader: Reader, now: number): string | undefined {
  switch (message.kind) {
    case 'card':
    case 'edit': {
      const [incident] = message.incidents;
      if (!incident || isDigest(message)) return digest(message, reader, now);
      return fill(incident.closedAt === undefined ? 'down' : 'closed', incidentView(incident, reader, now), reader);
    }
    case 'recovery':
    case 'reminder':
      return briefs(message, reader, now);
    case 'flapping':
      return fill(message.reason, flappingView(message, reader, now), reader);
    case 'notice':
    case 'reply':
      return undefined;
  }
}

/** More than one incident to tell of, or one that is told late or after others. */
export function isDigest({incidents, total, missed, delayedSince}: Message & {kind: 'card' | 'edit'}): boolean {
  return incidents.length === 0 || total !== 1 || missed.length > 0 || delayedSince !== undefined;
}

/** Lists as many incidents as fit; the text is told how many are left. */
function digest(message: Message & {kind: 'card' | 'edit'}, reader: Reader, now: number): string | undefined {
  if (!reader.templates?.digest) return undefined;
  const {open, total, delayedSince, missedMore = 0} = message;
  const incidents = message.incidents.map((incident) => incidentView(incident, reader, now));
  const missed = message.missed.map((incident) => missedView(incident, reader, now));
  const late = delayedSince === undefined ? '' : reader.format.duration(now - delayedSince);
  const listing = (listed: number) => {
    const view = {
      incidents: incidents.slice(0, listed),
      late,
      missed,
      missed_more: missedMore,
      more: total - listed,
      open,
      server: reader.server,
      total,
    };
    return write('digest', view, reader);
  };
  for (let listed = incidents.length; listed > 0; listed = Math.floor(listed * LESS)) {
    const html = listing(listed);
    if (plainText(html).length <= BODY_UNITS_MAX) return whole(html);
  }
  return whole(listing(0));
}

/** The share of incidents that is tried next when a digest is too long. */
const LESS = 0.8;

/** What rings under a card has a text for each incident. */
function briefs(message: Message & {kind: 'recovery' | 'reminder'}, reader: Reader, now: number): string | undefined {
  const name = message.kind === 'recovery' ? 'recovered' : 'reminder';
  const texts = message.incidents.map((incident) => fill(name, incidentView(incident, reader, now), reader));
  const whole = texts.filter((text) => text !== undefined);
  // One that came to nothing would be missing without a word.
  if (whole.length === 0 || whole.length < texts.length) return undefined;
  const {moreIncidents} = reader.words.card;
  const last = message.more > 0 ? [moreIncidents(message.more)] : [];
  const more = (left: number) => moreIncidents(message.more > 0 ? left - 1 + message.more : left);
  return fitLines([...whole, ...last], more, BODY_UNITS_MAX);
}

type Values<T extends TemplateName> = Readonly<Record<TemplateVariable<T>, unknown>>;

function fill<T extends TemplateName>(name: T, view: Values<T>, reader: Reader): string | undefined {
  return reader.templates?.[name] === undefined ? undefined : whole(write(name, view, reader));
}

function write<T extends TemplateName>(name: T, view: Values<T>, {templates}: Reader): string {
  // Loaded on first use: few configs have texts of their own.
  const mustache: typeof Mustache = load('mustache');
  return visible(mustache.render(templates?.[name] ?? '', view, {}, {escape: escapeValue})).trim();
}

/** In an attribute, too: `<a href="https://wiki/{{check}}">`. */
function escapeValue(value: unknown): string {
  return escapeHtml(String(value)).replaceAll('"', '&quot;');
}

/** Cut without its markup, as half a tag would be refused. Nothing to see is nothing to send. */
function whole(html: string): string | undefined {
  const text = plainText(html);
  if (text.trim() === '') return undefined;
  return text.length <= BODY_UNITS_MAX ? html : escapeHtml(clip(text, BODY_UNITS_MAX));
}
