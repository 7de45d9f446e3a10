import {escapeHtml} from '../messages/html.ts';
import {heatStep, heatSvg} from '../pictures/heat.ts';
import {type Day, hoursByDay, type Slot} from '../pictures/hours.ts';
import {lookOf, percentText} from '../pictures/look.ts';
import {createInside, merged, type Span} from '../pictures/spans.ts';
import type {Call, Desk} from './command.ts';
import {type Drawn, titleOf, type Wanted} from './graph.ts';

const SLOT_MS = 300_000;
/** The offsets of all zones are multiples of it, so that no hour has a part of another. */
const QUARTER_MS = 3 * SLOT_MS;
/** More incidents than these in a month leave the picture too good. */
const INCIDENTS_MAX = 1_000;
/** From all well to the worst, for a console. */
const LETTERS = ['·', '░', '▒', '▓', '█'] as const;
const NO_DATA = ' ';

/** How available a check was, by hour and day; undefined when nothing is known. */
export async function heatAnswer(wanted: Wanted, call: Call, desk: Desk): Promise<Drawn | undefined> {
  const {check, target, days} = wanted;
  const zone = desk.config.timezone;
  const span = {from: startOfDay(call.now, days - 1, zone), to: Math.floor(call.now) + 1};
  const isWhole = check.config.targets.length > 0 && target === undefined;
  const slots = isWhole ? await slotsOfIncidents(wanted, span, desk) : await slotsOfRuns(wanted, span, desk);
  if (slots.length === 0) return undefined;
  const planned = (await desk.plannedWithin(span))(check.config);
  const look = lookOf(wanted.theme, desk.words, zone);
  const map = hoursByDay(slots, planned, span, zone);
  const title = titleOf(wanted);
  const about = isWhole ? look.words.timeByHour : look.words.byHour;
  return {
    svg: heatSvg({title, subtitle: `${desk.server} · ${about} · ${look.words.last(days)}`, days: map}, look),
    lines: [
      `<b>${escapeHtml(title)}</b> · ${escapeHtml(desk.server)} · ${escapeHtml(desk.words.graph.span(days))}`,
      ...figures(map, desk).map(escapeHtml),
      ...(isWhole ? [escapeHtml(desk.words.graph.ofTargets)] : []),
    ],
    inLetters: inLetters(map, desk),
  };
}

/** Midnight so many days ago where people are, also where midnight was stepped over. */
function startOfDay(now: number, daysAgo: number, zone: string): number {
  const today = Temporal.Instant.fromEpochMilliseconds(Math.floor(now)).toZonedDateTimeISO(zone).toPlainDate();
  return today.subtract({days: daysAgo}).toZonedDateTime(zone).epochMilliseconds;
}

async function slotsOfRuns({check, target}: Wanted, {from, to}: Span, {history}: Desk): Promise<readonly Slot[]> {
  const subject = {check: check.config.name, ...(target !== undefined && {target})};
  return history.slots({...subject, from, to, stepMs: QUARTER_MS, slowMs: 0, of: 'rollups'});
}

/** Of all targets together it is known when there was an incident: the time without one is good. */
async function slotsOfIncidents({check}: Wanted, span: Span, desk: Desk): Promise<readonly Slot[]> {
  const {name} = check.config;
  const begin = (await desk.history.begins()).find(({check: other}) => other === name)?.at;
  if (begin === undefined) return [];
  const incidents = desk.incidents(name, {limit: INCIDENTS_MAX, offset: 0});
  const outages = incidents.map(({openedAt, closedAt}) => ({from: openedAt, to: closedAt ?? span.to}));
  const isDown = createInside(merged(outages, span));
  const slots: Slot[] = [];
  for (let at = Math.max(span.from, begin); at < span.to; at += SLOT_MS) {
    const failed = isDown(at) ? 1 : 0;
    slots.push({at, ok: 1 - failed, failed});
  }
  return slots;
}

function figures(map: readonly Day[], desk: Desk): string[] {
  const hours = map.flatMap(({date, hours}) =>
    hours.map(({ok, failed}, hour) => ({date, hour, ok, of: ok + failed})).filter(({of}) => of > 0),
  );
  const ok = hours.reduce((sum, hour) => sum + hour.ok, 0);
  const of = hours.reduce((sum, hour) => sum + hour.of, 0);
  const [first, ...others] = hours;
  if (!first) return [];
  const worst = others.reduce((worst, hour) => (hour.ok / hour.of < worst.ok / worst.of ? hour : worst), first);
  const {words} = desk;
  const day = new Intl.DateTimeFormat(words.locale, {
    timeZone: 'UTC',
    weekday: 'short',
    day: 'numeric',
    month: 'short',
  });
  const when = `${day.format(worst.date)}, ${String(worst.hour).padStart(2, '0')}:00`;
  return [
    words.graph.available(percentText(ok / of, words)),
    ...(worst.ok < worst.of ? [words.graph.worstHour(when, percentText(worst.ok / worst.of, words))] : []),
  ];
}

function inLetters(map: readonly Day[], {words}: Desk): string[] {
  const day = new Intl.DateTimeFormat(words.locale, {timeZone: 'UTC', day: '2-digit', month: '2-digit'});
  const rows = map.map(({date, hours}) => {
    const letters = hours.map((hour) => LETTERS[heatStep(hour) ?? -1] ?? NO_DATA);
    return `${day.format(date)} |${letters.join('')}|`;
  });
  return [`<pre>${escapeHtml(rows.join('\n'))}</pre>`];
}
