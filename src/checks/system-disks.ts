import {readFile, statfs} from 'node:fs/promises';
import {Refusal, reasonFor} from '../reach/failure.ts';

/** How full a file system is, in percent, as `df` has it: what is kept for root counts neither as used nor as free. */
export interface Fullness {
  readonly blocks: number;
  readonly inodes: number;
}

/** By path. Rejects with a `Refusal` when a path is not there. */
export async function readDisks(paths: readonly string[]): Promise<ReadonlyMap<string, Fullness>> {
  return new Map(await Promise.all(paths.map(async (path) => [path, await fullness(path)] as const)));
}

/**
 * The mount points of all local disks: those of block devices and of ZFS, each device once. Read-only images and network file
 * systems are left out, as they are full by nature, or can hang.
 */
export async function localMounts(): Promise<readonly string[]> {
  const devices = new Map<string, string>();
  for (const line of (await readFile('/proc/self/mounts', 'utf8')).split('\n')) {
    const [device = '', path = '', type = ''] = line.split(' ');
    const isLocal = (device.startsWith('/dev/') && !device.startsWith('/dev/loop')) || type === 'zfs';
    if (!isLocal || IMAGES.has(type) || devices.has(device)) continue;
    devices.set(
      device,
      path.replaceAll(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))),
    );
  }
  return [...devices.values()];
}

const IMAGES = new Set(['squashfs', 'iso9660', 'udf', 'erofs']);

async function fullness(path: string): Promise<Fullness> {
  try {
    const {blocks, bfree, bavail, files, ffree} = await statfs(path);
    const used = blocks - bfree;
    return {
      blocks: used + bavail > 0 ? (100 * used) / (used + bavail) : 0,
      inodes: files > 0 ? (100 * (files - ffree)) / files : 0,
    };
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw new Refusal(`${path}: ${isMissing ? 'there is no such folder' : reasonFor(error)}`);
  }
}
