import {readFileSync} from 'node:fs';
import {type Clock, every} from '../clock.ts';

/** V8 compiles what has become hot in the first seconds, and frees some 15 MB after it. */
const SETTLE_MS = 5_000;
/** With few checks V8 goes on compiling for minutes; pictures and questions leave something behind, too. */
const AGAIN_MS = 15_000;
/** From Linux's headers; it is the same on x64 and arm64. */
const MADV_DONTNEED = 4;

/** Two calls of libc, which free nothing that is in use. */
export interface GiveBack {
  /** The pages that malloc holds and nobody uses; glibc itself returns only the end of its heap. Some 2 ms. */
  unused(): void;
  /**
   * The pages of programs and libraries that are mapped, which are copies of files: what is used again is mapped again from
   * the kernel's cache, half of them within seconds. Some 15 ms.
   */
  code(): void;
}

/** To be called when the start, or a reload, is over: what only that has used is given back, later now and then what is unused. */
export async function giveBackNowAndThen(clock: Clock, signal: AbortSignal): Promise<void> {
  const giveBack = openGiveBack();
  await clock.sleep(SETTLE_MS, signal);
  if (!giveBack || signal.aborted) return;
  giveBack.code();
  giveBack.unused();
  await every(clock, AGAIN_MS, signal, giveBack.unused);
}

/** Undefined where this Node cannot call libc, or where that is not glibc. */
export function openGiveBack(): GiveBack | undefined {
  try {
    const ffi = process.getBuiltinModule('node:ffi');
    const {functions} = ffi.dlopen('libc.so.6', {
      malloc_trim: {arguments: ['u64'], return: 'i32'},
      madvise: {arguments: ['u64', 'u64', 'i32'], return: 'i32'},
    });
    return {
      unused: () => void functions.malloc_trim(0n),
      code: () => {
        for (const {from, to} of fileCopies(readMappings())) functions.madvise(from, to - from, MADV_DONTNEED);
      },
    };
  } catch {
    return undefined;
  }
}

/** Nothing where /proc is not mounted. */
function readMappings(): string {
  try {
    return readFileSync('/proc/self/smaps', 'utf8');
  } catch {
    return '';
  }
}

interface Range {
  readonly from: bigint;
  readonly to: bigint;
}

/**
 * The ranges of proc_pid_smaps(5) that hold nothing but the bytes of a file: private, not writable, and without a page of
 * their own. A library's pointers are not writable either once the loader has filled them in, and would be lost.
 */
export function fileCopies(smaps: string): Range[] {
  const ranges: Range[] = [];
  let range: Range | undefined;
  for (const line of smaps.split('\n')) {
    const head = /^([\da-f]+)-([\da-f]+) (\S+) \S+ \S+ \d+ *(.*)$/.exec(line);
    if (head) {
      const [, from, to, rights = '', path = ''] = head;
      const isFile = path.startsWith('/') && /^r-[-x]p$/.test(rights);
      range = isFile ? {from: BigInt(`0x${from}`), to: BigInt(`0x${to}`)} : undefined;
    } else if (range && /^Anonymous: +0 kB$/.test(line)) ranges.push(range);
  }
  return ranges;
}
