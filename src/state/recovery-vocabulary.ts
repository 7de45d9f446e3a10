import type {Person} from './vocabulary.ts';

/** One running of a check's recovery. It is on the disk before the command starts, and is never started again. */
export interface RecoveryRun {
  readonly id: number;
  readonly check: string;
  /** The incident that it is to end. */
  readonly incident: number;
  /** From 1 to `of`: the attempts of one incident, or since the breaker was last reset. */
  readonly attempt: number;
  readonly of: number;
  /** The name of the host that the command runs on; `local`: this server. */
  readonly host: string;
  /** As people read it. */
  readonly command: string;
  readonly startedAt: number;
  /** Who ordered or approved it; left out: nobody, it ran by itself. */
  readonly by?: Person;
  /** Only said, not done. */
  readonly dryRun?: true;
  /** Left out while it runs. */
  readonly outcome?: RunOutcome;
}

export interface RunOutcome {
  /**
   * `done`: exit code 0; `failed`: another one, or a signal; `timed_out`: told to stop; `not_started`: certainly did not run;
   * `unknown`: it may have run to its end or not.
   */
  readonly status: 'done' | 'failed' | 'timed_out' | 'not_started' | 'unknown' | 'dry_run';
  readonly endedAt: number;
  /** Of a command that ended by itself. */
  readonly exitCode?: number;
  /** `TERM`: the signal that ended it. */
  readonly signal?: string;
  /** Why it did not start, or why nothing is known. */
  readonly reason?: string;
  /** The end of what it said on both streams. */
  readonly output: string;
}

/** Why a recovery does not run by itself now. */
export type RecoveryWait =
  | 'breaker'
  | 'maintenance'
  | 'acked'
  | 'flapping'
  | 'parent_down'
  | 'cut_off'
  | 'outside_window'
  | 'approval';

/** What is known of the recovery of one check. */
export interface Recovery {
  readonly check: string;
  /** Attempts begun in this incident, or since the last reset. */
  readonly attempts: number;
  readonly of: number;
  /** The newest one; without an outcome it is under way, whatever has become of its incident. */
  readonly run?: RecoveryRun;
  /** When the newest one ended; moved back with the wall clock. The next one comes so much later. */
  readonly restsFrom?: number;
  readonly waits?: RecoveryWait;
  /** Since when the breaker is open: nothing runs until somebody resets it. It outlives the incident. */
  readonly brokenAt?: number;
}
