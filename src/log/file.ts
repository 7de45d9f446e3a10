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
}

/** Chats and people stand in the log, so others of the machine do not read it. */
const MODE = 0o640;

/**
 * A file of lines that is rotated by its size. Each line is on its way to the disk when `write` returns, so that the last
 * words before a crash are there; a file that somebody deleted is made anew, and a disk that was full is tried at each line.
 * (rotating-file-stream writes later, is closed for good by the first error and goes on writing to a deleted file.)
 */
export function openLogFile({path, maxSizeBytes, keep, onLost, onBack}: Use): LogFile {
  let fd: number | undefined;
  let lost = 0;
  /** The last write ended in the middle of a line. */
  let torn = false;

  const close = () => {
    if (fd !== undefined) closeSync(fd);
    fd = undefined;
  };

  /** The file to write to, and how long it is. */
  const ready = (): {fd: number; size: number} => {
    const current = fd === undefined ? undefined : fstatSync(fd);
    if (current && current.nlink > 0 && (current.size < maxSizeBytes || !current.isFile()))
      return {fd: fd ?? 0, size: current.size};
    close();
    if (current && current.nlink > 0) rotate(path, keep);
    fd = open(path);
    const {size} = fstatSync(fd);
    if (size < maxSizeBytes || current) return {fd, size};
    // What the last run of the program left is full already.
    close();
    rotate(path, keep);
    fd = open(path);
    return {fd, size: 0};
  };

  const append = (line: string) => {
    const bytes = Buffer.from(torn ? `\n${line}` : line);
    const to = ready().fd;
    for (let from = 0; from < bytes.length; ) {
      torn = from > 0;
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
        if (lost === 1) onLost(error instanceof Error ? error.message : String(error));
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
