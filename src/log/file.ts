import {closeSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, writeSync} from 'node:fs';
import {dirname} from 'node:path';

export interface LogFile {
  readonly path: string;
  /** Appends one line, its line end included. Never throws for a sick disk: the line is then lost, and counted. */
  write(line: string): void;
  close(): void;
}

interface Use {
  readonly path: string;
  readonly maxSizeBytes: number;
  /** Rotated files besides the one that is written: PATH.1 is the newest. */
  readonly keep: number;
  /** Called once when a line could not be written. */
  readonly onLost: (reason: string) => void;
  /** Called when lines are written again, with how many were lost meanwhile. */
  readonly onBack: (lost: number) => void;
  /** Called when the file cannot be rotated; it grows on, and that is tried again when it has grown as much once more. */
  readonly onStuck: (reason: string) => void;
}

/** Chats and people stand in the log, so others of the machine do not read it. */
const MODE = 0o640;

/**
 * A file of lines that is rotated by its size. Each line is on its way to the disk when `write` returns, so that the last
 * words before a crash are there; a file that somebody deleted is made anew, and a disk that was full is tried at each line.
 * (rotating-file-stream writes later, is closed for good by the first error and goes on writing to a deleted file.)
 */
export function openLogFile({path, maxSizeBytes, keep, onLost, onBack, onStuck}: Use): LogFile {
  let fd: number | undefined;
  let lost = 0;
  /** The last write ended in the middle of a line. */
  let torn = false;
  /** Beyond `maxSizeBytes` only where the file could not be rotated at that. */
  let limit = maxSizeBytes;

  const close = () => {
    const closing = fd;
    fd = undefined;
    try {
      if (closing !== undefined) closeSync(closing);
    } catch {
      // What a sick disk says at the end of a file cannot be mended here.
    }
  };

  /** The file to write to: a new one, if the former is full or gone. */
  const ready = (): number => {
    let current = fd === undefined ? undefined : fstatSync(fd);
    if (fd === undefined || current === undefined || current.nlink === 0) {
      close();
      fd = open(path);
      current = fstatSync(fd);
    }
    if (current.size < limit || !current.isFile()) return fd;
    limit = maxSizeBytes;
    try {
      rotate(path, keep);
    } catch (error) {
      limit = current.size + maxSizeBytes;
      onStuck(reasonOf(error));
      return fd;
    }
    close();
    fd = open(path);
    return fd;
  };

  const append = (line: string) => {
    const bytes = Buffer.from(torn ? `\n${line}` : line);
    const to = ready();
    for (let from = 0; from < bytes.length; ) {
      torn ||= from > 0;
      from += writeSync(to, bytes, from);
    }
    torn = false;
  };

  return {
    path,
    close,
    write: (line) => {
      try {
        append(line);
      } catch (error) {
        lost += 1;
        if (lost === 1) onLost(reasonOf(error));
        return;
      }
      if (lost === 0) return;
      const before = lost;
      lost = 0;
      onBack(before);
    },
  };
}

function open(path: string): number {
  try {
    return openSync(path, 'a', MODE);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    mkdirSync(dirname(path), {recursive: true});
    return openSync(path, 'a', MODE);
  }
}

/** PATH becomes PATH.1, that becomes PATH.2, and so on; the oldest goes. */
function rotate(path: string, keep: number): void {
  const numbered = (number: number) => (number === 0 ? path : `${path}.${number}`);
  rmSync(numbered(keep), {force: true});
  for (let number = keep - 1; number >= 0; number--) {
    try {
      renameSync(numbered(number), numbered(number + 1));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
