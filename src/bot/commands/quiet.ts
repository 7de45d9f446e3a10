import {parseSelector, selects} from '../../state/silences.ts';
import type {Silence} from '../../state/vocabulary.ts';
import {clip, escapeHtml} from '../messages/html.ts';
import type {Answer, Call, Command, Desk} from './command.ts';
import {usageOf} from './names.ts';
import {parseSpan, WHY_UNITS_MAX} from './span.ts';

/** `/silence` and `/maintenance` are one order: which checks, how long, why. */
export function keepQuiet(command: Command, kind: Silence['kind'], call: Call, desk: Desk): Answer {
  const {words, format} = desk;
  const [target = '', span = '', ...rest] = call.text.split(/\s+/);
  const until: Silence['until'] | undefined =
    span === 'until' && rest[0] === 'recovered' ? 'recovered' : endOf(span, call.now);
  if (target === '' || until === undefined) return usageOf(command, desk);
  const what = parseSelector(target);
  const meant = desk.view().filter(({config}) => selects(what, config));
  if (meant.length === 0) return {lines: [escapeHtml(words.silence.matchesNothing(clip(target, 60)))]};
  if (until === 'recovered' && meant.every(({incident}) => incident === undefined)) {
    return {lines: [escapeHtml(words.silence.nothingDown(clip(target, 60)))]};
  }
  const why = clip(rest.slice(until === 'recovered' ? 1 : 0).join(' '), WHY_UNITS_MAX);
  const silence = {kind, what, at: call.now, by: call.person, why, until};
  const end = until === 'recovered' ? words.silence.untilRecovered : format.time(until, call.now);
  return {
    lines: [escapeHtml(words.silence.done(kind, target, meant.length, end))],
    events: [{kind: 'silenced', silence, at: call.now}],
  };
}

/** How a silence looks in a list. */
export function silenceLine(silence: Silence, text: string, call: Call, {words, format}: Desk): string {
  const until = silence.until === 'recovered' ? words.silence.untilRecovered : format.time(silence.until, call.now);
  const why = silence.why === '' ? '' : `: ${silence.why}`;
  return escapeHtml(
    `${silence.id} · ${words.silence.kind[silence.kind]} · ${text} · ${until} · ${silence.by.name}${why}`,
  );
}

function endOf(span: string, now: number): number | undefined {
  const ms = parseSpan(span);
  return ms === undefined ? undefined : now + ms;
}
