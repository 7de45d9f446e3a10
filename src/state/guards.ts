import type {CheckState, Observation} from './vocabulary.ts';

/**
 * Whether this server's own network is gone: every guard's newest observations failed, also before the guard is called
 * down, since other checks fail at the same moment. False where no guard is named.
 */
export function isCutOff(guards: readonly string[], state: (check: string) => CheckState | undefined): boolean {
  return guards.length > 0 && guards.every((guard) => isFailing(state(guard)));
}

/** What a check that needs the network says while it is gone: nothing. */
export function softened(observations: readonly Observation[]): readonly Observation[] {
  return observations.map((observation) =>
    observation.result === 'failed'
      ? {...observation, result: 'inconclusive', reason: `this server is cut off (${observation.reason})`}
      : observation,
  );
}

function isFailing(state: CheckState | undefined): boolean {
  if (!state || state.counters.size === 0) return false;
  for (const counter of state.counters.values()) if (counter.lastResult !== 'failed') return false;
  return true;
}
