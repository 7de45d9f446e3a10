import {DatabaseSync, type SQLInputValue, type StatementSync} from 'node:sqlite';

/** A connection with its prepared statements kept. The caller of `get` and `all` names the row's shape; the tables are STRICT. */
export interface Sql {
  get<Row>(text: string, ...values: SQLInputValue[]): Row | undefined;
  all<Row>(text: string, ...values: SQLInputValue[]): Row[];
  /** One row after the other, so that what was read before a damaged page is not lost. */
  each<Row>(text: string, ...values: SQLInputValue[]): Iterable<Row>;
  /** The number of rows that were changed. */
  run(text: string, ...values: SQLInputValue[]): number;
  /** Several statements, or one that is not worth keeping. */
  script(text: string): void;
  /** All or nothing. Durable: on the disk when this returns (`synchronous=FULL`), else at the next checkpoint. */
  transaction<T>(durable: boolean, work: () => T): T;
  /** Never throws: a sick file may refuse even that. */
  close(): void;
}

/** How long a statement waits for another process (a backup, a shell) that holds the file. It blocks the caller meanwhile. */
const BUSY_MS = 1_000;

export function openSql(location: string, options: {readonly readOnly?: boolean} = {}): Sql {
  const db = new DatabaseSync(location, {timeout: BUSY_MS, readOnly: options.readOnly ?? false});
  const statements = new Map<string, StatementSync>();
  const prepared = (text: string) => {
    const known = statements.get(text) ?? db.prepare(text);
    statements.set(text, known);
    return known;
  };
  let synced: boolean | undefined;
  const synchronise = (durable: boolean) => {
    if (durable === synced) return;
    db.exec(`PRAGMA synchronous = ${durable ? 'FULL' : 'NORMAL'}`);
    synced = durable;
  };
  return {
    get: <Row>(text: string, ...values: SQLInputValue[]) => prepared(text).get(...values) as Row | undefined,
    all: <Row>(text: string, ...values: SQLInputValue[]) => prepared(text).all(...values) as Row[],
    each: <Row>(text: string, ...values: SQLInputValue[]) => db.prepare(text).iterate(...values) as Iterable<Row>,
    run: (text, ...values) => Number(prepared(text).run(...values).changes),
    script: (text) => db.exec(text),
    transaction: (durable, work) => {
      synchronise(durable);
      prepared('BEGIN IMMEDIATE').run();
      try {
        const result = work();
        prepared('COMMIT').run();
        return result;
      } catch (error) {
        undo(db);
        throw error;
      }
    },
    close: () => {
      statements.clear();
      quietly(() => db.close());
    },
  };
}

/** How many migrations the database has seen. */
export function versionOf(sql: Sql): number {
  return sql.get<{user_version: number}>('PRAGMA user_version')?.user_version ?? 0;
}

/** A full disk ends the transaction by itself, and a sick file may refuse the rollback too: the first error is the one that counts. */
function undo(db: DatabaseSync): void {
  if (db.isTransaction) quietly(() => db.exec('ROLLBACK'));
}

function quietly(work: () => void): void {
  try {
    work();
  } catch {
    // The caller is about to give this connection up, or to throw the error that came first.
  }
}
