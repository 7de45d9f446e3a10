import type {CardMessage, Message} from '../state/vocabulary.ts';
import type {Sql} from './sql.ts';
import type {OutboxRow, OutboxTable} from './store.ts';
import type {Vault} from './vault.ts';

/**
 * Only a lease waits for the disk: if the power fails afterwards, the row is found leased and is repeated with its mark.
 * What is lost of the rest (a `sent`, a due time) makes such a repetition and nothing worse.
 */
export function createOutbox(vault: Vault): OutboxTable {
  vault.write(false, endLeases);
  return {
    lanes: () => vault.read((sql) => sql.all<{lane: string; dueAt: number}>(LANES).map((row) => ({...row}))),
    first: (lane) => vault.read((sql) => first(sql, lane)),
    waiting: (lane, max) => vault.read((sql) => rows(sql, WAITING, lane, max)),
    lease: (id, now) => vault.write(true, (sql) => lease(sql, id, now)),
    sent: (id, result) => vault.write(false, (sql) => markSent(sql, id, result)),
    // Lifts the doubt of this try only: a try before it may still have been delivered.
    retry: (id, dueAt, error) =>
      vault.write(false, (sql) => {
        sql.run('UPDATE outbox SET leased_at = NULL, due_at = ?, error = ? WHERE id = ?', dueAt, error, id);
      }),
    doubt: (id, dueAt, error) =>
      vault.write(false, (sql) => {
        const text = 'UPDATE outbox SET leased_at = NULL, in_doubt = 1, due_at = ?, error = ? WHERE id = ?';
        sql.run(text, dueAt, error, id);
      }),
    setAside: (id, dueAt, error) =>
      vault.write(false, (sql) => {
        const text = "UPDATE outbox SET leased_at = NULL, outcome = 'refused', due_at = ?, error = ? WHERE id = ?";
        sql.run(text, dueAt, error, id);
      }),
    refuse: (id, result) => vault.write(false, (sql) => refuse(sql, id, result)),
    takeEdits: (lane, card, now) => vault.write(false, (sql) => takeEdits(sql, lane, card, now)),
    cardMessage: (card, channel) => vault.read((sql) => cardMessage(sql, card, channel)),
    cardsAt: (chatId, messageId) =>
      vault.read((sql) => sql.all<{card: number; channel: string}>(CARDS_AT, chatId, messageId)),
    backlog: (lane) => vault.read((sql) => backlog(sql, lane)),
    prune: (before) => vault.write(false, (sql) => prune(sql, before)),
  };
}

/**
 * Puts a message into its lane. An edit takes the place of an unsent one of the same card: however often a card changes in a
 * storm, one edit of it waits, and it does not lose its place to its own successors. The caller holds the transaction.
 */
export function queueMessage(sql: Sql, message: Message, now: number): void {
  if (message.kind === 'edit' && replaceEdit(sql, message)) return;
  if (message.kind === 'reply' && replaceReply(sql, message)) return;
  insert(sql, message.kind === 'reply' ? `chat:${message.to.chatId}` : message.channel, message, now, now);
}

/** What another message says too. The caller holds the transaction. */
export function supersede(sql: Sql, id: number, now: number): void {
  finish(sql, id, now, 'superseded', null);
}

interface Row {
  readonly id: number;
  readonly lane: string;
  readonly kind: Message['kind'];
  readonly card: number | null;
  readonly message: string;
  readonly created_at: number;
  readonly due_at: number;
  readonly attempts: number;
  readonly leased_at: number | null;
  readonly in_doubt: number;
}

const ROW = 'SELECT id, lane, kind, card, message, created_at, due_at, attempts, leased_at, in_doubt FROM outbox';

/**
 * What is refused and not done is set aside: the others go first. The edits of its card are no others: they would show what
 * is still to be shown, and it takes the newest of them along.
 */
const IS_ASIDE = "done_at IS NULL AND outcome = 'refused'";
const IN_TURN = `done_at IS NULL AND outcome IS NULL AND NOT (kind = 'edit' AND EXISTS (
  SELECT 1 FROM outbox AS other WHERE other.done_at IS NULL AND other.lane = outbox.lane AND other.card = outbox.card
    AND other.outcome = 'refused'))`;
