import type {DutyOverride} from '../state/rotation.ts';
import type {Card, Counter, FlappingSpell, Incident, Silence, Verdict} from '../state/vocabulary.ts';
import {changeAccess} from './access.ts';
import {highest, raise} from './ids.ts';
import {putMemory} from './memory.ts';
import {queueMessage, supersede} from './outbox.ts';
import {loadRecoveries, openRuns, putRecovery, putRun} from './recoveries.ts';
import type {Sql} from './sql.ts';
import type {AuditEntry, ClosedIncident, Commit, Loaded, PastMaintenance, SavedCheckState} from './store.ts';
import {markUpdate, putButton, spendButton} from './telegram.ts';

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
    silences: sql
      .all<{silence: string}>('SELECT silence FROM silences WHERE ended_at IS NULL ORDER BY id')
      .map(({silence}) => JSON.parse(silence) as Silence),
    spells: sql
      .all<{spell: string}>('SELECT spell FROM spells ORDER BY check_name')
      .map(({spell}) => JSON.parse(spell) as FlappingSpell),
    overrides: sql
      .all<{override: string}>('SELECT override FROM duty_overrides ORDER BY rotation')
      .map(({override}) => JSON.parse(override) as DutyOverride),
    verdicts: sql.all<Verdict>(VERDICTS).map((verdict) => ({...verdict})),
    recoveries: loadRecoveries(sql),
    openRuns: openRuns(sql),
    nextIncident: highest(sql, 'incident') + 1,
    nextCard: highest(sql, 'card') + 1,
    nextSilence: highest(sql, 'silence') + 1,
    nextRun: highest(sql, 'run') + 1,
  };
}

export function incidentsOf(sql: Sql, check: string, page: {limit: number; offset: number}): Incident[] {
  const text = 'SELECT incident FROM incidents WHERE check_name = ? ORDER BY opened_at DESC, id DESC LIMIT ? OFFSET ?';
  const rows = sql.all<{incident: string}>(text, check, page.limit, page.offset);
  return rows.map(({incident}) => JSON.parse(incident) as Incident);
}

export function newestIncidents(sql: Sql, max: number): Incident[] {
  return sql
    .all<{incident: string}>('SELECT incident FROM incidents ORDER BY id DESC LIMIT ?', max)
    .map(({incident}) => JSON.parse(incident) as Incident);
}

export function announced(sql: Sql): string | undefined {
  return sql.get<{release: string}>('SELECT release FROM announced')?.release;
}

/** Along the index by the end, so that neither a long past nor a page costs anything. */
const CLOSED_WITHIN = `SELECT id, check_name, opened_at, closed_at, json_extract(incident, '$.acknowledged.at') AS acknowledged_at,
    json_extract(incident, '$.removed') AS removed
  FROM incidents WHERE (closed_at, id) > (?, ?) AND opened_at < ? ORDER BY closed_at, id LIMIT ?`;

interface ClosedRow {
  readonly id: number;
  readonly check_name: string;
  readonly opened_at: number;
  readonly closed_at: number;
  readonly acknowledged_at: number | null;
  readonly removed: number | null;
}

export function closedWithin(
  sql: Sql,
  {from, to}: {from: number; to: number},
  {after, limit}: {after?: ClosedIncident; limit: number},
): ClosedIncident[] {
  const [end, id] = after ? [after.closedAt, after.id] : [from, Number.MAX_SAFE_INTEGER];
  return sql.all<ClosedRow>(CLOSED_WITHIN, end, id, to, limit).map((row) => ({
    id: row.id,
    check: row.check_name,
    openedAt: row.opened_at,
    closedAt: row.closed_at,
    ...(row.acknowledged_at !== null && {acknowledgedAt: row.acknowledged_at}),
    ...(row.removed === 1 && {removed: true as const}),
  }));
}

const MAINTENANCES = `SELECT silence, ended_at FROM silences
  WHERE (ended_at IS NULL OR ended_at > ?) AND json_extract(silence, '$.kind') = 'maintenance'`;

