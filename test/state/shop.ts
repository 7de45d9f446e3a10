import assert from 'node:assert/strict';
import type {CheckAlerts, RecoveryPolicy} from '../../src/state/alerts.ts';
import type {Recovery, RecoveryRun, RunOutcome} from '../../src/state/recovery-vocabulary.ts';
import type {Event, Incident} from '../../src/state/vocabulary.ts';
import {alertPolicy, World} from './worlds.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
export const anna = {id: 111, name: 'Anna'};

export const mend: RecoveryPolicy = {
  host: 'DC3',
  command: 'systemctl restart shop',
  isLocal: false,
  afterFailures: 3,
  maxAttempts: 3,
  intervalMs: 30 * SECOND,
  backoffFactor: 2,
  maxIntervalMs: 5 * MINUTE,
  approve: false,
  dryRun: false,
};

export function fails(failures = 3, check = 'api'): Event {
  return {kind: 'still_down', check, at: 0, failures};
}

/** A world with the check `api`, which depends on `router`, and its recovery. */
export class Shop extends World {
  constructor(recovery: Partial<RecoveryPolicy> = {}, rest: Parameters<typeof alertPolicy>[2] = {}) {
    const api: Partial<CheckAlerts> = {dependsOn: ['router'], recovery: {...mend, ...recovery}};
    super(alertPolicy({api, router: {}, gateway: {}}, [MINUTE, 10 * MINUTE], rest));
  }

  get open(): RecoveryRun[] {
    const over = new Set(this.runs.filter(({outcome}) => outcome).map(({id}) => id));
    return this.runs.filter(({id}) => !over.has(id));
  }

  get started(): string[] {
    return this.runs
      .filter(({outcome}) => !outcome)
      .map(({attempt, of, by}) => `${attempt}/${of} ${by?.name ?? ''}`.trim());
  }

  get recovery(): Recovery | undefined {
    return this.state.recoveries.get('api');
  }

  incident(id: number): Incident | undefined {
    return this.state.incidents.get(id);
  }

  /** The command under way ends. */
  ends(at: number, outcome: Partial<RunOutcome> = {}): void {
    const run = this.open[0];
    assert.ok(run, 'nothing runs');
    const whole = {status: 'failed', endedAt: at, exitCode: 1, output: '', ...outcome} as const;
    this.now(at, {kind: 'recovery_ended', check: run.check, at, run: {...run, outcome: whole}});
  }
}
