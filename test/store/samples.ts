import type {
  Card,
  CardMessage,
  Counter,
  FlappingSpell,
  Incident,
  Observation,
  Silence,
} from '../../src/state/vocabulary.ts';
import type {SavedCheckState} from '../../src/store/store.ts';
import {START} from './folder.ts';

export function incident(id: number, changes: Partial<Incident> = {}): Incident {
  return {id, check: 'api', openedAt: START, reason: 'HTTP 503', errors: 3, cards: [id], ...changes};
}

export function card(id: number, incidents: readonly number[] = [id], channel = 'ops'): Card {
  return {id, channel, incidents, missed: []};
}

export function cardMessage(id: number, changes: Partial<CardMessage> = {}): CardMessage {
  const incidents = [incident(id)];
  return {
    kind: 'card',
    channel: 'ops',
    reason: 'first',
    card: id,
    incidents,
    total: 1,
    open: 1,
    missed: [],
    ...changes,
  };
}

export function edit(id: number, reason: string, channel = 'ops'): CardMessage {
  return cardMessage(id, {kind: 'edit', channel, reason: 'acknowledged', incidents: [incident(id, {reason})]});
}

export function counter(errors: number, changes: Partial<Counter> = {}): Counter {
  return {
    status: errors < 3,
    known: true,
    errors,
    successes: 0,
    since: START,
    lastAt: START + errors,
    lastResult: errors > 0 ? 'failed' : 'ok',
    lastReason: errors > 0 ? 'HTTP 503' : '',
    lastLatencyMs: 12.25,
    ...changes,
  };
}

export function observation(at: number, changes: Partial<Observation> = {}): Observation {
  return {check: 'api', at, result: 'ok', reason: '', latencyMs: 12.5, ...changes};
}

export function checkState(changes: Partial<SavedCheckState> = {}): SavedCheckState {
  return {status: true, known: true, since: START, downRuns: 0, flap: {changes: 0, isFlapping: false}, ...changes};
}

export function silence(id: number, changes: Partial<Silence> = {}): Silence {
  const by = {id: 222, name: 'Boris'};
  const what = {kind: 'group', group: 'shops'} as const;
  return {id, kind: 'silence', what, at: START, by, why: 'the works', until: 'recovered', ...changes};
}

export function spell(check: string, changes: Partial<FlappingSpell> = {}): FlappingSpell {
  return {check, since: START, told: true, ...changes};
}
