import {createHash} from 'node:crypto';
import {readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join, relative} from 'node:path';

export interface Release {
  readonly version: string;
  readonly arch: string;
  /** Node's version. */
  readonly node: string;
  /** The versions of the databases: going back to a release that knows an older one takes the older file, too. */
  readonly schemas: {readonly state: number; readonly history: number};
}

/**
 * Writes release.json (what this is; the program tells by it that it was rolled out) and SHA256SUMS, which `sha256sum
 * --check` reads: the digest of every other file, by path.
 */
export function writeManifest(folder: string, release: Release): void {
  writeFileSync(join(folder, 'release.json'), `${JSON.stringify(release, null, 2)}\n`);
  const files = readdirSync(folder, {recursive: true, withFileTypes: true})
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((file) => file !== SUMS)
    .sort();
  const lines = files.map((file) => `${sha256(join(folder, file))}  ${file}\n`);
  writeFileSync(join(folder, SUMS), lines.join(''));
}

const SUMS = 'SHA256SUMS';

function sha256(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
