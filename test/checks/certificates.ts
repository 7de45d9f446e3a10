import {execFileSync} from 'node:child_process';
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {Life} from './servers.ts';

export interface Pair {
  /** Paths of PEM files. */
  readonly cert: string;
  readonly key: string;
}

export interface Authority extends Pair {
  readonly folder: string;
  /** Signs a certificate; `days` may be -1, for one that ended yesterday. */
  issue(name: string, given?: {names?: string; days?: number}): Pair;
  /** A certificate that nobody but itself vouches for. */
  selfSigned(name: string): Pair;
}

const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/** An authority of one test's own, in a temporary folder. Needs openssl. */
export async function createAuthority(t: Life): Promise<Authority> {
  const folder = await mkdtemp(join(tmpdir(), 'vakhta-ca-'));
  t.after(() => rm(folder, {recursive: true}));
  const openssl = (...args: string[]) => execFileSync('openssl', args, {cwd: folder, stdio: 'pipe'});
  const pairOf = (name: string): Pair => ({cert: join(folder, `${name}.pem`), key: join(folder, `${name}.key`)});
  const own = pairOf('ca');
  const root = (name: string, {cert, key}: Pair) =>
    openssl('req', '-x509', ...EC, '-days', '30', '-subj', `/CN=${name}`, '-keyout', key, '-out', cert);
  root('Test CA', own);
  return {
    ...own,
    folder,
    issue: (name, {names = 'DNS:localhost,IP:127.0.0.1,IP:::1', days = 30} = {}) => {
      const pair = pairOf(name);
      const request = join(folder, `${name}.csr`);
      const wanted = ['-subj', `/O=Shops/CN=${name}`, '-addext', `subjectAltName=${names}`];
      openssl('req', '-new', ...EC, ...wanted, '-keyout', pair.key, '-out', request);
      const signed = ['-CA', own.cert, '-CAkey', own.key, '-days', String(days), '-copy_extensions', 'copy'];
      openssl('x509', '-req', '-in', request, ...signed, '-out', pair.cert);
      return pair;
    },
    selfSigned: (name) => {
      const pair = pairOf(name);
      root(name, pair);
      return pair;
    },
  };
}
