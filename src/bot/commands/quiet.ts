import {parseSelector, selects} from '../../state/silences.ts';
import type {Selector, Silence} from '../../state/vocabulary.ts';
import {clip, escapeHtml} from '../messages/html.ts';
import type {Answer, Call, Command, Desk} from './command.ts';
import {notATime, pickCheck, usageOf} from './names.ts';
import {brokenSpan, nextMorning, parseSpan, WHY_UNITS_MAX} from './span.ts';

/** `/silence` and `/maintenance` are one order: which checks, how long, why. */
export function keepQuiet(command: Command, kind: Silence['kind'], call: Call, desk: Desk): Answer {
  const {words} = desk;
  const [target = '', ...rest] = call.text.split(/\s+/);
  if (target === '') return usageOf(command, desk);
  const meant = selectorOf(command, target, rest.join(' '), {call, desk});
  if ('answer' in meant) return meant.answer;
  const {what, text} = meant;
  const checks = desk.view().filter(({config}) => selects(what, config));
  if (checks.length === 0) return {lines: [escapeHtml(words.silence.matchesNothing(clip(text, 60)))]};
  if (rest.length === 0 && call.chatId !== undefined) return askHowLong(command, text, desk);
  if (rest.length === 0) return usageOf(command, desk);
  const {until, why} = endOf(rest, call.now, desk.config.timezone);
  if (until === undefined) return notATime(unreadable(rest), command, desk);
  if (until === 'recovered' && checks.every(({incident}) => incident === undefined)) {
    return {lines: [escapeHtml(words.silence.nothingDown(clip(text, 60)))]};
  }
  const silence = {kind, what, at: call.now, by: call.person, why: clip(why, WHY_UNITS_MAX), until};
  return {
    lines: [escapeHtml(words.silence.done(kind, text, checks.length, endText(until, call, desk)))],
    events: [{kind: 'silenced', silence, at: call.now}],
  };
}

/** What is meant: the beginning of one check's name means that check. */
function selectorOf(
  command: Command,
  target: string,
  rest: string,
  use: {readonly call: Call; readonly desk: Desk},
): {readonly what: Selector; readonly text: string} | {readonly answer: Answer} {
  const what = parseSelector(target);
  const view = use.desk.view();
  if (what.kind !== 'check' || view.some(({config}) => config.name === what.name)) return {what, text: target};
  const picked = pickCheck(command, {name: target, rest}, view, use);
  if ('answer' in picked) return picked;
  const {name} = picked.check.config;
  return {what: {kind: 'check', name}, text: name};
}

function askHowLong({name}: Command, text: string, {words, format}: Desk): Answer {
  const {detail, silence} = words;
  const press = (end: string) => `${name} ${text} ${end}`;
  return {
    lines: [escapeHtml(silence.howLong(clip(text, 60)))],
    buttons: [
      ['1h', '4h', '1d'].map((span) => ({
        label: detail.silence(format.duration(parseSpan(span) ?? 0)),
        press: press(span),
      })),
      [
        {label: detail.untilMorning, press: press('until morning')},
        {label: detail.untilRecovered, press: press('until recovered')},
      ],
    ],
  };
}

/** `2h why`, `until recovered why`, `until morning why`. */
function endOf(
  [first = '', second = '', ...others]: readonly string[],
  now: number,
  zone: string,
): {readonly until: Silence['until'] | undefined; readonly why: string} {
  if (first !== 'until') {
    const ms = parseSpan(first);
    return {until: ms === undefined ? undefined : now + ms, why: [second, ...others].join(' ').trim()};
  }
  const until = second === 'recovered' ? 'recovered' : second === 'morning' ? nextMorning(now, zone) : undefined;
  return {until, why: others.join(' ')};
}

function unreadable(rest: readonly string[]): string {
  const [first = ''] = rest;
  return first === 'until' ? rest.slice(0, 2).join(' ') : (brokenSpan(rest) ?? first);
}

/** How a silence looks in a list. */
export function silenceLine(silence: Silence, text: string, call: Call, desk: Desk): string {
  const {words} = desk;
  const until = endText(silence.until, call, desk);
  const why = silence.why === '' ? '' : `: ${silence.why}`;
  return escapeHtml(
    `${silence.id} · ${words.silence.kind[silence.kind]} · ${text} · ${until} · ${silence.by.name}${why}`,
  );
}

/** `until 14:03:07`, or until it has recovered. */
export function endText(
  until: Silence['until'],
  call: Pick<Call, 'now'>,
  {words, format}: Pick<Desk, 'words' | 'format'>,
): string {
  return until === 'recovered' ? words.silence.untilRecovered : words.why.until(format.time(until, call.now));
}
