import {createHash} from 'node:crypto';
import {type FileHandle, open, readdir} from 'node:fs/promises';
import {basename, dirname, join} from 'node:path';
import {z} from 'zod';
import {Refusal, reasonFor} from '../reach/failure.ts';

/** How a file is known again: by its number, and by how it begins, as numbers are given anew. */
const place = z.object({
  device: z.string(),
  inode: z.string(),
  head: z.object({bytes: z.int(), hash: z.string()}),
  offset: z.int(),
  skipping: z.boolean(),
});
/** A place in one file. */
export type Place = z.infer<typeof place>;

const memory = z.object({
  version: z.literal(1),
  file: z.string(),
  /** Null: there was no file. */
  current: place.nullable(),
  /** The file before the last rotation, which its writer may not have let go of at once. */
  previous: place.optional(),
  /** Epoch milliseconds of the last matching line; of the first run, before there was any. */
  matchedAt: z.number(),
  hasMatched: z.boolean(),
});
/** What the check keeps from run to run. */
export type LogMemory = z.infer<typeof memory>;

/** As much of a file's beginning tells it from another; a line with a time in it fits. */
const HEAD_BYTES = 256;
/** Of a folder with more files than this not all are searched for the one that was rotated away. */
const SIBLINGS_MAX = 1_000;

/** Undefined for what is no memory of this file's. */
export function parseMemory(text: string | undefined, file: string): LogMemory | undefined {
  try {
    const read = memory.safeParse(JSON.parse(text ?? 'null'));
    return read.success && read.data.file === file ? read.data : undefined;
  } catch {
    return undefined;
  }
}

export interface OpenFile {
  readonly handle: FileHandle;
  readonly device: string;
  readonly inode: string;
  readonly size: number;
}

/** Undefined where there is none. Rejects with a `Refusal` for what cannot be read as a file. */
export async function openFile(path: string): Promise<OpenFile | undefined> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, 'r');
    const {dev, ino, size, isFile} = await statOf(handle);
    if (!isFile) throw new Refusal(`${path} is no file`);
    return {handle, device: dev, inode: ino, size};
  } catch (error) {
    await handle?.close();
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error instanceof Refusal ? error : new Refusal(`${path}: ${reasonFor(error)}`);
  }
}

/** The place in a file that is open now. */
export async function placeIn(file: OpenFile, {offset, skipping}: Pick<Place, 'offset' | 'skipping'>): Promise<Place> {
  const bytes = Math.min(HEAD_BYTES, file.size);
  const head = {bytes, hash: await hashHead(file.handle, bytes)};
  return {device: file.device, inode: file.inode, head, offset, skipping};
}

/** Whether it is the file of that place, grown or not, rather than another one or a truncated one. */
export async function continues(file: OpenFile, known: Place): Promise<boolean> {
  if (file.device !== known.device || file.inode !== known.inode) return false;
  return file.size >= known.offset && (await hasHead(file, known));
}

/**
 * Where the rest of a rotated file is: the file itself under another name, or its copy. Looks at the files whose names begin
 * with the log's own, in its folder. Undefined when it is gone, or compressed already.
 */
export async function findRotated(path: string, known: Place): Promise<OpenFile | undefined> {
  const names = await readdir(dirname(path)).catch(() => []);
  const siblings = names.filter((name) => name.startsWith(basename(path)) && name !== basename(path)).sort();
  let copy: OpenFile | undefined;
  for (const name of siblings.slice(0, SIBLINGS_MAX)) {
    const file = await openFile(join(dirname(path), name)).catch(() => undefined);
    if (!file) continue;
    if (await continues(file, known)) {
      await copy?.handle.close();
      return file;
    }
    if (!copy && (await isCopy(file, known))) copy = file;
    else await file.handle.close();
  }
  return copy;
}

async function isCopy(file: OpenFile, known: Place): Promise<boolean> {
  return known.head.bytes > 0 && file.size >= known.offset && (await hasHead(file, known));
}

async function hasHead({handle, size}: OpenFile, {head}: Place): Promise<boolean> {
  return size >= head.bytes && (await hashHead(handle, head.bytes)) === head.hash;
}

async function hashHead(handle: FileHandle, bytes: number): Promise<string> {
  const {buffer, bytesRead} = await handle.read(Buffer.alloc(bytes), 0, bytes, 0);
  return createHash('sha1').update(buffer.subarray(0, bytesRead)).digest('base64');
}

async function statOf(handle: FileHandle) {
  // Numbers of inodes may be larger than what a double holds.
  const stat = await handle.stat({bigint: true});
  return {dev: String(stat.dev), ino: String(stat.ino), size: Number(stat.size), isFile: stat.isFile()};
}
