import {DatabaseSync} from 'node:sqlite';
import {type Fields, jsonOf, textOf} from './fields.ts';
import type {Kuma} from './kuma.ts';

/** Reads a kuma.db without changing it: also one that Kuma has open. A text says why that cannot be. */
export function readKumaDatabase(path: string): Kuma | string {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, {readOnly: true});
    return readAll(database, path);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return `${path} cannot be read as a database (${why}); copy it with its -wal and -shm files while Kuma is stopped`;
  } finally {
    database?.close();
  }
}

function readAll(database: DatabaseSync, path: string): Kuma | string {
  const tables = new Set(
    database
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")
      .all()
      .map(({name}) => String(name)),
  );
  if (!tables.has('monitor'))
    return `${path} is a SQLite database, but not one of Uptime Kuma: it has no table monitor`;
  const rows = (table: string): Fields[] =>
    tables.has(table) ? database.prepare(`SELECT * FROM "${table}" ORDER BY id`).all() : [];
  const tags = new Map(rows('tag').map(({id, name}) => [Number(id), String(name)]));
  const setting = rows('setting').find(({key}) => key === 'serverTimezone')?.value;
  return {
    monitors: rows('monitor'),
    notifications: rows('notification'),
    told: grouped(rows('monitor_notification'), 'monitor_id', ({notification_id: id}) => Number(id)),
    tags: grouped(rows('monitor_tag'), 'monitor_id', ({tag_id: id, value}) => {
      const name = tags.get(Number(id)) ?? '';
      return textOf(value) === undefined ? name : `${name}=${value}`;
    }),
    proxies: new Map(rows('proxy').map((row) => [Number(row.id), row])),
    maintenances: rows('maintenance'),
    maintained: grouped(rows('monitor_maintenance'), 'maintenance_id', ({monitor_id: id}) => Number(id)),
    timezone: textOf(jsonOf(setting) ?? setting),
  };
}

function grouped<T>(rows: readonly Fields[], key: string, pick: (row: Fields) => T): Map<number, T[]> {
  const groups = new Map<number, T[]>();
  for (const row of rows) {
    const id = Number(row[key]);
    groups.set(id, [...(groups.get(id) ?? []), pick(row)]);
  }
  return groups;
}
