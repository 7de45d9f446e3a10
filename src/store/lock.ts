import {rmSync} from 'node:fs';
import {join} from 'node:path';
import {StoreRefused, sicknessOf} from './sickness.ts';
import {openSql, type Sql} from './sql.ts';

/** One bot for one folder. Held by an open transaction on an empty file, so that the kernel lets go of it whatever kills us. */
export interface Lock {
  release(): void;
}

/** Throws StoreRefused if another process has the folder, and what `sicknessOf` knows if the folder takes no file. */
export function lockFolder(dataDir: string): Lock {
  const file = join(dataDir, 'lock.db');
  try {
    return hold(file);
  } catch (error) {
    // Nobody holds a file that is no database: whoever does keeps others from reading that far.
    if (sicknessOf(error) !== 'damaged') throw refusal(error, dataDir);
    rmSync(file, {force: true});
    return hold(file);
  }
}

function hold(file: string): Lock {
  let sql: Sql | undefined;
  try {
    sql = openSql(file);
    sql.script('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE');
    return {release: sql.close};
  } catch (error) {
    sql?.close();
    throw error;
  }
}

function refusal(error: unknown, dataDir: string): unknown {
  const busy = error instanceof Error && 'errcode' in error && Number(error.errcode) % 256 === 5;
  if (!busy) return error;
  return new StoreRefused(
    `${dataDir} is in use by another vakhta: stop that one first, or give this one a data_dir of its own`,
  );
}
