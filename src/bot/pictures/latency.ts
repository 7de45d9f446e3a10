import {offsetAt} from '../../state/zone-offsets.ts';
import type {Column} from './columns.ts';
import {type Look, latencyText} from './look.ts';
import {BODY_TOP, box, cross, MARGIN, path, px, sheet, TYPE, text, WIDTH, widthOf} from './paint.ts';
import type {Span} from './spans.ts';

/** Columns of two pixels: finer ones run into each other. */
export const LATENCY_COLUMNS = 450;

export interface LatencyData extends Span {
  readonly title: string;
  readonly subtitle: string;
  readonly columns: readonly Column[];
  /** From here on a run fails; `kind` is what says so. */
  readonly limit: {readonly ms: number; readonly kind: 'expect' | 'timeout'};
  /** Times in which the check was down, and times of maintenance. */
  readonly down: readonly Span[];
  readonly planned: readonly Span[];
  /** A longer time without a run breaks the line. */
  readonly gapMs: number;
}

const HEIGHT = 700;
const PLOT = {left: 160, right: WIDTH - MARGIN, top: BODY_TOP + 10, bottom: HEIGHT - 180};
/** Where failures stand, below the line. */
const STRIP = {top: PLOT.bottom + 8, height: 30};
/** Nearer failures are drawn as one. */
const CROSS_PX = 20;
const AXIS_Y = STRIP.top + STRIP.height + 40;
const LEGEND_Y = HEIGHT - 34;
const OPACITY = {range: 0.3, down: 0.2, planned: 0.5};
/** A limit that is farther above the line than this is named, and not drawn: the line would lie flat. */
const LIMIT_TIMES_MAX = 3;

/** The latency of one check over time: a line of means, a band from least to most, failures below, the limit across. */
export function latencySvg(data: LatencyData, look: Look): string {
  const {palette} = look;
  const most = data.columns.reduce((max, {maxMs, shown}) => (shown > 0 ? Math.max(max, maxMs) : max), 0);
  const isDrawn = data.limit.ms <= most * LIMIT_TIMES_MAX;
  const {step, top} = scaleOf(Math.max(most, isDrawn ? data.limit.ms : 0) * 1.05);
  const yOf = (ms: number) => PLOT.bottom - (Math.min(ms, top) / top) * (PLOT.bottom - PLOT.top);
  return sheet(palette, {...data, height: HEIGHT}, [
    ...bands(data.planned, data, palette.planned, OPACITY.planned),
    ...bands(data.down, data, palette.bad, OPACITY.down),
    ...valueAxis(step, top, yOf, look),
    ...timeAxis(data, look),
    ...curve(data, yOf, look),
    ...failures(data.columns, look),
    ...limitLine(data.limit, isDrawn, yOf, look),
    ...legend(data, look),
  ]);
}

/** Round numbers up to at least this, four to six of them. */
function scaleOf(most: number): {step: number; top: number} {
  const rough = Math.max(most, 1) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5].find((times) => times * power >= rough) ?? 10) * power;
  return {step, top: Math.ceil(Math.max(most, 1) / step) * step};
}

function xOf(at: number, {from, to}: Span): number {
  return PLOT.left + ((at - from) / (to - from)) * (PLOT.right - PLOT.left);
}

function bands(spans: readonly Span[], within: Span, colour: string, opacity: number): string[] {
  const pieces = spans.map(({from, to}) => {
    const left = Math.max(PLOT.left, xOf(from, within));
    return box(left, PLOT.top, Math.max(3, Math.min(PLOT.right, xOf(to, within)) - left), PLOT.bottom - PLOT.top);
  });
  return [path(pieces, `fill="${colour}" fill-opacity="${opacity}"`)];
}

function valueAxis(step: number, top: number, yOf: (ms: number) => number, look: Look): string[] {
  const {grid, faint} = look.palette;
  const values = Array.from({length: Math.round(top / step) + 1}, (_, index) => index * step);
  const lines = values.map((ms) => `M${PLOT.left} ${px(yOf(ms))}H${PLOT.right}`);
  const labels = values.map((ms) =>
    text(latencyText(ms, look), {x: PLOT.left - 14, y: yOf(ms) + 9, fill: faint, anchor: 'end'}),
  );
  return [path(lines, `stroke="${grid}" stroke-width="2" fill="none"`), ...labels];
}

