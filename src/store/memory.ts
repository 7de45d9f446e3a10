import type {CheckMemory} from '../checks/check.ts';
import type {Sql} from './sql.ts';
import type {Vault} from './vault.ts';

/** Not durable by itself: after a power cut a check may find an older memory, and must be able to live with it. */
export function createMemory(vault: Vault, check: string): CheckMemory {
  return {
    get: () =>
      vault.read(
        (sql) => sql.get<{memory: string}>('SELECT memory FROM check_memory WHERE check_name = ?', check)?.memory,
      ),
    set: (text) => vault.write(false, (sql) => putMemory(sql, check, text)),
  };
}

export function putMemory(sql: Sql, check: string, text: string): void {
  sql.run('INSERT OR REPLACE INTO check_memory VALUES (?, ?)', check, text);
}
