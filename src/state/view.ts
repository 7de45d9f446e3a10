import type {CheckConfig, Config} from '../config/config.ts';
import {startState} from './engine.ts';
import type {Recovery} from './recovery-vocabulary.ts';
import type {World} from './turn.ts';
import type {CheckState, FlappingSpell, Incident, Verdict} from './vocabulary.ts';

/** `{check: true}`, or for a check with targets `{check: {target: false}}`. */
export type StatusMap = Record<string, boolean | Record<string, boolean>>;

/** One check as people ask about it. */
export interface CheckView {
  readonly config: CheckConfig;
  readonly state: CheckState;
  readonly incident?: Incident;
  readonly spell?: FlappingSpell;
  readonly recovery?: Recovery;
  /** The last decision on it. */
  readonly verdict?: Verdict;
}

/** Every check of the configuration, in its order. */
export function viewOf(
  config: Pick<Config, 'checks'>,
  {checks, alerts}: World,
  verdicts: ReadonlyMap<string, Verdict>,
): readonly CheckView[] {
  return config.checks.map((check) => {
    const {name} = check;
    const state = checks.get(name) ?? startState(name);
    const incident = alerts.incidents.get(alerts.open.get(name) ?? 0);
    const spell = alerts.spells.get(name);
    const recovery = alerts.recoveries.get(name);
    const verdict = verdicts.get(name);
    const known = {...(incident && {incident}), ...(spell && {spell}), ...(recovery && {recovery})};
    return {config: check, state, ...known, ...(verdict && {verdict})};
  });
}

/** When a check is to run next, as far as can be known; undefined before its first run. */
export function nextCheckAt(
  state: CheckState | undefined,
  policy: {readonly intervalMs: (state: CheckState) => number},
): number | undefined {
  if (!state || state.counters.size === 0) return undefined;
  const lastAt = [...state.counters.values()].reduce((latest, counter) => Math.max(latest, counter.lastAt), 0);
  return lastAt + policy.intervalMs(state);
}

export function statusMapOf(view: readonly CheckView[]): StatusMap {
  const map: StatusMap = {};
  for (const {config, state} of view) {
    map[config.name] = config.targets.length === 0 ? state.status : statusOfTargets(config, state);
  }
  return map;
}

function statusOfTargets(config: CheckConfig, state: CheckState): Record<string, boolean> {
  return Object.fromEntries(config.targets.map(({address}) => [address, state.counters.get(address)?.status ?? true]));
}
