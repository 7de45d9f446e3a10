import {Worker} from 'node:worker_threads';
import type {Cancel, Clock} from '../clock.ts';
import type {Observation} from '../state/vocabulary.ts';
import type {Query} from './archive.ts';
import {Batch} from './columns.ts';
import type {FromWorker, Question, ToWorker} from './history-worker.ts';
import {HISTORY} from './migrations.ts';
import type {Notices, StoreLog} from './notices.ts';
import type {Beginning, History, HistoryFigures, HistoryRow, Rollup, Slot, SlotsQuery} from './store.ts';

/**
 * So many observations make a batch at once, which keeps a question waiting for some 60 ms. The larger it is, the more rows of
 * one check are written with one page: of 500 rows of 500 checks each takes a page of its own.
 */
export const BATCH_ROWS = 50_000;
/** A smaller batch is written after so long. */
const BATCH_MS = 1_000;
/** Of the observations that wait for the disk or for the writer, the oldest beyond these are dropped. */
export const WAITING_MAX = 100_000;
/** A sick disk is tried again, and a dead writer started again, no sooner than after this. */
const AGAIN_MS = 60_000;
const PRUNE_MS = 600_000;
/** Between two steps of pruning: the batches that have come meanwhile go first. */
const PRUNE_PAUSE_MS = 50;
/** How long the last batch may take when the program ends. */
const CLOSE_MS = 1_500;
/** The worker dies when it needs more, and is started again; the program does not. */
const HEAP_LIMITS = {maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 4};

interface Use {
  readonly file: string;
  readonly clock: Clock;
  readonly notices: Notices;
  readonly log?: StoreLog | undefined;
  readonly keepRawMs: number;
  readonly keepHistoryMs: number;
}

/** The main thread's side of history.db. It holds what waits and never blocks; the worker writes. */
export class HistoryOutside implements History {
  readonly #use: Use;
  readonly #questions = new Map<number, (rows: readonly unknown[]) => void>();
  readonly #timers = new Map<'batch' | 'again' | 'prune', Cancel>();
  /** The oldest first; the last one is still filled. */
  readonly #waiting: Batch[] = [];
  /** Sent to the worker, not yet answered. */
  #writing: Batch[] = [];
  /** Those that the log does not know of yet, and all of them. */
  #dropped = 0;
  #droppedEver = 0;
  #asked = 0;
  /** A batch is due, and goes as soon as the one before it is written. */
  #overdue = false;
  /** The disk is sick. */
  #paused = false;
  #closing = false;
  #worker: Worker | undefined;
  #startedAt = 0;

  constructor(use: Use) {
    this.#use = use;
    this.#start();
  }