const WAITING = `${ROW} WHERE ${IN_TURN} AND lane = ? ORDER BY id LIMIT ?`;
const ASIDE = `${ROW} WHERE ${IS_ASIDE} AND lane = ? ORDER BY due_at, id LIMIT ?`;

/** Jumps from lane to lane in the index, so that 100,000 rows of one lane cost no more than one. */
const LANES = `
  WITH RECURSIVE lanes (lane) AS (
    SELECT min(lane) FROM outbox WHERE done_at IS NULL
    UNION ALL
    SELECT (SELECT min(lane) FROM outbox WHERE done_at IS NULL AND lane > lanes.lane) FROM lanes WHERE lane IS NOT NULL
  )
  SELECT lane, max(
    coalesce(
      (SELECT due_at FROM outbox WHERE ${IN_TURN} AND outbox.lane = lanes.lane ORDER BY id LIMIT 1),
      (SELECT min(due_at) FROM outbox WHERE ${IS_ASIDE} AND outbox.lane = lanes.lane)
    ),
    coalesce((SELECT until FROM blocks WHERE blocks.lane = lanes.lane), 0)
  ) AS dueAt FROM lanes WHERE lane IS NOT NULL`;

/** The program has just started, so nothing is being sent: whatever is marked so was interrupted. */
function endLeases(sql: Sql): void {
  sql.run('UPDATE outbox SET leased_at = NULL, in_doubt = 1 WHERE leased_at IS NOT NULL');
}

function first(sql: Sql, lane: string): OutboxRow | undefined {
  return rows(sql, WAITING, lane, 1)[0] ?? rows(sql, ASIDE, lane, 1)[0];
}

function rows(sql: Sql, text: string, lane: string, max: number): OutboxRow[] {
  return sql.all<Row>(text, lane, max).map((row) => ({
    id: row.id,
    lane: row.lane,
    message: JSON.parse(row.message) as Message,
    createdAt: row.created_at,
    dueAt: row.due_at,
    attempts: row.attempts,
    inDoubt: row.in_doubt === 1 || row.leased_at !== null,
  }));
}

const NEWEST_EDIT = `SELECT id, attempts FROM outbox WHERE done_at IS NULL AND lane = ? AND card = ? AND kind = 'edit'
  ORDER BY id DESC LIMIT 1`;

/** Only the newest edit, and only while it was never tried: what was perhaps delivered must stay what it was. */
function replaceEdit(sql: Sql, edit: CardMessage): boolean {
  const waiting = sql.get<{id: number; attempts: number}>(NEWEST_EDIT, edit.channel, edit.card);
  if (!waiting || waiting.attempts > 0) return false;
  return sql.run('UPDATE outbox SET message = ? WHERE id = ?', JSON.stringify(edit), waiting.id) > 0;
}

/** Somebody who turns pages faster than Telegram takes edits must not keep the chat's alerts waiting: the last page is shown. */
function replaceReply(sql: Sql, reply: Message & {kind: 'reply'}): boolean {
  const {chatId, edits} = reply.to;
  if (edits === undefined) return false;
  const found = `SELECT id FROM outbox WHERE done_at IS NULL AND lane = ? AND kind = 'reply' AND attempts = 0
    AND leased_at IS NULL AND json_extract(message, '$.to.edits') = ?`;
  const waiting = sql.get<{id: number}>(found, `chat:${chatId}`, edits);
  return (
    waiting !== undefined &&
    sql.run('UPDATE outbox SET message = ? WHERE id = ?', JSON.stringify(reply), waiting.id) > 0
  );
}

function insert(sql: Sql, lane: string, message: Message, createdAt: number, dueAt: number): void {
  sql.run(
    'INSERT INTO outbox (lane, kind, card, message, created_at, due_at) VALUES (?, ?, ?, ?, ?, ?)',
    lane,
    message.kind,
    'card' in message ? message.card : null,
    JSON.stringify(message),
    createdAt,
    dueAt,
  );
}

/** Leasing a leased row means that nobody knows what became of the last try. */
function lease(sql: Sql, id: number, now: number): void {
  sql.run(
    `UPDATE outbox SET in_doubt = max(in_doubt, leased_at IS NOT NULL), leased_at = ?, attempts = attempts + 1
     WHERE id = ? AND done_at IS NULL`,
    now,
    id,
  );
  // Its time was over, and must not come back when the wall clock is set back.
  sql.run('DELETE FROM blocks WHERE lane = (SELECT lane FROM outbox WHERE id = ?)', id);
}

