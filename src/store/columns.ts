import type {Observation, Result} from '../state/vocabulary.ts';

/**
 * Observations on their way to the writer's thread. Copied one by one, each brings the names of its fields along; as columns
 * they cost a quarter of that, on both sides.
 */
export interface Columns {
  readonly checks: readonly string[];
  readonly at: Float64Array;
  readonly latencyMs: Float64Array;
  /** Places in `RESULTS`. */
  readonly results: Uint8Array;
  /** By the observation's place; most have none of these. */
  readonly targets: readonly (readonly [number, string])[];
  readonly reasons: readonly (readonly [number, string])[];
  readonly values: readonly (readonly [number, Readonly<Record<string, number>>])[];
}

const RESULTS: readonly Result[] = ['ok', 'failed', 'inconclusive'];

export function toColumns(observations: readonly Observation[]): Columns {
  const count = observations.length;
  const at = new Float64Array(count);
  const latencyMs = new Float64Array(count);
  const results = new Uint8Array(count);
  const targets: [number, string][] = [];
  const reasons: [number, string][] = [];
  const values: [number, Readonly<Record<string, number>>][] = [];
  for (const [index, observation] of observations.entries()) {
    at[index] = observation.at;
    latencyMs[index] = observation.latencyMs;
    results[index] = RESULTS.indexOf(observation.result);
    if (observation.target !== undefined) targets.push([index, observation.target]);
    if (observation.reason !== '') reasons.push([index, observation.reason]);
    if (observation.values) values.push([index, observation.values]);
  }
  return {checks: observations.map(({check}) => check), at, latencyMs, results, targets, reasons, values};
}

export function fromColumns(columns: Columns): Observation[] {
  const targets = new Map(columns.targets);
  const reasons = new Map(columns.reasons);
  const values = new Map(columns.values);
  return columns.checks.map((check, index) => {
    const target = targets.get(index);
    const own = values.get(index);
    return {
      check,
      at: columns.at[index] ?? 0,
      result: RESULTS[columns.results[index] ?? 0] ?? 'inconclusive',
      reason: reasons.get(index) ?? '',
      latencyMs: columns.latencyMs[index] ?? 0,
      ...(target !== undefined && {target}),
      ...(own && {values: own}),
    };
  });
}
