import {createFormat} from '../messages/format.ts';
import {clip, escapeHtml} from '../messages/html.ts';
import {type Figures, figuresOf, type Watched} from '../pictures/figures.ts';
import {lookOf, percentText} from '../pictures/look.ts';
import type {Theme} from '../pictures/paint.ts';
import {reportSvg} from '../pictures/report.ts';
import type {Span} from '../pictures/spans.ts';
import type {Answer, Call, Command, Desk} from './command.ts';
import {withPicture} from './graph.ts';
import {usageOf} from './names.ts';

const report: Command = {
  name: 'report',
  role: 'viewer',
  usage: '[day|week|month] [light|dark]',
  example: 'week',
  summary: (words) => words.help.report,
  run: (call, desk) => {
    const wanted = parseOptions(call.text, desk.config.pictures);
    return wanted ? {lines: [], later: () => reportOn(wanted, call, desk)} : usageOf(report, desk);
  },
};
export default report;

type Period = 'day' | 'week' | 'month';
const DAYS = {day: 1, week: 7, month: 30} as const;
const DAY_MS = 24 * 3_600_000;

interface Wanted {
  readonly period: Period;
  readonly theme: Theme;
}

function parseOptions(text: string, theme: Theme): Wanted | undefined {
  let wanted: Wanted = {period: 'week', theme};
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    if (word === 'day' || word === 'week' || word === 'month') wanted = {...wanted, period: word};
    else if (word === 'light' || word === 'dark') wanted = {...wanted, theme: word};
    else return undefined;
  }
  return wanted;
}

async function reportOn({period, theme}: Wanted, call: Call, desk: Desk): Promise<Answer> {
  const span = {from: call.now - DAYS[period] * DAY_MS, to: call.now};
  const {checks, all} = await figuresWithin(span, desk);
  const {words} = desk;
  const own = theme === desk.config.pictures ? '' : ` ${theme}`;
  const buttons = [
    (['day', 'week', 'month'] as const).map(
      (other) => ({label: words.report.button[other], press: `report ${other}${own}`, show: 'below'}) as const,
    ),
  ];
  if (all.availability === undefined) return {lines: [escapeHtml(words.report.noData)], buttons};
  const look = lookOf(theme, words, desk.config.timezone);
  const subtitle = `${desk.server} · ${look.words.checks(checks.length)}`;
  // Durations in the picture are in its own language, whose letters the font has.
  const format = createFormat({...words, locale: look.locale}, desk.config.timezone);
  const svg = reportSvg({title: look.words.report[period], subtitle, checks, all}, look, format);
  const lines = [
    `<b>${escapeHtml(words.report.title[period])}</b> · ${escapeHtml(desk.server)}`,
    ...summary(all, desk).map(escapeHtml),
    `<pre>${escapeHtml(table(checks, desk).join('\n'))}</pre>`,
  ];
  return withPicture({svg, lines, inLetters: []}, `report-${period}.png`, {call, desk, buttons});
}

async function figuresWithin(span: Span, desk: Desk): Promise<ReturnType<typeof figuresOf>> {
  const incidents = await desk.incidentsWithin(span);
  const plannedOf = await desk.plannedWithin(span);
  const since = new Map((await desk.history.begins()).map(({check, at}) => [check, at]));
  // A history that was lost does not make an incident undone.
  for (const {check, openedAt} of incidents) {
    since.set(check, Math.min(openedAt, since.get(check) ?? Number.POSITIVE_INFINITY));
  }
  const watched = desk.config.checks.map((check): Watched => {
    return {check: check.name, since: since.get(check.name) ?? Number.POSITIVE_INFINITY, planned: plannedOf(check)};
  });
  return figuresOf(watched, incidents, span);
}

function summary({availability = 1, incidents, longestMs, acknowledgeMs, recoverMs}: Figures, desk: Desk): string[] {
  const {words, format} = desk;
  return [
    words.report.figures(percentText(availability, words), incidents),
    ...(longestMs > 0 ? [words.report.longest(format.duration(longestMs))] : []),
    ...(acknowledgeMs === undefined ? [] : [words.report.acknowledge(format.duration(acknowledgeMs))]),
    ...(recoverMs === undefined ? [] : [words.report.recover(format.duration(recoverMs))]),
  ];
}

/** The widths of its columns, 35 letters in all: a phone shows 36 in a monospaced block. */
const TABLE = {check: 15, percent: 6, incidents: 4, longest: 10};
/** With the summary they fit below a picture. */
const TABLE_ROWS_MAX = 12;

function table(checks: readonly Figures[], {words, format}: Desk): string[] {
  const numbers = new Intl.NumberFormat(words.locale, {maximumFractionDigits: 2});
  const {heads} = words.report;
  const line = (check: string, percent: string, incidents: string, longest: string) =>
    `${pad(clip(check, TABLE.check), TABLE.check)}${[pad(percent, -TABLE.percent), pad(incidents, -TABLE.incidents), pad(longest, -TABLE.longest)].join('')}`;
  const rows = checks.slice(0, TABLE_ROWS_MAX).map(({check, availability, incidents, longestMs}) => {
    const percent = availability === undefined ? '–' : numbers.format(Math.floor(availability * 10_000 + 1e-9) / 100);
    const isWell = incidents === 0;
    return line(check, percent, isWell ? '–' : String(incidents), isWell ? '–' : format.duration(longestMs));
  });
  const left = checks.length - rows.length;
  return [line(heads.check, '%', '#', heads.longest), ...rows, ...(left > 0 ? [words.report.more(left)] : [])];
}

/** To the left, or with a negative width to the right; a Chinese letter is as wide as two others. */
function pad(text: string, width: number): string {
  const wide = [...text].reduce((sum, letter) => sum + (/\p{Script=Han}/u.test(letter) ? 2 : 1), 0);
  const spaces = ' '.repeat(Math.max(0, Math.abs(width) - wide));
  return width < 0 ? spaces + text : text + spaces;
}