export function maintenancesWithin(sql: Sql, {from, to}: {from: number; to: number}): PastMaintenance[] {
  const rows = sql.all<{silence: string; ended_at: number | null}>(MAINTENANCES, from);
  return rows.flatMap(({silence, ended_at}) => {
    const {what, at, until} = JSON.parse(silence) as Silence;
    // Its end is only noted when the program runs: it was over at its time all the same.
    const end = Math.min(ended_at ?? Number.POSITIVE_INFINITY, until === 'recovered' ? to : until, to);
    return at < to && end > from ? [{what, from: at, to: end}] : [];
  });
}

/** Writes what is given and nothing else; the caller holds the transaction. The number of outbox rows that came of it. */
export function apply(sql: Sql, batch: Commit): number {
  for (const {check, target} of batch.forgotten ?? []) forget(sql, check, target);
  for (const {check, target, counter} of batch.counters ?? []) putCounter(sql, check, target, counter);
  for (const state of batch.checkStates ?? []) putCheckState(sql, state);
  for (const incident of batch.incidents ?? []) putIncident(sql, incident);
  for (const card of batch.cards ?? []) putCard(sql, card);
  for (const silence of batch.silences ?? []) putSilence(sql, silence);
  for (const id of batch.endedSilences ?? []) endSilence(sql, id, batch.now);
  for (const [check, spell] of batch.spells ?? []) putSpell(sql, check, spell);
  for (const [check, recovery] of batch.recoveries ?? []) putRecovery(sql, check, recovery);
  for (const run of batch.runs ?? []) putRun(sql, run);
  for (const [rotation, override] of batch.overrides ?? []) putOverride(sql, rotation, override);
  for (const id of batch.superseded ?? []) supersede(sql, id, batch.now);
  for (const verdict of batch.verdicts ?? []) putVerdict(sql, verdict);
  for (const id of batch.usedButtons ?? []) spendButton(sql, id, batch.now);
  for (const button of batch.buttons ?? []) putButton(sql, button);
  for (const message of batch.messages ?? []) queueMessage(sql, message, batch.now);
  for (const [check, text] of batch.memories ?? []) putMemory(sql, check, text);
  if (batch.language) putLanguage(sql, batch.language);
  for (const change of batch.access ?? []) changeAccess(sql, change, batch.now);
  if (batch.audit) putAudit(sql, batch.audit);
  for (const entry of batch.ownAudit ?? []) putAudit(sql, entry);
  if (batch.announced !== undefined) sql.run('INSERT OR REPLACE INTO announced VALUES (1, ?)', batch.announced);
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

interface CheckStateRow {
  readonly check_name: string;
  readonly status: number;
  readonly known: number;
  readonly since: number;
  readonly down_runs: number;
  readonly flap_changes: number;
  readonly flap_last: number | null;
  readonly is_flapping: number;
}

function loadCheckStates(sql: Sql): Loaded['checkStates'] {
  const rows = sql.all<CheckStateRow>('SELECT * FROM check_states ORDER BY check_name');
  return new Map(rows.map((row) => [row.check_name, asCheckState(row)]));
}

function asCheckState(row: CheckStateRow): SavedCheckState {
  const last = row.flap_last === null ? {} : {last: row.flap_last === 1};
  return {
    status: row.status === 1,
    known: row.known === 1,
    since: row.since,
    downRuns: row.down_runs,
    flap: {changes: row.flap_changes, ...last, isFlapping: row.is_flapping === 1},
  };
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

const PUT_CHECK_STATE = `INSERT OR REPLACE INTO check_states
  (check_name, status, known, since, down_runs, flap_changes, flap_last, is_flapping) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`;

function putCheckState(sql: Sql, state: {readonly check: string} & SavedCheckState): void {
  const {flap} = state;
  sql.run(
    PUT_CHECK_STATE,
    state.check,
    Number(state.status),
    Number(state.known),
    state.since,
    state.downRuns,
    flap.changes,
    flap.last === undefined ? null : Number(flap.last),
    Number(flap.isFlapping),
  );
}

function forget(sql: Sql, check: string, target: string | undefined): void {
  if (target !== undefined) {
    sql.run('DELETE FROM counters WHERE check_name = ? AND target = ?', check, target);
    return;
  }
  sql.run('DELETE FROM counters WHERE check_name = ?', check);
  sql.run('DELETE FROM check_states WHERE check_name = ?', check);
  sql.run('DELETE FROM spells WHERE check_name = ?', check);
  sql.run('DELETE FROM verdicts WHERE check_name = ?', check);
  sql.run('DELETE FROM check_memory WHERE check_name = ?', check);
  putRecovery(sql, check, undefined);
}

function putIncident(sql: Sql, incident: Incident): void {
  sql.run(
    'INSERT OR REPLACE INTO incidents VALUES (?, ?, ?, ?, ?, ?)',
    incident.id,
    incident.check,
    incident.openedAt,
    incident.closedAt ?? null,
    Number(isLive(incident)),
    JSON.stringify(incident),
  );
  raise(sql, 'incident', incident.id);
}

/** Something may still happen to it: it is open, or people are still owed its end. */
function isLive({closedAt, held, gathering, recovery}: Incident): boolean {
  const isRunning = recovery?.run !== undefined && recovery.run.outcome === undefined;
  return closedAt === undefined || held !== undefined || gathering !== undefined || isRunning;
}

function putCard(sql: Sql, card: Card): void {
  sql.run('INSERT OR REPLACE INTO cards VALUES (?, ?, ?)', card.id, card.channel, JSON.stringify(card));
  sql.run('DELETE FROM card_incidents WHERE card = ?', card.id);
  for (const incident of card.incidents)
    sql.run('INSERT OR IGNORE INTO card_incidents VALUES (?, ?)', incident, card.id);
  raise(sql, 'card', card.id);
}

/** Written again, one that has ended stays ended. */
function putSilence(sql: Sql, silence: Silence): void {
  const text = 'INSERT INTO silences (id, silence) VALUES (?, ?) ON CONFLICT DO UPDATE SET silence = excluded.silence';
  sql.run(text, silence.id, JSON.stringify(silence));
  raise(sql, 'silence', silence.id);
}

/** One that came and went within one batch has no row; its id is used up all the same. */
function endSilence(sql: Sql, id: number, now: number): void {
  sql.run('UPDATE silences SET ended_at = ? WHERE id = ? AND ended_at IS NULL', now, id);
  raise(sql, 'silence', id);
}

function putSpell(sql: Sql, check: string, spell: FlappingSpell | undefined): void {
  if (spell) sql.run('INSERT OR REPLACE INTO spells VALUES (?, ?)', check, JSON.stringify(spell));
  else sql.run('DELETE FROM spells WHERE check_name = ?', check);
}

function putOverride(sql: Sql, rotation: string, override: DutyOverride | undefined): void {
  if (override) sql.run('INSERT OR REPLACE INTO duty_overrides VALUES (?, ?)', rotation, JSON.stringify(override));
  else sql.run('DELETE FROM duty_overrides WHERE rotation = ?', rotation);
}

const VERDICTS = 'SELECT check_name AS "check", at, decision, reason FROM verdicts ORDER BY check_name';

function putVerdict(sql: Sql, {check, at, decision, reason}: Verdict): void {
  sql.run('INSERT OR REPLACE INTO verdicts VALUES (?, ?, ?, ?)', check, at, decision, reason);
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

function putLanguage(sql: Sql, {userId, locale}: NonNullable<Commit['language']>): void {
  if (locale === undefined) sql.run('DELETE FROM languages WHERE user_id = ?', userId);
  else sql.run('INSERT OR REPLACE INTO languages (user_id, locale) VALUES (?, ?)', userId, locale);
}
