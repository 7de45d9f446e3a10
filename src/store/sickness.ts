/** The file is no database of ours any more, or the disk does not take what is written to it. */
export type Sickness = 'damaged' | 'unwritable';

/** Our own finding that a file is damaged, where SQLite itself has not complained (yet). */
export class DamagedFile extends Error {
  override readonly name = 'DamagedFile';
}

/** The data folder cannot be used and waiting does not help; the message names the cure. */
export class StoreRefused extends Error {
  override readonly name = 'StoreRefused';
}

/** undefined: not the disk's fault, so a bug, and thrown on. */
export function sicknessOf(error: unknown): Sickness | undefined {
  if (error instanceof DamagedFile) return 'damaged';
  if (!(error instanceof Error)) return undefined;
  const {code, errcode} = error as {code?: unknown; errcode?: unknown};
  // The low byte is the primary code; the rest only says more (https://sqlite.org/rescode.html).
  if (code === 'ERR_SQLITE_ERROR' && typeof errcode === 'number') return SQLITE_CODES.get(errcode & 0xff);
  return FILE_CODES.has(String(code)) ? 'unwritable' : undefined;
}

/** Error codes of SQLite that are the file's or the disk's fault. Busy: somebody else holds the file and does not let go. */
const SQLITE_CODES: ReadonlyMap<number, Sickness> = new Map([
  [3, 'unwritable'], // PERM
  [5, 'unwritable'], // BUSY
  [6, 'unwritable'], // LOCKED
  [8, 'unwritable'], // READONLY
  [10, 'unwritable'], // IOERR
  [11, 'damaged'], // CORRUPT
  [13, 'unwritable'], // FULL
  [14, 'unwritable'], // CANTOPEN
  [15, 'unwritable'], // PROTOCOL
  [22, 'unwritable'], // NOLFS
  [26, 'damaged'], // NOTADB
]);

/** What making the folder or renaming a file may meet. */
const FILE_CODES: ReadonlySet<string> = new Set([
  'EACCES',
  'EBUSY',
  'EDQUOT',
  'EEXIST',
  'EIO',
  'EISDIR',
  'ENAMETOOLONG',
  'ENODEV',
  'ENOENT',
  'ENOSPC',
  'ENOTDIR',
  'EPERM',
  'EROFS',
]);
