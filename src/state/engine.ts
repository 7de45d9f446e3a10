import {remember, steady} from './flapping.ts';
import {
  type AlertWhen,
  type CheckState,
  type Counter,
  type Event,
  type FalseTargets,
  type Observation,
  type StepPolicy,
  TARGETS_LISTED_MAX,
} from './vocabulary.ts';

/** What one run of a check did to its state. `changed` holds the subjects whose counters differ in more than time. */
export interface Step {
  readonly state: CheckState;
  readonly events: readonly Event[];
  readonly changed: readonly string[];
}

/** The state of a check that was never run: true, and unknown. */
export function startState(check: string): CheckState {
  return {
    check,
    status: true,
    known: false,
    since: 0,
    counters: new Map(),
    falseTargets: 0,
    downRuns: 0,
    flap: steady,
  };
}

/**
 * Counts the observations of one run of a check and tells what follows from them.
 * A check without targets has one subject, and its status is the check's; otherwise `alert_when` decides.
 */
export function step(state: CheckState, observations: readonly Observation[], now: number, policy: StepPolicy): Step {
  const counters = new Map(state.counters);
  const events: Event[] = [];
  const changed: string[] = [];
  const accepted: Observation[] = [];
  for (const observation of observations) {
    const subject = observation.target ?? '';
    const before = counters.get(subject);
    const after = count(before, observation, now, policy);
    if (after === before) continue;
    accepted.push(observation);
    counters.set(subject, after);
    if (!before || differs(before, after)) changed.push(subject);
    const event = flip(before, after, observation);
    if (event) events.push(event);
  }
  if (accepted.length === 0) return {state, events, changed};
  const next =
    policy.targetCount === 0
      ? ofOneSubject(state, counters)
      : withTargets(state, counters, {events, changed, now, policy});
  return {state: afterRun(state, next, accepted, {events, now, policy}), events, changed};
}

/** The table of docs/architecture.md, one subject and one observation at a time. */
export function count(
  before: Counter | undefined,
  observation: Observation,
  now: number,
  policy: Pick<StepPolicy, 'failAfter' | 'recoverAfter'>,
): Counter {
  if (before && isStale(before, observation, now)) return before;
  const errors = before?.errors ?? 0;
  const successes = before?.successes ?? 0;
  const status = before?.status ?? true;
  const known = before?.known ?? false;
  const since = known && before ? before.since : observation.at;
  switch (observation.result) {
    case 'inconclusive':
      return seen(observation, status, known, errors, successes, since);
    case 'failed':
      if (!status) return seen(observation, false, true, errors + 1, 0, since);
      if (errors + 1 < policy.failAfter) return seen(observation, true, true, errors + 1, 0, since);
      return seen(observation, false, true, errors + 1, 0, observation.at);
    case 'ok':
      if (status) return seen(observation, true, true, 0, 0, since);
      if (successes + 1 < policy.recoverAfter) return seen(observation, false, true, 0, successes + 1, since);
      return seen(observation, true, true, 0, 0, observation.at);
  }
}

/** How many false targets make the check false; at least one. */
export function threshold(alertWhen: AlertWhen, targetCount: number): number {
  if (alertWhen.kind === 'count') return Math.max(1, alertWhen.count);
  return Math.max(1, Math.ceil((targetCount * alertWhen.percent) / 100));
}

/** Those that are false, the longest first, `of` so many. */
export function falseTargetsIn(counters: ReadonlyMap<string, Counter>, of: number): FalseTargets {
  const all = [...counters].filter(([, counter]) => !counter.status);
  all.sort(([a, x], [b, y]) => x.since - y.since || (a < b ? -1 : 1));
  const listed = all
    .slice(0, TARGETS_LISTED_MAX)
    .map(([target, counter]) => ({target, reason: counter.lastReason, since: counter.since}));
  return {listed, count: all.length, of};
}

/** A last observation from beyond `now` means that the wall clock was set back: then the new one is the truth. */
function isStale(before: Counter, observation: Observation, now: number): boolean {
  return observation.at < before.lastAt && before.lastAt <= now;
}

function seen(
  observation: Observation,
  status: boolean,
  known: boolean,
  errors: number,
  successes: number,
  since: number,
): Counter {
  return {
    status,
    known,
    errors,
    successes,
    since,
    lastAt: observation.at,
    lastResult: observation.result,
    lastReason: observation.reason,
    lastLatencyMs: observation.latencyMs,
  };
}

