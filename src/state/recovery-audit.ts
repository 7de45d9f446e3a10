import type {AuditEntry} from '../store/store.ts';
import type {RecoveryRun} from './recovery-vocabulary.ts';

/** What a recovery does stands there before it starts, and again when its outcome is known. */
export function auditOf({check, host, command, attempt, of, by, startedAt, outcome, dryRun}: RecoveryRun): AuditEntry {
  const {status = dryRun ? 'dry run' : 'started', exitCode, signal, reason, endedAt = startedAt} = outcome ?? {};
  const details = [exitCode === undefined ? [] : `exit code ${exitCode}`, signal ? `SIG${signal}` : [], reason ?? []];
  return {
    at: endedAt,
    userId: by?.id ?? 0,
    userName: by?.name ?? 'vakhta',
    chatId: 0,
    order: `recovery ${host}:${check}, attempt ${attempt} of ${of}: ${command}`,
    outcome: [status, ...details.flat()].join(', '),
  };
}
