import {createHash} from 'node:crypto';
import {readFile, stat} from 'node:fs/promises';
import {Refusal} from './failure.ts';
import {type HostKeys, keysOf} from './ssh-known-hosts.ts';

/** How the key of a host is verified: exactly one of the two is given. */
export interface HostTrust {
  readonly known_hosts?: string | undefined;
  /** `SHA256:` and the base64 of the key's hash, as ssh-keygen prints it. */
  readonly fingerprint?: string | undefined;
}

export interface HostKeyCheck {
  /** Types of host keys that would be recognised; empty: any. */
  readonly types: readonly string[];
  /** Undefined: the key is the host's. Otherwise why it is not trusted. */
  refusal(key: Buffer): string | undefined;
}

/** A known_hosts file of all the hosts of a large company has 1 MiB. */
const KNOWN_HOSTS_BYTES_MAX = 8 * 1024 ** 2;

/**
 * Looks the trusted keys up anew at each call, since known_hosts changes under a running program. Rejects with a `Refusal`
 * when the file cannot be read.
 */
export function createHostKeyCheck(
  trust: HostTrust,
  address: {readonly host: string; readonly port: number},
): () => Promise<HostKeyCheck> {
  const {known_hosts: file, fingerprint = ''} = trust;
  if (file === undefined) return async () => pinned(fingerprint);
  let known: {readonly state: string; readonly keys: HostKeys} | undefined;
  return async () => {
    const state = await stateOf(file);
    if (known?.state !== state) known = {state, keys: keysOf(await read(file), address)};
    return fromKnownHosts(known.keys, file);
  };
}

/** `SHA256:…`, as `ssh-keygen -l` prints it. */
export function fingerprintOf(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

function pinned(fingerprint: string): HostKeyCheck {
  const expected = fingerprint.replace(/=+$/, '');
  return {
    types: [],
    refusal: (key) => {
      const found = fingerprintOf(key);
      return found === expected
        ? undefined
        : `the host key is another one than fingerprint says: ${found} (${typeOf(key)})`;
    },
  };
}

function fromKnownHosts({trusted, revoked}: HostKeys, file: string): HostKeyCheck {
  return {
    types: [...new Set(trusted.map(({type}) => type))],
    refusal: (key) => {
      const found = key.toString('base64');
      const shown = `${fingerprintOf(key)} (${typeOf(key)})`;
      if (revoked.includes(found)) return `the host key is revoked in ${file}: ${shown}`;
      if (trusted.some((entry) => entry.key === found)) return undefined;
      if (trusted.length === 0) return `the host is not in ${file}; its key is ${shown}`;
      return `THE HOST KEY HAS CHANGED, or somebody is in between: ${file} has another than ${shown}`;
    },
  };
}

/** RFC 4253 §6.6: a key begins with the length and the name of its type. */
function typeOf(key: Buffer): string {
  const name = key.length < 4 ? '' : key.toString('latin1', 4, 4 + Math.min(64, key.readUInt32BE(0)));
  // It comes from a stranger and goes into a message.
  return /^[\w@.-]+$/.test(name) ? name : 'unknown';
}

async function stateOf(file: string): Promise<string> {
  const {mtimeMs, size, ino} = await stat(file).catch((error: unknown) => Promise.reject(unreadable(error, file)));
  if (size > KNOWN_HOSTS_BYTES_MAX) throw new Refusal(`known_hosts: ${file} is too large`);
  return `${mtimeMs}/${size}/${ino}`;
}

async function read(file: string): Promise<string> {
  return await readFile(file, 'utf8').catch((error: unknown) => Promise.reject(unreadable(error, file)));
}

function unreadable(error: unknown, file: string): unknown {
  if (!(error instanceof Error && 'code' in error)) return error;
  return new Refusal(
    `known_hosts: ${error.code === 'ENOENT' ? `no file ${file}` : `${file} cannot be read (${error.code})`}`,
  );
}
