import type {RecoveryWait} from '../../../state/recovery-vocabulary.ts';
import {numbersIn} from '../numbers.ts';

const {count, number} = numbersIn('en');

export const attempt = {
  title: (attempt: number, of: number) => `Recovery attempt ${number(attempt)} of ${number(of)}`,
  orderedBy: (name: string) => `ordered by ${name}`,
  running: 'running',
  exited: (code: number, duration: string) => `exit code ${code} after ${duration}`,
  ended: (signal: string, duration: string) => `ended by ${signal} after ${duration}`,
  timedOut: (duration: string) => `told to stop after ${duration}`,
  notStarted: (reason: string) => `it did not start: ${reason}`,
  unknown: (reason: string) => `outcome unknown: ${reason}`,
  dryRun: 'not run, as dry_run is on',
  waits: {
    breaker: 'The recovery has given up, its breaker is open: /recover NAME reset closes it',
    maintenance: 'The recovery waits: in maintenance',
    acked: 'The recovery waits: somebody is on it',
    flapping: 'The recovery waits: flapping',
    parent_down: 'The recovery waits: its parent is down',
    cut_off: 'The recovery waits: this server is cut off',
    outside_window: 'The recovery waits: outside its window',
    approval: 'The recovery waits for an admin to approve it: /recover NAME',
  } satisfies Record<RecoveryWait, string>,
  nextCheck: (time: string, duration: string) => `Next check at ${time}, in ${duration}`,
  afterAttempts: (attempts: number) => `with ${count(attempts, {one: 'recovery attempt', other: 'recovery attempts'})}`,
};

export const recover = {
  none: 'No check has a recovery.',
  notOf: (check: string) => `${check} has no recovery.`,
  begun: (check: string) => `The recovery of ${check} runs now; its card will tell how that ended.`,
  refused: {
    not_down: (check: string) => `${check} is not down; there is nothing to recover.`,
    running: (check: string) => `The recovery of ${check} is running already.`,
    breaker: (check: string) => `The breaker of ${check} is open: /recover ${check} reset closes it.`,
  },
  reset: (check: string) => `The attempts for ${check} are counted from the beginning.`,
  nothingToReset: (check: string) => `No attempt for ${check} is counted; there is nothing to reset.`,
};
