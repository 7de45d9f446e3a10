/**
 * Draws docs/pictures/: one PNG of each kind, light and dark, of data made up here, always the same. Run it again when
 * src/bot/pictures or its words have changed, and look at what it drew.
 */
import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {en} from '../src/bot/messages/en.ts';
import {createFormat} from '../src/bot/messages/format.ts';
import {columnsOf} from '../src/bot/pictures/columns.ts';
import {figuresOf} from '../src/bot/pictures/figures.ts';
import {type CellState, gridSvg} from '../src/bot/pictures/grid.ts';
import {heatSvg} from '../src/bot/pictures/heat.ts';
import {hoursByDay} from '../src/bot/pictures/hours.ts';
import {LATENCY_COLUMNS, latencySvg} from '../src/bot/pictures/latency.ts';
import {type Look, lookOf} from '../src/bot/pictures/look.ts';
import {createPainter} from '../src/bot/pictures/painter.ts';
import {reportSvg} from '../src/bot/pictures/report.ts';
import {systemClock as clock} from '../src/clock.ts';
import type {Observation} from '../src/state/vocabulary.ts';
import {createArchive} from '../src/store/archive.ts';
import {toColumns} from '../src/store/columns.ts';
import {openMemory} from '../src/store/file.ts';
import {HISTORY} from '../src/store/migrations.ts';
import {createRandom} from '../test/sim/random.ts';

const FOLDER = join(import.meta.dirname, '../docs/pictures');
const ZONE = 'Europe/Berlin';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Friday, 20 November 2026, 14:00 in Berlin. */
const NOW = Date.UTC(2026, 10, 20, 13);
const SERVER = 'shop-7';

const kinds: Record<string, (look: Look) => string> = {latency, heat, grid, 'grid-large': largeGrid, report};

const painter = createPainter({clock});
mkdirSync(FOLDER, {recursive: true});
for (const [kind, svgOf] of Object.entries(kinds)) {
  for (const theme of ['light', 'dark'] as const) {
    const painted = await painter.paint(svgOf(lookOf(theme, en, ZONE)));
    if (!('png' in painted)) throw new Error(painted.failed);
    writeFileSync(join(FOLDER, `${kind}-${theme}.png`), painted.png);
    console.log(`${kind}-${theme}.png: ${Math.round(painted.png.length / 1_000)} kB`);
  }
}
await painter.close();

function latency(look: Look): string {
  const span = {from: NOW - DAY, to: NOW};
  const down = {from: NOW - 5 * HOUR, to: NOW - 4.4 * HOUR};
  const planned = {from: NOW - 11 * HOUR, to: NOW - 10 * HOUR};
  const observations: Observation[] = [];
  const random = createRandom(7, 'pictures').next;
  for (let at = span.from; at < span.to; at += MINUTE) {
    const busy = 1 + Math.max(0, Math.sin(((at - span.from) / DAY) * 2 * Math.PI - 1.2)) * 1.5;
    const isDown = at >= down.from && at < down.to;
    const minute = (at - span.from) / MINUTE;
    const isSlow = isDown || minute === 200 || minute === 700 || minute === 701;
    const latencyMs = isSlow ? 850 + random() * 150 : 90 * busy + random() * 60 * busy;
    if (at >= planned.from && at < planned.from + 0.7 * HOUR) continue;
    observations.push({check: 'billing-api', at, result: isSlow ? 'failed' : 'ok', latencyMs, reason: ''});
  }
  const archive = createArchive(openMemory(HISTORY));
  archive.write(toColumns(observations));
  const stepMs = DAY / LATENCY_COLUMNS;
  const slots = archive.slots({check: 'billing-api', ...span, stepMs, of: 'raw', slowMs: 800});
  archive.close();
  return latencySvg(
    {
      ...span,
      title: 'billing-api',
      subtitle: `${SERVER} · ${en.picture.last(1)}`,
      columns: columnsOf(slots, {from: span.from, stepMs, count: LATENCY_COLUMNS}),
      limit: {ms: 800, kind: 'expect'},
      down: [down],
      planned: [planned],
      gapMs: 3 * MINUTE,
    },
    look,
  );
}

