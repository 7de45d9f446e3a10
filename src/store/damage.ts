import {existsSync, renameSync} from 'node:fs';
import {pathToFileURL} from 'node:url';
import {openSql, type Sql, versionOf} from './sql.ts';

/** Moves a damaged file, and what SQLite keeps beside it, out of the way; the new name of the file. */
export function setAside(file: string, now: number): string {
  const aside = freeName(`${file}.damaged-${stamp(now)}`);
  for (const suffix of ['', '-wal', '-shm']) {
    if (existsSync(file + suffix)) renameSync(file + suffix, aside + suffix);
  }
  return aside;
}

/** Makes a database hold exactly what another one holds, in one transaction. */
export function copyAll(from: Sql, to: Sql): void {
  to.transaction(true, () => {
    for (const table of tablesOf(to)) {
      to.run(`DELETE FROM ${table}`);
      copyTable(table, from, to);
    }
  });
}

/**
 * Adds every row that can still be read: whole tables from a healthy database, the rows before the damage from a sick
 * one. True if nothing failed.
 */
export function copyReadable(from: Sql, to: Sql): boolean {
  return to.transaction(false, () => {
    const failures = tablesOf(to).filter((table) => !copied(table, from, to));
    return failures.length === 0;
  });
}

/** What a file that cannot be opened for writing still holds; each way of reading it works where another does not. */
export function rescue(file: string, to: Sql): void {
  if (!existsSync(file)) return;
  for (const open of WAYS) {
    let from: Sql | undefined;
    try {
      from = open(file);
      // The rows of a newer program may not be what they seem to us.
      if (versionOf(from) <= versionOf(to) && copyReadable(from, to)) return;
    } catch {
      // The next way, or a fresh start: whoever called says so to people.
    } finally {
      from?.close();
    }
  }
}

const WAYS: readonly ((file: string) => Sql)[] = [
  (file) => openSql(file, {readOnly: true}),
  // On a full disk there is no room for the index beside the log; an exclusive lock keeps it in memory.
  (file) => {
    const sql = openSql(file);
    sql.script('PRAGMA locking_mode = EXCLUSIVE');
    return sql;
  },
  // In a folder that takes no files at all, and after a clean stop: the file alone, which nobody is changing.
  (file) => openSql(`${pathToFileURL(file).href}?immutable=1`, {readOnly: true}),
];

/** `sqlite_sequence` comes last: the copied rows have just set it, and it knows of rows that were deleted since. */
function tablesOf(sql: Sql): string[] {
  const ours = sql.all<{name: string}>(
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
  );
  return [...ours.map(({name}) => name), 'sqlite_sequence'];
}

function copied(table: string, from: Sql, to: Sql): boolean {
  try {
    copyTable(table, from, to);
    return true;
  } catch {
    return false;
  }
}

/** An older file lacks newer tables, which stay empty, and newer columns, which get their defaults. */
function copyTable(table: string, from: Sql, to: Sql): void {
  const theirs = new Set(columnsOf(table, from));
  const shared = columnsOf(table, to).filter((column) => theirs.has(column));
  if (shared.length === 0) return;
  const names = shared.map((column) => `"${column}"`).join(', ');
  const insert = `INSERT OR REPLACE INTO ${table} (${names}) VALUES (${shared.map(() => '?').join(', ')})`;
  if (table === 'sqlite_sequence') to.run('DELETE FROM sqlite_sequence');
  for (const row of from.each<Record<string, string | number | null>>(`SELECT ${names} FROM ${table}`)) {
    to.run(insert, ...shared.map((column) => row[column] ?? null));
  }
}

function columnsOf(table: string, sql: Sql): string[] {
  return sql.all<{name: string}>(`SELECT name FROM pragma_table_info('${table}')`).map(({name}) => name);
}

/** 20261120T061300Z */
function stamp(now: number): string {
  const text = Temporal.Instant.fromEpochMilliseconds(Math.trunc(now)).toString({smallestUnit: 'second'});
  return text.replaceAll(/[-:]/g, '');
}

function freeName(wanted: string): string {
  let name = wanted;
  for (let n = 2; existsSync(name); n++) name = `${wanted}-${n}`;
  return name;
}
