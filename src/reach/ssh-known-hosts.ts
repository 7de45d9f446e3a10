import {createHmac, timingSafeEqual} from 'node:crypto';

/** One usable line of a known_hosts file; sshd(8), SSH_KNOWN_HOSTS FILE FORMAT. */
interface KnownKey {
  readonly hosts: string;
  /** `ssh-ed25519`, … */
  readonly type: string;
  /** In base64, as in the file. */
  readonly key: string;
  readonly revoked: boolean;
}

/** The keys that a known_hosts file has for one host. */
export interface HostKeys {
  /** In the order of the file. */
  readonly trusted: readonly {readonly type: string; readonly key: string}[];
  readonly revoked: readonly string[];
}

/**
 * What a known_hosts file says of a host: plain names, patterns with `*`, `?` and `!`, `[host]:port`, hashed names. Lines of
 * certificate authorities are passed over, as ssh2 knows no host certificates, and so is what cannot be read.
 */
export function keysOf(text: string, {host, port}: {readonly host: string; readonly port: number}): HostKeys {
  // OpenSSH writes the standard port as no port at all.
  const name = port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`;
  const found = text.split(/\r?\n/).flatMap((line) => parseLine(line) ?? []);
  const mine = found.filter(({hosts}) => matches(hosts, name));
  return {
    trusted: mine.filter(({revoked}) => !revoked).map(({type, key}) => ({type, key})),
    revoked: mine.filter(({revoked}) => revoked).map(({key}) => key),
  };
}

function parseLine(line: string): KnownKey | undefined {
  const fields = line.trim().split(/[ \t]+/);
  if (fields[0] === '' || fields[0]?.startsWith('#')) return undefined;
  const marker = fields[0]?.startsWith('@') ? fields.shift() : undefined;
  const [hosts, type, key] = fields;
  if (marker !== undefined && marker !== '@revoked') return undefined;
  if (hosts === undefined || type === undefined || key === undefined) return undefined;
  return {hosts, type, key, revoked: marker === '@revoked'};
}

function matches(hosts: string, name: string): boolean {
  if (hosts.startsWith('|1|')) return matchesHash(hosts, name);
  const patterns = hosts.toLowerCase().split(',');
  const hit = (pattern: string) => globExpression(pattern).test(name);
  if (patterns.some((pattern) => pattern.startsWith('!') && hit(pattern.slice(1)))) return false;
  return patterns.some((pattern) => !pattern.startsWith('!') && hit(pattern));
}

/** `|1|SALT|HASH`: HMAC-SHA1 of the name under the salt. */
function matchesHash(hosts: string, name: string): boolean {
  const [, , salt = '', hash = ''] = hosts.split('|');
  const expected = Buffer.from(hash, 'base64');
  const actual = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest();
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

function globExpression(pattern: string): RegExp {
  return new RegExp(`^${RegExp.escape(pattern).replaceAll('\\*', '.*').replaceAll('\\?', '.')}$`);
}
