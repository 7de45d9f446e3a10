import type {Clock} from '../clock.ts';
import type {Sql} from './sql.ts';
import type {Button, TelegramTables} from './store.ts';
import type {Vault} from './vault.ts';

/** Telegram redelivers for 24 hours at most; so many updates of configured chats do not come in a day. */
const HANDLED_UPDATES_MAX = 10_000;

export function createTelegramTables(vault: Vault, clock: Pick<Clock, 'now'>): TelegramTables {
  return {...updateTables(vault), ...chatTables(vault, clock), ...buttonTables(vault, clock)};
}

/**
 * Marks an update as answered. The caller holds the transaction. Ids are not compared with the offset: after a quiet week
 * Telegram goes on from a random one, possibly a lower one.
 */
export function markUpdate(sql: Sql, updateId: number): void {
  if (sql.run('INSERT OR IGNORE INTO handled_updates (update_id) VALUES (?)', updateId) === 0) return;
  sql.run('DELETE FROM handled_updates WHERE seq <= last_insert_rowid() - ?', HANDLED_UPDATES_MAX);
}

type UpdateTables = Pick<TelegramTables, 'offset' | 'setOffset' | 'isHandled' | 'markHandled'>;
type ButtonTables = Pick<TelegramTables, 'createButton' | 'findButton' | 'bindButton' | 'button' | 'useButton'>;
type ChatTables = Omit<TelegramTables, keyof UpdateTables | keyof ButtonTables>;

function updateTables(vault: Vault): UpdateTables {
  return {
    offset: () => vault.read((sql) => sql.get<{next: number}>('SELECT next FROM update_offset')?.next ?? 0),
    setOffset: (offset) =>
      vault.write(false, (sql) => {
        sql.run('INSERT OR REPLACE INTO update_offset VALUES (1, ?)', offset);
      }),
    isHandled: (updateId) =>
      vault.read((sql) => sql.get('SELECT 1 FROM handled_updates WHERE update_id = ?', updateId) !== undefined),
    markHandled: (updateId) => vault.write(false, (sql) => markUpdate(sql, updateId)),
  };
}

interface Block {
  readonly until: number;
  /** When Telegram asked for it. */
  readonly since: number;
}

const PUT_BLOCK = 'INSERT OR REPLACE INTO blocks (lane, until, since) VALUES (?, ?, ?)';

function chatTables(vault: Vault, clock: Pick<Clock, 'now'>): ChatTables {
  const change = (text: string, ...values: (string | number)[]) =>
    vault.write(false, (sql) => {
      sql.run(text, ...values);
    });
  return {
    currentChatId: (configured) => vault.read((sql) => movedTo(sql, configured) ?? configured),
    migrateChat: (from, to) => vault.write(true, (sql) => moveChat(sql, from, to)),
    blockedUntil: (lane) => {
      const block = vault.read((sql) => sql.get<Block>('SELECT until, since FROM blocks WHERE lane = ?', lane));
      if (!block || clock.now() >= block.since) return block?.until ?? 0;
      // The wall clock was set back since: at most what was asked for is left, from now on.
      const until = clock.now() + block.until - block.since;
      change(PUT_BLOCK, lane, until, clock.now());
      return until;
    },
    block: (lane, until) => change(PUT_BLOCK, lane, until, clock.now()),
    deadChannels: () => vault.read(deadChannels),
    markDead: (channel, now, error) =>
      change(
        'INSERT INTO dead_channels VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET error = excluded.error',
        channel,
        now,
        error,
      ),
    markAlive: (channel) => change('DELETE FROM dead_channels WHERE channel = ?', channel),
  };
}

export function deadChannels(sql: Sql): ReturnType<TelegramTables['deadChannels']> {
  return sql.all<DeadChannel>(DEAD_CHANNELS).map((row) => ({...row}));
}

type DeadChannel = ReturnType<TelegramTables['deadChannels']>[number];
const DEAD_CHANNELS = 'SELECT channel, since, error FROM dead_channels ORDER BY since, channel';

function movedTo(sql: Sql, chatId: number): number | undefined {
  return sql.get<{to_id: number}>('SELECT to_id FROM chat_moves WHERE from_id = ?', chatId)?.to_id;
}

/** Earlier moves to the old id are led on to the new one, so that a lookup is one step and a circle cannot be. */
function moveChat(sql: Sql, from: number, to: number): void {
  sql.run('INSERT OR REPLACE INTO chat_moves VALUES (?, ?)', from, to);
  sql.run('UPDATE chat_moves SET to_id = ? WHERE to_id = ?', to, from);
  sql.run('DELETE FROM chat_moves WHERE from_id = ?', to);
}

interface ButtonRow {
  readonly id: string;
  readonly action: Button['action'];
  readonly check_name: string;
  readonly card: number;
  readonly chat_id: number;
  readonly message_id: number | null;
  readonly expires_at: number;
  readonly used_at: number | null;
}

const OPEN_BUTTON = `SELECT * FROM buttons WHERE card = ? AND chat_id = ? AND action = ? AND used_at IS NULL
  AND expires_at > ? ORDER BY expires_at DESC LIMIT 1`;

function buttonTables(vault: Vault, clock: Pick<Clock, 'now'>): ButtonTables {
  return {
    createButton: (button) => vault.write(false, (sql) => putButton(sql, button)),
    findButton: (card, chatId, action) =>
      vault.read((sql) => asButton(sql.get<ButtonRow>(OPEN_BUTTON, card, chatId, action, clock.now()))),
    bindButton: (id, messageId) =>
      vault.write(false, (sql) => {
        sql.run('UPDATE buttons SET message_id = ? WHERE id = ?', messageId, id);
      }),
    button: (id) => vault.read((sql) => asButton(sql.get<ButtonRow>('SELECT * FROM buttons WHERE id = ?', id))),
    // One statement, so that of two presses at once only one finds the button unused; an expired one is found by none.
    useButton: (id, now) =>
      vault.write(true, (sql) => {
        const text = 'UPDATE buttons SET used_at = ? WHERE id = ? AND used_at IS NULL AND expires_at > ?';
        return sql.run(text, now, id, now) === 1;
      }),
  };
}

function putButton(sql: Sql, button: Button): void {
  sql.run(
    'INSERT INTO buttons VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    button.id,
    button.action,
    button.check,
    button.card,
    button.chatId,
    button.messageId ?? null,
    button.expiresAt,
    button.usedAt ?? null,
  );
}

function asButton(row: ButtonRow | undefined): Button | undefined {
  if (!row) return undefined;
  return {
    id: row.id,
    action: row.action,
    check: row.check_name,
    card: row.card,
    chatId: row.chat_id,
    ...(row.message_id === null ? {} : {messageId: row.message_id}),
    expiresAt: row.expires_at,
    ...(row.used_at === null ? {} : {usedAt: row.used_at}),
  };
}
