import {readFile} from 'node:fs/promises';
import {codeOf} from '../error-code.ts';

/** The `ca` of a channel cannot be read; the message says why. */
class NoAuthority extends Error {
  override readonly name = 'NoAuthority';
}

/** With several addresses to a name, the next is tried after this long; Node's own 250 ms is too short for slow lines. */
const NEXT_ADDRESS_MS = 2_000;

/** How net.connect is to find its way. */
export function routeFor(family: 4 | 6 | undefined): {readonly family?: 4 | 6; autoSelectFamilyAttemptTimeout: number} {
  return {...(family !== undefined && {family}), autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_MS};
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