const HOUR_MS = 3_600_000;
const QUARTER_MS = 15 * 60_000;
/** Between two labels of the time. */
const TICKS_MS = [HOUR_MS, 4 * HOUR_MS, 24 * HOUR_MS, 5 * 24 * HOUR_MS];
const TICKS_MAX = 8;

function timeAxis(span: Span, look: Look): string[] {
  const {palette, zone, locale} = look;
  const every = TICKS_MS.find((ms) => (span.to - span.from) / ms <= TICKS_MAX) ?? 5 * 24 * HOUR_MS;
  const form: Intl.DateTimeFormatOptions =
    every < 24 * HOUR_MS
      ? {hour: '2-digit', minute: '2-digit', hourCycle: 'h23'}
      : every === 24 * HOUR_MS
        ? {weekday: 'short', day: 'numeric'}
        : {day: 'numeric', month: 'short'};
  const format = new Intl.DateTimeFormat(locale, {timeZone: zone, ...form});
  const ticks: number[] = [];
  for (let at = Math.ceil(span.from / QUARTER_MS) * QUARTER_MS; at < span.to; at += QUARTER_MS) {
    if (wallOf(at, zone) % every === 0) ticks.push(at);
  }
  const half = (label: string) => widthOf(label, TYPE.small) / 2;
  const labels = ticks
    .map((at) => ({x: xOf(at, span), label: format.format(at)}))
    .filter(({x, label}) => x - half(label) > MARGIN && x + half(label) < WIDTH)
    .map(({x, label}) => text(label, {x, y: AXIS_Y, fill: palette.faint, anchor: 'middle'}));
  const lines = ticks.map((at) => `M${px(xOf(at, span))} ${PLOT.top}V${PLOT.bottom}`);
  return [path(lines, `stroke="${palette.grid}" stroke-width="2" fill="none"`), ...labels];
}

function wallOf(at: number, zone: string): number {
  return at + offsetAt(zone, at).offset;
}

/** The line and its band, broken where nothing ran for a while. */
function curve({columns, from, to, gapMs}: LatencyData, yOf: (ms: number) => number, {palette}: Look): string[] {
  const wide = (PLOT.right - PLOT.left) / columns.length;
  const gap = Math.max(2, Math.ceil((gapMs / (to - from)) * columns.length));
  const pieces: {x: number; column: Column}[][] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (const [index, column] of columns.entries()) {
    if (column.shown === 0) continue;
    if (index - last > gap) pieces.push([]);
    pieces.at(-1)?.push({x: PLOT.left + (index + 0.5) * wide, column});
    last = index;
  }
  const point = (x: number, ms: number) => `${px(x)} ${px(yOf(ms))}`;
  const band = pieces.map((piece) => {
    const over = piece.map(({x, column}) => point(x, column.maxMs));
    const under = piece.map(({x, column}) => point(x, column.minMs)).reverse();
    return `M${[...over, ...under].join('L')}z`;
  });
  const line = pieces.map((piece) => {
    const points = piece.map(({x, column}) => point(x, column.meanMs));
    // A point alone is a dot: a stroke without length, whose ends are round.
    return `M${points.join('L')}${points.length === 1 ? 'h0.1' : ''}`;
  });
  const round = 'stroke-linejoin="round" stroke-linecap="round" fill="none"';
  return [
    path(band, `fill="${palette.line}" fill-opacity="${OPACITY.range}"`),
    path(line, `stroke="${palette.line}" stroke-width="4" ${round}`),
  ];
}

