import type {CheckView} from '../../state/view.ts';
import {clip, escapeHtml} from '../messages/html.ts';
import type {Theme} from '../pictures/paint.ts';
import type {Answer, Call, Command, Desk} from './command.ts';
import {MAP_MARK} from './graph.ts';
import {checkLine} from './lines.ts';
import {findChecks, offer} from './names.ts';
import {pageOf, parsePage} from './paging.ts';
import {gridAnswer, parseGrid} from './terminals-grid.ts';

const terminals: Command = {
  name: 'terminals',
  role: 'viewer',
  usage: '[NAME] [grid] [light|dark]',
  summary: (words) => words.help.terminals,
  run: (call, desk) => {
    const grid = parseGrid(call.text);
    const {text, page} = parsePage(grid?.name ?? call.text);
    const all = desk.view().filter(({config}) => config.targets.length > 0);
    const found = text === '' ? all : findChecks(text, all);
    if (all.length === 0) return {lines: [desk.words.terminals.none]};
    if (found.length === 0) return {lines: [escapeHtml(desk.words.status.noCheck(clip(text, 60)))]};
    if (grid) return drawOne(grid.theme ?? desk.config.pictures, found, call, desk);
    return list(found, {text, page}, call, desk);
  },
};
export default terminals;

/** Each check has a picture of its own. */
function drawOne(theme: Theme, [check, ...others]: readonly CheckView[], call: Call, desk: Desk): Answer {
  if (check && others.length === 0) return {lines: [], later: () => gridAnswer(check, theme, call, desk)};
  const names = [...(check ? [check] : []), ...others].map(({config}) => config.name);
  return offer(names, (name) => `terminals ${name} grid ${theme}`, {call, desk});
}

/** Checks that have a button for their picture. */
const PICTURED_MAX = 3;

/** Checks whose counts stand above the list. */
const CHECKS_COUNTED_MAX = 10;

function list(
  checks: readonly CheckView[],
  {text, page}: {text: string; page: number},
  call: Call,
  desk: Desk,
): Answer {
  const {items, buttons} = pageOf(targetsOf(checks), page, `terminals ${text}`.trim());
  const pictures = checks.slice(0, PICTURED_MAX).map(({config: {name}}) => {
    return [{label: `${MAP_MARK} ${name}`, press: `terminals ${name} grid`, show: 'below'} as const];
  });
  const left = checks.length - CHECKS_COUNTED_MAX;
  return {
    lines: [
      ...checks.slice(0, CHECKS_COUNTED_MAX).map((check) => checkLine(check, call, desk)),
      ...(left > 0 ? [desk.words.status.more(left)] : []),
      ...items.map((target) => targetLine(target, checks.length > 1, call, desk)),
    ],
    buttons: [...buttons, ...pictures],
  };
}

interface TargetView {
  readonly check: CheckView;
  readonly address: string;
  readonly label: string | undefined;
}

const RANKS = 3;

/** What is down first, then what begins to fail, then the rest, each in the order of the address list. */
function targetsOf(checks: readonly CheckView[]): readonly TargetView[] {
  const ranked: TargetView[][] = Array.from({length: RANKS}, () => []);
  for (const check of checks) {
    for (const {address, label} of check.config.targets) {
      const counter = check.state.counters.get(address);
      const rank = counter?.status === false ? 0 : (counter?.errors ?? 0) > 0 ? 1 : 2;
      ranked[rank]?.push({check, address, label});
    }
  }
  return ranked.flat();
}

function targetLine({check, address, label}: TargetView, isNamed: boolean, call: Call, {words, format}: Desk): string {
  const {config, state} = check;
  const counter = state.counters.get(address);
  const name = clip(label === undefined ? address : `${address} ${label}`, 60);
  const of = isNamed ? `${config.name} ` : '';
  const say = (mark: string, about: string) => `${mark} ${escapeHtml(`${of}${name}`)} · ${about}`;
  if (!counter?.known) return say('⚪️', words.status.unknown);
  if (!counter.status) {
    const since = words.card.sinceTime(format.moment(counter.since, call.now));
    return say('🔴', `${escapeHtml(clip(counter.lastReason, 60))} · ${since}`);
  }
  if (counter.errors > 0) return say('🟡', words.status.soft(counter.errors, config.failAfter));
  return say('🟢', format.latency(counter.lastLatencyMs));
}
