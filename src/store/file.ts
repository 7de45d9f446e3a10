import {existsSync, rmSync, statSync} from 'node:fs';
import type {Schema} from './migrations.ts';
import {DamagedFile, StoreRefused} from './sickness.ts';
import {openSql, type Sql, versionOf} from './sql.ts';

/** Up to this size a file is looked through on every open (50 ms at most); a larger one only after an unclean stop. */
const CHECK_ALWAYS_BYTES = 16 * 2 ** 20;

/**
 * Opens a database file, made or brought up to date as needed.
 * Throws StoreRefused for a newer version than ours, and what `sicknessOf` knows for a damaged file or an unwritable disk.
 * `checkBytesMax` bounds the look through the file after an unclean stop: 2 GB of history would take minutes.
 */
export function openFile(file: string, schema: Schema, checkBytesMax: number): Sql {
  const before = look(file);
  if (before.exists && before.bytes === 0 && !before.unclean) throw new DamagedFile('the file is empty');
  const sql = openSql(file);
  try {
    // NORMAL before anything is written: the first page needs no more care than the rest.
    sql.script('PRAGMA synchronous = NORMAL; PRAGMA journal_mode = WAL;');
    prove(sql, file, schema);
    if (before.bytes <= (before.unclean ? checkBytesMax : CHECK_ALWAYS_BYTES)) examine(sql);
    migrate(sql, schema);
    return sql;
  } catch (error) {
    sql.close();
    if (!before.exists) removeEmpty(file);
    throw error;
  }
}

/** The same tables in memory, for when there is no disk. */
export function openMemory(schema: Schema): Sql {
  const sql = openSql(':memory:');
  migrate(sql, schema);
  return sql;
}

/** Throws StoreRefused where the file is newer than this program. A file that cannot be read is not its business. */
export function refuseNewer(file: string, schema: Schema): void {
  if (!existsSync(file)) return;
  try {
    const sql = openSql(file, {readOnly: true});
    try {
      prove(sql, file, schema);
    } finally {
      sql.close();
    }
  } catch (error) {
    if (error instanceof StoreRefused) throw error;
  }
}

/** Tells one file from another at the same path. Undefined where there is no file, or none that can be looked at. */
export function inodeOf(file: string): number | undefined {
  try {
    return statSync(file).ino;
  } catch {
    return undefined;
  }
}

/** A clean stop leaves no write-ahead log behind. */
function look(file: string): {exists: boolean; bytes: number; unclean: boolean} {
  const bytes = statSync(file, {throwIfNoEntry: false})?.size;
  const log = statSync(`${file}-wal`, {throwIfNoEntry: false})?.size ?? 0;
  return {exists: bytes !== undefined, bytes: (bytes ?? 0) + log, unclean: log > 0};
}

/** That the file is ours and not newer than we are. */
function prove(sql: Sql, file: string, schema: Schema): void {
  const version = versionOf(sql);
  const id = sql.get<{application_id: number}>('PRAGMA application_id')?.application_id;
  const tables = sql.get<{n: number}>('SELECT count(*) AS n FROM sqlite_schema')?.n ?? 0;
  if ((version > 0 || tables > 0) && id !== schema.applicationId) {
    throw new DamagedFile("it is some other program's database");
  }
  if (version > schema.migrations.length) {
    throw new StoreRefused(
      `${file} was written by a newer vakhta (version ${version}, this one knows ${schema.migrations.length}): ` +
        'update vakhta, or point data_dir at another folder',
    );
  }
}

function examine(sql: Sql): void {
  const found = sql.get<{quick_check: string}>('PRAGMA quick_check(1)')?.quick_check;
  if (found !== 'ok') throw new DamagedFile(found ?? 'no answer');
}

/** Each step is one transaction, so a crash between two leaves a file that the next start takes on from there. */
function migrate(sql: Sql, schema: Schema): void {
  for (let version = versionOf(sql); version < schema.migrations.length; version++) {
    sql.transaction(true, () => {
      sql.script(schema.migrations[version] ?? '');
      sql.script(`PRAGMA application_id = ${schema.applicationId}; PRAGMA user_version = ${version + 1};`);
    });
  }
}

/** A file that a full disk let us create but not fill would look damaged at the next start. */
function removeEmpty(file: string): void {
  if (statSync(file, {throwIfNoEntry: false})?.size === 0) rmSync(file, {force: true});
}
