import {auditLine} from '../bot/commands/audit.ts';
import type {Config} from '../config/config.ts';
import {auditBeside} from '../store/beside.ts';
import {StoreRefused} from '../store/sickness.ts';

/** `vakhta audit`: every entry, the oldest first, one JSON object a line. Returns why there is nothing to read, if so. */
export function printAudit({dataDir}: Config): string | undefined {
  try {
    for (const row of auditBeside(dataDir)) process.stdout.write(`${auditLine(row)}\n`);
    return undefined;
  } catch (error) {
    if (error instanceof StoreRefused) return error.message;
    throw error;
  }
}
