import type {User} from '../../config/config.ts';
import {personLane} from '../../state/oncall.ts';
import {mayDo} from '../access.ts';
import {clip, escapeHtml, mention} from '../messages/html.ts';
import type {Answer, Call, Command, Desk} from './command.ts';
import {offer, usageOf} from './names.ts';
import {parseSpan} from './span.ts';

const oncall: Command = {
  name: 'oncall',
  role: 'viewer',
  usage: '[ROTATION] [WHO 4h | clear]',
  example: '@Anna 4h',
  summary: (words) => words.help.oncall,
  run: (call, desk) => {
    const {words, config} = desk;
    const names = [...config.oncall.keys()];
    const shown = call.text === '' ? names : names.filter((name) => isSame(name, call.text));
    if (names.length === 0) return {lines: [escapeHtml(words.oncall.none)]};
    if (shown.length > 0) return {lines: shown.flatMap((name) => dutyLines(name, call, desk))};
    if (!mayDo(call.role, 'operator')) return {lines: [words.order.notForYou('operator')], denied: true};
    const {rotation, rest} = parseOrder(call.text, names);
    if (!isSame(rest.at(-1) ?? '', 'clear')) return standIn(rotation, rest, call, desk);
    if (rest.length === 1) return clear(rotation, call, desk);
    return {lines: [escapeHtml(words.oncall.whichRotation(clip(rest.slice(0, -1).join(' '), 60)))]};
  },
};
export default oncall;

/** A longer absence belongs into config.yaml, where everybody sees it. */
const OVERRIDE_MS_MAX = 30 * 24 * 3_600_000;

function dutyLines(rotation: string, {now}: Call, desk: Desk): string[] {
  const {words, format} = desk;
  const duty = desk.duty(rotation, now);
  const next = duty && desk.duty(rotation, duty.until);
  if (!duty || !next) return [];
  const line = words.oncall.now(rotation, duty.person.name, format.time(duty.until, now), next.person.name);
  const isDead = desk.deadChannels().some(({channel}) => channel === personLane(duty.person));
  return [
    `📟 ${escapeHtml(line)}`,
    ...(duty.override ? [escapeHtml(words.oncall.inPlaceOf(duty.turn.person.name, duty.override.by.name))] : []),
    ...(isDead ? [`⚠️ ${escapeHtml(words.oncall.cannotWrite(duty.person.name))}`] : []),
  ];
}

/** The first word may name the rotation; otherwise the first one is meant. `clear night` is `night clear`. */
function parseOrder(text: string, names: readonly string[]): {rotation: string; rest: readonly string[]} {
  const words = text.split(/\s+/);
  const tokens = words.length === 2 && isSame(words[0] ?? '', 'clear') ? words.toReversed() : words;
  const named = names.find((name) => isSame(name, tokens[0] ?? ''));
  return named === undefined ? {rotation: names[0] ?? '', rest: tokens} : {rotation: named, rest: tokens.slice(1)};
}

function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function clear(rotation: string, {now}: Call, desk: Desk): Answer {
  const {words, format} = desk;
  const duty = desk.duty(rotation, now);
  if (!duty?.override) return {lines: [escapeHtml(words.oncall.nothingToClear(rotation))]};
  const {turn} = duty;
  return {
    lines: [`📟 ${words.oncall.cleared(escapeHtml(rotation), mention(turn.person), format.time(turn.until, now))}`],
    events: [{kind: 'duty_restored', rotation, at: now}],
  };
}

function standIn(rotation: string, rest: readonly string[], call: Call, desk: Desk): Answer {
  const {words, format} = desk;
  const length = rest.at(-1) ?? '';
  const span = parseSpan(length);
  const who = (span === undefined ? rest : rest.slice(0, -1)).join(' ');
  const found = who === '' ? [] : peopleCalled(who, call, desk);
  const [person, ...others] = found;
  if (who === '') return usageOf(oncall, desk);
  if (!person) return {lines: [escapeHtml(words.oncall.whichPerson(clip(who, 60)))]};
  if (others.length > 0) return whichOf(found, {rotation, length: span === undefined ? '' : length}, call, desk);
  if (span === undefined) return howLong(person, rotation, call, desk);
  if (span > OVERRIDE_MS_MAX) return {lines: [words.oncall.atMost(format.duration(OVERRIDE_MS_MAX))]};
  const until = call.now + span;
  const override = {rotation, person: {id: person.id, name: person.name}, at: call.now, by: call.person, until};
  return {
    lines: [`📟 ${words.oncall.done(escapeHtml(rotation), mention(person), format.time(until, call.now))}`],
    events: [{kind: 'duty_overridden', override, at: call.now}],
  };
}

interface Wanted {
  readonly rotation: string;
  readonly length: string;
}

function whichOf(found: readonly User[], {rotation, length}: Wanted, call: Call, desk: Desk): Answer {
  const isShared = (name: string) => found.filter((one) => one.name === name).length > 1;
  const labels = new Map(found.map(({id, name}) => [isShared(name) ? `${name} ${id}` : name, id]));
  return offer([...labels.keys()], (label) => `oncall ${rotation} ${labels.get(label)} ${length}`.trim(), {call, desk});
}

function howLong({id, name}: User, rotation: string, call: Call, desk: Desk): Answer {
  if (call.chatId === undefined) return usageOf(oncall, desk);
  const buttons = ['1h', '4h', '12h', '1d'].map((label) => ({label, press: `oncall ${rotation} ${id} ${label}`}));
  // The command itself only looks, so that its buttons would be good for many presses.
  return {
    lines: [escapeHtml(desk.words.oncall.howLong(name))],
    buttons: [buttons.map((button) => ({...button, once: true}))],
  };
}

/**
 * By their number, or by the name that the configuration gives them or their invite; `me` is whoever asks. What stands after an @ counts
 * as such a name too: the name that somebody has chosen in Telegram gives no rights.
 */
function peopleCalled(who: string, call: Call, {config, access}: Desk): readonly User[] {
  const invited = access.users().filter(({id}) => !config.users.has(id));
  const people = [...config.users.values(), ...invited];
  const wanted = who.replace(/^@/, '').toLowerCase();
  const own = people.filter(({id}) => String(id) === wanted || (wanted === 'me' && id === call.person.id));
  if (own.length > 0) return own;
  const exact = people.filter(({name}) => name.toLowerCase() === wanted);
  return exact.length > 0 ? exact : people.filter(({name}) => name.toLowerCase().startsWith(wanted));
}