/** A shop whose link is bad in the evenings, and whose server is updated on Sundays. */
function heat(look: Look): string {
  const from = NOW - 6 * DAY - 14 * HOUR;
  const random = createRandom(3, 'pictures').next;
  const slots = Array.from({length: Math.floor((NOW - from) / (5 * MINUTE))}, (_, index) => {
    const at = from + index * 5 * MINUTE;
    const hour = ((at + HOUR) % DAY) / HOUR;
    const day = Math.floor((at - from) / DAY);
    const chance = day === 4 && hour > 9 && hour < 12 ? 0.9 : hour > 18 && hour < 21 ? 0.12 : 0.0007;
    const failed = Array.from({length: 5}, random).filter((drawn) => drawn < chance).length;
    return {at, ok: 5 - failed, failed};
  });
  const planned = [{from: from + 2 * DAY + 3 * HOUR, to: from + 2 * DAY + 5 * HOUR}];
  const days = hoursByDay(slots, planned, {from, to: NOW}, ZONE);
  return heatSvg(
    {title: 'billing-api', subtitle: `${SERVER} · ${en.picture.byHour} · ${en.picture.last(7)}`, days},
    look,
  );
}

function grid(look: Look): string {
  const states: Record<number, CellState> = {4: 'bad', 9: 'shaky', 17: 'bad', 22: 'unknown'};
  const targets = Array.from({length: 24}, (_, index) => ({
    name: `till ${index + 1}`,
    state: states[index] ?? ('good' as const),
  }));
  return gridSvg({title: 'terminals', subtitle: `${SERVER} · ${en.picture.targetsDown(2, 24)}`, targets}, look);
}

function largeGrid(look: Look): string {
  const random = createRandom(11, 'pictures').next;
  const targets = Array.from({length: 1_200}, (_, index) => {
    const drawn = random();
    const isBranch = index >= 412 && index < 430;
    const state: CellState =
      isBranch || drawn < 0.006 ? 'bad' : drawn < 0.012 ? 'shaky' : drawn < 0.016 ? 'unknown' : 'good';
    return {name: `10.20.${Math.floor(index / 200)}.${(index % 200) + 10}`, state};
  });
  const down = targets.filter(({state}) => state === 'bad').length;
  return gridSvg({title: 'all-tills', subtitle: `${SERVER} · ${en.picture.targetsDown(down, 1_200)}`, targets}, look);
}

function report(look: Look): string {
  const span = {from: NOW - 7 * DAY, to: NOW};
  const names = ['billing-api', 'terminals', 'atto-socket', 'gateway', 'postgres', 'backup', 'disk', 'certificate'];
  const watched = names.map((check) => ({check, since: span.from, planned: []}));
  const outage = (check: string, hoursAgo: number, minutes: number, ackMinutes?: number) => ({
    ...{id: hoursAgo, check, openedAt: NOW - hoursAgo * HOUR, closedAt: NOW - hoursAgo * HOUR + minutes * MINUTE},
    ...(ackMinutes !== undefined && {acknowledgedAt: NOW - hoursAgo * HOUR + ackMinutes * MINUTE}),
  });
  const incidents = [
    ...[outage('billing-api', 60, 170, 4), outage('billing-api', 20, 12, 2), outage('billing-api', 5, 36, 9)],
    ...[outage('terminals', 90, 44, 12), outage('terminals', 31, 7)],
    outage('postgres', 50, 3),
  ];
  const subtitle = `${SERVER} · ${en.picture.checks(names.length)}`;
  const data = {title: en.picture.report.week, subtitle, ...figuresOf(watched, incidents, span)};
  return reportSvg(data, look, createFormat(en, ZONE));
}