function finish(
  sql: Sql,
  id: number,
  now: number,
  outcome: 'sent' | 'refused' | 'superseded',
  error: string | null,
): void {
  sql.run(
    'UPDATE outbox SET leased_at = NULL, done_at = ?, outcome = ?, error = ? WHERE id = ?',
    now,
    outcome,
    error,
    id,
  );
  sql.run(FORGET_SECRET, id);
}

const FORGET_SECRET = `UPDATE outbox SET message = json_set(message, '$.html', '')
  WHERE id = ? AND kind = 'reply' AND json_extract(message, '$.secret')`;

function markSent(sql: Sql, id: number, result: Parameters<OutboxTable['sent']>[1]): void {
  const row = sql.get<Row>(`${ROW} WHERE id = ?`, id);
  if (!row) return;
  finish(sql, id, result.now, 'sent', null);
  // A recovery or a reminder is a message of its own under the card; it does not become the card.
  if (row.card === null || (row.kind !== 'card' && row.kind !== 'edit')) return;
  if (result.messageId === undefined || result.chatId === undefined) return;
  const text = 'INSERT OR REPLACE INTO card_messages VALUES (?, ?, ?, ?)';
  sql.run(text, row.card, row.lane, result.chatId, result.messageId);
}

function refuse(sql: Sql, id: number, result: Parameters<OutboxTable['refuse']>[1]): void {
  const row = sql.get<Row>(`${ROW} WHERE id = ? AND done_at IS NULL`, id);
  if (!row) return;
  finish(sql, id, result.now, 'refused', result.error);
  const {moved} = result;
  if (moved && moved.channel !== row.lane) insert(sql, moved.channel, moved, row.created_at, result.now);
}

/**
 * The first undelivered row of the card stays in the lane, with the newest content: it is the one that is about to be
 * sent, and if the program dies before that is marked, it comes back as it should have been.
 */
function takeEdits(sql: Sql, lane: string, card: number, now: number): Message | undefined {
  const text = `${ROW} WHERE done_at IS NULL AND lane = ? AND card = ? AND kind IN ('card', 'edit') ORDER BY id`;
  const rows = sql.all<Row>(text, lane, card);
  const kept = rows[0];
  const newest = rows.findLast((row) => row.kind === 'edit');
  if (!kept || !newest) return undefined;
  const edit = JSON.parse(newest.message) as Message;
  if (newest.id !== kept.id) {
    const whole = {...edit, kind: kept.kind, reason: (JSON.parse(kept.message) as Message).reason};
    sql.run('UPDATE outbox SET message = ? WHERE id = ?', JSON.stringify(whole), kept.id);
  }
  for (const row of rows) if (row.id !== kept.id) finish(sql, row.id, now, 'superseded', null);
  return edit;
}

function cardMessage(sql: Sql, card: number, channel: string): ReturnType<OutboxTable['cardMessage']> {
  const text = 'SELECT chat_id, message_id FROM card_messages WHERE card = ? AND channel = ?';
  const row = sql.get<{chat_id: number; message_id: number}>(text, card, channel);
  return row && {chatId: row.chat_id, messageId: row.message_id};
}

const CARDS_AT = 'SELECT card, channel FROM card_messages WHERE chat_id = ? AND message_id = ?';

export function backlog(sql: Sql, lane?: string): {rows: number; oldestAt?: number} {
  const waiting = lane === undefined ? 'done_at IS NULL' : 'done_at IS NULL AND lane = ?';
  const values = lane === undefined ? [] : [lane];
  const rows = sql.get<{n: number}>(`SELECT count(*) AS n FROM outbox WHERE ${waiting}`, ...values)?.n ?? 0;
  if (rows === 0) return {rows};
  const oldest = sql.get<{at: number}>(`SELECT min(created_at) AS at FROM outbox WHERE ${waiting}`, ...values);
  return {rows, oldestAt: oldest?.at ?? 0};
}

/** With the messages go the buttons that nobody can press any more. */
function prune(sql: Sql, before: number): void {
  sql.run('DELETE FROM outbox WHERE done_at IS NOT NULL AND done_at < ?', before);
  sql.run('DELETE FROM buttons WHERE expires_at < ?', before);
  sql.run('DELETE FROM reply_messages WHERE sent_at < ?', before);
}
