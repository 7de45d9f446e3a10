import type {Clock} from '../clock.ts';
import type {Locale} from '../config/config.ts';
import type {Sql} from './sql.ts';
import type {Button, TelegramTables} from './store.ts';
import type {Vault} from './vault.ts';

/** Telegram redelivers for 24 hours at most; so many updates of configured chats do not come in a day. */
const HANDLED_UPDATES_MAX = 10_000;

export function createTelegramTables(vault: Vault, clock: Pick<Clock, 'now'>): TelegramTables {
  return {
    ...updateTables(vault),
    ...chatTables(vault, clock),
    ...buttonTables(vault, clock),
    ...replyTables(vault, clock),
    ...boardTables(vault),
  };
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
type ButtonTables = Pick<TelegramTables, 'createButton' | 'findButton' | 'bindButton' | 'button' | 'openButtons'>;
type ReplyTables = Pick<TelegramTables, 'rememberReply' | 'replyMessage'>;
type BoardTables = Pick<TelegramTables, 'boards' | 'board' | 'saveBoard' | 'forgetBoard'>;
type ChatTables = Omit<TelegramTables, keyof UpdateTables | keyof ButtonTables | keyof ReplyTables | keyof BoardTables>;

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
    language: (userId) =>
      vault.read((sql) => sql.get<{locale: Locale}>('SELECT locale FROM languages WHERE user_id = ?', userId)?.locale),
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
  readonly action: string;
  readonly check_name: string;
  readonly card: number;
  readonly chat_id: number;
  readonly message_id: number | null;
  readonly expires_at: number;
  readonly used_at: number | null;
  readonly shown: Button['show'];
  readonly refresh: string | null;
  readonly once: number;
  readonly user_id: number | null;
  readonly confirms: number;
}

const OPEN = 'used_at IS NULL AND expires_at > ?';
const OPEN_ON_CARD = `SELECT * FROM buttons WHERE card = ? AND chat_id = ? AND action = ? AND check_name = ? AND ${OPEN}
  ORDER BY expires_at DESC LIMIT 1`;
const OPEN_ON_MESSAGE = `SELECT * FROM buttons WHERE chat_id = ? AND message_id = ? AND ${OPEN}`;

function buttonTables(vault: Vault, clock: Pick<Clock, 'now'>): ButtonTables {
  return {
    createButton: (button) => vault.write(false, (sql) => putButton(sql, button)),
    findButton: (card, chatId, command, text) =>
      vault.read((sql) => {
        const row = sql.get<ButtonRow>(OPEN_ON_CARD, card, chatId, command, text, clock.now());
        return row && asButton(row);
      }),
    bindButton: (id, messageId) =>
      vault.write(false, (sql) => {
        sql.run('UPDATE buttons SET message_id = ? WHERE id = ?', messageId, id);
      }),
    button: (id) =>
      vault.read((sql) => {
        const row = sql.get<ButtonRow>('SELECT * FROM buttons WHERE id = ?', id);
        return row && asButton(row);
      }),
    openButtons: (chatId, messageId) =>
      vault.read((sql) => sql.all<ButtonRow>(OPEN_ON_MESSAGE, chatId, messageId, clock.now()).map(asButton)),
  };
}

function replyTables(vault: Vault, clock: Pick<Clock, 'now'>): ReplyTables {
  return {
    rememberReply: (ticket, chatId, messageId) =>
      vault.write(false, (sql) => {
        const text = 'INSERT OR REPLACE INTO reply_messages VALUES (?, ?, ?, ?)';
        sql.run(text, ticket, chatId, messageId, clock.now());
      }),
    replyMessage: (ticket) =>
      vault.read((sql) => {
        const text = 'SELECT chat_id, message_id FROM reply_messages WHERE ticket = ?';
        const row = sql.get<{chat_id: number; message_id: number}>(text, ticket);
        return row && {chatId: row.chat_id, messageId: row.message_id};
      }),
  };
}

interface BoardRow {
  readonly chat_id: number;
  readonly message_id: number;
  readonly html: string;
  readonly is_pinned: number;
}

function boardTables(vault: Vault): BoardTables {
  const asBoard = (row: BoardRow) => ({
    chatId: row.chat_id,
    messageId: row.message_id,
    html: row.html,
    isPinned: row.is_pinned === 1,
  });
  return {
    boards: () => vault.read((sql) => sql.all<BoardRow>('SELECT * FROM boards').map(asBoard)),
    board: (chatId) =>
      vault.read((sql) => {
        const row = sql.get<BoardRow>('SELECT * FROM boards WHERE chat_id = ?', chatId);
        return row && asBoard(row);
      }),
    saveBoard: ({chatId, messageId, html, isPinned}) =>
      vault.write(false, (sql) => {
        sql.run('INSERT OR REPLACE INTO boards VALUES (?, ?, ?, ?)', chatId, messageId, html, Number(isPinned));
      }),
    forgetBoard: (chatId) =>
      vault.write(false, (sql) => {
        sql.run('DELETE FROM boards WHERE chat_id = ?', chatId);
      }),
  };
}

/** The caller holds the transaction. */
export function putButton(sql: Sql, button: Button): void {
  sql.run(
    `INSERT INTO buttons (id, action, check_name, card, chat_id, message_id, expires_at, used_at, shown, refresh, once,
      user_id, confirms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    button.id,
    button.command,
    button.text,
    button.card,
    button.chatId,
    button.messageId ?? null,
    button.expiresAt,
    button.usedAt ?? null,
    button.show,
    button.refresh ?? null,
    Number(button.once),
    button.user ?? null,
    Number(button.confirms ?? false),
  );
}

/** The caller holds the transaction. What was used first stays so. */
export function spendButton(sql: Sql, id: string, now: number): void {
  sql.run('UPDATE buttons SET used_at = ? WHERE id = ? AND used_at IS NULL', now, id);
}

function asButton(row: ButtonRow): Button {
  return {
    id: row.id,
    command: row.action,
    text: row.check_name,
    show: row.shown,
    ...(row.refresh === null ? {} : {refresh: row.refresh}),
    once: row.once === 1,
    ...(row.user_id === null ? {} : {user: row.user_id}),
    ...(row.confirms === 0 ? {} : {confirms: true as const}),
    card: row.card,
    chatId: row.chat_id,
    ...(row.message_id === null ? {} : {messageId: row.message_id}),
    expiresAt: row.expires_at,
    ...(row.used_at === null ? {} : {usedAt: row.used_at}),
  };
}
