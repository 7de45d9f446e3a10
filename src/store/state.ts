import type {Card, CheckState, Counter, Incident} from '../state/vocabulary.ts';
import {queueMessage} from './outbox.ts';
import type {Sql} from './sql.ts';
import type {AuditEntry, Commit, Loaded} from './store.ts';
import {markUpdate} from './telegram.ts';

export function load(sql: Sql): Loaded {
  return {
    checks: loadCounters(sql),
    checkStates: loadCheckStates(sql),
    incidents: sql
      .all<{incident: string}>(`${LINKED} SELECT incident FROM incidents WHERE id IN linked ORDER BY id`)
      .map(({incident}) => JSON.parse(incident) as Incident),
    cards: sql
      .all<{card: string}>(`${LINKED} SELECT card FROM cards WHERE id IN (${LINKED_CARDS}) ORDER BY id`)
      .map(({card}) => JSON.parse(card) as Card),
    nextIncident: highest(sql, 'incident') + 1,
    nextCard: highest(sql, 'card') + 1,
  };
}

/** Writes what is given and nothing else; the caller holds the transaction. The number of outbox rows that came of it. */
export function apply(sql: Sql, batch: Commit): number {
  for (const {check, target} of batch.forgotten ?? []) forget(sql, check, target);
  for (const {check, target, counter} of batch.counters ?? []) putCounter(sql, check, target, counter);
  for (const state of batch.checkStates ?? []) putCheckState(sql, state);
  for (const incident of batch.incidents ?? []) putIncident(sql, incident);
  for (const card of batch.cards ?? []) putCard(sql, card);
  for (const message of batch.messages ?? []) queueMessage(sql, message, batch.now);
  if (batch.audit) putAudit(sql, batch.audit);
  if (batch.handledUpdate !== undefined) markUpdate(sql, batch.handledUpdate);
  return batch.messages?.length ?? 0;
}

/** The incidents that something may still happen to, and those that a card shows together with one of them. */
const LINKED = `
  WITH RECURSIVE linked (id) AS (
    SELECT id FROM incidents WHERE live = 1
    UNION
    SELECT theirs.incident FROM linked
      JOIN card_incidents AS ours ON ours.incident = linked.id
      JOIN card_incidents AS theirs ON theirs.card = ours.card
  )`;
const LINKED_CARDS = 'SELECT card FROM card_incidents WHERE incident IN linked';

interface CounterRow {
  readonly check_name: string;
  readonly target: string;
  readonly status: number;
  readonly known: number;
  readonly errors: number;
  readonly successes: number;
  readonly since: number;
  readonly last_at: number;
  readonly last_result: Counter['lastResult'];
  readonly last_reason: string;
  readonly last_latency_ms: number;
}

function loadCounters(sql: Sql): Map<string, Map<string, Counter>> {
  const checks = new Map<string, Map<string, Counter>>();
  for (const row of sql.each<CounterRow>('SELECT * FROM counters ORDER BY check_name, target')) {
    const targets = checks.get(row.check_name) ?? new Map<string, Counter>();
    checks.set(row.check_name, targets);
    targets.set(row.target, {
      status: row.status === 1,
      known: row.known === 1,
      errors: row.errors,
      successes: row.successes,
      since: row.since,
      lastAt: row.last_at,
      lastResult: row.last_result,
      lastReason: row.last_reason,
      lastLatencyMs: row.last_latency_ms,
    });
  }
  return checks;
}

function loadCheckStates(sql: Sql): Loaded['checkStates'] {
  const rows = sql.all<{check_name: string; status: number; known: number; since: number}>(
    'SELECT check_name, status, known, since FROM check_states ORDER BY check_name',
  );
  return new Map(
    rows.map((row) => [row.check_name, {status: row.status === 1, known: row.known === 1, since: row.since}]),
  );
}

function putCounter(sql: Sql, check: string, target: string, counter: Counter): void {
  sql.run(
    'INSERT OR REPLACE INTO counters VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    check,
    target,
    Number(counter.status),
    Number(counter.known),
    counter.errors,
    counter.successes,
    counter.since,
    counter.lastAt,
    counter.lastResult,
    counter.lastReason,
    counter.lastLatencyMs,
  );
}

function putCheckState(sql: Sql, state: Pick<CheckState, 'check' | 'status' | 'known' | 'since'>): void {
  sql.run(
    'INSERT OR REPLACE INTO check_states VALUES (?, ?, ?, ?)',
    state.check,
    Number(state.status),
    Number(state.known),
    state.since,
  );
}

function forget(sql: Sql, check: string, target: string | undefined): void {
  if (target !== undefined) {
    sql.run('DELETE FROM counters WHERE check_name = ? AND target = ?', check, target);
    return;
  }
  sql.run('DELETE FROM counters WHERE check_name = ?', check);
  sql.run('DELETE FROM check_states WHERE check_name = ?', check);
  sql.run('DELETE FROM check_memory WHERE check_name = ?', check);
}

function putIncident(sql: Sql, incident: Incident): void {
  sql.run(
    'INSERT OR REPLACE INTO incidents VALUES (?, ?, ?, ?, ?, ?)',
    incident.id,
    incident.check,
    incident.openedAt,
    incident.closedAt ?? null,
    Number(incident.closedAt === undefined || incident.held !== undefined),
    JSON.stringify(incident),
  );
  raise(sql, 'incident', incident.id);
}

function putCard(sql: Sql, card: Card): void {
  sql.run('INSERT OR REPLACE INTO cards VALUES (?, ?, ?)', card.id, card.channel, JSON.stringify(card));
  sql.run('DELETE FROM card_incidents WHERE card = ?', card.id);
  for (const incident of card.incidents)
    sql.run('INSERT OR IGNORE INTO card_incidents VALUES (?, ?)', incident, card.id);
  raise(sql, 'card', card.id);
}

/** Kept apart from the tables, so that an id is not given again after its row is gone. */
function raise(sql: Sql, kind: 'incident' | 'card', id: number): void {
  sql.run('INSERT INTO highest_ids VALUES (?, ?) ON CONFLICT DO UPDATE SET id = max(id, excluded.id)', kind, id);
}

function highest(sql: Sql, kind: 'incident' | 'card'): number {
  return sql.get<{id: number}>('SELECT id FROM highest_ids WHERE kind = ?', kind)?.id ?? 0;
}

function putAudit(sql: Sql, entry: AuditEntry): void {
  sql.run(
    'INSERT INTO audit (at, user_id, user_name, chat_id, order_text, outcome) VALUES (?, ?, ?, ?, ?, ?)',
    entry.at,
    entry.userId,
    entry.userName,
    entry.chatId,
    entry.order,
    entry.outcome,
  );
}
