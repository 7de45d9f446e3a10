import type {Observation} from '../state/vocabulary.ts';
import {bySubject, type Columns, RESULTS} from './columns.ts';
import type {Sql} from './sql.ts';
import type {Beginning, History, HistoryRow, Rollup, Slot, SlotsQuery} from './store.ts';

/** history.db from the inside. Times are epoch milliseconds; a query's `from` is included, its `to` is not. */
export interface Archive {
  /** One transaction: the observations, and what they add to their rollups. */
  write(observations: Columns): void;
  raw(query: Query): HistoryRow[];
  rollups(query: Query): Rollup[];
  slots(query: SlotsQuery): Slot[];
  begins(): Beginning[];
  /** Deletes a few of the rows that are older than these; true if there may be more of them. */
  prune(before: {readonly raw: number; readonly rollups: number}): boolean;
  close(): void;
}

export type Query = Parameters<History['raw']>[0];

/** A rollup's span. */
export const ROLLUP_MS = 300_000;
/** A query answers with the newest so many: more would not fit a chart, and could fill the memory. */
const QUERY_ROWS_MAX = 100_000;

/** Of two observations of one subject in the same millisecond the later is moved on; so far and no farther. */
const SHIFT_MS_MAX = 1_000;
/** Deleting so many rows takes some 20 ms. */
const PRUNE_ROWS = 5_000;
const PRUNE_SERIES = 500;
/** How exactly it is known when a name was last used; saves a write for each batch. */
const USED_MS = 3_600_000;

/** Must be thrown away when a write has failed: it may remember ids that were rolled back. */
export function createArchive(sql: Sql): Archive {
  const series = createNames(sql, SERIES);
  const reasons = createNames(sql, REASONS);
  let prunedTo = 0;
  return {
    write: (columns) =>
      sql.transaction(false, () => {
        const rest = restOf(columns, reasons);
        for (const {check, target, places} of bySubject(columns)) {
          const id = series.idOf(columns.at[places.at(-1) ?? 0] ?? 0, check, target);
          const sums = new Map<number, Sum>();
          for (const place of places) {
            const row = rowAt(columns, place);
            const at = insertRaw(sql, id, row, rest.get(place) ?? NO_REST);
            if (at !== undefined) addTo(sums, at, row);
          }
          for (const sum of sums.values()) insertSum(sql, id, sum);
        }
      }),
    raw: (query) =>
      sql
        .all<RawRow>(RAW, ...asValues(query))
        .map(asHistoryRow)
        .reverse(),
    rollups: (query) =>
      sql
        .all<SumRow>(ROLLUPS, ...asValues(query))
        .map(asRollup)
        .reverse(),
    slots: (query) => slotsOf(sql, query),
    begins: () => sql.all<Beginning>(BEGINS).map((row) => ({...row})),
    prune: (before) =>
      sql.transaction(false, () => {
        const next = pruneSeries(sql, prunedTo, before);
        prunedTo = next ?? 0;
        if (next === undefined) forgetNames(before);
        return next !== undefined;
      }),
    close: sql.close,
  };

  function forgetNames(before: {raw: number; rollups: number}): void {
    reasons.forget(before.raw - USED_MS);
    series.forget(Math.min(before.raw, before.rollups) - USED_MS);
  }
}

/** What few observations have: the number of the reason, and the values as JSON. */
type Rest = readonly [reason: number | null, values: string | null];

const NO_REST: Rest = [null, null];

function restOf({at, reasons, values}: Columns, names: Names): ReadonlyMap<number, Rest> {
  const rest = new Map<number, Rest>();
  for (const [place, reason] of reasons) rest.set(place, [names.idOf(at[place] ?? 0, reason), null]);
  for (const [place, own] of values) rest.set(place, [rest.get(place)?.[0] ?? null, JSON.stringify(own)]);
  return rest;
}

interface Sum {
  readonly at: number;
  readonly counts: [ok: number, failed: number, inconclusive: number];
  min: number;
  sum: number;
  max: number;
}

interface Row {
  readonly at: number;
  readonly result: number;
  readonly latencyUs: number;
}

function rowAt({at, results, latencyMs}: Columns, place: number): Row {
  return {
    at: Math.trunc(at[place] ?? 0),
    result: results[place] ?? 0,
    latencyUs: Math.round((latencyMs[place] ?? 0) * 1_000),
  };
}

const INSERT_RAW =
  'INSERT OR IGNORE INTO raw (series, at, result, latency_us, reason, "values") VALUES (?, ?, ?, ?, ?, ?)';

/** The time at which it stands in the table now. */
function insertRaw(sql: Sql, series: number, row: Row, [reason, values]: Rest): number | undefined {
  for (let at = row.at; at < row.at + SHIFT_MS_MAX; at++) {
    if (sql.run(INSERT_RAW, series, at, row.result, row.latencyUs, reason, values) > 0) return at;
  }
  return undefined;
}

