import type {Observation} from '../state/vocabulary.ts';

export interface HistoryFigures {
  /** Observations that are not yet on the disk. */
  readonly waiting: number;
  /** Those that never will be. */
  readonly dropped: number;
  readonly inMemory: boolean;
}

export interface History {
  figures(): HistoryFigures;
  /** Takes observations to the worker; never blocks, never throws. Drops the oldest when 100,000 wait, and counts them. */
  record(observations: readonly Observation[]): void;
  /** Raw observations of one subject, oldest first. */
  raw(query: {
    readonly check: string;
    readonly target?: string;
    readonly from: number;
    readonly to: number;
  }): Promise<readonly HistoryRow[]>;
  /** 5-minute rollups of one subject, oldest first. */
  rollups(query: {
    readonly check: string;
    readonly target?: string;
    readonly from: number;
    readonly to: number;
  }): Promise<readonly Rollup[]>;
  /** The same gathered into slots of equal length, for charts: those in which something ran, oldest first. */
  slots(query: SlotsQuery): Promise<readonly Slot[]>;
  /** Since when anything is known of each check that has a history. */
  begins(): Promise<readonly Beginning[]>;
}

export interface SlotsQuery {
  readonly check: string;
  readonly target?: string;
  readonly from: number;
  readonly to: number;
  /** The length of a slot; whole milliseconds, as are the others. */
  readonly stepMs: number;
  readonly of: 'raw' | 'rollups';
  /**
   * A raw failed run counts for the latencies only if it took at least so long: that is why it failed. What was refused at once
   * was not fast. Of rollups, which do not tell failures apart, those without a good run do not count.
   */
  readonly slowMs: number;
}

export interface Slot {
  /** Its beginning. */
  readonly at: number;
  readonly ok: number;
  readonly failed: number;
  readonly inconclusive: number;
  /** Runs that the latencies are of; 0: the latencies are 0 too. */
  readonly shown: number;
  readonly minMs: number;
  readonly meanMs: number;
  readonly maxMs: number;
}

export interface Beginning {
  readonly check: string;
  readonly at: number;
}

export interface HistoryRow {
  readonly at: number;
  readonly result: Observation['result'];
  readonly latencyMs: number;
  readonly reason: string;
  readonly values?: Readonly<Record<string, number>>;
}

export interface Rollup {
  /** Start of the 5 minutes. */
  readonly at: number;
  readonly ok: number;
  readonly failed: number;
  readonly inconclusive: number;
  readonly latencyMinMs: number;
  readonly latencyMeanMs: number;
  readonly latencyMaxMs: number;
}