  record(observations: readonly Observation[]): void {
    if (this.#closing) return;
    for (const observation of observations) this.#filling().add(observation);
    this.#trim();
    if (this.#waiting.length > 1 || (this.#waiting[0]?.size ?? 0) >= BATCH_ROWS) this.#sendUnlessBusy();
    else this.#sendSoon();
  }

  raw(query: Query): Promise<readonly HistoryRow[]> {
    return this.#ask({table: 'raw', query});
  }

  rollups(query: Query): Promise<readonly Rollup[]> {
    return this.#ask({table: 'rollups', query});
  }

  begins(): Promise<readonly Beginning[]> {
    return this.#ask({table: 'begins'});
  }

  slots(query: SlotsQuery): Promise<readonly Slot[]> {
    return this.#ask({table: 'slots', query});
  }

  figures(): HistoryFigures {
    return {waiting: rowsIn(this.#waiting) + rowsIn(this.#writing), dropped: this.#droppedEver, inMemory: this.#paused};
  }

  /** Resolves when the last batch is written, or after CLOSE_MS. */
  async close(): Promise<void> {
    const {clock, log} = this.#use;
    this.#paused = false;
    this.#sendAll();
    this.#closing = true;
    for (const cancel of this.#timers.values()) cancel();
    const worker = this.#worker;
    if (worker) {
      const ended = new Promise((resolve) => worker.once('exit', resolve));
      this.#say({kind: 'close', now: clock.now()});
      const cancel = clock.after(CLOSE_MS, () => void worker.terminate());
      await ended;
      cancel();
    }
    const lost = this.#dropped + rowsIn(this.#waiting);
    if (lost > 0) log?.warn({lost}, 'observations are missing in the history');
  }

  #start(): void {
    const {file, clock} = this.#use;
    const script = new URL('./history-worker.ts', import.meta.url);
    const worker = new Worker(script, {workerData: file, name: 'history', resourceLimits: HEAP_LIMITS});
    let why = 'it ended';
    worker.on('message', (message: FromWorker) => this.#hear(message));
    worker.on('error', (error) => {
      why = error instanceof Error ? error.message : String(error);
    });
    worker.on('exit', () => this.#bury(why));
    this.#worker = worker;
    this.#startedAt = clock.monotonic();
    this.#say({kind: 'open', now: clock.now()});
    this.#later('prune', AGAIN_MS, () => this.#prune());
  }

  /** What was being written is not tried again: it may be what killed the writer. */
  #bury(why: string): void {
    const {file, clock, notices} = this.#use;
    this.#worker = undefined;
    this.#paused = false;
    for (const batch of this.#writing) this.#drop(batch.size);
    this.#writing = [];
    for (const answer of this.#questions.values()) answer([]);
    this.#questions.clear();
    if (this.#closing) return;
    notices.historyFailed(`the writer of ${file} has stopped (${why}): it is started again within a minute`);
    this.#later('again', Math.max(0, this.#startedAt + AGAIN_MS - clock.monotonic()), () => {
      this.#start();
      this.#send();
    });
  }

  #hear(message: FromWorker): void {
    switch (message.kind) {
      case 'written':
        return this.#written();
      case 'unwritable':
        return this.#keep(message.detail);
      case 'damaged':
        return this.#use.notices.damaged(message.detail);
      case 'answer':
        this.#questions.get(message.id)?.(message.rows);
        this.#questions.delete(message.id);
        return;
      case 'pruned':
        return this.#later('prune', message.more ? PRUNE_PAUSE_MS : PRUNE_MS, () => this.#prune());
    }
  }

  #written(): void {
    this.#writing.shift();
    this.#use.notices.well(HISTORY.name);
    if (this.#dropped > 0) this.#use.log?.warn({dropped: this.#dropped}, 'observations were dropped from the history');
    this.#dropped = 0;
    if (this.#overdue) this.#send();
    else this.#sendSoon();
  }

  #keep(detail: string): void {
    const unwritten = this.#writing.shift();
    if (unwritten) this.#waiting.unshift(unwritten);
    this.#trim();
    this.#use.notices.sick(HISTORY.name, `${detail}: the newest ${WAITING_MAX} observations are kept in memory`);
    this.#paused = true;
    this.#later('again', AGAIN_MS, () => {
      this.#paused = false;
      this.#send();
    });
  }

  #trim(): void {
    // Less than that many batches cannot hold too many.
    if (this.#waiting.length <= WAITING_MAX / BATCH_ROWS) return;
    for (let excess = rowsIn(this.#waiting) - WAITING_MAX; excess > 0; ) {
      const [oldest] = this.#waiting;
      if (!oldest) return;
      const count = Math.min(excess, oldest.size);
      oldest.drop(count);
      this.#drop(count);
      if (oldest.size === 0) this.#waiting.shift();
      excess -= count;
    }
  }

  #filling(): Batch {
    const last = this.#waiting.at(-1);
    if (last && last.size < BATCH_ROWS) return last;
    const batch = new Batch();
    this.#waiting.push(batch);
    return batch;
  }

  #drop(count: number): void {
    this.#dropped += count;
    this.#droppedEver += count;
  }

  #send(): void {
    this.#timers.get('batch')?.();
    this.#timers.delete('batch');
    this.#overdue = false;
    if (!this.#worker || this.#paused) return;
    const batch = this.#waiting.shift();
    if (!batch) return;
    this.#writing.push(batch);
    this.#say({kind: 'write', now: this.#use.clock.now(), observations: batch.columns()});
  }

  #sendSoon(): void {
    if (this.#waiting.length === 0 || this.#timers.has('batch')) return;
    this.#later('batch', BATCH_MS, () => this.#sendUnlessBusy());
  }

  /** One batch at a time, so that what a slow disk cannot take waits here, where the oldest can be dropped. */
  #sendUnlessBusy(): void {
    this.#overdue = this.#writing.length > 0;
    if (!this.#overdue) this.#send();
  }

  #sendAll(): void {
    while (this.#worker && !this.#paused && this.#waiting.length > 0) this.#send();
  }

  #prune(): void {
    const {clock, keepRawMs, keepHistoryMs} = this.#use;
    const now = clock.now();
    this.#say({kind: 'prune', now, before: {raw: now - keepRawMs, rollups: now - keepHistoryMs}});
  }

  /** What was recorded before the question is in the answer. A writer that is dead answers nothing. */
  #ask<Row>(question: Question): Promise<readonly Row[]> {
    this.#sendAll();
    if (!this.#worker || this.#closing) return Promise.resolve([]);
    const id = ++this.#asked;
    const {promise, resolve} = Promise.withResolvers<readonly Row[]>();
    this.#questions.set(id, (rows) => resolve(rows as readonly Row[]));
    this.#say({kind: 'query', now: this.#use.clock.now(), id, question});
    return promise;
  }

  #later(name: 'batch' | 'again' | 'prune', ms: number, run: () => void): void {
    if (this.#closing) return;
    this.#timers.get(name)?.();
    const cancel = this.#use.clock.after(ms, () => {
      this.#timers.delete(name);
      run();
    });
    this.#timers.set(name, cancel);
  }

  #say(message: ToWorker): void {
    this.#worker?.postMessage(message);
  }
}

function rowsIn(batches: readonly Batch[]): number {
  return batches.reduce((sum, batch) => sum + batch.size, 0);
}
