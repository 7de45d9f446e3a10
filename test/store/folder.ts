import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setImmediate} from 'node:timers/promises';
import {type Clock, createClock} from '../../src/clock.ts';
import type {NoticeCode} from '../../src/state/vocabulary.ts';
import {openStore} from '../../src/store/open.ts';
import type {Store} from '../../src/store/store.ts';

export const DAY = 86_400_000;
/** 2026-11-20T06:13:00Z */
export const START = 1_795_155_180_000;

/** A clock that stands still until it is moved. */
export function handClock(start = START): Clock & {advance(ms: number): void} {
  let elapsed = 0;
  let due: {at: number; run: () => void}[] = [];
  const clock = createClock({
    now: () => start + elapsed,
    monotonic: () => elapsed,
    after: (ms, run) => {
      const entry = {at: elapsed + ms, run};
      due.push(entry);
      return () => {
        due = due.filter((other) => other !== entry);
      };
    },
  });
  const advance = (ms: number) => {
    const end = elapsed + ms;
    for (;;) {
      const next = due.toSorted((a, b) => a.at - b.at)[0];
      if (!next || next.at > end) break;
      due = due.filter((other) => other !== next);
      elapsed = next.at;
      next.run();
    }
    elapsed = end;
  };
  return {...clock, advance};
}

/** A data folder of its own, gone at the end of the test. */
export async function inFolder(run: (folder: string) => Promise<void> | void): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'vakhta-store-'));
  try {
    await run(folder);
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
}

export interface Opened {
  readonly store: Store;
  readonly clock: ReturnType<typeof handClock>;
  readonly notices: {readonly code: NoticeCode; readonly detail: string}[];
}

export function openIn(dataDir: string, clock = handClock()): Opened {
  const notices: Opened['notices'] = [];
  const store = openStore({dataDir, clock, keepRawMs: 7 * DAY, keepHistoryMs: 400 * DAY});
  store.onNotice((code, detail) => notices.push({code, detail}));
  return {store, clock, notices};
}

/** Opens, uses and closes, also when the test fails. */
export async function withStore<T>(
  dataDir: string,
  use: (opened: Opened) => Promise<T> | T,
  clock = handClock(),
): Promise<T> {
  const opened = openIn(dataDir, clock);
  try {
    return await use(opened);
  } finally {
    await opened.store.close();
  }
}

/** Waits for real I/O (the history's worker) to bring something about. */
export async function until(holds: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`waited in vain until ${what}`);
    await setImmediate();
  }
}
