import type {Card, CardMessage, Counter, Incident, Observation} from '../../src/state/vocabulary.ts';
import {START} from './folder.ts';

export function incident(id: number, changes: Partial<Incident> = {}): Incident {
  return {id, check: 'api', openedAt: START, reason: 'HTTP 503', errors: 3, cards: [id], ...changes};
}

export function card(id: number, incidents: readonly number[] = [id], channel = 'ops'): Card {
  return {id, channel, incidents, missed: []};
}

export function cardMessage(id: number, changes: Partial<CardMessage> = {}): CardMessage {
  return {kind: 'card', channel: 'ops', reason: 'first', card: id, incidents: [incident(id)], missed: [], ...changes};
}

export function edit(id: number, reason: string): CardMessage {
  return cardMessage(id, {kind: 'edit', reason: 'acknowledged', incidents: [incident(id, {reason})]});
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