function addTo(sums: Map<number, Sum>, insertedAt: number, {result, latencyUs}: Row): void {
  const at = insertedAt - (insertedAt % ROLLUP_MS);
  const known = sums.get(at);
  const sum = known ?? {at, counts: [0, 0, 0], min: Number.POSITIVE_INFINITY, sum: 0, max: 0};
  if (!known) sums.set(at, sum);
  sum.counts[result as 0 | 1 | 2] += 1;
  sum.min = Math.min(sum.min, latencyUs);
  sum.sum += latencyUs;
  sum.max = Math.max(sum.max, latencyUs);
}

function insertSum(sql: Sql, series: number, sum: Sum): void {
  sql.run(
    `INSERT INTO rollups VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
       ok = ok + excluded.ok, failed = failed + excluded.failed, inconclusive = inconclusive + excluded.inconclusive,
       latency_min_us = min(latency_min_us, excluded.latency_min_us),
       latency_sum_us = latency_sum_us + excluded.latency_sum_us,
       latency_max_us = max(latency_max_us, excluded.latency_max_us)`,
    series,
    sum.at,
    ...sum.counts,
    sum.min,
    sum.sum,
    sum.max,
  );
}

const OF_SERIES = `series = (SELECT id FROM series WHERE check_name = ? AND target = ?) AND at >= ? AND at < ?
  ORDER BY at DESC LIMIT ${QUERY_ROWS_MAX}`;
const RAW = `SELECT at, result, latency_us, coalesce((SELECT text FROM reasons WHERE id = reason), '') AS reason, "values"
  FROM raw WHERE ${OF_SERIES}`;
const ROLLUPS = `SELECT * FROM rollups WHERE ${OF_SERIES}`;

function asValues(query: Query): [string, string, number, number] {
  return [query.check, query.target ?? '', query.from, query.to];
}

const SLOTS_OF_RAW = `SELECT CAST((at - ?) / ? AS INTEGER) AS slot, sum(result = 0) AS ok, sum(result = 1) AS failed, sum(result = 2) AS inconclusive,
    sum(is_shown) AS shown, min(latency_us) FILTER (WHERE is_shown) AS least, max(latency_us) FILTER (WHERE is_shown) AS most,
    sum(latency_us) FILTER (WHERE is_shown) AS total
  FROM (SELECT at, result, latency_us, result = 0 OR (result = 1 AND latency_us >= ?) AS is_shown FROM raw WHERE SERIES)
  GROUP BY slot ORDER BY slot`;
const SLOTS_OF_ROLLUPS = `SELECT CAST(max(at - ?, 0) / ? AS INTEGER) AS slot, sum(ok) AS ok, sum(failed) AS failed, sum(inconclusive) AS inconclusive,
    sum(ok + failed + inconclusive) FILTER (WHERE ok > 0) AS shown, min(latency_min_us) FILTER (WHERE ok > 0) AS least,
    max(latency_max_us) FILTER (WHERE ok > 0) AS most, sum(latency_sum_us) FILTER (WHERE ok > 0) AS total
  FROM rollups WHERE SERIES GROUP BY slot ORDER BY slot`;
const IN_SPAN = 'series = (SELECT id FROM series WHERE check_name = ? AND target = ?) AND at >= ? AND at < ?';

interface SlotRow {
  readonly slot: number;
  readonly ok: number;
  readonly failed: number;
  readonly inconclusive: number;
  readonly shown: number | null;
  readonly least: number | null;
  readonly most: number | null;
  readonly total: number | null;
}

/** A rollup that began before the span reaches into it, and counts for its first slot. */
function slotsOf(sql: Sql, query: SlotsQuery): Slot[] {
  const {from, stepMs, of, slowMs} = query;
  const isRaw = of === 'raw';
  const text = (isRaw ? SLOTS_OF_RAW : SLOTS_OF_ROLLUPS).replace('SERIES', IN_SPAN);
  const span = asValues(isRaw ? query : {...query, from: from - (from % ROLLUP_MS)});
  const rows = sql.all<SlotRow>(text, from, stepMs, ...(isRaw ? [Math.round(slowMs * 1_000)] : []), ...span);
  return rows.map(({slot, ok, failed, inconclusive, shown, least, most, total}) => ({
    ...{at: from + slot * stepMs, ok, failed, inconclusive, shown: shown ?? 0},
    ...{minMs: (least ?? 0) / 1_000, maxMs: (most ?? 0) / 1_000, meanMs: shown ? (total ?? 0) / shown / 1_000 : 0},
  }));
}

/** One look into the index for each series; rollups are kept at least as long as anything else that figures are made of. */
const BEGINS = `SELECT check_name AS "check", min(first) AS at FROM (
    SELECT check_name, (SELECT min(at) FROM rollups WHERE series = series.id) AS first FROM series
  ) WHERE first IS NOT NULL GROUP BY check_name`;

interface RawRow {
  readonly at: number;
  readonly result: number;
  readonly latency_us: number;
  readonly reason: string;
  readonly values: string | null;
}

