import type {Day, Hour} from './hours.ts';
import type {Look} from './look.ts';
import {percentText} from './look.ts';
import {BODY_TOP, box, cross, MARGIN, path, px, sheet, TYPE, text, WIDTH, widthOf} from './paint.ts';

export interface HeatData {
  readonly title: string;
  readonly subtitle: string;
  readonly days: readonly Day[];
}

const LEFT = 165;
const WIDE = (WIDTH - MARGIN - LEFT) / 24;
const TOP = BODY_TOP + 50;
const GAP = 3;
/** From this share of good runs on; the last is for what is less. */
const STEPS = [1, 0.99, 0.95, 0.8] as const;
/** With more rows than this they are too low for numbers. */
const NUMBERED_ROWS_MAX = 10;
const LEGEND_LINE = 50;
const LEGEND_HEIGHT = 90 + LEGEND_LINE;
const DAY_MS = 24 * 3_600_000;

/** How many runs of each hour were good: hours across, days down. */
export function heatSvg(data: HeatData, look: Look): string {
  const {days} = data;
  const tall = days.length > NUMBERED_ROWS_MAX ? 26 : 66;
  const height = TOP + days.length * tall + LEGEND_HEIGHT;
  return sheet(look.palette, {...data, height}, [
    ...hourLabels(look),
    ...days.flatMap((day, row) => dayLabel(day, row, {tall, count: days.length}, look)),
    ...cells(days, tall, look),
    ...legend(height - 36, look),
  ]);
}

/** 0 is the best; undefined: nobody knows. */
export function heatStep({ok, failed}: Pick<Hour, 'ok' | 'failed'>): number | undefined {
  if (ok + failed === 0) return undefined;
  const share = ok / (ok + failed);
  const index = STEPS.findIndex((step) => share >= step);
  return index < 0 ? STEPS.length : index;
}

function hourLabels({palette}: Look): string[] {
  const hours = [0, 3, 6, 9, 12, 15, 18, 21];
  return hours.map((hour) =>
    text(String(hour).padStart(2, '0'), {
      x: LEFT + (hour + 0.5) * WIDE,
      y: TOP - 14,
      fill: palette.faint,
      anchor: 'middle',
    }),
  );
}

/** Of many days only each Monday and the last one have room for a name. */
function dayLabel(
  {date}: Day,
  row: number,
  {tall, count}: {readonly tall: number; readonly count: number},
  {palette, locale}: Look,
): string[] {
  // 1970 began on a Thursday.
  const isMonday = (date / DAY_MS) % 7 === 4;
  if (count > NUMBERED_ROWS_MAX && !isMonday) return [];
  const form: Intl.DateTimeFormatOptions =
    count > NUMBERED_ROWS_MAX ? {day: 'numeric', month: 'short'} : {weekday: 'short', day: 'numeric'};
  const label = new Intl.DateTimeFormat(locale, {timeZone: 'UTC', ...form}).format(date);
  return [text(label, {x: LEFT - 14, y: TOP + (row + 0.5) * tall + 9, fill: palette.faint, anchor: 'end'})];
}

function cells(days: readonly Day[], tall: number, look: Look): string[] {
  const {palette} = look;
  const filled: string[][] = palette.heat.map(() => []);
  const [empty, planned, missing, worst]: string[][] = [[], [], [], []];
  const numbers: string[] = [];
  for (const [row, {hours}] of days.entries()) {
    for (const [column, hour] of hours.entries()) {
      const [x, y] = [LEFT + column * WIDE, TOP + row * tall];
      const middle = {x: x + (WIDE - GAP) / 2, y: y + (tall - GAP) / 2};
      const step = heatStep(hour);
      const cell = box(x, y, WIDE - GAP, tall - GAP);
      if (step !== undefined) filled[step]?.push(cell);
      else if (!hour.exists) missing?.push(`M${px(middle.x - 8)} ${px(middle.y)}h16`);
      else (hour.planned ? planned : empty)?.push(cell);
      if (step === undefined || step === 0) continue;
      if (days.length <= NUMBERED_ROWS_MAX) numbers.push(number(hour, step, middle, look));
      else if (step === STEPS.length) worst?.push(cross(middle.x, middle.y, 6));
    }
  }
  return [
    ...filled.map((pieces, step) => path(pieces, `fill="${palette.heat[step]}"`)),
    path(empty ?? [], `fill="none" stroke="${palette.grid}" stroke-width="2"`),
    path(planned ?? [], `fill="${palette.planned}"`),
    path(missing ?? [], `stroke="${palette.faint}" stroke-width="4"`),
    path(worst ?? [], `stroke="${palette.paper}" stroke-width="4" stroke-linecap="round"`),
    ...numbers,
  ];
}

/** Whole percents without the sign, rounded down, so that 99.9 is no hundred. */
function number(
  {ok, failed}: Hour,
  step: number,
  {x, y}: {readonly x: number; readonly y: number},
  {palette}: Look,
): string {
  const percent = Math.floor((ok / (ok + failed)) * 100);
  return text(String(percent), {
    x,
    y: y + 8,
    size: 24,
    fill: palette.onHeat[step] ?? palette.ink,
    anchor: 'middle',
    bold: true,
  });
}

/** The steps, and below them what is none. */
function legend(y: number, look: Look): string[] {
  const {palette, words} = look;
  const percent = (share: number) => percentText(share, look, 0);
  const labels = [...STEPS.map((step, index) => `${percent(step)}${index === 0 ? '' : '+'}`), `<${percent(STEPS[3])}`];
  const steps = labels.map((label, step) => ({label, look: `fill="${palette.heat[step]}"`}));
  const others = [
    {label: words.planned, look: `fill="${palette.planned}"`},
    {label: words.noData, look: `fill="none" stroke="${palette.faint}" stroke-width="2"`},
  ];
  return [...legendRow(steps, y - LEGEND_LINE, palette.ink), ...legendRow(others, y, palette.ink)];
}

function legendRow(parts: readonly {label: string; look: string}[], y: number, ink: string): string[] {
  let x = MARGIN;
  return parts.flatMap(({label, look}) => {
    const at = x;
    x += 32 + 12 + widthOf(label, TYPE.small) + 24;
    return [path([box(at, y - 26, 32, 32)], look), text(label, {x: at + 44, y, fill: ink})];
  });
}
