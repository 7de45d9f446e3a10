import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {writeManifest} from '../../bin/release/manifest.ts';
import {pack} from '../../bin/release/pack.ts';

const FILES = {'src/b.ts': 'b', 'src/a.ts': 'a', 'bin/run': '#!/bin/sh\n', 'ä.txt': 'ä'};
const RELEASE = {version: '1.2.3', arch: 'x64', node: '26.0.0', schemas: {state: 5, history: 1}};

function folder(context: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'vakhta-release-test-'));
  context.after(() => rmSync(path, {recursive: true}));
  return path;
}

/** The same files, made in this order, at this time, under this umask. */
function make(
  at: string,
  names: readonly (keyof typeof FILES)[],
  {mtime, mode}: {mtime: number; mode: number},
): string {
  const to = join(at, 'vakhta-1.2.3');
  for (const name of names) {
    const file = join(to, name);
    mkdirSync(join(file, '..'), {recursive: true, mode: mode | 0o111});
    writeFileSync(file, FILES[name]);
    chmodSync(file, name === 'bin/run' ? mode | 0o111 : mode);
    utimesSync(file, mtime, mtime);
  }
  writeManifest(to, RELEASE);
  const archive = join(at, 'vakhta-1.2.3.tar.gz');
  pack(to, archive);
  return archive;
}

const all = ['src/b.ts', 'src/a.ts', 'bin/run', 'ä.txt'] as const;

test('the same files make the same bytes, whenever, in which order and by whom they were written', (context) => {
  const one = make(folder(context), all, {mtime: 1_000_000_000, mode: 0o644});
  const two = make(folder(context), all.toReversed(), {mtime: 1_700_000_000, mode: 0o600});
  assert.deepEqual(readFileSync(one), readFileSync(two));
});

test('an archive is root’s, readable for all, and what is a program stays one', (context) => {
  const archive = make(folder(context), all, {mtime: 1_000_000_000, mode: 0o600});
  const listing = execFileSync('tar', ['--numeric-owner', '--full-time', '-tvzf', archive], {
    encoding: 'utf8',
    env: {...process.env, TZ: 'UTC'},
  });
  assert.match(listing, /^-rwxr-xr-x 0\/0 +\d+ 2020-01-01 00:00:00 vakhta-1\.2\.3\/bin\/run$/m);
  assert.match(listing, /^-rw-r--r-- 0\/0 +\d+ 2020-01-01 00:00:00 vakhta-1\.2\.3\/src\/a\.ts$/m);
  assert.doesNotMatch(listing, /-rw-------/);
});

test('the manifest has every file, and tells a changed one', (context) => {
  const at = folder(context);
  make(at, all, {mtime: 1_000_000_000, mode: 0o644});
  const cwd = join(at, 'vakhta-1.2.3');
  const check = () => execFileSync('sha256sum', ['--check', 'SHA256SUMS'], {cwd, encoding: 'utf8', stdio: 'pipe'});
  assert.deepEqual(check().trim().split('\n'), [
    'bin/run: OK',
    'release.json: OK',
    'src/a.ts: OK',
    'src/b.ts: OK',
    'ä.txt: OK',
  ]);
  assert.deepEqual(JSON.parse(readFileSync(join(cwd, 'release.json'), 'utf8')), RELEASE);
  writeFileSync(join(cwd, 'src/a.ts'), 'A');
  assert.throws(check, /src\/a\.ts: FAILED|1 computed checksum did NOT match/);
});
