import {plainText} from '../bot/messages/html.ts';
import {render} from '../bot/messages/render.ts';
import type {Readers} from '../bot/readers.ts';
import type {Decision} from '../state/alerts.ts';
import {selectorText} from '../state/silences.ts';
import type {Event, Message, Selector} from '../state/vocabulary.ts';

/** One line of output; `at` is printed as ISO. */
export interface Line {
  readonly at: number;
  readonly kind: string;
  readonly [key: string]: unknown;
}

export interface Reporter {
  report(events: readonly Event[], decision: Decision, now: number): void;
}

/** Tells what happened, then what was said of it, then what was not and why. */
export function createReporter(use: {readonly readers: Readers; readonly print: (line: Line) => void}): Reporter {
  const {readers, print} = use;
  // A finished card leaves the state, and a message carries the first of its incidents only.
  const cards = new Map<number, {readonly channel: string; readonly checks: readonly string[]}>();
  // An order that ends a silence has its number only.
  const silences = new Map<number, Selector>();
  const remember = ({cards: added, incidents, silences: begun, endedSilences}: Decision) => {
    for (const {id, what} of begun) silences.set(id, what);
    for (const id of endedSilences) silences.delete(id);
    const names = new Map(incidents.map(({id, check}) => [id, check]));
    for (const {id, channel, incidents: shown, missed} of added) {
      const checks = [...shown.flatMap((incident) => names.get(incident) ?? []), ...missed.map(({check}) => check)];
      cards.set(id, {channel, checks});
    }
  };
  const checksOf = (message: Message, decision: Decision): readonly string[] => {
    switch (message.kind) {
      case 'card':
      case 'edit':
        return cards.get(message.card)?.checks ?? message.incidents.map(({check}) => check);
      case 'recovery':
      case 'reminder':
        return message.more === 0 ? message.incidents.map(({check}) => check) : allOf(message, decision);
      case 'flapping':
        return [message.check];
      case 'notice':
      case 'reply':
        return [];
    }
  };
  /** Those whose news this decision has sent to this channel. */
  const allOf = (message: Message & {kind: 'recovery' | 'reminder'}, {incidents, verdicts}: Decision) => {
    const sent = new Set(verdicts.filter(({reason}) => reason === message.reason).map(({check}) => check));
    const isOver = message.kind === 'recovery';
    const shown = incidents.filter(
      (incident) =>
        sent.has(incident.check) &&
        (incident.closedAt !== undefined) === isOver &&
        incident.cards.some((card) => cards.get(card)?.channel === message.channel),
    );
    return shown.map(({check}) => check);
  };
  return {
    report: (events, decision, now) => {
      for (const event of events) reportEvent(event, silences, print);
      remember(decision);
      for (const message of decision.messages) {
        const {kind, channel, reason} = message;
        const checks = checksOf(message, decision);
        const text = plainText(render(message, readers.channel(message.channel), now));
        print({at: now, kind: kind === 'edit' ? 'edit' : 'message', channel, reason, checks, text});
      }
      for (const {check, decision: kind, reason} of decision.verdicts) {
        if (kind !== 'sent') print({at: now, kind, reason, check});
      }
    },
  };
}

function reportEvent(event: Event, silences: ReadonlyMap<number, Selector>, print: (line: Line) => void): void {
  const {kind, at} = event;
  // A look that somebody waited for is no news by itself, and of a recovery its beginning is.
  if (kind === 'still_down' || kind === 'recovery_ended') return;
  if ('check' in event) {
    const target = 'target' in event && event.target !== undefined ? {target: event.target} : {};
    return print({at, kind, check: event.check, ...target});
  }
  if (kind === 'unsilenced') return print({at, kind, ...asFields(silences.get(event.id))});
  if (kind !== 'silenced') return print({at, kind});
  const {silence} = event;
  print({at, kind: silence.kind === 'silence' ? kind : silence.kind, ...asFields(silence.what)});
}

function asFields(what: Selector | undefined): object {
  if (what === undefined) return {};
  const within = 'within' in what && what.within !== undefined ? {within: what.within} : {};
  return {what: selectorText(what), ...within};
}
