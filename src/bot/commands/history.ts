import type {CheckView} from '../../state/view.ts';
import type {Incident} from '../../state/vocabulary.ts';
import {clip, escapeHtml} from '../messages/html.ts';
import {mark} from '../messages/render.ts';
import type {Answer, Call, Command, Desk} from './command.ts';
import {pickCheck} from './names.ts';
import {parsePage} from './paging.ts';

const history: Command = {
  name: 'history',
  role: 'viewer',
  usage: 'NAME',
  example: 'NAME',
  summary: (words) => words.help.history,
  run: (call, desk) => {
    const {text, page} = parsePage(call.text);
    const picked = pickCheck(history, {name: text}, desk.view(), {call, desk});
    if ('answer' in picked) return picked.answer;
    return {lines: [], later: () => past(picked.check, Math.max(1, page), call, desk)};
  },
};
export default history;

const DAY_MS = 24 * 3_600_000;
/** Incidents on one page. */
const PAGE_INCIDENTS = 10;
/** Nobody turns more pages than this; and the file is not read from its far end for those who do. */
const PAGES_MAX = 100;
const REASON_UNITS_MAX = 120;

async function past({config}: CheckView, asked: number, call: Call, desk: Desk): Promise<Answer> {
  const {words} = desk;
  const {name} = config;
  const page = Math.min(asked, PAGES_MAX);
  const offset = (page - 1) * PAGE_INCIDENTS;
  const incidents = desk.incidents(name, {limit: PAGE_INCIDENTS + 1, offset});
  const hasMore = incidents.length > PAGE_INCIDENTS && page < PAGES_MAX;
  const shown = incidents.slice(0, PAGE_INCIDENTS);
  const to = (wanted: number, label: string) => ({label, press: `history ${name} #${wanted}`});
  const available = await Promise.all([
    availability(config, words.past.day, DAY_MS, {call, desk}),
    availability(config, words.past.week, 7 * DAY_MS, {call, desk}),
  ]);
  return {
    lines: [
      `<b>${escapeHtml(name)}</b> · ${escapeHtml(desk.server)}`,
      ...available.flat(),
      ...(shown.length === 0 ? [words.past.noIncidents] : shown.map((incident) => line(incident, call, desk))),
    ],
    buttons: [
      [
        ...(page > 1 ? [to(page - 1, '‹')] : []),
        {label: words.detail.back, press: `check ${name}`},
        ...(hasMore ? [to(page + 1, '›')] : []),
      ],
    ],
  };
}

/** The share of good runs; of a check with targets, the share of the time in which it had no incident. */
async function availability(
  config: CheckView['config'],
  label: string,
  spanMs: number,
  {call, desk}: {readonly call: Call; readonly desk: Desk},
): Promise<string[]> {
  const {words} = desk;
  const from = call.now - spanMs;
  const percents = new Intl.NumberFormat(words.locale, {style: 'percent', maximumFractionDigits: 2});
  if (config.targets.length > 0) {
    return [words.past.up(label, percents.format(upShare(desk.incidents(config.name, RECENT), from, call.now)))];
  }
  const rollups = await desk.history.rollups({check: config.name, from, to: call.now + 1});
  const ok = rollups.reduce((sum, rollup) => sum + rollup.ok, 0);
  const of = ok + rollups.reduce((sum, rollup) => sum + rollup.failed, 0);
  // Rounded up, a week with one failure in it would look like one without.
  return of === 0
    ? []
    : [words.past.available(label, percents.format(Math.floor((ok / of) * 10_000) / 10_000), ok, of)];
}

/** More incidents than these in a week leave the figure too good. */
const RECENT = {limit: 1_000, offset: 0};

function upShare(incidents: readonly Incident[], from: number, now: number): number {
  const downMs = incidents.reduce((sum, {openedAt, closedAt = now}) => {
    return sum + Math.max(0, Math.min(closedAt, now) - Math.max(openedAt, from));
  }, 0);
  return Math.max(0, 1 - downMs / (now - from));
}

function line(incident: Incident, call: Call, {words, format}: Desk): string {
  const {openedAt, closedAt, reason, acknowledged} = incident;
  const span = format.duration((closedAt ?? call.now) - openedAt);
  const by = acknowledged ? ` · 👤 ${acknowledged.by.name}` : '';
  const still = closedAt === undefined ? ` · ${words.past.still}` : '';
  const time = format.moment(openedAt, call.now);
  return `${closedAt === undefined ? '🔴' : mark(incident)} ${time} · ${escapeHtml(`${span} · ${clip(reason, REASON_UNITS_MAX)}${by}${still}`)}`;
}
