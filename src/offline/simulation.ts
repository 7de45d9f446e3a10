import pino from 'pino';
import {createDesk, type OrderDesk} from '../bot/desk.ts';
import {plainText} from '../bot/messages/html.ts';
import type {Readers} from '../bot/readers.ts';
import {cronStretch} from '../calendar.ts';
import {createClock} from '../clock.ts';
import type {Config, User} from '../config/config.ts';
import {type Policy, policyOf} from '../state/policy.ts';
import type {RecoveryRun} from '../state/recovery-vocabulary.ts';
import {conclude, emptyWorld, nextWake, take, type World} from '../state/turn.ts';
import {statusMapOf, viewOf} from '../state/view.ts';
import type {Event, Observation, Verdict} from '../state/vocabulary.ts';
import type {Input} from './input.ts';
import {createReporter, type Line, type Reporter} from './reporter.ts';

type Command = Input & {kind: 'command'};

/** What these would say here, that nothing is known or that something has begun, would not be true. */
const OF_THE_RUNNING = ['run', 'history', 'graph', 'report', 'reload'];
const FOR_THE_RUNNING = 'is for the running program: a simulation runs nothing and keeps no history.';

/**
 * A server that lives through a history on a clock that jumps from one thing to the next. The rules are those of the running
 * program: what is said here would have been said there.
 */
export class Simulation {
  readonly #config: Config;
  readonly #policy: Policy;
  readonly #world: World = emptyWorld();
  readonly #verdicts = new Map<string, Verdict>();
  readonly #reporter: Reporter;
  readonly #print: (line: Line) => void;
  readonly #desk: OrderDesk;
  readonly #withTargets: ReadonlySet<string>;
  #now = Number.NEGATIVE_INFINITY;
  #wake: number | undefined;
  #runs: Observation[][] = [];
  /** The runs of this moment of checks that have targets, with the targets seen in them. */
  readonly #open = new Map<string, {readonly run: Observation[]; readonly targets: Set<string>}>();

  constructor(use: {config: Config; readers: Readers; version: string; print: (line: Line) => void}) {
    this.#config = use.config;
    this.#policy = policyOf(use.config, cronStretch);
    this.#print = use.print;
    this.#reporter = createReporter(use);
    this.#withTargets = new Set(use.config.checks.filter(({targets}) => targets.length > 0).map(({name}) => name));
    this.#desk = createDesk({...use, ...this.#stage()});
  }

  /** Inputs come in the order of their times. A command is done with when the promise resolves; it never rejects. */
  take(input: Input): Promise<void> | undefined {
    if (input.at > this.#now) this.#moveTo(input.at);
    if (input.kind === 'command') return this.#command(input);
    this.#gather(input.observation);
    return undefined;
  }

  /** Lets the time pass until then, this moment included. */
  runUntil(at: number): void {
    this.#flush();
    this.#sleepUntil(at, {inclusive: true});
  }

  #moveTo(at: number): void {
    this.#flush();
    this.#sleepUntil(at, {inclusive: false});
    this.#now = at;
  }

  /** What is due at the very moment of the next input is decided together with it, as in the running program. */
  #sleepUntil(end: number, {inclusive}: {inclusive: boolean}): void {
    while (this.#wake !== undefined && (inclusive ? this.#wake <= end : this.#wake < end)) {
      this.#now = this.#wake;
      this.#conclude([]);
    }
  }

  /** The findings of one moment on the targets of one check are one run. */
  #gather(observation: Observation): void {
    const {check, target} = observation;
    if (target === undefined || !this.#withTargets.has(check)) {
      this.#runs.push([observation]);
      return;
    }
    const open = this.#open.get(check);
    if (open && !open.targets.has(target)) {
      open.run.push(observation);
      open.targets.add(target);
      return;
    }
    const run = [observation];
    this.#open.set(check, {run, targets: new Set([target])});
    this.#runs.push(run);
  }

  #flush(): void {
    const runs = this.#runs;
    if (runs.length === 0) return;
    this.#runs = [];
    this.#open.clear();
    const events: Event[] = [];
    for (const run of runs) {
      const taken = take(this.#world, run, this.#now, this.#policy);
      if (taken) events.push(...taken.events);
    }
    if (events.length > 0 || (this.#wake !== undefined && this.#wake <= this.#now)) this.#conclude(events);
  }

  #conclude(events: readonly Event[]): void {
    const decision = conclude(this.#world, events, this.#now, this.#policy);
    for (const verdict of decision.verdicts) this.#verdicts.set(verdict.check, verdict);
    this.#reporter.report(events, decision, this.#now);
    for (const run of decision.runs) if (!run.outcome) this.#endRun(run);
    this.#wake = nextWake(this.#world, this.#now);
  }

  /** What would run is told, and ends at once without having mended anything: the past goes on as it was. */
  #endRun(run: RecoveryRun): void {
    const {check, host, command, attempt, of} = run;
    const at = this.#now;
    this.#print({at, kind: 'recovery', check, host, command, attempt, of});
    const outcome = {status: 'dry_run', endedAt: at, output: ''} as const;
    this.#conclude([{kind: 'recovery_ended', check, at, run: {...run, outcome}}]);
  }

  async #command({at, text, user: id}: Command): Promise<void> {
    this.#flush();
    const user = this.#config.users.get(id);
    if (!user) return this.#print({at, kind: 'refused', user: id});
    const [, typed = '', rest = ''] = /^\/(\w+)(?:@\w+)?\s*([\s\S]*)$/.exec(text) ?? [];
    const said = await this.#answer(typed.toLowerCase(), user, rest.trim());
    this.#print({at, kind: 'reply', user: id, text: said});
  }

  async #answer(name: string, {id, name: called, role, groups}: User, text: string): Promise<string> {
    const first = this.#desk.take(name, {
      ...{person: {id, name: called}, role, ...(groups && {groups}), text, now: this.#now},
      // Everything else is said in words alone, as at the console, which has neither buttons nor files.
      ...(name === 'whoami' && {chatId: id}),
      // What was asked at the time is asked of nobody again.
      confirmed: true,
    });
    const {lines} = (await first.rest) ?? first;
    const isBegun = first.rest !== undefined || first.afterwards !== undefined;
    if (isBegun && OF_THE_RUNNING.includes(name)) return `/${name} ${FOR_THE_RUNNING}`;
    return plainText(lines.join('\n'));
  }

  /** What the commands see of this server in place of the running program's parts. */
  #stage() {
    const now = () => this.#now;
    const view = () => viewOf(this.#config, this.#world, this.#verdicts);
    return {
      clock: createClock({now, monotonic: now, after: () => () => {}}),
      log: pino({enabled: false}),
      reload: () => {},
      store: {outbox: {backlog: () => ({rows: 0})}, telegram: {deadChannels: () => []}},
      pipeline: {
        alerts: this.#world.alerts,
        policy: this.#policy,
        view,
        statusMap: () => statusMapOf(view()),
        silences: () => [...this.#world.alerts.silences.values()],
        order: ({events}: {readonly events: readonly Event[]}) => {
          if (events.length > 0) this.#conclude(events);
        },
      },
    };
  }
}
