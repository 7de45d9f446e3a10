import {execFileSync} from 'node:child_process';
import {mkdirSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {basename, join} from 'node:path';
import {type Release, writeManifest} from '../../bin/release/manifest.ts';
import {pack} from '../../bin/release/pack.ts';

/** A release that follows this one: another version, and a database that the former one does not know. */
export function nextRelease(archive: string, out: string, version: string): string {
  return change(archive, out, version, () => {});
}

/** The same, with a bug that shows at the start, when it has already brought the database up to date. */
export function breakRelease(archive: string, out: string, version: string): string {
  return change(archive, out, version, (folder) => {
    const place = '  const lasting = createLasting(';
    edit(join(folder, 'src/main.ts'), place, `  throw new Error('planted: this release does not start');\n${place}`);
  });
}

function change(archive: string, out: string, version: string, plant: (folder: string) => void): string {
  const work = join(out, `.work-${version}`);
  mkdirSync(work, {recursive: true});
  execFileSync('tar', ['-xzf', archive, '-C', work]);
  const folder = join(work, `vakhta-${version}`);
  const release = JSON.parse(
    execFileSync('sh', ['-c', 'cat */release.json'], {cwd: work, encoding: 'utf8'}),
  ) as Release;
  renameSync(join(work, `vakhta-${release.version}`), folder);
  edit(join(folder, 'package.json'), `"version": "${release.version}"`, `"version": "${version}"`);
  const {state, history} = release.schemas;
  edit(
    join(folder, 'src/store/migrations.ts'),
    'export const HISTORY',
    "(STATE.migrations as string[]).push('CREATE TABLE planted (id INTEGER) STRICT');\nexport const HISTORY",
  );
  plant(folder);
  writeManifest(folder, {...release, version, schemas: {state: state + 1, history}});
  const file = join(out, basename(archive).replace(release.version, version));
  pack(folder, file);
  rmSync(work, {recursive: true});
  return file;
}

function edit(file: string, from: string, to: string): void {
  const text = readFileSync(file, 'utf8');
  if (!text.includes(from)) throw new Error(`${file} does not have: ${from}`);
  writeFileSync(file, text.replace(from, to));
}
