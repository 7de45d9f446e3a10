import {execFileSync} from 'node:child_process';
import {copyFileSync, mkdirSync, renameSync} from 'node:fs';
import {basename, join} from 'node:path';

/** glibc, the way to it, and the shell's own helpers: not one library more. */
const GLIBC = ['ld-linux*', 'libc.so.6', 'libm.so.6', 'libdl.so.2', 'libpthread.so.0', 'librt.so.1', 'libresolv.so.2'];
const COMMANDS = ['dash', 'readlink', 'dirname', 'uname'];

/** A root folder with nothing but those and the release, in /vakhta. */
export function bareRoot(work: string, archive: string): string {
  const debian = join(work, 'debian');
  const root = join(work, 'bare');
  for (const folder of ['bin', 'dev', 'tmp', 'usr/bin', 'lib64']) mkdirSync(join(root, folder), {recursive: true});
  execFileSync('mknod', [join(root, 'dev/null'), 'c', '1', '3']);
  const copy = GLIBC.map((name) => `cp -L --parents usr/lib/*-linux-gnu/${name} '${root}'`).join('\n');
  execFileSync('sh', ['-c', `set -e; cd '${debian}'\n${copy}\ncp -L lib64/* '${root}/lib64/'`]);
  execFileSync('cp', ['-a', join(root, 'usr/lib'), join(root, 'lib')]);
  for (const command of COMMANDS) copyFileSync(join(debian, 'usr/bin', command), join(root, 'bin', command));
  renameSync(join(root, 'bin/dash'), join(root, 'bin/sh'));
  execFileSync('tar', ['-xzf', archive, '-C', root]);
  renameSync(join(root, basename(archive).replace(/-linux-.*/, '')), join(root, 'vakhta'));
  return root;
}
