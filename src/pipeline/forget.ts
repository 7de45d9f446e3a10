import type {Config} from '../config/config.ts';
import {falseTargetsIn, startState} from '../state/engine.ts';
import {forgetRecovery} from '../state/recovery.ts';
import type {World} from '../state/turn.ts';
import type {Event} from '../state/vocabulary.ts';
import type {Commit} from '../store/store.ts';

export interface Forgotten {
  /** What is to go from the store. */
  readonly rows: NonNullable<Commit['forgotten']>;
  /** What follows for the incidents of checks that are still configured. */
  readonly events: readonly Event[];
}

/** Takes the checks and targets that are not configured out of what is known. */
export function forgetRemoved({checks, alerts}: World, config: Config, at: number): Forgotten {
  const rows: {check: string; target?: string}[] = [];
  const events: Event[] = [];
  const configs = new Map(config.checks.map((check) => [check.name, check]));
  for (const [check, state] of checks) {
    const config = configs.get(check);
    if (!config) {
      checks.delete(check);
      forgetRecovery(alerts.recoveries, check);
      rows.push({check});
      continue;
    }
    const subjects = new Set(config.targets.length === 0 ? [''] : config.targets.map(({address}) => address));
    const counters = new Map([...state.counters].filter(([target]) => subjects.has(target)));
    if (counters.size === state.counters.size) continue;
    if (counters.size === 0) {
      // Nothing that it looked at is left: it is another check under the same name, and what was said of it is over.
      checks.set(check, startState(check));
      forgetRecovery(alerts.recoveries, check);
      rows.push({check});
      events.push({kind: 'check_removed', check, at});
      continue;
    }
    for (const target of state.counters.keys()) if (!subjects.has(target)) rows.push({check, target});
    const falseTargets = falseTargetsIn(counters, subjects.size);
    checks.set(check, {...state, counters, falseTargets: falseTargets.count});
    // Where none is left, the next run says that it is back.
    if (!state.status && falseTargets.count > 0) events.push({kind: 'targets_changed', check, at, falseTargets});
  }
  return {rows, events};
}
