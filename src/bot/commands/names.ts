import type {CheckView} from '../../state/view.ts';
import {clip, escapeHtml} from '../messages/html.ts';
import type {Answer, Call, Command, Desk} from './command.ts';

/** The check of this name; else the one of this name in other letters; else those whose name begins with it; else none. */
export function findChecks(text: string, checks: readonly CheckView[]): readonly CheckView[] {
  const exact = checks.filter(({config}) => config.name === text);
  if (exact.length > 0) return exact;
  const wanted = text.toLowerCase();
  const same = checks.filter(({config}) => config.name.toLowerCase() === wanted);
  return same.length > 0 ? same : checks.filter(({config}) => config.name.toLowerCase().startsWith(wanted));
}

/** Names in an answer; what is longer is cut. */
export const LISTED_UNITS_MAX = 1_000;

/** The checks of a list such as `api,mail`, by their whole names. Those that are not there, or not for this person, are left out. */
export function namedIn(list: string, {view}: Pick<Desk, 'view'>): readonly CheckView[] {
  const names = new Set(list.split(','));
  return view().filter(({config}) => names.has(config.name));
}

/** Offered as buttons; more do not fit a phone's screen. */
const OFFERED_MAX = 10;

/**
 * The one check that is meant, or the answer that helps to say which: how the command is used, that there is none of this
 * name, or buttons that give the same command for one of those that fit. `rest` is what follows the name.
 */
export function pickCheck(
  command: Command,
  {name, rest = ''}: {readonly name: string; readonly rest?: string},
  among: readonly CheckView[],
  {call, desk}: {readonly call: Call; readonly desk: Desk},
): {readonly check: CheckView} | {readonly answer: Answer} {
  if (name === '') return {answer: usageOf(command, desk)};
  const found = findChecks(name, among);
  const [check, ...others] = found;
  if (!check) return {answer: {lines: [escapeHtml(desk.words.status.noCheck(clip(name, 60)))]}};
  if (others.length === 0) return {check};
  const press = (picked: string) => `${command.name} ${picked} ${rest}`.trim();
  return {
    answer: offer(
      found.map((one) => one.config.name),
      press,
      {call, desk},
    ),
  };
}

/** Which of these? A button each; in words for whoever has none, at the console. */
export function offer(
  names: readonly string[],
  press: (name: string) => string,
  {call, desk}: {readonly call: Call; readonly desk: Desk},
): Answer {
  const {words} = desk;
  const offered = names.slice(0, OFFERED_MAX);
  const left = names.length - offered.length;
  const more = left > 0 ? [words.order.moreLetters(left)] : [];
  if (call.chatId === undefined) {
    return {lines: [escapeHtml(clip(words.order.which(offered.join(', ')), 1000)), ...more]};
  }
  return {
    lines: [words.order.which('').trim(), ...more],
    buttons: offered.map((name) => [{label: name, press: press(name)}]),
  };
}

/** How a command is used, with an example that would work here. */
export function usageOf({name, usage, example}: Command, {words, config}: Desk): Answer {
  const check = config.checks[0]?.name ?? 'NAME';
  return {
    lines: [
      escapeHtml(words.order.usage(`/${name} ${usage}`.trim())),
      ...(example === undefined ? [] : [escapeHtml(words.order.example(`/${name} ${example.replace('NAME', check)}`))]),
    ],
  };
}

/** The same for whoever typed a time that is none. */
export function notATime(text: string, command: Command, desk: Desk): Answer {
  return {lines: [escapeHtml(desk.words.order.noTime(clip(text, 60))), ...usageOf(command, desk).lines]};
}
