import type {AlertPolicy, CheckAlerts} from '../../src/state/alerts.ts';
import type {Observation, StepPolicy} from '../../src/state/vocabulary.ts';

/** Observations from a string: `x` failed, `.` ok, `?` inconclusive, one a second from `from` on. */
export function observations(
  marks: string,
  from = 1_000,
  subject: {check?: string; target?: string} = {},
): Observation[] {
  return [...marks].map((mark, index) => observation(mark, from + index * 1_000, subject));
}

export function observation(mark: string, at: number, subject: {check?: string; target?: string} = {}): Observation {
  const result = mark === 'x' ? 'failed' : mark === '.' ? 'ok' : 'inconclusive';
  return {check: 'api', ...subject, at, result, reason: result === 'failed' ? 'HTTP 503' : '', latencyMs: 5};
}

export const policy: StepPolicy = {
  failAfter: 3,
  recoverAfter: 2,
  alertWhen: {kind: 'count', count: 1},
  targetCount: 0,
};

/** A window that is open from `openAt` (inclusive) until `closeAt` (exclusive), once. */
export function alertPolicy(
  checks: Record<string, Partial<CheckAlerts>>,
  [openAt, closeAt]: [number, number] = [0, Number.POSITIVE_INFINITY],
): AlertPolicy {
  const defaults: CheckAlerts = {to: ['ops'], missed: 'digest', urgent: false};
  return {
    check: (name) => (checks[name] ? {...defaults, ...checks[name]} : undefined),
    noticeTo: ['ops'],
    window: (_name, at) => {
      if (at < openAt) return {open: false, until: openAt};
      if (at < closeAt) return {open: true, until: closeAt};
      return {open: false, until: null};
    },
  };
}