/**
 * An ok after an ok changes only times, which need not be written to the disk; but when the wall clock was set back, the
 * time that is there would make a restarted program take the next observations for old ones.
 */
function differs(before: Counter, after: Counter): boolean {
  return (
    before.status !== after.status ||
    before.known !== after.known ||
    before.errors !== after.errors ||
    before.successes !== after.successes ||
    before.since !== after.since ||
    before.lastResult !== after.lastResult ||
    before.lastAt > after.lastAt
  );
}

function flip(before: Counter | undefined, after: Counter, observation: Observation): Event | undefined {
  if ((before?.status ?? true) === after.status) return undefined;
  const subject = observation.target === undefined ? {} : {target: observation.target};
  const at = observation.at;
  const check = observation.check;
  if (after.status) return {kind: 'recovered', check, ...subject, at, downMs: Math.max(0, at - (before?.since ?? at))};
  return {kind: 'went_down', check, ...subject, at, reason: observation.reason, errors: after.errors};
}

function ofOneSubject(state: CheckState, counters: Map<string, Counter>): CheckState {
  const counter = counters.get('');
  if (!counter) return state;
  return {...state, status: counter.status, known: counter.known, since: counter.since, counters};
}

/** What a run adds to: `events` grows. */
interface Run {
  readonly events: Event[];
  readonly now: number;
  readonly policy: StepPolicy;
}

function withTargets(
  state: CheckState,
  counters: Map<string, Counter>,
  {events, changed, now, policy}: Run & {readonly changed: readonly string[]},
): CheckState {
  const falseTargets = countFalse(counters);
  const status = falseTargets < threshold(policy.alertWhen, policy.targetCount);
  const at = newestAt(counters, changed) ?? now;
  const known = state.known || changed.some((target) => counters.get(target)?.known === true);
  const since = status !== state.status || !state.known ? at : state.since;
  const flips = events.length > 0;
  const snapshot = () => falseTargetsIn(counters, policy.targetCount);
  if (state.status && !status) {
    const list = snapshot();
    const reason = list.listed[0]?.reason ?? '';
    events.push({kind: 'went_down', check: state.check, at, reason, errors: policy.failAfter, falseTargets: list});
  } else if (!state.status && status) {
    events.push({kind: 'recovered', check: state.check, at, downMs: Math.max(0, at - state.since)});
  } else if (!status && flips) {
    events.push({kind: 'targets_changed', check: state.check, at, falseTargets: snapshot()});
  }
  return {...state, status, known, since, counters, falseTargets};
}

/** Backoff and flapping look at the run as a whole: with targets, a run fails as `alert_when` says. */
function afterRun(
  before: CheckState,
  after: CheckState,
  observations: readonly Observation[],
  {events, now, policy}: Run,
): CheckState {
  const failed = observations.filter(({result}) => result === 'failed').length;
  const conclusive = failed > 0 || observations.some(({result}) => result === 'ok');
  if (!conclusive) return after;
  const downRuns = after.status || (failed === 0 && policy.targetCount === 0) ? 0 : before.downRuns + 1;
  const ok = policy.targetCount === 0 ? failed === 0 : failed < threshold(policy.alertWhen, policy.targetCount);
  const flap = policy.flapping ? remember(before.flap, ok) : steady;
  if (flap.isFlapping !== before.flap.isFlapping) {
    const at = observations[0]?.at ?? now;
    // First, so that whoever decides on the flip that comes with it knows already.
    events.unshift({kind: flap.isFlapping ? 'flapping_started' : 'flapping_ended', check: before.check, at});
  }
  return {...after, downRuns, flap};
}

function countFalse(counters: ReadonlyMap<string, Counter>): number {
  let count = 0;
  for (const counter of counters.values()) if (!counter.status) count++;
  return count;
}

function newestAt(counters: ReadonlyMap<string, Counter>, changed: readonly string[]): number | undefined {
  let newest: number | undefined;
  for (const target of changed) {
    const at = counters.get(target)?.lastAt;
    if (at !== undefined && (newest === undefined || at > newest)) newest = at;
  }
  return newest;
}
