import type {Logger} from 'pino';
import {prepareCheck} from './checks/index.ts';
import type {Clock} from './clock.ts';
import type {Config} from './config/config.ts';
import {type Redact, redactReason} from './config/redact.ts';
import {createRunLog} from './log/runs.ts';
import type {Pipeline} from './pipeline.ts';
import type {Job} from './scheduler.ts';
import type {Observation} from './state/vocabulary.ts';
import type {Store} from './store/store.ts';

/** What the scheduler runs: each check looks, and tells the pipeline. Reasons reach chats and databases, so they are redacted. */
export function createJobs(
  config: Config,
  use: {
    readonly pipeline: Pipeline;
    readonly store: Store;
    readonly clock: Clock;
    readonly log: Logger;
    readonly redact: Redact;
    /** Told of the same as the pipeline. */
    readonly onObserved?: (observations: readonly Observation[]) => void;
  },
): Job[] {
  const {pipeline, store, clock, log, redact, onObserved} = use;
  const logRun = createRunLog(log, config.logging.logSuccess);
  return config.checks.map((check) => {
    const {name, intervalMs, at, skipInFirstMs} = check;
    const observe = prepareCheck(check, {clock, log, memory: store.memory(name)});
    const run = async (signal: AbortSignal) => {
      const found = (await observe(signal)).map((observation) => redactReason(observation, redact));
      logRun(found);
      pipeline.observe(found);
      onObserved?.(found);
    };
    const {host, close} = observe;
    return {
      ...{name, intervalMs, skipFirstMs: skipInFirstMs, nextMs: () => pipeline.intervalMs(name), run},
      ...(at !== undefined && {at}),
      ...(host !== undefined && {host}),
      ...(close && {close}),
    };
  });
}
