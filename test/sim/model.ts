import type {CheckConfig, Config} from '../../src/config/config.ts';
import type {Observation} from '../../src/state/vocabulary.ts';

/**
 * What follows from the observations, worked out a second time and more simply than in src/state, of which it uses nothing.
 */
export interface Known {
  readonly name: string;
  status: boolean;
  readonly subjects: Map<string, Subject>;
  /** The results of the last runs, newest last; at most 21. */
  results: boolean[];
  flapping: boolean;
}

export interface Subject {
  status: boolean;
  errors: number;
  oks: number;
  lastAt: number;
  lastFailed: boolean;
}

/** A check became false, true again, or unsettled. */
export type Change = {
  readonly kind: 'down' | 'up' | 'flapping' | 'steady';
  readonly check: string;
  /** When the run began that showed it. */
  readonly at: number;
};

export class Model {
  readonly checks = new Map<string, Known>();
  #config: Config;
  #byName: ReadonlyMap<string, CheckConfig>;

  constructor(config: Config) {
    this.#config = config;
    this.#byName = new Map(config.checks.map((check) => [check.name, check]));
  }

  /** What is no longer configured is forgotten. */
  configure(config: Config): void {
    this.#config = config;
    this.#byName = new Map(config.checks.map((check) => [check.name, check]));
    for (const name of [...this.checks.keys()]) if (!this.#byName.has(name)) this.checks.delete(name);
  }

  status(name: string): boolean {
    return this.checks.get(name)?.status ?? true;
  }

  /** One run of one check. */
  take(run: readonly Observation[], now: number): Change[] {
    const config = this.#byName.get(run[0]?.check ?? '');
    if (!config) return [];
    const known = this.#known(config.name);
    const before = known.status;
    const cutOff = this.isCutOff(config);
    const counted = run.filter((observation) => count(known, observation, config, now, cutOff));
    if (counted.length === 0) return [];
    const at = counted[0]?.at ?? now;
    known.status = isTrue(known, config);
    const changes: Change[] = unsettle(known, counted, {config, cutOff}).map((kind) => ({
      kind,
      check: config.name,
      at,
    }));
    if (known.status !== before) changes.push({kind: known.status ? 'up' : 'down', check: config.name, at});
    return changes;
  }

  #known(name: string): Known {
    const known = this.checks.get(name) ?? {name, status: true, subjects: new Map(), results: [], flapping: false};
    this.checks.set(name, known);
    return known;
  }

  /** While all guards fail, a check that needs the network proves nothing. */
  isCutOff({isLocal, name}: CheckConfig): boolean {
    const {guard} = this.#config;
    if (isLocal || guard.includes(name)) return false;
    const fails = (name: string) => {
      const subjects = [...(this.checks.get(name)?.subjects.values() ?? [])];
      return subjects.length > 0 && subjects.every(({lastFailed}) => lastFailed);
    };
    return guard.length > 0 && guard.every(fails);
  }
}

/** False: the observation is older than what is known, and says nothing. */
function count(known: Known, observation: Observation, config: CheckConfig, now: number, cutOff: boolean): boolean {
  const key = observation.target ?? '';
  const fresh: Subject = {status: true, errors: 0, oks: 0, lastAt: Number.NEGATIVE_INFINITY, lastFailed: false};
  const subject = known.subjects.get(key) ?? fresh;
  if (observation.at < subject.lastAt && subject.lastAt <= now) return false;
  known.subjects.set(key, subject);
  const isFailure = observation.result === 'failed' && !cutOff;
  subject.lastAt = observation.at;
  subject.lastFailed = isFailure;
  if (isFailure) {
    subject.errors++;
    subject.oks = 0;
    if (subject.errors >= config.failAfter) subject.status = false;
  } else if (observation.result === 'ok') {
    subject.errors = 0;
    subject.oks = subject.status ? 0 : subject.oks + 1;
    if (subject.oks >= config.recoverAfter) subject.status = true;
    if (subject.status) subject.oks = 0;
  }
  return true;
}

function isTrue(known: Known, config: CheckConfig): boolean {
  const bad = [...known.subjects.values()].filter(({status}) => !status).length;
  return config.targets.length === 0 ? bad === 0 : bad < needed(config);
}

function needed({alertWhen, targets}: CheckConfig): number {
  if (alertWhen.kind === 'count') return Math.max(1, alertWhen.count);
  return Math.max(1, Math.ceil((targets.length * alertWhen.percent) / 100));
}

/** docs/architecture.md's figures: 20 changes, weighing 0.8 for the oldest to 1.18 for the newest, of 20 in all. */
function unsettle(
  known: Known,
  counted: readonly Observation[],
  {config, cutOff}: {readonly config: CheckConfig; readonly cutOff: boolean},
): ('flapping' | 'steady')[] {
  const failed = cutOff ? 0 : counted.filter(({result}) => result === 'failed').length;
  const conclusive = failed > 0 || counted.some(({result}) => result === 'ok');
  if (!config.flapping) known.results = [];
  if (!conclusive) return [];
  const was = known.flapping;
  if (config.flapping) {
    known.results = [...known.results, config.targets.length === 0 ? failed === 0 : failed < needed(config)].slice(-21);
  }
  const percent = changePercent(known.results);
  known.flapping = config.flapping && (was ? percent > 25 : percent > 30);
  return known.flapping === was ? [] : [known.flapping ? 'flapping' : 'steady'];
}

function changePercent(results: readonly boolean[]): number {
  // In hundredths, so that a figure at the very edge is exact.
  let sum = 0;
  for (let i = 1; i < results.length; i++) {
    if (results[i] !== results[i - 1]) sum += 80 + 2 * (19 - (results.length - 1 - i));
  }
  return sum / 20;
}
