import type {Look} from './look.ts';
import {BODY_TOP, box, cross, fit, MARGIN, path, px, sheet, TYPE, text, WIDTH, widthOf} from './paint.ts';

export type CellState = 'good' | 'shaky' | 'bad' | 'unknown';

export interface GridData {
  readonly title: string;
  readonly subtitle: string;
  /** In the order of the address list. */
  readonly targets: readonly {readonly name: string; readonly state: CellState}[];
}

/** More cells than these are too small to be seen; then each stands for several targets, and shows the worst of them. */
export const CELLS_MAX = 10_000;
const WORST_FIRST: readonly CellState[] = ['bad', 'shaky', 'unknown', 'good'];

const GRID = {left: MARGIN, top: BODY_TOP, width: WIDTH - 2 * MARGIN, height: 530};
/** So few cells are wide enough for a name. */
const NAMED_MAX = 32;
const NAMED_COLUMNS = 4;
const CELL_PX_MAX = 84;
/** In smaller cells a cross would be a smudge; there colour and size say it. */
const CROSSED_PX_MIN = 16;
/** Cells that end between two pixels would take thrice as long, and have blurred edges. */
const CRISP = 'shape-rendering="crispEdges"';
/** Of those that are down. */
const LISTED_MAX = 8;
const LINES_MAX = 3;
const LINE = 42;

/** One cell for each target. */
export function gridSvg(data: GridData, look: Look): string {
  const per = Math.ceil(data.targets.length / CELLS_MAX);
  const states = per <= 1 ? data.targets.map(({state}) => state) : worstOf(data.targets, per);
  const form = formOf(states.length);
  const bottom = Math.ceil(GRID.top + Math.ceil(states.length / form.columns) * form.height);
  const lines = [...(per > 1 ? [look.words.cell(per)] : []), ...linesOfBad(data.targets)];
  const height = bottom + lines.length * LINE + (lines.length > 0 ? 110 : 90);
  return sheet(look.palette, {...data, height}, [
    ...cells(states, form, look),
    ...(form.named ? names(data.targets, form, look) : []),
    ...lines.map((line, index) => {
      const y = bottom + 10 + (index + 1) * LINE;
      return text(fit(line, GRID.width, TYPE.small), {x: MARGIN, y, fill: look.palette.ink});
    }),
    ...legend(states, height - 36, look),
  ]);
}

function worstOf(targets: GridData['targets'], per: number): CellState[] {
  const states: CellState[] = [];
  for (let from = 0; from < targets.length; from += per) {
    const some = targets.slice(from, from + per);
    states.push(WORST_FIRST.find((wanted) => some.some(({state}) => state === wanted)) ?? 'good');
  }
  return states;
}

interface Form {
  readonly columns: number;
  readonly width: number;
  readonly height: number;
  readonly gap: number;
  readonly named: boolean;
}

function formOf(count: number): Form {
  if (count <= NAMED_MAX) {
    const columns = count > 16 ? NAMED_COLUMNS : count > 6 ? 3 : 2;
    const rows = Math.max(1, Math.ceil(count / columns));
    const height = Math.min(CELL_PX_MAX, GRID.height / rows);
    return {columns, width: GRID.width / columns, height, gap: 6, named: true};
  }
  // As large as they can be while all of them fit.
  let columns = Math.ceil(Math.sqrt((count * GRID.width) / GRID.height));
  while (Math.ceil(count / columns) * (GRID.width / columns) > GRID.height) columns++;
  const side = Math.min(CELL_PX_MAX, GRID.width / columns);
  return {columns, width: side, height: side, gap: side > 20 ? 4 : side > 10 ? 2 : 1, named: false};
}

function placeOf(index: number, {columns, width, height}: Form): {x: number; y: number} {
  return {x: GRID.left + (index % columns) * width, y: GRID.top + Math.floor(index / columns) * height};
}

