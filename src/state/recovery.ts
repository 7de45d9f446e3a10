import type {RecoveryPolicy} from './alerts.ts';
import {nextIntervalMs} from './backoff.ts';
import type {Draft} from './draft.ts';
import {isInMaintenance, isParentDown} from './holds.ts';
import {areAllDown, editCards} from './incidents.ts';
import type {Recovery, RecoveryRun, RecoveryWait} from './recovery-vocabulary.ts';
import type {Event, Person} from './vocabulary.ts';

/** Of what a command said, so much stands on cards; the store has the rest. */
const SHOWN_UNITS_MAX = 500;

/**
 * A false check was looked at and failed again: now its recovery runs, or is asked for, or waits. It needs no clock of its own,
 * as nothing is mended that has not just been seen to be broken.
 */
export function considerRecovery(draft: Draft, {check, at, failures}: Event & {kind: 'still_down'}): void {
  const policy = draft.policy.check(check)?.recovery;
  const incident = draft.openIncident(check);
  if (!policy || !incident || failures === undefined || failures < policy.afterFailures) return;
  const known = followClock(draft, draft.recovery(check) ?? {check, attempts: 0, of: policy.maxAttempts});
  if (isRunning(known) || isResting(known, policy, {at, now: draft.now})) return;
  const current = {...known, of: policy.maxAttempts};
  const waits = waitOf(draft, current, policy);
  if (waits === undefined) return start(draft, current, policy);
  if (waits === current.waits) return;
  put(draft, {...current, waits, ...(waits === 'breaker' && {brokenAt: current.brokenAt ?? draft.now})});
}

/** What people order, and how commands end. */
export function takeRecovery(
  draft: Draft,
  event: Event & {kind: 'recovery_ordered' | 'recovery_reset' | 'recovery_ended'},
): void {
  switch (event.kind) {
    case 'recovery_ordered':
      return order(draft, event);
    case 'recovery_reset':
      return reset(draft, event.check);
    case 'recovery_ended':
      return endRun(draft, event);
  }
}

/** Somebody has it run: neither the rest between attempts nor a hold binds a person, but the breaker and a run under way do. */
function order(draft: Draft, {check, by}: Event & {kind: 'recovery_ordered'}): void {
  const policy = draft.policy.check(check)?.recovery;
  const known = draft.recovery(check);
  if (!policy || orderRefusal(draft.openIncident(check) !== undefined, known, policy) !== undefined) return;
  start(draft, {attempts: 0, ...known, check, of: policy.maxAttempts}, policy, by);
}

/** Why a person's order to run the recovery of a check would come to nothing; undefined: it runs. */
export function orderRefusal(
  isDown: boolean,
  known: Recovery | undefined,
  {maxAttempts}: Pick<RecoveryPolicy, 'maxAttempts'>,
): 'not_down' | 'running' | 'breaker' | undefined {
  if (!isDown) return 'not_down';
  if (known && isRunning(known)) return 'running';
  return known && (known.brokenAt !== undefined || known.attempts >= maxAttempts) ? 'breaker' : undefined;
}

function reset(draft: Draft, check: string): void {
  const known = draft.recovery(check);
  if (!known) return;
  const {brokenAt: _, waits: __, restsFrom: ___, ...rest} = known;
  keepOrForget(draft, {...rest, attempts: 0});
}

/** The command has ended, or nobody will ever know. The check itself may be fine by now, or gone. */
function endRun(draft: Draft, {check, at, run}: Event & {kind: 'recovery_ended'}): void {
  draft.putRun(run);
  const final = {...run, ...(run.outcome && {outcome: shown(run.outcome)})};
  const known = draft.recovery(check);
  if (known?.run?.id === run.id) {
    const rested = {...known, run: final, restsFrom: at};
    // In another incident of the check the command only makes the first attempt wait.
    if (draft.openIncident(check)?.id !== run.incident && draft.openIncident(check)) draft.putRecovery(check, rested);
    else keepOrForget(draft, rested);
  }
  showEnd(draft, final);
}

/** Whoever looks at the card of what has recovered meanwhile sees how its command ended. */
function showEnd(draft: Draft, run: RecoveryRun): void {
  const past = draft.incident(run.incident);
  if (past?.closedAt === undefined || past.recovery?.run?.id !== run.id) return;
  const closed = {...past, recovery: {...past.recovery, run}};
  draft.put(closed);
  editCards(draft, closed, 'recovery');
}

