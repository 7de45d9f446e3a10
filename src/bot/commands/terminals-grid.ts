import type {CheckView} from '../../state/view.ts';
import {clip, escapeHtml} from '../messages/html.ts';
import {type CellState, type GridData, gridSvg} from '../pictures/grid.ts';
import {lookOf} from '../pictures/look.ts';
import type {Theme} from '../pictures/paint.ts';
import type {Answer, Call, Desk} from './command.ts';
import {withPicture} from './graph.ts';
import {checkLine} from './lines.ts';

const GRID = /^(.*?)\s*\bgrid(?:\s+(light|dark))?$/s;

/** `tills grid dark` → the targets of `tills` as a picture; undefined when none is asked for. */
export function parseGrid(text: string): {readonly name: string; readonly theme?: Theme} | undefined {
  const [, name, theme] = GRID.exec(text) ?? [];
  if (name === undefined) return undefined;
  return {name, ...((theme === 'light' || theme === 'dark') && {theme})};
}

const LETTERS: Readonly<Record<CellState, string>> = {good: '·', shaky: '/', bad: 'X', unknown: '?'};
const LETTERS_A_LINE = 60;
/** A console is not filled with more. */
const LINES_MAX = 40;
const LABEL_UNITS_MAX = 40;

/** One cell for each target of the check. */
export async function gridAnswer(check: CheckView, theme: Theme, call: Call, desk: Desk): Promise<Answer> {
  const targets = targetsOf(check);
  const look = lookOf(theme, desk.words, desk.config.timezone);
  const {name} = check.config;
  const about = look.words.targetsDown(check.state.falseTargets, targets.length);
  const svg = gridSvg({title: name, subtitle: `${desk.server} · ${about}`, targets}, look);
  const drawn = {svg, lines: [checkLine(check, call, desk)], inLetters: inLetters(targets)};
  const buttons = [[{label: desk.words.detail.back, press: `terminals ${name}`, show: 'below'} as const]];
  return withPicture(drawn, `${name}.png`, {call, desk, buttons});
}

function targetsOf({config, state}: CheckView): GridData['targets'] {
  return config.targets.map(({address, label}) => {
    const counter = state.counters.get(address);
    const name = clip(label ?? address, LABEL_UNITS_MAX);
    if (!counter?.known) return {name, state: 'unknown'};
    if (!counter.status) return {name, state: 'bad'};
    return {name, state: counter.errors > 0 ? 'shaky' : 'good'};
  });
}

function inLetters(targets: GridData['targets']): string[] {
  const letters = targets.map(({state}) => LETTERS[state]).join('');
  const lines = letters.match(new RegExp(`.{1,${LETTERS_A_LINE}}`, 'g')) ?? [];
  return [`<pre>${escapeHtml(lines.slice(0, LINES_MAX).join('\n'))}</pre>`];
}
