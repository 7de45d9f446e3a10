import {readFile} from 'node:fs/promises';
import {codeOf} from '../error-code.ts';

/** The `ca` of a channel cannot be read; the message says why. */
class NoAuthority extends Error {
  override readonly name = 'NoAuthority';
}

/** Read anew for each message, as certificates are renewed under a running program. Rejects with `NoAuthority`. */
export async function readAuthority(path: string | undefined): Promise<{readonly ca?: string}> {
  if (path === undefined) return {};
  try {
    return {ca: await readFile(path, 'utf8')};
  } catch (error) {
    throw new NoAuthority(`ca: ${codeOf(error)}`);
  }
}
