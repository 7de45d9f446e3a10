import type {Format} from '../messages/format.ts';
import type {Figures} from './figures.ts';
import {type Look, percentText} from './look.ts';
import {BODY_TOP, box, fit, MARGIN, path, px, sheet, TYPE, text, WIDTH, widthOf} from './paint.ts';

export interface ReportData {
  readonly title: string;
  readonly subtitle: string;
  /** The worst first. */
  readonly checks: readonly Figures[];
  readonly all: Figures;
}

/** The rest have had less trouble, and are in the line below. */
const REPORT_ROWS_MAX = 10;

/** Semi-bold letters are a twentieth wider. */
const BOLDER = 1.05;
const TILE = {top: BODY_TOP, height: 130, gap: 16};
const HEAD_Y = TILE.top + TILE.height + 58;
const ROW = 62;
const NAME_WIDTH = 350;
const BAR = {left: 410, right: 640};
const COLUMNS = {percent: 765, incidents: 880, longest: WIDTH - MARGIN};

/** Four figures of the whole, then a line for each check with a bar of its availability. */
export function reportSvg(data: ReportData, look: Look, format: Format): string {
  const rows = data.checks.slice(0, REPORT_ROWS_MAX);
  const left = data.checks.length - rows.length;
  const height = HEAD_Y + 30 + rows.length * ROW + (left > 0 ? 60 : 20);
  const worst = Math.min(...rows.map(({availability = 1}) => availability));
  return sheet(look.palette, {...data, height}, [
    ...tiles(data.all, look, format),
    ...heads(floorOf(worst), look),
    ...rows.flatMap((figures, index) => row(figures, HEAD_Y + 30 + index * ROW, floorOf(worst), {look, format})),
    ...(left > 0 ? [text(look.words.more(left), {x: MARGIN, y: height - 30, fill: look.palette.faint})] : []),
  ]);
}

function tiles({availability, incidents, acknowledgeMs, recoverMs}: Figures, look: Look, format: Format): string[] {
  const {palette, words} = look;
  const span = (ms: number | undefined) => (ms === undefined ? '–' : format.duration(ms));
  const shown = [
    {label: words.available, value: availability === undefined ? '–' : percentText(availability, look)},
    {label: words.incidents, value: String(incidents)},
    {label: words.acknowledge, value: span(acknowledgeMs)},
    {label: words.recover, value: span(recoverMs)},
  ];
  const width = (WIDTH - 2 * MARGIN - 3 * TILE.gap) / shown.length;
  return shown.flatMap(({label, value}, index) => {
    const x = MARGIN + index * (width + TILE.gap);
    return [
      `<rect x="${px(x)}" y="${TILE.top}" width="${px(width)}" height="${TILE.height}" rx="14" fill="${palette.grid}" fill-opacity="0.6"/>`,
      text(value, {x: x + 18, y: TILE.top + 58, size: sizeFor(value, width - 24), fill: palette.ink, bold: true}),
      text(fit(label, width - 30, 25), {x: x + 18, y: TILE.top + 104, size: 25, fill: palette.faint}),
    ];
  });
}

/** The largest size at which the whole of it fits: a figure is not cut. */
function sizeFor(value: string, width: number): number {
  return [42, 36].find((size) => widthOf(value, size) * BOLDER <= width) ?? 28;
}

function heads(floor: number, look: Look): string[] {
  const {palette, words} = look;
  const style = {y: HEAD_Y, fill: palette.faint, anchor: 'end'} as const;
  return [
    text(`${percentText(floor, look, 0)}–${percentText(1, look, 0)}`, {...style, x: BAR.left, anchor: 'start'}),
    text('#', {...style, x: COLUMNS.incidents}),
    text(words.longest, {...style, x: COLUMNS.longest}),
    path([`M${MARGIN} ${HEAD_Y + 18}H${WIDTH - MARGIN}`], `stroke="${palette.grid}" stroke-width="2"`),
  ];
}

/** Bars from nought would all look full: they begin at the round number below the worst one. */
function floorOf(worst: number): number {
  return [0.99, 0.9, 0.5].find((floor) => worst > floor) ?? 0;
}

function row(figures: Figures, top: number, floor: number, {look, format}: {look: Look; format: Format}): string[] {
  const {palette} = look;
  const {check, availability, incidents, longestMs} = figures;
  const y = top + 42;
  const share = availability === undefined ? 0 : Math.max(0, (availability - floor) / (1 - floor));
  const width = (BAR.right - BAR.left) * share;
  const track = box(BAR.left, top + 20, BAR.right - BAR.left, 28);
  const isWell = incidents === 0;
  return [
    text(fit(check, NAME_WIDTH, TYPE.text), {x: MARGIN, y, size: TYPE.text, fill: palette.ink}),
    // What is missing of the bar is what people look for.
    path([track], `fill="${availability === undefined ? palette.grid : palette.bad}"`),
    path([box(BAR.left, top + 20, Math.max(availability === undefined ? 0 : 2, width), 28)], `fill="${palette.good}"`),
    text(availability === undefined ? '–' : percentText(availability, look), {
      ...{x: COLUMNS.percent, y, size: TYPE.text, anchor: 'end', bold: !isWell},
      fill: isWell ? palette.faint : palette.ink,
    }),
    text(isWell ? '–' : String(incidents), {
      x: COLUMNS.incidents,
      y,
      size: TYPE.text,
      fill: palette.ink,
      anchor: 'end',
    }),
    text(isWell ? '–' : format.duration(longestMs), {
      ...{x: COLUMNS.longest, y, size: TYPE.text, fill: palette.ink, anchor: 'end'},
    }),
  ];
}
