import type {Config} from '../config/config.ts';
import type {AlertState} from '../state/alerts.ts';
import type {CheckView} from '../state/view.ts';
import type {OutboxTable, Store, TelegramTables} from '../store/store.ts';
import type {Counts} from './counts.ts';

/** One metric with all its rows, read anew from what the program knows at each scrape. */
export interface Family {
  /** A counter's ends in `_total`. */
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  /** Plain words: no line breaks and no quotes, which the two formats escape differently. */
  readonly help: string;
  readonly labels: readonly string[];
  readonly rows: (facts: Facts) => Iterable<Row>;
}

/** The values of the labels, in their order, and the number. */
export type Row = readonly [labels: readonly string[], value: number];

/** What one scrape is made from. */
export interface Facts {
  readonly config: Config;
  readonly view: readonly CheckView[];
  readonly alerts: AlertState;
  readonly store: Pick<Store, 'figures'> & {
    readonly outbox: Pick<OutboxTable, 'lanes' | 'backlog'>;
    readonly telegram: Pick<TelegramTables, 'deadChannels'>;
  };
  readonly counts: Counts;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly build: Build;
}

export interface Build {
  readonly version: string;
  /** This server's name. */
  readonly server: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
}

export const SECOND_MS = 1_000;
