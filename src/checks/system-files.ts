import {readdir, stat} from 'node:fs/promises';
import {basename, dirname, join} from 'node:path';
import {Refusal, reasonFor} from '../reach/failure.ts';

export interface FileFacts {
  readonly modifiedAt: number;
  readonly bytes: number;
}

/** A folder of more entries than this is not searched for the newest one. */
const ENTRIES_MAX = 100_000;

/**
 * A file, or the newest of those whose name matches a last part with `*` and `?`; undefined where there is none. Rejects with
 * a `Refusal` when that cannot be told.
 */
export async function readNewest(path: string): Promise<FileFacts | undefined> {
  if (!/[*?]/.test(basename(path))) return await factsOf(path);
  const names = await matching(dirname(path), basename(path));
  let newest: FileFacts | undefined;
  for (const name of names) {
    const facts = await factsOf(join(dirname(path), name));
    if (facts && (!newest || facts.modifiedAt > newest.modifiedAt)) newest = facts;
  }
  return newest;
}

async function matching(folder: string, pattern: string): Promise<readonly string[]> {
  try {
    const names = await readdir(folder);
    if (names.length > ENTRIES_MAX) throw new Refusal(`${folder} has more than ${ENTRIES_MAX} entries`);
    const expression = globExpression(pattern);
    return names.filter((name) => expression.test(name));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error instanceof Refusal ? error : new Refusal(`${folder}: ${reasonFor(error)}`);
  }
}

/** As in a shell: a leading dot is matched by a dot only. */
function globExpression(pattern: string): RegExp {
  const source = RegExp.escape(pattern).replaceAll('\\*', '.*').replaceAll('\\?', '.');
  return new RegExp(`^${/^[*?]/.test(pattern) ? '(?!\\.)' : ''}${source}$`, 's');
}

async function factsOf(path: string): Promise<FileFacts | undefined> {
  try {
    const {mtimeMs, size} = await stat(path);
    return {modifiedAt: mtimeMs, bytes: size};
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw new Refusal(`${path}: ${reasonFor(error)}`);
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
