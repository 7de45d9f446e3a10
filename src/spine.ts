import type {Clock} from './clock.ts';
import type {Config} from './config/config.ts';
import type {Redact} from './config/redact.ts';
import type {Logs} from './log.ts';
import {Pipeline} from './pipeline.ts';
import {createRunner} from './recovery/runner.ts';
import type {CronStretch} from './state/policy.ts';
import type {RecoveryRun} from './state/recovery-vocabulary.ts';
import type {Store} from './store/store.ts';

/** The pipeline, and what runs the recoveries that it decides on. */
export function createSpine(use: {
  readonly config: Config;
  readonly clock: Clock;
  readonly store: Store;
  readonly logs: Pick<Logs, 'of'>;
  readonly redact: Redact;
  readonly cron: CronStretch;
  readonly onQueued: () => void;
}) {
  const {logs, ...rest} = use;
  const onEnded = (run: RecoveryRun) => pipeline.recoveryEnded(run);
  const runner = createRunner({...use, log: logs.of('recovery'), config: () => pipeline.config, onEnded});
  const pipeline: Pipeline = new Pipeline({...rest, log: logs.of('pipeline'), onRun: runner.start});
  return {
    pipeline,
    nextCheckAt: (check: string) => pipeline.nextCheckAt(check),
    /** Breaks running recoveries off, whose end is still committed. */
    stopSpine: async () => {
      await runner.stop();
      pipeline.stop();
    },
  };
}