/** The incident is over. A breaker stays open until somebody resets it, and a command under way goes on. */
export function leaveRecovery(draft: Draft, check: string): void {
  const known = draft.recovery(check);
  if (!known) return;
  const {waits: _, ...rest} = known;
  const {brokenAt, run} = rest;
  if (brokenAt !== undefined) return draft.putRecovery(check, rest);
  draft.putRecovery(check, run && isRunning(known) ? {check, attempts: 0, of: known.of, run} : undefined);
}

/** A run that the program did not see the end of. */
export function lost(run: RecoveryRun, at: number): RecoveryRun {
  return {...run, outcome: {status: 'unknown', endedAt: at, reason: 'vakhta ended meanwhile', output: ''}};
}

/** The check left the configuration. A command under way is remembered: the check may come back before it has ended. */
export function forgetRecovery(recoveries: Map<string, Recovery>, check: string): void {
  const known = recoveries.get(check);
  if (known && !isRunning(known)) recoveries.delete(check);
}

export function isRunning({run}: Recovery): boolean {
  return run !== undefined && run.outcome === undefined;
}

/** The rest after so many attempts: the check's own interval × factor, × factor² …, up to the maximum. */
export function restMs(policy: RecoveryPolicy, attempts: number): number {
  return nextIntervalMs(policy, attempts);
}

/** When the wall clock was set back, the rest is counted from now: it would last an hour longer otherwise. */
function followClock(draft: Draft, known: Recovery): Recovery {
  if (known.restsFrom === undefined || known.restsFrom <= draft.now) return known;
  const moved = {...known, restsFrom: draft.now};
  draft.putRecovery(known.check, moved);
  return moved;
}

/** A look that began before the command ended says nothing of what it has done. */
function isResting(
  {restsFrom, attempts, brokenAt}: Recovery,
  policy: RecoveryPolicy,
  {at, now}: {readonly at: number; readonly now: number},
): boolean {
  if (restsFrom === undefined || brokenAt !== undefined) return false;
  if (at < restsFrom) return true;
  // After the last attempt there is nothing to wait for: a failure now is what opens the breaker.
  return attempts < policy.maxAttempts && now < restsFrom + restMs(policy, attempts);
}

/** The reasons in the order in which they are named, when several hold. */
function waitOf(draft: Draft, known: Recovery, policy: RecoveryPolicy): RecoveryWait | undefined {
  const {check} = known;
  if (known.brokenAt !== undefined || known.attempts >= policy.maxAttempts) return 'breaker';
  if (isInMaintenance(draft, check)) return 'maintenance';
  if (draft.openIncident(check)?.acknowledged) return 'acked';
  if (draft.isFlapping(check)) return 'flapping';
  if (isParentDown(draft, check)) return 'parent_down';
  if (!policy.isLocal && areAllDown(draft, draft.policy.guards)) return 'cut_off';
  if (policy.window !== undefined && !draft.policy.window(policy.window, draft.now).open) return 'outside_window';
  return policy.approve ? 'approval' : undefined;
}

function start(draft: Draft, known: Recovery, policy: RecoveryPolicy, by?: Person): void {
  const incident = draft.openIncident(known.check);
  if (!incident) return;
  const run: RecoveryRun = {
    id: draft.newRunId(),
    check: known.check,
    incident: incident.id,
    attempt: known.attempts + 1,
    of: policy.maxAttempts,
    host: policy.host,
    command: policy.command,
    startedAt: draft.now,
    ...(by && {by}),
    ...(policy.dryRun && {dryRun: true as const}),
  };
  draft.putRun(run);
  const {waits: _, restsFrom: __, ...rest} = known;
  put(draft, {...rest, attempts: run.attempt, run});
}

/** What is nothing to remember once the check is fine is forgotten then. */
function keepOrForget(draft: Draft, recovery: Recovery): void {
  if (draft.openIncident(recovery.check)) return put(draft, recovery);
  const isKept = recovery.brokenAt !== undefined || isRunning(recovery);
  draft.putRecovery(recovery.check, isKept ? recovery : undefined);
}

function put(draft: Draft, recovery: Recovery): void {
  draft.putRecovery(recovery.check, recovery);
  const incident = draft.openIncident(recovery.check);
  if (!incident) return;
  const changed = {...incident, recovery};
  draft.put(changed);
  editCards(draft, changed, 'recovery');
}

function shown(outcome: NonNullable<RecoveryRun['outcome']>): NonNullable<RecoveryRun['outcome']> {
  return {...outcome, output: outcome.output.slice(-SHOWN_UNITS_MAX)};
}
