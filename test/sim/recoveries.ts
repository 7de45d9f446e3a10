import type {CheckConfig, Config, RecoveryConfig} from '../../src/config/config.ts';
import type {Ending, runCommand} from '../../src/recovery/run.ts';
import type {RecoveryRun} from '../../src/state/recovery-vocabulary.ts';
import type {Commit} from '../../src/store/store.ts';
import type {SimClock} from './clock.ts';
import {type Act, LEAD, MINUTE} from './draw.ts';
import type {Life} from './life.ts';
import {createRandom, type Random} from './random.ts';

/** The same checks of all configurations get the same recoveries, from numbers of their own: the others stay as they are. */
export function withRecoveries(configs: readonly [Config, ...Config[]], seed: number): [Config, ...Config[]] {
  const random = createRandom(seed, 'recoveries');
  const recoveries = new Map<string, RecoveryConfig>();
  for (const check of configs[0].checks)
    if (random.chance(0.5)) recoveries.set(check.name, drawRecovery(check, random));
  const change = (check: CheckConfig): CheckConfig => {
    const recovery = recoveries.get(check.name);
    return recovery ? {...check, recovery} : check;
  };
  const [first, ...others] = configs.map((config) => ({...config, checks: config.checks.map(change)}));
  return [first ?? configs[0], ...others];
}

function drawRecovery({intervalMs, failAfter}: CheckConfig, random: Random): RecoveryConfig {
  return {
    ...{host: 'DC3', command: 'restart it', shellLine: 'restart it', env: {}, dryRun: random.chance(0.1)},
    isLocal: random.chance(0.3),
    afterFailures: failAfter + random.pick([0, 0, 2]),
    maxAttempts: random.int(1, 4),
    intervalMs,
    backoffFactor: random.pick([1, 2]),
    maxIntervalMs: random.int(1, 10) * MINUTE,
    timeoutMs: random.int(10, 120) * 1_000,
    approve: random.chance(0.3),
    ...(random.chance(0.2) && {window: 'day'}),
  };
}

/** An admin now and then runs one, or closes a breaker, and says yes when asked. */
export function drawRecoveryOrders({checks}: Config, endMs: number, seed: number): Act[] {
  const random = createRandom(seed, 'recovery orders');
  const acts: Act[] = [];
  for (let at = random.int(1, 120) * MINUTE; at < endMs; at += random.int(5, 180) * MINUTE) {
    const text = `/recover ${random.pick(checks).name}${random.chance(0.4) ? ' reset' : ''}`;
    acts.push({at, kind: 'says', user: LEAD, chat: LEAD, text});
    for (const soon of [5_000, 15_000]) acts.push({at: at + soon, kind: 'presses', user: LEAD});
  }
  return acts;
}

/** Commands that end in some way after some time, or not at all. */
export function createCommands(random: Random): (life: Life) => typeof runCommand {
  return (life) =>
    async (_what, {signal}) => {
      await life.clock.sleep(random.int(0, 90) * 1_000, signal);
      if (signal.aborted) return {status: 'timed_out', output: ''};
      return random.pick<Ending>([
        {status: 'done', exitCode: 0, output: 'as new'},
        {status: 'failed', exitCode: 1, output: 'no'},
        {status: 'not_started', reason: 'connection refused', output: ''},
        {status: 'unknown', reason: 'the connection was lost', output: ''},
      ]);
    };
}

interface Known {
  readonly incident: number;
  readonly attempt: number;
  /** When it ended, on the monotonic clock. */
  endedAt?: number;
}

/** What must hold of recoveries, from the configuration and what is committed. */
export class Recoveries {
  readonly #clock: SimClock;
  readonly #fail: (sentence: string) => void;
  readonly #holds: (check: string) => readonly string[];
  readonly #isDown: (check: string) => boolean;
  readonly #onDisk = new Set<number>();
  readonly #started = new Set<number>();
  readonly #running = new Map<string, number>();
  readonly #newest = new Map<string, Known>();
  /** Runs that the program died in the middle of. */
  readonly #lost = new Map<number, number>();
  readonly #reset = new Set<string>();
  #checks: ReadonlyMap<string, CheckConfig> = new Map();
  #count = 0;

