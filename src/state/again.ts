import type {CheckState, Counter, Observation, StepPolicy} from './vocabulary.ts';

/**
 * By far the most runs say what the run before them said: all is well. Of such a run only the times are new, and they are
 * written into the counters that are there, since a new state for each would live just long enough to grow old on the heap.
 * False: it was no such run, nothing is changed, and `step` is to count it.
 */
export function again(
  state: CheckState,
  run: readonly Observation[],
  {flapping}: Pick<StepPolicy, 'flapping'>,
): boolean {
  if (!isSteady(state, flapping)) return false;
  for (const observation of run) {
    const counter = state.counters.get(observation.target ?? '');
    if (!counter || !isSame(counter, observation)) return false;
  }
  for (const {target = '', at, latencyMs} of run) {
    const counter = state.counters.get(target);
    // A run that looked twice at one target need not have done so in order.
    if (!counter || at < counter.lastAt) continue;
    counter.lastAt = at;
    counter.lastLatencyMs = latencyMs;
  }
  return true;
}

/** Nothing is counted that an ok would set back. */
function isSteady({status, known, downRuns, falseTargets, flap}: CheckState, flapping: boolean): boolean {
  const hasSettled = flap.changes === 0 && !flap.isFlapping && flap.last === (flapping ? true : undefined);
  return status && known && downRuns === 0 && falseTargets === 0 && hasSettled;
}

function isSame(counter: Counter, {result, reason, at}: Observation): boolean {
  const {status, known, errors, successes, lastResult, lastReason, lastAt} = counter;
  if (result !== 'ok' || lastResult !== 'ok' || reason !== lastReason) return false;
  return status && known && errors === 0 && successes === 0 && at >= lastAt;
}
