import {mkdirSync} from 'node:fs';
import {dirname} from 'node:path';
import type {Cancel, Clock} from '../clock.ts';
import {copyAll, copyReadable, rescue, setAside} from './damage.ts';
import {inodeOf, openFile, openMemory} from './file.ts';
import {type Lock, lockFolder} from './lock.ts';
import {putMemory} from './memory.ts';
import {STATE} from './migrations.ts';
import type {Notices} from './notices.ts';
import {type Sickness, StoreRefused, sicknessOf} from './sickness.ts';
import type {Sql} from './sql.ts';
import type {StoreFigures} from './store.ts';

/** How often the way back to the disk is tried. */
const RETURN_MS = 60_000;
/** How long it is believed that the disk takes what is written. */
const TRIED_FOR_MS = 5_000;
/** A check always has a name. */
const NO_CHECK = '';

/**
 * state.db, wherever it has to live just now: on the disk, or in memory while the disk is sick.
 * The constructor throws StoreRefused if another process has the folder or a newer program wrote the file; a sick disk is
 * no reason to throw.
 */
export class Vault {
  readonly #file: string;
  readonly #clock: Clock;
  readonly #notices: Notices;
  readonly #resets: (() => void)[] = [];
  #lock: Lock | undefined;
  #stopTrying: Cancel = () => {};
  #onDisk = true;
  #triedAt = Number.NEGATIVE_INFINITY;
  #inode: number | undefined;
  readonly #commits = {durable: {count: 0, ms: 0}, relaxed: {count: 0, ms: 0}};
  #sql: Sql;

  constructor(use: {readonly file: string; readonly clock: Clock; readonly notices: Notices}) {
    this.#file = use.file;
    this.#clock = use.clock;
    this.#notices = use.notices;
    this.#sql = this.#open();
    if (!this.#onDisk) this.#tryLater();
  }

  read<T>(work: (sql: Sql) => T): T {
    return this.#guarded(() => work(this.#sql));
  }

  /** One transaction. If the disk refuses it, it is done again, in memory or in a fresh file: `work` may run more than once. */
  write<T>(durable: boolean, work: (sql: Sql) => T): T {
    if (this.#onDisk && inodeOf(this.#file) !== this.#inode) this.#abandon();
    const from = this.#clock.monotonic();
    const result = this.#guarded(() => this.#sql.transaction(durable, () => work(this.#sql)));
    const commits = durable ? this.#commits.durable : this.#commits.relaxed;
    commits.count++;
    commits.ms += this.#clock.monotonic() - from;
    return result;
  }

  figures(): StoreFigures['state'] {
    const {durable, relaxed} = this.#commits;
    return {durable: {...durable}, relaxed: {...relaxed}, inMemory: !this.#onDisk};
  }

  /** Writes something that means nothing, if the last answer is too old, and says whether the disk took it. */
  isWritable(): boolean {
    const now = this.#clock.monotonic();
    if (now >= this.#triedAt + TRIED_FOR_MS) {
      this.#triedAt = now;
      this.write(false, (sql) => putMemory(sql, NO_CHECK, String(now)));
    }
    return this.#onDisk;
  }

  /** Called in a microtask of its own when, while running, part of the file could not be read any more. */
  onReset(listener: () => void): void {
    this.#resets.push(listener);
  }

  /** The last try to get back to the disk. Before `close`, as those who hear of it will want to write that down. */
  finish(): void {
    this.#stopTrying();
    if (!this.#onDisk && !this.#comeBack()) {
      this.#notices.lost(`${this.#file} could not be written: what happened since is lost`);
    }
  }

  close(): void {
    this.#sql.close();
    this.#lock?.release();
  }

  #open(): Sql {
    try {
      return this.#openDisk();
    } catch (error) {
      const sickness = sicknessOf(error);
      if (!sickness) this.#lock?.release();
      if (!sickness) throw error;
      const memory = openMemory(STATE);
      rescue(this.#file, memory);
      return this.#settle(memory, error, sickness);
    }
  }

  #openDisk(): Sql {
    mkdirSync(dirname(this.#file), {recursive: true});
    this.#lock ??= lockFolder(dirname(this.#file));
    const sql = openFile(this.#file, STATE, Number.POSITIVE_INFINITY);
    this.#inode = inodeOf(this.#file);
    return sql;
  }

  /** A file that was deleted still takes what is written to it, and keeps none of it. Its lock went with it. */
  #abandon(): void {
    this.#lock?.release();
    this.#lock = undefined;
    this.#leave(new Error('it was deleted, or another file was put in its place'), 'unwritable');
  }

  /** A second damage in one go is not the file's fault any more: then it is the disk that cannot be trusted. */
  #guarded<T>(work: () => T, before?: Sickness): T {
    try {
      return work();
    } catch (error) {
      if (!this.#onDisk) throw error;
      const found = known(error);
      const sickness = found === before ? 'unwritable' : found;
      this.#leave(error, sickness);
      return this.#guarded(work, sickness);
    }
  }

  #leave(error: unknown, sickness: Sickness): void {
    const memory = openMemory(STATE);
    const complete = copyReadable(this.#sql, memory);
    this.#sql.close();
    this.#sql = this.#settle(memory, error, sickness);
    if (!this.#onDisk) this.#tryLater();
    if (complete && sickness === 'unwritable') return;
    queueMicrotask(() => {
      for (const listener of this.#resets) listener();
    });
  }

  /** Everything that could be read is in memory: goes on from there, or in a fresh file where only the old one was at fault. */
  #settle(memory: Sql, error: unknown, sickness: Sickness): Sql {
    const fresh = sickness === 'damaged' ? this.#replace(memory, error) : undefined;
    this.#onDisk = fresh !== undefined;
    if (fresh) {
      memory.close();
      return fresh;
    }
    this.#notices.sick(STATE.name, `${this.#file} cannot be written (${messageOf(error)}): going on in memory`);
    return memory;
  }

  #replace(memory: Sql, error: unknown): Sql | undefined {
    try {
      const aside = setAside(this.#file, this.#clock.now());
      this.#notices.damaged(`state.db is damaged (${messageOf(error)}): set aside as ${aside}, a fresh one started`);
      return this.#fill(memory);
    } catch (failure) {
      known(failure);
      return undefined;
    }
  }

  /** The file with exactly what the memory holds, in one transaction. */
  #fill(memory: Sql): Sql {
    const target = this.#openDisk();
    try {
      copyAll(memory, target);
      return target;
    } catch (error) {
      target.close();
      throw error;
    }
  }

  #tryLater(): void {
    this.#stopTrying = this.#clock.after(RETURN_MS, () => {
      if (!this.#comeBack()) this.#tryLater();
    });
  }

  #comeBack(): boolean {
    try {
      const target = this.#fill(this.#sql);
      this.#sql.close();
      this.#sql = target;
      this.#onDisk = true;
      this.#notices.well(STATE.name);
    } catch (error) {
      // Another vakhta may have taken the folder meanwhile: then this one stays in memory.
      if (!(error instanceof StoreRefused) && known(error) === 'damaged') this.#setAsideQuietly();
    }
    return this.#onDisk;
  }

  /** What it held has been in memory all the time, so there is nothing to tell. */
  #setAsideQuietly(): void {
    try {
      setAside(this.#file, this.#clock.now());
    } catch (error) {
      known(error);
    }
  }
}

/** Throws on what is not the disk's fault. */
function known(error: unknown): Sickness {
  const sickness = sicknessOf(error);
  if (sickness) return sickness;
  throw error;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