  constructor(use: {
    clock: SimClock;
    fail: (sentence: string) => void;
    holds: (check: string) => readonly string[];
    isDown: (check: string) => boolean;
  }) {
    this.#clock = use.clock;
    this.#fail = use.fail;
    this.#holds = use.holds;
    this.#isDown = use.isDown;
  }

  /** How many were started. */
  get count(): number {
    return this.#count;
  }

  configure(config: Config): void {
    this.#checks = new Map(config.checks.map((check) => [check.name, check]));
  }

  committed(batch: Commit): void {
    const [, reset] = /^\/recover (\S+) reset$/.exec(batch.audit?.order ?? '') ?? [];
    if (reset !== undefined) this.#reset.add(reset);
    for (const run of batch.runs ?? []) {
      this.#onDisk.add(run.id);
      if (run.outcome) this.#ended(run);
    }
  }

  /** The command begins to run. */
  started(run: RecoveryRun): void {
    this.#count++;
    const {check, by} = run;
    if (!this.#onDisk.has(run.id)) this.#fail(`the recovery of ${check} was started before it was on the disk`);
    if (this.#started.has(run.id)) this.#fail(`run ${run.id} of ${check} was started a second time`);
    if (this.#running.has(check)) this.#fail(`the recovery of ${check} was started while another one ran`);
    if (!this.#isDown(check)) this.#fail(`the recovery of ${check} was started, and it is fine`);
    this.#started.add(run.id);
    this.#running.set(check, run.id);
    const recovery = this.#checks.get(check)?.recovery;
    if (!recovery) return this.#fail(`${check} has no recovery, and it was started`);
    this.#checkNumber(run, recovery);
    if (by) return;
    if (recovery.approve) this.#fail(`the recovery of ${check} was started, and nobody had approved it`);
    const held = this.#holds(check).filter((hold) => hold === 'maintenance' || hold === 'parent_down');
    if (held.length > 0) this.#fail(`the recovery of ${check} was started while ${held.join(', ')}`);
  }

  died(): void {
    for (const id of this.#running.values()) this.#lost.set(id, Number.POSITIVE_INFINITY);
    this.#running.clear();
  }

  born(): void {
    for (const id of this.#lost.keys()) this.#lost.set(id, this.#clock.monotonic());
  }

  /** Once a minute: what the program died in the middle of is told of soon after it is back. */
  look(): void {
    for (const [id, since] of this.#lost) {
      if (this.#clock.monotonic() - since > MINUTE)
        this.#fail(`nobody was told that the outcome of run ${id} is unknown`);
    }
  }

  #ended({id, check, incident, attempt, outcome}: RecoveryRun): void {
    if (this.#lost.has(id) && outcome?.status !== 'unknown')
      this.#fail(`the program knows how run ${id} ended, and cannot know it`);
    this.#lost.delete(id);
    if (this.#running.get(check) === id) this.#running.delete(check);
    // It died between the disk and the start: that attempt counts all the same, and is never made.
    if (!this.#started.has(id)) this.#newest.set(check, {incident, attempt});
    const known = this.#newest.get(check);
    if (known?.incident === incident && known.attempt === attempt) known.endedAt = this.#clock.monotonic();
  }

  #checkNumber({check, incident, attempt, by}: RecoveryRun, recovery: RecoveryConfig): void {
    const last = this.#newest.get(check);
    const isReset = this.#reset.delete(check);
    const isFirst = last?.incident !== incident || (isReset && attempt === 1);
    const expected = isFirst ? 1 : (last?.attempt ?? 0) + 1;
    if (attempt !== expected) this.#fail(`attempt ${attempt} for ${check} was started, and ${expected} was to come`);
    if (attempt > recovery.maxAttempts) this.#fail(`attempt ${attempt} of ${recovery.maxAttempts} for ${check}`);
    this.#newest.set(check, {incident, attempt});
    if (isFirst || by || !last || last.endedAt === undefined || last.endedAt <= this.#clock.steppedAt()) return;
    const {intervalMs, backoffFactor, maxIntervalMs} = recovery;
    const rest = Math.max(intervalMs, Math.min(maxIntervalMs, intervalMs * backoffFactor ** last.attempt));
    const rested = this.#clock.monotonic() - last.endedAt;
    if (rested < (backoffFactor === 1 ? intervalMs : rest) - 1)
      this.#fail(`attempt ${attempt} for ${check} came after ${rested} ms of rest instead of ${rest}`);
  }
}
