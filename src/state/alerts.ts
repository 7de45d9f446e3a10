import {regroup} from './backlog.ts';
import {Draft} from './draft.ts';
import {DueTimes} from './due-times.ts';
import {endFlapping, startFlapping, tellSpells} from './flapping-news.ts';
import {flushGroups} from './groups.ts';
import {close, editCards, lookedAgain, open} from './incidents.ts';
import type {Rotations} from './oncall.ts';
import {considerRecovery, takeRecovery} from './recovery.ts';
import type {Recovery, RecoveryRun} from './recovery-vocabulary.ts';
import {takeRefusal} from './refusals.ts';
import {planTimers, runTimers} from './reminders.ts';
import type {DutyOverride} from './rotation.ts';
import type {Acknowledgement, Card, Event, FlappingSpell, Incident, Message, Silence, Verdict} from './vocabulary.ts';

/** What people have been told, and what they are still owed. Owned by whoever calls `settle`. */
export interface AlertState {
  /** Open incidents, and closed ones that still owe a message or share a card with an open one. */
  readonly incidents: Map<number, Incident>;
  /** The open incident of a check; a check is false exactly while it has one. */
  readonly open: Map<string, number>;
  /** Closed incidents that people know of and are owed the end of, or a line, by their check. */
  readonly owing: Map<string, ReadonlySet<number>>;
  readonly cards: Map<number, Card>;
  readonly silences: Map<number, Silence>;
  readonly spells: Map<string, FlappingSpell>;
  /** Of checks whose recovery is at work in this incident, runs still, or has its breaker open. */
  readonly recoveries: Map<string, Recovery>;
  /** By rotation; one whose time is over means nothing any more. */
  readonly overrides: Map<string, DutyOverride>;
  /** When an incident next asks for a look, by its id. */
  readonly dueAt: DueTimes;
  /** Until when further news of a channel is gathered: `down ops`, `up ops`. Not kept across a restart. */
  readonly groups: Map<string, number>;
  nextIncident: number;
  nextCard: number;
  nextSilence: number;
  nextRun: number;
}

/** What `decide` needs to know of the configuration. */
export interface AlertPolicy {
  /** Undefined for a check that is no longer configured. */
  readonly check: (name: string) => CheckAlerts | undefined;
  /** Where notices of the program itself go. */
  readonly noticeTo: readonly string[];
  /** Checks that prove the server's own network; empty: none are named. */
  readonly guards: readonly string[];
  /** The named window at this time; `until` is when that next changes, null for never. */
  readonly window: (name: string, at: number) => Stretch;
  /** Whether this check is in a configured maintenance. */
  readonly maintenance: (check: CheckAlerts, at: number) => Stretch;
  /** Who takes turns at being on call. */
  readonly rotations: Rotations;
}

export interface Stretch {
  readonly open: boolean;
  readonly until: number | null;
}

export interface CheckAlerts {
  readonly name: string;
  readonly group?: string;
  readonly to: readonly string[];
  /** Left out: always open. */
  readonly window?: string;
  readonly missed: 'digest' | 'drop';
  /** Ignores the window. */
  readonly urgent: boolean;
  readonly groupWaitMs: number;
  /** Left out: no reminders. */
  readonly repeatEveryMs?: number;
  readonly escalate: readonly EscalationStep[];
  readonly dependsOn: readonly string[];
  readonly recovery?: RecoveryPolicy;
}

/** What mends a check, and how often that is tried. */
export interface RecoveryPolicy {
  /** The name of the host; `local`: this server. */
  readonly host: string;
  /** As people read it. */
  readonly command: string;
  readonly isLocal: boolean;
  readonly afterFailures: number;
  readonly maxAttempts: number;
  /** Before the next attempt; it grows by the factor with each, up to the maximum. */
  readonly intervalMs: number;
  readonly backoffFactor: number;
  readonly maxIntervalMs: number;
  /** An admin is asked before each attempt. */
  readonly approve: boolean;
  /** The window that it keeps to; left out: always. */
  readonly window?: string;
  readonly dryRun: boolean;
}

export interface EscalationStep {
  readonly afterMs: number;
  /** Channels. */
  readonly to: readonly string[];
  /** Rotations, whose person on call is told. */
  readonly oncall?: readonly string[];
}

/** What follows from the events. Nothing is changed yet: `settle` does that. */
export interface Decision {
  /** New or changed incidents, in their new form. */
  readonly incidents: readonly Incident[];
  readonly cards: readonly Card[];
  readonly silences: readonly Silence[];
  readonly endedSilences: readonly number[];
  /** In their new form; undefined for one that is over and told. */
  readonly spells: ReadonlyMap<string, FlappingSpell | undefined>;
  /** In their new form; undefined for one that is forgotten. */
  readonly recoveries: ReadonlyMap<string, Recovery | undefined>;
  /** Those without an outcome are to be started as soon as they are on the disk. */
  readonly runs: readonly RecoveryRun[];
  /** In their new form; undefined for one that was taken back. */
  readonly overrides: ReadonlyMap<string, DutyOverride | undefined>;
  readonly dueAt: ReadonlyMap<number, number | undefined>;
  readonly groups: ReadonlyMap<string, number>;
  readonly messages: readonly Message[];
  readonly verdicts: readonly Verdict[];
}

