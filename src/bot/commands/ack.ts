import type {CheckView} from '../../state/view.ts';
import type {Event} from '../../state/vocabulary.ts';
import {clip, escapeHtml} from '../messages/html.ts';
import type {Answer, Call, Command, Desk} from './command.ts';
import {findChecks, LISTED_UNITS_MAX, namedIn, notATime, offer, pickCheck, usageOf} from './names.ts';
import {brokenSpan, parseSpan, WHY_UNITS_MAX} from './span.ts';

const ack: Command = {
  name: 'ack',
  role: 'operator',
  usage: 'NAME [2h] [why]',
  example: 'NAME 2h looking into it',
  summary: (words) => words.help.ack,
  run: (call, desk) => {
    const [name = '', ...rest] = call.text.split(/\s+/);
    const down = desk.view().filter(({incident}) => incident !== undefined);
    if (name === '') return whichIsDown(down, call, desk);
    const broken = brokenSpan(rest);
    // As a reason it would keep everybody from being reminded for ever.
    if (broken !== undefined) return notATime(broken, ack, desk);
    if (name.includes(',')) return acknowledgeAll(namedIn(name, desk), {name, rest}, call, desk);
    // Of several, what is down is meant.
    const found = findChecks(name, desk.view());
    const among = found.length > 1 && found.some(({incident}) => incident) ? down : found;
    const picked = pickCheck(ack, {name, rest: rest.join(' ')}, among, {call, desk});
    return 'check' in picked ? acknowledge(picked.check, rest, call, desk) : picked.answer;
  },
};
export default ack;

function whichIsDown(down: readonly CheckView[], call: Call, desk: Desk): Answer {
  if (down.length === 0) return {lines: [desk.words.ack.nothing]};
  const names = down.map(({config}) => config.name);
  const {lines, buttons} = offer(names, (name) => `ack ${name}`, {call, desk});
  return {lines: [...usageOf(ack, desk).lines, ...lines], ...(buttons && {buttons})};
}

function acknowledge({config, incident}: CheckView, rest: readonly string[], call: Call, desk: Desk): Answer {
  const {words} = desk;
  const check = config.name;
  if (!incident) return {lines: [escapeHtml(words.ack.notDown(check))]};
  const before = incident.acknowledged;
  const end = endOf(rest, call, desk);
  const said = before ? words.ack.already(check, before.by.name, end) : words.ack.done(check, end);
  return {lines: [escapeHtml(said)], events: [acknowledged(check, rest, call)]};
}

/** Of several, those that nobody is on: whoever took one before keeps it. */
function acknowledgeAll(
  named: readonly CheckView[],
  {name, rest}: {readonly name: string; readonly rest: readonly string[]},
  call: Call,
  desk: Desk,
): Answer {
  const {words} = desk;
  if (named.length === 0) return {lines: [escapeHtml(words.status.noCheck(clip(name, 60)))]};
  const free = named.filter(({incident}) => incident && !incident.acknowledged).map(({config}) => config.name);
  if (free.length === 0) return {lines: [words.ack.noneLeft]};
  return {
    lines: [escapeHtml(words.ack.done(clip(free.join(', '), LISTED_UNITS_MAX), endOf(rest, call, desk)))],
    events: free.map((check) => acknowledged(check, rest, call)),
  };
}

/** `until 14:03:07`, or nothing. */
function endOf([first = '']: readonly string[], {now}: Call, {words, format}: Desk): string {
  const span = parseSpan(first);
  return span === undefined ? '' : words.card.acknowledgedUntil(format.time(now + span, now));
}

function acknowledged(check: string, rest: readonly string[], {now, person}: Call): Event {
  const span = parseSpan(rest[0] ?? '');
  const until = span === undefined ? {} : {until: now + span};
  const why = clip(rest.slice(span === undefined ? 0 : 1).join(' '), WHY_UNITS_MAX);
  return {kind: 'acknowledged', check, at: now, by: person, why, ...until};
}
