import type {Loaded} from '../store/store.ts';
import {again} from './again.ts';
import {type AlertState, type Decision, decide, emptyAlerts, isAwaited} from './alerts.ts';
import {startState, step} from './engine.ts';
import {isCutOff, softened} from './guards.ts';
import type {Policy} from './policy.ts';
import {settle, wakeAt} from './settle.ts';
import type {CheckState, Event, Observation} from './vocabulary.ts';

/** All that is known of a server. Whoever owns it changes it through these functions only. */
export interface World {
  readonly checks: Map<string, CheckState>;
  readonly alerts: AlertState;
}

/** What one run of a check did. */
export interface Taken {
  readonly before: CheckState;
  readonly after: CheckState;
  /** The subjects whose counters differ in more than time. */
  readonly changed: readonly string[];
  /** As they were counted: softened, where this server is cut off. */
  readonly observations: readonly Observation[];
  readonly events: readonly Event[];
}

/** What is still due right after it was decided on is asked about at this pace, not in a circle. */
const OVERDUE_WAKE_MS = 1_000;

export function emptyWorld(): World {
  return {checks: new Map(), alerts: emptyAlerts()};
}

/** The world as it was kept. Whatever was planned is planned anew: each incident is looked at once. */
export function worldOf(loaded: Loaded): World {
  const world = emptyWorld();
  for (const [check, counters] of loaded.checks) {
    const falseTargets = [...counters].filter(([target, {status}]) => target !== '' && !status).length;
    const saved = loaded.checkStates.get(check);
    world.checks.set(check, {...startState(check), ...saved, check, counters, falseTargets});
  }
  const {incidents, cards, silences, nextIncident, nextCard, nextSilence, nextRun} = loaded;
  const spells = new Map(loaded.spells.map((spell) => [spell.check, spell]));
  const overrides = new Map(loaded.overrides.map((override) => [override.rotation, override]));
  const dueAt = new Map(incidents.map(({id}) => [id, 0]));
  const recoveries = new Map(loaded.recoveries.map((recovery) => [recovery.check, recovery]));
  const rest = {recoveries, runs: [], endedSilences: [], groups: new Map(), messages: [], verdicts: []};
  settle(world.alerts, {incidents, cards, silences, spells, overrides, dueAt, ...rest});
  Object.assign(world.alerts, {nextIncident, nextCard, nextSilence, nextRun});
  return world;
}

/** True where this run of a check says that all is well as before: then that is all, and nothing follows from it. */
export function takeAgain(world: World, run: readonly Observation[], policy: Policy): boolean {
  const check = run[0]?.check ?? '';
  const state = world.checks.get(check);
  const stepPolicy = policy.step(check);
  return state !== undefined && stepPolicy !== undefined && again(state, run, stepPolicy);
}

/** Counts one run of one check; undefined when the check is not configured (any more). */
export function take(world: World, run: readonly Observation[], now: number, policy: Policy): Taken | undefined {
  const check = run[0]?.check ?? '';
  const stepPolicy = policy.step(check);
  if (!stepPolicy) return undefined;
  const cutOff = policy.needsNetwork(check) && isCutOff(policy.alerts.guards, (name) => world.checks.get(name));
  const observations = cutOff ? softened(run) : run;
  const before = world.checks.get(check) ?? startState(check);
  const {state: after, events, changed} = step(before, observations, now, stepPolicy);
  world.checks.set(check, after);
  // A good result may be the first of those that end it; anything else says that it did not end with its parent's trouble.
  const isFalse = (target: string) => after.counters.get(target)?.status === false;
  const isStill = after !== before && observations.some(({result, target = ''}) => result !== 'ok' && isFalse(target));
  const isLookedFor = !after.status && isStill && !cutOff && isAwaited(world.alerts, check, policy.alerts);
  if (!isLookedFor) return {before, after, changed, observations, events};
  const failures = failuresIn(after, observations);
  const at = observations[0]?.at ?? 0;
  const stillDown: Event = {kind: 'still_down', check, at, ...(failures > 0 && {failures})};
  return {before, after, changed, observations, events: [...events, stillDown]};
}

/** The highest count of those that failed in this run and are false; 0 where none did. */
function failuresIn({counters}: CheckState, observations: readonly Observation[]): number {
  let most = 0;
  for (const {result, target = ''} of observations) {
    const counter = counters.get(target);
    if (result === 'failed' && counter && !counter.status) most = Math.max(most, counter.errors);
  }
  return most;
}

/** Decides on these events, or on what has become due without any, and carries it into the world. */
export function conclude(world: World, events: readonly Event[], now: number, policy: Policy): Decision {
  const decision = decide(world.alerts, events, now, policy.alerts);
  settle(world.alerts, decision);
  return decision;
}

/** When `conclude` must be called again though nothing happens, seen from `now`; undefined: not before something does. */
export function nextWake(world: World, now: number): number | undefined {
  const at = wakeAt(world.alerts);
  return at === undefined || at > now ? at : now + OVERDUE_WAKE_MS;
}
