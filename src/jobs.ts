import type {Logger} from 'pino';
import type {LastReport, Report} from './checks/check.ts';
import {prepareCheck} from './checks/index.ts';
import type {Clock} from './clock.ts';
import type {CheckConfig, Config} from './config/config.ts';
import {type Redact, redactReasons} from './config/redact.ts';
import {createRunLog} from './log/runs.ts';
import type {Pipeline} from './pipeline.ts';
import type {Job} from './scheduler.ts';
import type {Observation} from './state/vocabulary.ts';
import type {Store} from './store/store.ts';

interface Use {
  readonly pipeline: Pipeline;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly redact: Redact;
  /** Epoch milliseconds since which reports could arrive without a break; left out: always. */
  readonly reachableSince?: () => number;
  /** Told of the same as the pipeline. */
  readonly onObserved?: (observations: readonly Observation[]) => void;
}

/** A job, and what else can be done with its check. */
export interface CheckJob extends Job {
  /** Of a check that is reported to; true when what must be kept of the report is on the disk, false when the program is ending. */
  readonly receive?: (report: Report) => boolean | Promise<boolean>;
  readonly lastReport?: () => LastReport | undefined;
}

/** What the scheduler runs: each check looks, and tells the pipeline. Reasons reach chats and databases, so they are redacted. */
export function createJobs(config: Config, use: Use): CheckJob[] {
  const {pipeline, redact, onObserved} = use;
  const logRun = createRunLog(use.log, config.logging.logSuccess);
  const tell = (observed: readonly Observation[]) => {
    const found = redactReasons(observed, redact);
    logRun(found);
    pipeline.observe(found);
    onObserved?.(found);
  };
  return config.checks.map((check) => {
    const {name, intervalMs, at, skipInFirstMs} = check;
    const observe = prepare(check, config, use);
    const {host, close, receive: hear, lastReport} = observe;
    const receive = (report: Report) => {
      if (hear) tell(hear(report));
      return pipeline.committed();
    };
    return {
      ...{name, intervalMs, skipFirstMs: skipInFirstMs, nextMs: () => pipeline.intervalMs(name)},
      run: async (signal: AbortSignal) => tell(await observe(signal)),
      ...(at !== undefined && {at}),
      ...(host !== undefined && {host}),
      ...(close && {close}),
      ...(hear && {receive}),
      ...(lastReport && {lastReport}),
    };
  });
}

/** Runs a check once, beside its regular runs and without counting what it finds; undefined: there is no such check. */
export function createProbe(config: Config, {clock, log, redact}: Pick<Use, 'clock' | 'log' | 'redact'>) {
  const checks = new Map(config.checks.map((check) => [check.name, check]));
  return (name: string, signal: AbortSignal): Promise<readonly Observation[]> | undefined => {
    const check = checks.get(name);
    if (!check) return undefined;
    const observe = prepareCheck(check, {clock, log, timezone: config.timezone});
    return observe(signal)
      .then((found) => redactReasons(found, redact))
      .finally(() => observe.close?.());
  };
}

/** What reports leave behind is kept in the transaction of the observations that they are. */
function prepare(check: CheckConfig, {timezone}: Config, {pipeline, store, clock, log, reachableSince}: Use) {
  const memory = check.reportId !== undefined ? pipeline.memory(check.name) : store.memory(check.name);
  return prepareCheck(check, {clock, log, memory, timezone, reachableSince});
}

/** The same jobs, and when each that is due at the start has run once. */
export function followFirstRound(jobs: readonly Job[]): {readonly jobs: Job[]; readonly ran: Promise<void>} {
  const {promise, resolve} = Promise.withResolvers<void>();
  const awaited = new Set(jobs.filter(({at, skipFirstMs = 0}) => at === undefined && skipFirstMs === 0));
  if (awaited.size === 0) resolve();
  const followed = jobs.map((job) => {
    if (!awaited.has(job)) return job;
    const ran = () => {
      awaited.delete(job);
      if (awaited.size === 0) resolve();
    };
    const run = (signal: AbortSignal) => (awaited.has(job) ? job.run(signal).finally(ran) : job.run(signal));
    return {...job, run};
  });
  return {jobs: followed, ran: promise};
}
