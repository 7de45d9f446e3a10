import type {Role} from '../config/config.ts';
import type {Sql} from './sql.ts';
import type {AccessChange, AccessTables, AuditRow, Invite, InvitedUser} from './store.ts';
import type {Vault} from './vault.ts';

export function createAccessTables(vault: Vault): AccessTables {
  return {
    user: (id) =>
      vault.read((sql) => {
        const row = sql.get<UserRow>('SELECT * FROM users WHERE id = ?', id);
        return row && asUser(row);
      }),
    users: () => vault.read((sql) => sql.all<UserRow>('SELECT * FROM users ORDER BY at, id').map(asUser)),
    invites: (now) =>
      vault.read((sql) => sql.all<InviteRow>(`SELECT * FROM invites WHERE ${OPEN} ORDER BY id`, now).map(asInvite)),
    invite: (hash, now) =>
      vault.read((sql) => {
        const row = sql.get<InviteRow>(`SELECT * FROM invites WHERE hash = ? AND ${OPEN}`, hash, now);
        return row && asInvite(row);
      }),
    nextInvite: () =>
      vault.read((sql) => (sql.get<{id: number | null}>('SELECT max(id) AS id FROM invites')?.id ?? 0) + 1),
    audit: (page) => vault.read((sql) => auditRows(sql, page)),
  };
}

/** The caller holds the transaction. */
export function changeAccess(sql: Sql, change: AccessChange, now: number): void {
  switch (change.kind) {
    case 'invited':
      return putInvite(sql, change.invite);
    case 'joined': {
      const text = `UPDATE invites SET used_at = ?, used_by = ? WHERE id = ? AND ${OPEN}`;
      // Whoever else has the same code came too late.
      if (sql.run(text, now, change.user.id, change.invite, now) > 0) putUser(sql, change.user);
      return;
    }
    case 'user_revoked':
      sql.run('DELETE FROM users WHERE id = ?', change.id);
      return;
    case 'invite_revoked':
      sql.run('UPDATE invites SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL', now, change.id);
  }
}

function auditRows(sql: Sql, {limit, before}: Parameters<AccessTables['audit']>[0]): AuditRow[] {
  const text = `${AUDIT} WHERE id < ? ORDER BY id DESC LIMIT ?`;
  return sql.all<AuditRow>(text, before ?? Number.MAX_SAFE_INTEGER, limit).map((row) => ({...row}));
}

/** Every entry, the oldest first. */
export function* auditTrail(sql: Sql): Iterable<AuditRow> {
  for (const row of sql.each<AuditRow>(`${AUDIT} ORDER BY id`)) yield {...row};
}

const OPEN = 'used_at IS NULL AND revoked_at IS NULL AND expires_at > ?';
const AUDIT = `SELECT id, at, user_id AS userId, user_name AS userName, chat_id AS chatId, order_text AS "order", outcome
  FROM audit`;

interface UserRow {
  readonly id: number;
  readonly name: string;
  readonly role: Role;
  readonly groups: string | null;
  readonly by_id: number;
  readonly by_name: string;
  readonly at: number;
}

interface InviteRow extends Omit<UserRow, 'name'> {
  readonly hash: string;
  readonly expires_at: number;
  readonly is_first: number;
}

function asUser({id, name, role, groups, by_id, by_name, at}: UserRow): InvitedUser {
  return {id, name, role, ...groupsIn(groups), by: {id: by_id, name: by_name}, at};
}

function asInvite({id, hash, role, groups, by_id, by_name, at, expires_at, is_first}: InviteRow): Invite {
  const by = {id: by_id, name: by_name};
  const first = is_first === 1 ? {first: true as const} : {};
  return {id, hash, role, ...groupsIn(groups), by, at, expiresAt: expires_at, ...first};
}

function groupsIn(text: string | null): {readonly groups?: readonly string[]} {
  return text === null ? {} : {groups: JSON.parse(text) as string[]};
}

function groupsText(groups: readonly string[] | undefined): string | null {
  return groups === undefined ? null : JSON.stringify(groups);
}

function putUser(sql: Sql, {id, name, role, groups, by, at}: InvitedUser): void {
  const text = `INSERT OR REPLACE INTO users (id, name, role, groups, by_id, by_name, at) VALUES (?, ?, ?, ?, ?, ?, ?)`;
  sql.run(text, id, name, role, groupsText(groups), by.id, by.name, at);
}

function putInvite(sql: Sql, {id, hash, role, groups, by, at, expiresAt, first}: Invite): void {
  const text = `INSERT INTO invites (id, hash, role, groups, by_id, by_name, at, expires_at, is_first)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`;
  sql.run(text, id, hash, role, groupsText(groups), by.id, by.name, at, expiresAt, Number(first ?? false));
}
