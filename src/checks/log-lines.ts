import type {FileHandle} from 'node:fs/promises';

/** A line is cut here: more of it is neither matched nor kept. */
const LINE_BYTES_MAX = 16 * 1024;
const CHUNK_BYTES = 64 * 1024;
const NEWLINE = 10;

export interface Reading {
  /** Where the first line begins that has not been handed over, or where a line goes on that was too long. */
  readonly offset: number;
  /** The rest of a line that was too long comes next, and is of no interest. */
  readonly skipping: boolean;
}

/**
 * Hands over every whole line from a place on, `limit` bytes at most. A last line without its end waits for the next
 * reading, unless the file is `final`. What is no UTF-8 becomes replacement characters. Rejects with the signal's reason.
 */
export async function readLines(
  file: FileHandle,
  from: Reading,
  use: {
    readonly limit: number;
    readonly final?: boolean;
    readonly signal: AbortSignal;
    readonly onLine: (line: string) => void;
  },
): Promise<Reading> {
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  const splitter = createSplitter(from.skipping, use.onLine);
  let position = from.offset;
  while (position - from.offset < use.limit) {
    use.signal.throwIfAborted();
    const {bytesRead} = await file.read(buffer, 0, CHUNK_BYTES, position);
    if (bytesRead === 0) break;
    position += bytesRead;
    splitter.take(buffer.subarray(0, bytesRead));
  }
  if (use.final) splitter.end();
  return {offset: position - splitter.pending(), skipping: splitter.skipping()};
}

function createSplitter(startSkipping: boolean, onLine: (line: string) => void) {
  let skipping = startSkipping;
  let partial: Buffer = Buffer.alloc(0);
  const hand = (line: Buffer) => onLine(line.toString('utf8', 0, LINE_BYTES_MAX).replace(/\r$/, ''));
  const take = (chunk: Buffer) => {
    const data = partial.length > 0 ? Buffer.concat([partial, chunk]) : chunk;
    let start = 0;
    for (let end = data.indexOf(NEWLINE); end >= 0; end = data.indexOf(NEWLINE, start)) {
      if (!skipping) hand(data.subarray(start, end));
      skipping = false;
      start = end + 1;
    }
    // A copy, as the chunk's memory is used again.
    partial = skipping ? Buffer.alloc(0) : Buffer.from(data.subarray(start));
    if (partial.length <= LINE_BYTES_MAX) return;
    hand(partial);
    partial = Buffer.alloc(0);
    skipping = true;
  };
  const end = () => {
    if (partial.length > 0) hand(partial);
    partial = Buffer.alloc(0);
  };
  return {take, end, pending: () => partial.length, skipping: () => skipping};
}