/** Below the line: a cross for a failure alone, a bar for a longer time of them. */
function failures(columns: readonly Column[], {palette}: Look): string[] {
  const wide = (PLOT.right - PLOT.left) / columns.length;
  const runs: {from: number; to: number}[] = [];
  for (const [index, {failed}] of columns.entries()) {
    if (failed === 0) continue;
    const last = runs.at(-1);
    if (last && (index - last.to) * wide < CROSS_PX) last.to = index + 1;
    else runs.push({from: index, to: index + 1});
  }
  const isLong = ({from, to}: {from: number; to: number}) => (to - from) * wide > CROSS_PX;
  const bars = runs.filter(isLong).map(({from, to}) => {
    return box(PLOT.left + from * wide, STRIP.top, (to - from) * wide, STRIP.height);
  });
  const crosses = runs
    .filter((run) => !isLong(run))
    .map(({from, to}) => cross(PLOT.left + ((from + to) / 2) * wide, STRIP.top + STRIP.height / 2, CROSS_PX / 2));
  const ground = `M${PLOT.left} ${STRIP.top + STRIP.height + 4}H${PLOT.right}`;
  return [
    path([ground], `stroke="${palette.grid}" stroke-width="2"`),
    path(bars, `fill="${palette.bad}"`),
    path(crosses, `stroke="${palette.bad}" stroke-width="5" stroke-linecap="round" fill="none"`),
  ];
}

/** The line from which a run fails, with its name; a limit far above the others is named at the top. */
function limitLine(
  {ms, kind}: LatencyData['limit'],
  isDrawn: boolean,
  yOf: (ms: number) => number,
  look: Look,
): string[] {
  const {palette, words} = look;
  const label = words.limit[kind](latencyText(ms, look));
  const line = isDrawn ? yOf(ms) : PLOT.top;
  const isBelow = line - LABEL.height < PLOT.top;
  const top = isBelow ? line + 4 : line - LABEL.height - 2;
  const arrow = isDrawn ? 0 : LABEL.arrow;
  const wide = arrow + widthOf(label, TYPE.small) * 1.05 + 16;
  const dashes = `stroke="${palette.bad}" stroke-width="4" stroke-dasharray="16 10" fill="none"`;
  return [
    path([box(PLOT.left + 2, top, wide, LABEL.height)], `fill="${palette.paper}" fill-opacity="0.8"`),
    isDrawn
      ? path([`M${PLOT.left} ${px(line)}H${PLOT.right}`], dashes)
      : path([`M${PLOT.left + 10} ${px(top + 28)}h24l-12 -20z`], `fill="${palette.bad}"`),
    text(label, {x: PLOT.left + 8 + arrow, y: top + 29, fill: palette.bad, bold: true}),
  ];
}

const LABEL = {height: 38, arrow: 36};

/** Only what is in the picture. */
function legend(data: LatencyData, {palette, words}: Look): string[] {
  const y = LEGEND_Y - 24;
  const area = (look: string) => (x: number) => path([box(x, y, 36, 28)], look);
  const stroke = (colour: string) => `stroke="${colour}" stroke-width="5" stroke-linecap="round" fill="none"`;
  const parts = [
    {mark: (x: number) => path([`M${x} ${LEGEND_Y - 10}h36`], stroke(palette.line)), label: words.mean},
    {mark: area(`fill="${palette.line}" fill-opacity="${OPACITY.range}"`), label: words.leastToMost},
    {
      mark: (x: number) => path([cross(x + 18, LEGEND_Y - 10, CROSS_PX / 2)], stroke(palette.bad)),
      label: words.failed,
      isNeedless: data.columns.every(({failed}) => failed === 0),
    },
    {
      mark: area(`fill="${palette.bad}" fill-opacity="${OPACITY.down}"`),
      label: words.down,
      isNeedless: data.down.length === 0,
    },
    {
      mark: area(`fill="${palette.planned}" fill-opacity="${OPACITY.planned}"`),
      label: words.planned,
      isNeedless: data.planned.length === 0,
    },
  ];
  let x = MARGIN;
  return parts
    .filter(({isNeedless}) => !isNeedless)
    .flatMap(({mark, label}) => {
      const at = x;
      x += 36 + 12 + widthOf(label, TYPE.small) + 20;
      return [mark(at), text(label, {x: at + 48, y: LEGEND_Y, fill: palette.ink})];
    });
}
