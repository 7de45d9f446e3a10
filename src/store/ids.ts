import type {Sql} from './sql.ts';

type Numbered = 'incident' | 'card' | 'silence' | 'run';

/** Kept apart from the tables, so that an id is not given again after its row is gone. */
export function raise(sql: Sql, kind: Numbered, id: number): void {
  sql.run('INSERT INTO highest_ids VALUES (?, ?) ON CONFLICT DO UPDATE SET id = max(id, excluded.id)', kind, id);
}

export function highest(sql: Sql, kind: Numbered): number {
  return sql.get<{id: number}>('SELECT id FROM highest_ids WHERE kind = ?', kind)?.id ?? 0;
}