function cells(states: readonly CellState[], form: Form, {palette}: Look): string[] {
  const {width, height, gap} = form;
  const pieces: Record<CellState, string[]> = {good: [], shaky: [], bad: [], unknown: []};
  const marks = {cross: [] as string[], slash: [] as string[]};
  for (const [index, state] of states.entries()) {
    const {x, y} = placeOf(index, form);
    pieces[state].push(box(x + gap / 2, y + gap / 2, width - gap, height - gap));
    if (height < CROSSED_PX_MIN) continue;
    const arm = Math.min(16, height * 0.22);
    const middle = {x: form.named ? x + width - 32 : x + width / 2, y: y + height / 2};
    if (state === 'bad') marks.cross.push(cross(middle.x, middle.y, arm));
    if (state === 'shaky')
      marks.slash.push(`M${px(middle.x - arm)} ${px(middle.y + arm)}l${px(2 * arm)} ${px(-2 * arm)}`);
  }
  const stroke = `stroke-width="${px(Math.max(3, Math.min(6, height * 0.09)))}" stroke-linecap="round" fill="none"`;
  return [
    path(pieces.good, `fill="${palette.good}" ${CRISP}`),
    path(pieces.shaky, `fill="${palette.warn}" ${CRISP}`),
    path(pieces.unknown, `fill="none" stroke="${palette.faint}" stroke-width="${height < CROSSED_PX_MIN ? 1 : 2}"`),
    path(pieces.bad, `fill="${palette.bad}" ${CRISP}`),
    path(marks.cross, `stroke="${palette.onBad}" ${stroke}`),
    path(marks.slash, `stroke="${palette.onWarn}" ${stroke}`),
  ];
}

function names(targets: GridData['targets'], form: Form, {palette}: Look): string[] {
  const inks = {good: palette.onGood, shaky: palette.onWarn, bad: palette.onBad, unknown: palette.ink};
  return targets.map(({name, state}, index) => {
    const {x, y} = placeOf(index, form);
    const room = form.width - 34 - (state === 'bad' || state === 'shaky' ? 40 : 0);
    return text(fit(name, room, TYPE.small), {x: x + 16, y: y + form.height / 2 + 9, fill: inks[state]});
  });
}

/** In a large grid nobody can read off which ones are down. */
function linesOfBad(targets: GridData['targets']): string[] {
  const bad = targets.filter(({state}) => state === 'bad');
  if (targets.length <= NAMED_MAX || bad.length === 0) return [];
  const left = bad.length - LISTED_MAX;
  const listed = bad.slice(0, LISTED_MAX).map(({name}) => name);
  return wrapped([...listed, ...(left > 0 ? [`+${left}`] : [])], GRID.width).slice(0, LINES_MAX);
}

function wrapped(names: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const name of names) {
    const last = lines.at(-1);
    const longer = last === undefined ? name : `${last}, ${name}`;
    if (last === undefined || widthOf(longer, TYPE.small) > width) lines.push(name);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}

function legend(states: readonly CellState[], y: number, {palette, words}: Look): string[] {
  const parts = [
    {state: 'good', look: `fill="${palette.good}"`, label: words.good},
    {state: 'shaky', look: `fill="${palette.warn}"`, label: words.shaky},
    {state: 'bad', look: `fill="${palette.bad}"`, label: words.down},
    {state: 'unknown', look: `fill="none" stroke="${palette.faint}" stroke-width="2"`, label: words.unknown},
  ];
  let x = MARGIN;
  return parts
    .filter(({state}) => states.some((other) => other === state))
    .flatMap(({state, look, label}) => {
      const at = x;
      x += 32 + 12 + widthOf(label, TYPE.small) + 24;
      const mark =
        state === 'bad'
          ? path([cross(at + 16, y - 10, 8)], `stroke="${palette.onBad}" stroke-width="4" stroke-linecap="round"`)
          : state === 'shaky'
            ? path([`M${at + 8} ${y - 2}l16 -16`], `stroke="${palette.onWarn}" stroke-width="4" stroke-linecap="round"`)
            : '';
      return [path([box(at, y - 26, 32, 32)], look), mark, text(label, {x: at + 44, y, fill: palette.ink})];
    });
}
