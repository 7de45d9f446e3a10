import {readFileSync, writeFileSync} from 'node:fs';
import {parseEnv} from 'node:util';

/** Only the owner reads it. */
const MODE = 0o600;

export type EnvOutcome =
  | {readonly kind: 'written' | 'there_already'}
  /** In words, with the cure. */
  | {readonly kind: 'refused'; readonly message: string};

/** Writes the secrets. A file that is there already is left as it is: fine, if it holds all of them. */
export function writeEnvFile(path: string, values: ReadonlyMap<string, string>): EnvOutcome {
  const text = [...values].map(([name, value]) => `${name}=${quoted(value)}\n`).join('');
  try {
    writeFileSync(path, text, {mode: MODE, flag: 'wx'});
    return {kind: 'written'};
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException;
    if (code !== 'EEXIST')
      return {kind: 'refused', message: `${path} cannot be written (${code}); name another by --env`};
    if (holds(path, values)) return {kind: 'there_already'};
    return {
      kind: 'refused',
      message: `${path} is there already and is not overwritten: move it away, or name another by --env`,
    };
  }
}

function holds(path: string, values: ReadonlyMap<string, string>): boolean {
  try {
    const there = parseEnv(readFileSync(path, 'utf8'));
    return [...values].every(([name, value]) => there[name] === value);
  } catch {
    return false;
  }
}

/** Read alike by a shell, by systemd's EnvironmentFile= and by Docker where it is plain; by the first two otherwise. */
function quoted(value: string): string {
  if (/^[\w.:@%+=,/-]+$/.test(value)) return value;
  return `"${value.replace(/[\\"$`]/g, '\\$&')}"`;
}
