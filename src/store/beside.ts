import {existsSync} from 'node:fs';
import {join} from 'node:path';
import type {Observation} from '../state/vocabulary.ts';
import {auditTrail} from './access.ts';
import {nextRawAt, observationsOf} from './archive.ts';
import {refuseNewer} from './file.ts';
import {HISTORY, type Schema, STATE} from './migrations.ts';
import {backlog} from './outbox.ts';
import {StoreRefused} from './sickness.ts';
import {openSql, type Sql, versionOf} from './sql.ts';
import {load} from './state.ts';
import type {AuditRow, Loaded, OutboxTable, TelegramTables} from './store.ts';
import {deadChannels} from './telegram.ts';

/** state.db as the running program has left it a moment ago; nothing is written. */
export interface Glance {
  readonly loaded: Loaded;
  readonly backlog: OutboxTable['backlog'];
  readonly deadChannels: TelegramTables['deadChannels'];
  close(): void;
}

/** Looks into state.db beside the program that owns it, or after it. Throws StoreRefused where there is nothing to read. */
export function glance(dataDir: string): Glance {
  const sql = openBeside(dataDir, STATE);
  return {
    loaded: load(sql),
    backlog: (lane) => backlog(sql, lane),
    deadChannels: () => deadChannels(sql),
    close: sql.close,
  };
}

/** So much of the history is sorted at once: what 10,000 checks at 10 s make in this time fits the memory well. */
const SLICE_MS = 600_000;

/** The raw observations of all checks in this time (`to` exclusive), oldest first. Throws StoreRefused as `glance` does. */
export function* history(dataDir: string, span: {from: number; to: number}): Iterable<Observation> {
  const sql = openBeside(dataDir, HISTORY);
  try {
    // A span may be longer than any history, and a history has holes: neither is walked through.
    let from = nextRawAt(sql, span);
    while (from !== undefined) {
      const to = Math.min(span.to, from + SLICE_MS);
      yield* observationsOf(sql, {from, to});
      from = nextRawAt(sql, {from: to, to: span.to});
    }
  } finally {
    sql.close();
  }
}

/** The audit, the oldest entry first. Throws StoreRefused as `glance` does. */
export function* auditBeside(dataDir: string): Iterable<AuditRow> {
  const sql = openBeside(dataDir, STATE);
  try {
    yield* auditTrail(sql);
  } finally {
    sql.close();
  }
}

function openBeside(dataDir: string, schema: Schema): Sql {
  const file = join(dataDir, schema.name);
  const cure = 'vakhta makes it when it runs; is data_dir the right folder?';
  if (!existsSync(file)) throw new StoreRefused(`${file} is not there: ${cure}`);
  refuseNewer(file, schema);
  try {
    const sql = openSql(file, {readOnly: true});
    const version = versionOf(sql);
    if (version === schema.migrations.length) return sql;
    sql.close();
    throw new StoreRefused(`${file} is of an older vakhta: start this one once, so that it brings the file up to date`);
  } catch (error) {
    if (error instanceof StoreRefused) throw error;
    throw new StoreRefused(`${file} cannot be read: ${error instanceof Error ? error.message : error}`);
  }
}
