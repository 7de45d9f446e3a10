import type {Clock} from '../clock.ts';
import type {HostConfig, RecoveryConfig} from '../config/config.ts';
import {reasonFor} from '../reach/failure.ts';
import type {RunOutcome} from '../state/recovery-vocabulary.ts';
import {runHere} from './local.ts';
import {runOnHost} from './remote.ts';

/** Of what a command says, this much of its end is kept. */
export const OUTPUT_BYTES_MAX = 4 * 1024;

/** How a command ended, but for when. */
export type Ending = Omit<RunOutcome, 'endedAt'>;

export interface RunUse {
  readonly clock: Clock;
  /** Aborts at the recovery's timeout, or when the program stops. */
  readonly signal: AbortSignal;
}

/** Runs a recovery's command to its end. Never rejects for what the world does; bugs come out. */
export async function runCommand(
  {recovery, hosts}: {readonly recovery: RecoveryConfig; readonly hosts: ReadonlyMap<string, HostConfig>},
  use: RunUse,
): Promise<Ending> {
  if (recovery.exec) return await runHere(recovery.exec, recovery.env, use);
  return await runOnHost(recovery, hosts, use);
}

/** Of a command that was broken off: at its timeout, or since the program stops, which leaves its outcome open. */
export function brokenOff(signal: AbortSignal, output: string): Ending {
  const reason = reasonFor(signal.reason, {signal});
  const isTimeout = signal.reason instanceof Error && signal.reason.name === 'TimedOut';
  return isTimeout ? {status: 'timed_out', output} : {status: 'unknown', reason, output};
}

/** Of one that ended by itself. */
export function endingOf(exitCode: number | null, signal: string, output: string): Ending {
  if (signal !== '') return {status: 'failed', signal: signal.replace(/^SIG/, ''), output};
  const code = exitCode ?? -1;
  return {status: code === 0 ? 'done' : 'failed', exitCode: code, output};
}