function asHistoryRow(row: RawRow): HistoryRow {
  return {
    at: row.at,
    result: RESULTS[row.result] ?? 'inconclusive',
    latencyMs: row.latency_us / 1_000,
    reason: row.reason,
    ...(row.values === null ? {} : {values: JSON.parse(row.values) as Record<string, number>}),
  };
}

const RAW_OF_ALL = `SELECT series.check_name, series.target, raw.at, raw.result, raw.latency_us,
    coalesce((SELECT text FROM reasons WHERE id = raw.reason), '') AS reason, raw."values"
  FROM series CROSS JOIN raw ON raw.series = series.id AND raw.at >= ? AND raw.at < ? ORDER BY raw.at, series.id`;

/** The raw observations of all series in this time, oldest first; sorted in memory, so ask for a slice. */
export function* observationsOf(sql: Sql, {from, to}: Pick<Query, 'from' | 'to'>): Iterable<Observation> {
  const rows = sql.each<RawRow & {readonly check_name: string; readonly target: string}>(RAW_OF_ALL, from, to);
  for (const row of rows) {
    const target = row.target === '' ? {} : {target: row.target};
    yield {check: row.check_name, ...target, ...asHistoryRow(row)};
  }
}

/** One look into the index for each series. */
const NEXT_RAW = `SELECT min(next) AS at FROM (
    SELECT (SELECT min(at) FROM raw WHERE series = series.id AND at >= ? AND at < ?) AS next FROM series
  )`;

/** When the oldest raw observation of this time was made; undefined where there is none. */
export function nextRawAt(sql: Sql, {from, to}: Pick<Query, 'from' | 'to'>): number | undefined {
  return sql.get<{at: number | null}>(NEXT_RAW, from, to)?.at ?? undefined;
}

interface SumRow {
  readonly at: number;
  readonly ok: number;
  readonly failed: number;
  readonly inconclusive: number;
  readonly latency_min_us: number;
  readonly latency_sum_us: number;
  readonly latency_max_us: number;
}

function asRollup(row: SumRow): Rollup {
  const {at, ok, failed, inconclusive} = row;
  return {
    at,
    ok,
    failed,
    inconclusive,
    latencyMinMs: row.latency_min_us / 1_000,
    latencyMeanMs: row.latency_sum_us / (ok + failed + inconclusive) / 1_000,
    latencyMaxMs: row.latency_max_us / 1_000,
  };
}

/** Goes on behind the series `from`; the series to go on behind next time, or undefined at the end. */
function pruneSeries(sql: Sql, from: number, before: {raw: number; rollups: number}): number | undefined {
  const ids = sql.all<{id: number}>('SELECT id FROM series WHERE id > ? ORDER BY id LIMIT ?', from, PRUNE_SERIES);
  let left = PRUNE_ROWS;
  for (const {id} of ids) {
    left -= pruneTable(sql, 'raw', id, before.raw, left);
    if (left > 0) left -= pruneTable(sql, 'rollups', id, before.rollups, left);
    if (left <= 0) return id - 1;
  }
  return ids.length === PRUNE_SERIES ? ids.at(-1)?.id : undefined;
}

function pruneTable(sql: Sql, table: 'raw' | 'rollups', series: number, before: number, rows: number): number {
  const old = `SELECT at FROM ${table} WHERE series = ? AND at < ? ORDER BY at LIMIT ?`;
  return sql.run(`DELETE FROM ${table} WHERE series = ? AND at IN (${old})`, series, series, before, rows);
}

/** Texts that stand in the big table as numbers. */
interface Names {
  idOf(at: number, ...name: string[]): number;
  /** Deletes those not used since. */
  forget(before: number): void;
}

const SERIES = {table: 'series', columns: ['check_name', 'target']};
const REASONS = {table: 'reasons', columns: ['text']};
/** Reasons may carry numbers, so that each is new; what is used again and again is back at once. */
const NAMES_CACHED_MAX = 20_000;

function createNames(sql: Sql, {table, columns}: {table: string; columns: string[]}): Names {
  const cache = new Map<string, {id: number; usedAt: number}>();
  const upsert = `INSERT INTO ${table} (${columns.join(', ')}, used_at) VALUES (${columns.map(() => '?').join(', ')}, ?)
    ON CONFLICT DO UPDATE SET used_at = max(used_at, excluded.used_at) RETURNING id, used_at`;
  return {
    idOf: (at, ...name) => {
      const key = name.join('\n');
      const known = cache.get(key);
      if (known && at < known.usedAt + USED_MS) return known.id;
      const row = sql.get<{id: number; used_at: number}>(upsert, ...name, Math.trunc(at));
      if (!row) throw new Error(`no id for ${key}`);
      if (cache.size >= NAMES_CACHED_MAX) cache.clear();
      cache.set(key, {id: row.id, usedAt: row.used_at});
      return row.id;
    },
    forget: (before) => {
      if (sql.run(`DELETE FROM ${table} WHERE used_at < ?`, before) > 0) cache.clear();
    },
  };
}
