import type {Logger} from 'pino';
import type {Cancel, Clock} from '../clock.ts';
import type {Config} from '../config/config.ts';
import type {RecoveryRun, RunOutcome} from '../state/recovery-vocabulary.ts';
import {type Ending, runCommand} from './run.ts';

export interface Runner {
  /** Starts what was decided, and is on the disk by now. Never throws; `onEnded` hears of the end. */
  start(run: RecoveryRun): void;
  /** Breaks off what runs; resolves when it has let go. Commands get a SIGTERM, and their outcome stays unknown. */
  stop(): Promise<void>;
}

interface RunnerUse {
  readonly clock: Clock;
  readonly log: Logger;
  /** What is configured now. */
  readonly config: () => Pick<Config, 'checks' | 'hosts'>;
  /** What commands say goes into chats, the log and the database. */
  readonly redact: (text: string) => string;
  /** `run` is in its final form. */
  readonly onEnded: (run: RecoveryRun) => void;
  /** Carries a command out; left out: really. */
  readonly command?: typeof runCommand;
}

/** A command that has not let go this long after its signal was aborted is not waited for. */
const GRACE_MS = 1_000;

/** Runs the commands of recoveries, each in its own time, and tells how they ended. */
export function createRunner(use: RunnerUse): Runner {
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();
  return {
    start: (run) => {
      const done = runToItsEnd(run, use, stopping.signal).then(() => void running.delete(done));
      running.add(done);
    },
    stop: async () => {
      stopping.abort();
      await Promise.all(running);
    },
  };
}

async function runToItsEnd(run: RecoveryRun, use: RunnerUse, stopping: AbortSignal): Promise<void> {
  const began = use.clock.monotonic();
  const ending = await endingOf(run, use, stopping);
  const outcome: RunOutcome = {
    ...ending,
    output: use.redact(readable(ending.output)),
    ...(ending.reason !== undefined && {reason: use.redact(ending.reason)}),
    endedAt: run.startedAt + Math.max(0, use.clock.monotonic() - began),
  };
  const ended = {...run, outcome};
  logRun(ended, use.log);
  use.onEnded(ended);
}

async function endingOf(run: RecoveryRun, use: RunnerUse, stopping: AbortSignal): Promise<Ending> {
  const {clock, config, command = runCommand} = use;
  if (run.dryRun) return {status: 'dry_run', output: ''};
  const {checks, hosts} = config();
  const recovery = checks.find(({name}) => name === run.check)?.recovery;
  if (!recovery) return {status: 'not_started', reason: 'it is no longer configured', output: ''};
  const {promise: late, resolve} = Promise.withResolvers<Ending>();
  let dismiss: Cancel = () => {};
  const {signal, cancel} = clock.deadline(recovery.timeoutMs, stopping, () => {
    dismiss = clock.after(GRACE_MS, () => resolve({status: 'unknown', reason: 'it does not let go', output: ''}));
  });
  try {
    return await Promise.race([command({recovery, hosts}, {clock, signal}), late]);
  } catch (error) {
    use.log.error({err: error, check: run.check}, 'running a recovery broke');
    return {status: 'unknown', reason: 'a bug; the log has it', output: ''};
  } finally {
    cancel();
    dismiss();
  }
}

/** Terminals are commanded by control characters; half a character at the cut is none. */
function readable(output: string): string {
  return output
    .replace(/^\uFFFD+/, '')
    .replace(/\r\n?/g, '\n')
    .replace(/[^\P{Cc}\n\t]/gu, ' ')
    .trim();
}

/** One line for each run; its fields are a public interface. */
function logRun({check, host, command, attempt, of, by, startedAt, outcome}: RecoveryRun, log: Logger): void {
  const {status, exitCode, signal, reason, output = '', endedAt = startedAt} = outcome ?? {};
  const about = {
    event: 'COMMAND_EXECUTED',
    timestamp: Temporal.Instant.fromEpochMilliseconds(Math.trunc(startedAt)).toString(),
    pair: `${host}:${check}`,
    ...{host, check, command, attempt, of},
    ...(by && {by: by.name}),
    ...{status, exitCode, signal, reason, output},
    durationMs: Math.round(endedAt - startedAt),
  };
  log[status === 'done' || status === 'dry_run' ? 'info' : 'warn'](about, 'COMMAND_EXECUTED');
}
