/** How a check's interval grows while the check is false. */
export interface BackoffPolicy {
  readonly intervalMs: number;
  /** 1 is off. */
  readonly backoffFactor: number;
  readonly maxIntervalMs: number;
}

/** The time until the next run, after so many runs in a row that left the check false: 30 s × 1.5 → 45 → 67.5 … */
export function nextIntervalMs({intervalMs, backoffFactor, maxIntervalMs}: BackoffPolicy, downRuns: number): number {
  if (downRuns === 0 || backoffFactor === 1) return intervalMs;
  // A configured interval above the maximum stays as it is: backing off must not make a check more frequent.
  return Math.max(intervalMs, Math.min(maxIntervalMs, intervalMs * backoffFactor ** Math.min(downRuns, 1_000)));
}
