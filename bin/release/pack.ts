import {execFileSync} from 'node:child_process';
import {rmSync} from 'node:fs';
import {basename, dirname} from 'node:path';

/** Of every file: when a release was made must not show in it. 2020-01-01, as some programs take 1970 for a fault. */
const MTIME = '2020-01-01 00:00:00Z';

/**
 * Packs a folder into `file`. Order, times, owners and modes of the files do not depend on the machine, so the same content
 * makes the same bytes. Needs GNU tar and gzip.
 */
export function pack(folder: string, file: string): void {
  const tar = file.replace(/\.gz$/, '');
  const same = ['--format=gnu', '--sort=name', `--mtime=${MTIME}`, '--owner=0', '--group=0', '--numeric-owner'];
  const options = {env: {PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC'}, stdio: 'inherit'} as const;
  rmSync(file, {force: true});
  execFileSync('tar', [...same, '--mode=u=rwX,go=rX', '-cf', tar, '-C', dirname(folder), basename(folder)], options);
  execFileSync('gzip', ['--no-name', '-6', tar], options);
}