export function emptyAlerts(): AlertState {
  return {
    incidents: new Map(),
    open: new Map(),
    owing: new Map(),
    cards: new Map(),
    silences: new Map(),
    spells: new Map(),
    recoveries: new Map(),
    overrides: new Map(),
    dueAt: new DueTimes(),
    groups: new Map(),
    nextIncident: 1,
    nextCard: 1,
    nextSilence: 1,
    nextRun: 1,
  };
}

/**
 * Decides who is told what. Reads the state and changes nothing. Called with every batch of events, and without events at
 * the time that `wakeAt` names, when a window opens, a digest is complete, a silence ends or a reminder is due.
 */
export function decide(state: AlertState, events: readonly Event[], now: number, policy: AlertPolicy): Decision {
  const draft = new Draft(state, events, now, policy);
  // First: what happens now belongs to the next digest, not to one that is complete.
  flushGroups(draft);
  for (const event of events) take(draft, event);
  draft.endSilences();
  tellSpells(draft);
  runTimers(draft);
  return draft.decision();
}

/** Whether somebody waits for the next observation of this check: then it is told as `still_down`. */
export function isAwaited(state: AlertState, check: string, policy: AlertPolicy): boolean {
  if (policy.check(check)?.recovery) return true;
  return state.incidents.get(state.open.get(check) ?? 0)?.held === 'parent_down';
}

function take(draft: Draft, event: Event): void {
  switch (event.kind) {
    case 'went_down':
      if (event.target === undefined) open(draft, event);
      return;
    case 'recovered':
      if (event.target === undefined) close(draft, event.check, event.at, 'recovered');
      return;
    case 'check_removed':
      draft.putSpell(event.check, undefined);
      return close(draft, event.check, event.at, 'removed');
    case 'still_down':
      return look(draft, event);
    case 'recovery_ordered':
    case 'recovery_reset':
    case 'recovery_ended':
      return takeRecovery(draft, event);
    case 'targets_changed':
      return change(draft, event, {falseTargets: event.falseTargets});
    case 'acknowledged':
      return change(draft, event, {acknowledged: acknowledgement(event)});
    case 'unacknowledged':
      return change(draft, event, {acknowledged: undefined});
    case 'flapping_started':
      return startFlapping(draft, event.check, event.at);
    case 'flapping_ended':
      return endFlapping(draft, event.check, event.at);
    case 'silenced':
    case 'unsilenced':
    case 'duty_overridden':
    case 'duty_restored':
      return takeOrder(draft, event);
    case 'given_up':
      return takeRefusal(draft, event);
    case 'delayed':
      return regroup(draft, event.channel, event.backlog);
    case 'noticed':
      return notice(draft, event);
  }
}

function takeOrder(
  draft: Draft,
  event: Event & {kind: 'silenced' | 'unsilenced' | 'duty_overridden' | 'duty_restored'},
): void {
  if (event.kind === 'silenced') return draft.addSilence(event.silence);
  if (event.kind === 'unsilenced') return draft.endSilence(event.id);
  if (event.kind === 'duty_overridden') return draft.putOverride(event.override.rotation, event.override);
  draft.putOverride(event.rotation, undefined);
}

function notice(draft: Draft, {code, detail}: Event & {kind: 'noticed'}): void {
  for (const channel of draft.policy.noticeTo) {
    draft.messages.push({kind: 'notice', channel, reason: 'notice', code, detail});
  }
}

function look(draft: Draft, event: Event & {kind: 'still_down'}): void {
  lookedAgain(draft, event.check, event.at);
  considerRecovery(draft, event);
}

type Change = Event & {kind: 'targets_changed' | 'acknowledged' | 'unacknowledged'};

function change(draft: Draft, event: Change, parts: Partial<Incident>): void {
  const incident = draft.openIncident(event.check);
  if (!incident) return;
  const changed = {...incident, ...parts};
  if (changed.acknowledged === undefined) delete changed.acknowledged;
  draft.put(changed);
  if (changed.announcedAt !== undefined && !changed.held) planTimers(draft, changed);
  editCards(draft, changed, event.kind === 'unacknowledged' ? 'acknowledgement_ended' : event.kind);
}

function acknowledgement(event: Event & {kind: 'acknowledged'}): Acknowledgement {
  return {by: event.by, at: event.at, why: event.why, ...(event.until !== undefined && {until: event.until})};
}
