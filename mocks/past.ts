import {join} from 'node:path';
import type {Observation} from '../src/state/vocabulary.ts';
import {createArchive} from '../src/store/archive.ts';
import {toColumns} from '../src/store/columns.ts';
import {openFile} from '../src/store/file.ts';
import {HISTORY} from '../src/store/migrations.ts';

const DAYS = 7;
const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;
/** Two short outages of the week, in minutes before now, and how long each was. */
const OUTAGES = [
  {ago: 330, minutes: 9},
  {ago: 3_050, minutes: 25},
];

/** An invented week of the demo's services in a new history.db, so that its pictures show more than the last minute. */
export function writePast(dataDir: string, now: number): void {
  const archive = createArchive(openFile(join(dataDir, HISTORY.name), HISTORY, 0));
  const minutes = Array.from({length: DAYS * DAY_MINUTES}, (_, index) => DAYS * DAY_MINUTES - index);
  archive.write(toColumns(minutes.flatMap((ago) => [billing(now, ago), socket(now, ago)])));
  archive.close();
}

function billing(now: number, ago: number): Observation {
  const at = now - ago * MINUTE_MS;
  const isDown = OUTAGES.some((outage) => ago <= outage.ago && ago > outage.ago - outage.minutes);
  const [result, reason] = isDown ? (['failed', 'status == 200: it is 503'] as const) : (['ok', ''] as const);
  return {check: 'billing-api', at, result, reason, latencyMs: 60 + 120 * bustle(at) + 50 * chance(ago)};
}

function socket(now: number, ago: number): Observation {
  const at = now - ago * MINUTE_MS;
  return {check: 'atto-socket', at, result: 'ok', reason: '', latencyMs: 20 + 30 * bustle(at) + 12 * chance(ago + 7)};
}

/** Shops are busy in the afternoon (UTC): 0 at night, 1 at its height. */
const bustle = (at: number) => Math.max(0, Math.sin(((at / MINUTE_MS / DAY_MINUTES) % 1) * 2 * Math.PI - 2.1)) ** 2;

/** The same "chance" each time: between 0 and 1, mostly small. */
const chance = (seed: number) => (Math.abs(Math.sin(seed * 12.9898) * 43758.5453) % 1) ** 3;
