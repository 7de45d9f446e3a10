import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {readdir} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {kinds, prepareCheck} from '../../src/checks/index.ts';
import {systemClock} from '../../src/clock.ts';

/** One check that is run again and again: what each run says. */
export function preparedCheck(kind: string, given: Record<string, unknown>, {timeoutMs = 5_000} = {}) {
  const options = kinds.get(kind)?.options.parse(given);
  const run = prepareCheck({name: 'it', kind, options, timeoutMs, attempts: 1, retryDelayMs: 1}, {clock: systemClock});
  const once = async () => {
    const [observation] = await run(new AbortController().signal);
    if (!observation) throw new Error('there was no observation');
    return observation;
  };
  return Object.assign(once, {close: () => run.close?.()});
}

/** Waits until it is so; fails after five seconds. */
export async function eventually(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const end = performance.now() + 5_000;
  while (!(await isSo())) {
    assert.ok(performance.now() < end, what);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** How many files and sockets this process has open. */
export async function openFiles(): Promise<number> {
  return (await readdir('/proc/self/fd')).length;
}

export interface Authority {
  /** The path of the authority's certificate. */
  readonly ca: string;
  /** A server's certificate of this authority for `localhost` and 127.0.0.1. */
  readonly cert: string;
  readonly key: string;
  remove(): void;
}

/** An authority of our own, made with openssl. */
export function createAuthority(): Authority {
  const folder = mkdtempSync(join(tmpdir(), 'vakhta-ca-'));
  const path = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => {
    const {status, stderr} = spawnSync('openssl', args, {cwd: folder, encoding: 'utf8'});
    assert.equal(status, 0, stderr);
  };
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl('req', '-x509', ...newKey, '-days', '1', '-subj', '/CN=Our own', '-keyout', 'ca.key', '-out', 'ca.pem');
  openssl('req', ...newKey, '-subj', '/CN=db', '-keyout', 'key.pem', '-out', 'request.pem');
  writeFileSync(path('names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1');
  const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '1', '-extfile', 'names'];
  openssl('x509', '-req', '-in', 'request.pem', ...signed, '-out', 'cert.pem');
  return {
    ca: path('ca.pem'),
    cert: readFileSync(path('cert.pem'), 'utf8'),
    key: readFileSync(path('key.pem'), 'utf8'),
    remove: () => rmSync(folder, {recursive: true}),
  };
}
