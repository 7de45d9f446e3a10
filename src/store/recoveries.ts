import type {Recovery, RecoveryRun} from '../state/recovery-vocabulary.ts';
import {raise} from './ids.ts';
import type {Sql} from './sql.ts';

export function loadRecoveries(sql: Sql): Recovery[] {
  const rows = sql.all<{recovery: string}>('SELECT recovery FROM recoveries ORDER BY check_name');
  return rows.map(({recovery}) => JSON.parse(recovery) as Recovery);
}

/** Those whose commands ran when the program ended. */
export function openRuns(sql: Sql): RecoveryRun[] {
  const rows = sql.all<{run: string}>('SELECT run FROM recovery_runs WHERE ended_at IS NULL ORDER BY id');
  return rows.map(({run}) => JSON.parse(run) as RecoveryRun);
}

export function putRecovery(sql: Sql, check: string, recovery: Recovery | undefined): void {
  if (recovery) sql.run('INSERT OR REPLACE INTO recoveries VALUES (?, ?)', check, JSON.stringify(recovery));
  else sql.run('DELETE FROM recoveries WHERE check_name = ?', check);
}

/** Runs stay as history, whatever becomes of their checks. */
export function putRun(sql: Sql, run: RecoveryRun): void {
  sql.run(
    'INSERT OR REPLACE INTO recovery_runs VALUES (?, ?, ?, ?, ?, ?)',
    run.id,
    run.check,
    run.incident,
    run.startedAt,
    run.outcome?.endedAt ?? null,
    JSON.stringify(run),
  );
  raise(sql, 'run', run.id);
}
