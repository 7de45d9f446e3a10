/**
 * `npm run release [-- --out FOLDER]`: makes dist/vakhta-VERSION-linux-ARCH.tar.gz, which runs on any Linux with glibc. It
 * needs npm, GNU tar and gzip here, and nothing there. The same sources, lock file and libraries of this machine give the
 * same file, byte for byte.
 */
import {mkdirSync, mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join, resolve} from 'node:path';
import {parseArgs} from 'node:util';
import manifest from '../package.json' with {type: 'json'};
import {HISTORY, STATE} from '../src/store/migrations.ts';
import {gather} from './release/gather.ts';
import {writeManifest} from './release/manifest.ts';
import {pack} from './release/pack.ts';

const ROOT = resolve(import.meta.dirname, '..');

const {values} = parseArgs({options: {out: {type: 'string', default: join(ROOT, 'dist')}}});
process.stdout.write(`${release(resolve(values.out))}\n`);

/** Returns the file that it made. */
function release(out: string): string {
  const arch = process.arch;
  if (process.platform !== 'linux' || (arch !== 'x64' && arch !== 'arm64'))
    throw new Error(
      `a release is made on the system that it is for: Linux on x64 or arm64, not ${process.platform} on ${arch}`,
    );
  const {version} = manifest;
  const work = mkdtempSync(join(tmpdir(), 'vakhta-release-'));
  try {
    const folder = join(work, `vakhta-${version}`);
    gather(ROOT, folder, arch);
    const schemas = {state: STATE.migrations.length, history: HISTORY.migrations.length};
    writeManifest(folder, {version, arch, node: process.versions.node, schemas});
    mkdirSync(out, {recursive: true});
    const file = join(out, `vakhta-${version}-linux-${arch}.tar.gz`);
    pack(folder, file);
    return file;
  } finally {
    rmSync(work, {recursive: true, force: true});
  }
}
