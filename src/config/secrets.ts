import {readFileSync, statSync} from 'node:fs';
import {resolve} from 'node:path';
import {z} from 'zod';
import type {ReadScalar} from './document.ts';
import {marked} from './marks.ts';

/** A shorter value stands in too many innocent words for the log to blot it out. */
export const REDACTED_CHARS_MIN = 6;
const SECRET_BYTES_MAX = 65_536;

/**
 * A text that may stand as `file:PATH` and is never printed. A kind of check gets the same by `.meta({secret: true})` on
 * its own `z.string()`, as checks cannot import this.
 */
export const secret = () => z.string().min(1).meta({secret: true});

/** Collects, while a config is read, what the log must blot out and what no message may show. */
export interface SecretReader {
  /** Fills `${NAME}` and `file:PATH` in. */
  readonly read: ReadScalar;
  /** Fills `file:PATH` in at a place that shows only now, after `read`, to be one of a secret. */
  readonly readSecret: (text: string, path: readonly PropertyKey[]) => Read;
  /** True where a variable was filled in. */
  fills(path: readonly PropertyKey[]): boolean;
  /** True where the value at this path must not be printed. */
  hides(path: readonly PropertyKey[]): boolean;
  /** For the redaction of the log: `REDACTED_CHARS_MIN` characters or more each. */
  secrets(): readonly string[];
  /** All that was filled in, secret or not: not for messages either. */
  readonly filled: ReadonlySet<string>;
  /** Marks a value that came by another way than through `read`. */
  add(value: string): void;
}

/** `patterns` are the paths of secret values, with `*` for any key; `folder` is where `file:PATH` starts from. */
export function createSecretReader(
  env: NodeJS.ProcessEnv,
  folder: string,
  patterns: readonly (readonly string[])[],
): SecretReader {
  const secrets = new Set<string>();
  const filled = new Set<string>();
  const places = new Set<string>();
  const isSecret = (path: readonly PropertyKey[]) => patterns.some((pattern) => matches(pattern, path));
  const add = (value: string) => {
    filled.add(value);
    if (value.length >= REDACTED_CHARS_MIN) secrets.add(value);
  };
  const read: ReadScalar = (text, path) => {
    const result = substitute(text, env, (name, value) => {
      places.add(placeKey(path));
      filled.add(value);
      if (SECRET_NAME.test(name)) add(value);
    });
    return 'problem' in result || !isSecret(path) ? result : credential(result.value, path, result.value !== text);
  };
  const credential = (text: string, path: readonly PropertyKey[], wasFilled: boolean): Read => {
    const content = readCredential(text, folder);
    if ('problem' in content) return content;
    if (wasFilled || content.value !== text || !isInnocent(path, text)) add(content.value);
    return content;
  };
  return {
    read,
    readSecret: (text, path) => {
      const wasFilled = places.has(placeKey(path));
      places.add(placeKey(path));
      return credential(text, path, wasFilled);
    },
    fills: (path) => places.has(placeKey(path)),
    hides: (path) => places.has(placeKey(path)) || isSecret(path) || SECRET_NAME.test(lastKey(path)),
    secrets: () => [...secrets],
    filled,
    add,
  };
}

/** The paths of the values that a schema marks with `meta({secret: true})`, `*` standing for any key or index. */
export const secretPatterns = (schema: unknown) => marked(schema, 'secret');

/** Names of variables and keys whose values are hidden even where no schema says so: headers, passwords in addresses. */
const SECRET_NAME =
  /token|passw|passphrase|secret|credential|authorization|cookie|api[-_]?key|private[-_]?key|_key$|_pass$/i;
const VARIABLE = /\$\$\{|\$\{([^}]*)\}?/g;

/** Headers and addresses that everybody writes; blotting them out would make the log unreadable and protect nothing. */
const INNOCENT_HEADER =
  /^(?:accept|accept-language|accept-encoding|cache-control|connection|content-type|host|user-agent)$/i;
/** An address with a shorter path, and neither a user nor a query, has no room for a secret. */
const PATH_PART_CHARS_MAX = 16;

/** The id of a heartbeat that is a word of people's: to blot it out would take words out of every sentence. */
const SLUG = /^(?=.{1,24}$)[a-z0-9]+(?:[-_.][a-z0-9]+)*$/;

function isInnocent(path: readonly PropertyKey[], text: string): boolean {
  const key = lastKey(path);
  if (key === 'id') return SLUG.test(text) || text === path.at(-2);
  if (INNOCENT_HEADER.test(key) || (key === 'proxy' && text === 'direct')) return true;
  const url = URL.parse(text);
  if (!url || url.username || url.password || url.search || url.hash) return false;
  return url.host !== '' && url.pathname.split('/').every((part) => part.length <= PATH_PART_CHARS_MAX);
}

const lastKey = (path: readonly PropertyKey[]) => String(path.findLast((part) => typeof part !== 'number') ?? '');
const placeKey = (path: readonly PropertyKey[]) => path.map(String).join('\0');

function matches(pattern: readonly string[], path: readonly PropertyKey[]): boolean {
  return pattern.length === path.length && pattern.every((part, index) => part === '*' || part === path[index]);
}

type Read = {readonly value: string} | {readonly problem: string};

/** `${NAME}` becomes the variable's value and `$${` a literal `${`; all missing names are reported together. */
function substitute(text: string, env: NodeJS.ProcessEnv, onValue: (name: string, value: string) => void): Read {
  if (!text.includes('${')) return {value: text};
  const missing: string[] = [];
  let malformed = false;
  const value = text.replaceAll(VARIABLE, (whole, name: string | undefined) => {
    if (name === undefined) return '${';
    if (!/^[A-Za-z_]\w*$/.test(name) || !whole.endsWith('}')) malformed = true;
    const found = env[name];
    if (found === undefined || found === '') missing.push(name);
    else onValue(name, found);
    return found ?? '';
  });
  if (malformed)
    return {problem: `expected the name of an environment variable as \${NAME}; for a literal \${ write $\${`};
  if (missing.length === 0) return {value};
  const names = missing.join(' and ').slice(0, 200);
  return {
    problem: `expected the environment variable ${names}, found it unset or empty; set it, or for a literal \${ write $\${`,
  };
}

/** A systemd credential or a container's secret: the whole file but for the line ends at its end. */
function readCredential(text: string, folder: string): Read {
  if (!text.startsWith('file:')) return {value: text};
  const path = resolve(folder, text.slice('file:'.length));
  try {
    const stat = statSync(path);
    if (!stat.isFile()) return {problem: 'expected file: and the path of a file, found something else at that path'};
    if (stat.size > SECRET_BYTES_MAX)
      return {
        problem: `expected a file of at most ${SECRET_BYTES_MAX} bytes, found ${stat.size}; is it the right one?`,
      };
    const value = readFileSync(path, 'utf8').replace(/[\r\n]+$/, '');
    return value === '' ? {problem: 'expected a secret in the file, found it empty'} : {value};
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    const why =
      code === 'ENOENT' ? 'found no such file; a relative path starts at the config’s folder' : `found ${code}`;
    return {problem: `expected file: and the path of a file that can be read, ${why}`};
  }
}
