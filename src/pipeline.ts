import type {Logger} from 'pino';
import type {CheckMemory} from './checks/check.ts';
import type {Cancel, Clock} from './clock.ts';
import type {Config} from './config/config.ts';
import {differs, hasContent} from './pipeline/changes.ts';
import {type Forgotten, forgetRemoved} from './pipeline/forget.ts';
import type {AlertState} from './state/alerts.ts';
import {startState} from './state/engine.ts';
import {type CronStretch, type Policy, policyOf} from './state/policy.ts';
import {lost} from './state/recovery.ts';
import {auditOf} from './state/recovery-audit.ts';
import type {RecoveryRun} from './state/recovery-vocabulary.ts';
import {conclude, nextWake, take, takeAgain, type World, worldOf} from './state/turn.ts';
import {type CheckView, nextCheckAt, type StatusMap, statusMapOf, viewOf} from './state/view.ts';
import type {Backlog, CheckState, Event, NoticeCode, Observation, Silence, Verdict} from './state/vocabulary.ts';
import type {AuditEntry, Commit, Loaded, Store} from './store/store.ts';

/** An order and all that must be committed with it. */
export interface Order {
  readonly events: readonly Event[];
  readonly audit?: AuditEntry;
  readonly messages?: Commit['messages'];
  readonly handledUpdate?: number;
  readonly language?: Commit['language'];
  readonly buttons?: Commit['buttons'];
  readonly access?: Commit['access'];
  readonly usedButtons?: Commit['usedButtons'];
  /** Outbox rows that what comes of the events replaces. */
  readonly superseded?: readonly number[];
}

/** Observations are gathered this long, so that a burst is one transaction; nobody notices it on an alert. */
const GATHER_MS = 2;
/** A distant wake-up is cut to this and asked again, since the wall clock may be set meanwhile. */
const WAKE_MS_MAX = 60_000;
/** What may be this much older after a crash is written this often. */
const KEEP_MS = 1_000;

/**
 * The spine: observation → step → decide → one commit. It holds the state of the whole server in memory; the store has the
 * same on the disk.
 */
export class Pipeline {
  readonly #clock: Clock;
  readonly #store: Store;
  readonly #log: Logger;
  readonly #cron: CronStretch;
  readonly #onQueued: () => void;
  readonly #onRun: (run: RecoveryRun) => void;
  readonly #world: World;
  readonly #verdicts = new Map<string, Verdict>();
  #config: Config;
  #policy: Policy;
  #gathered: (readonly Observation[])[] = [];
  #memories = new Map<string, string>();
  /** What is kept with the next batch after a while. */
  #memoriesSoon = new Map<string, () => string>();
  #committed: PromiseWithResolvers<boolean> | undefined;
  #gathering = false;
  /** When it was last decided, by the wall clock. */
  #decidedAt = 0;
  #unsetWake: Cancel = () => {};
  /** Runs whose commands the program did not see the end of. */
  #lostRuns: readonly RecoveryRun[];
  #stopped = false;
  /** What a changed configuration means for open incidents. */
  readonly #afterForgetting: Event[] = [];

  constructor(use: {
    config: Config;
    clock: Clock;
    store: Store;
    log: Logger;
    cron: CronStretch;
    onQueued: () => void;
    /** Starts a recovery's command. Called once for each run, when it is on the disk. */
    onRun?: (run: RecoveryRun) => void;
  }) {
    this.#config = use.config;
    this.#cron = use.cron;
    this.#policy = policyOf(use.config, use.cron);
    this.#clock = use.clock;
    this.#store = use.store;
    this.#log = use.log;
    this.#onQueued = use.onQueued;
    this.#onRun = use.onRun ?? (() => {});
    const loaded = use.store.load();
    this.#world = worldOf(loaded);
    this.#lostRuns = loaded.openRuns;
    this.#restore(loaded);
  }

  get config(): Config {
    return this.#config;
  }

  get policy(): Policy {
    return this.#policy;
  }

  get alerts(): AlertState {
    return this.#world.alerts;
  }

  /** The time until the next run of this check: longer while it is false, where the config says so. */
  intervalMs(check: string): number {
    // The run that has just ended counts already; where nothing grows, its batch need not be cut short for that.
    if (this.#policy.backsOff(check)) this.#flush();
    return this.#policy.intervalMs(this.#world.checks.get(check) ?? startState(check));
  }

  /** Takes the findings of one run of one check. */
  observe(observations: readonly Observation[]): void {
    if (observations.length === 0 || this.#stopped) return;
    if (this.#isSteady(observations)) return this.#store.history.record(observations);
    this.#gathered.push(observations);
    this.#flushSoon();
  }

  /** Nothing is to be decided or written. What is gathered comes first, and so does a wall clock that was set back. */
  #isSteady(observations: readonly Observation[]): boolean {
    if (this.#gathered.length > 0 || this.#clock.now() < this.#decidedAt) return false;
    return takeAgain(this.#world, observations, this.#policy);
  }

  /** What a check keeps for itself, in the transaction of what it observes: for one that is reported to a thousand times a second. */
  memory(check: string): CheckMemory {
    const stored = this.#store.memory(check);
    return {
      get: () => this.#memoriesSoon.get(check)?.() ?? this.#memories.get(check) ?? stored.get(),
      set: (text) => {
        if (this.#stopped) return;
        this.#memoriesSoon.delete(check);
        this.#memories.set(check, text);
        this.#flushSoon();
      },
      setSoon: (text) => {
        if (this.#stopped) return;
        if (this.#memoriesSoon.size === 0) this.#clock.after(KEEP_MS, () => this.#flush(true));
        this.#memoriesSoon.set(check, text);
      },
    };
  }

  /** True when what must be kept of all until now is committed, or a promise of that; false when the program is ending. */
  committed(): boolean | Promise<boolean> {
    if (this.#stopped || this.#memories.size === 0) return !this.#stopped;
    this.#committed ??= Promise.withResolvers();
    return this.#committed.promise;
  }

  /** Carries out an order: its audit entry, its events and its reply are one transaction. */
  order({events, ...parts}: Order): void {
    this.#flush();
    // The answer to a mere question may be lost with the power: then the question is not marked as handled, and comes again.
    this.#commit(events, {...parts, durable: events.length > 0 || parts.audit !== undefined});
  }

  /** The channel was out of reach: one digest takes the place of these outbox rows. */
  delayed(channel: string, backlog: Backlog, rows: readonly number[]): void {
    const event: Event = {kind: 'delayed', channel, backlog, at: this.#clock.now()};
    this.order({events: [event], superseded: rows});
  }

  /** A channel refused this card for good: another shows it from now on, or has a copy of its own. */
  givenUp(card: number, movedTo?: string): void {
    this.order({events: [{kind: 'given_up', card, ...(movedTo !== undefined && {movedTo}), at: this.#clock.now()}]});
  }

  /** The command of a recovery has ended; `run` knows how. */
  recoveryEnded(run: RecoveryRun): void {
    this.order({events: [{kind: 'recovery_ended', check: run.check, at: this.#clock.now(), run}]});
  }

  /** When a check is to run next, as far as can be known; undefined before its first run. */
  nextCheckAt(check: string): number | undefined {
    return nextCheckAt(this.#world.checks.get(check), this.#policy);
  }

  /** Something the program has to say of itself. */
  notice(code: NoticeCode, detail: string): void {
    const level = ['config_reloaded', 'store_back_on_disk', 'rolled_out'].includes(code) ? 'info' : 'error';
    this.#log[level]({code, detail}, 'notice');
    this.#commit([{kind: 'noticed', code, detail, at: this.#clock.now()}], {durable: true});
  }

  /** Puts everything known into the store again: after a damaged file was replaced by an empty one. */
  restate(): void {
    const checkStates = [...this.#world.checks.values()];
    const counters = checkStates.flatMap(({check, counters}) =>
      [...counters].map(([target, counter]) => ({check, target, counter})),
    );
    this.#store.commit({
      now: this.#clock.now(),
      counters,
      checkStates,
      incidents: [...this.#world.alerts.incidents.values()],
      cards: [...this.#world.alerts.cards.values()],
      silences: [...this.#world.alerts.silences.values()],
      spells: this.#world.alerts.spells,
      recoveries: this.#world.alerts.recoveries,
      runs: [...this.#world.alerts.recoveries.values()].flatMap(({run}) => run ?? []),
      overrides: this.#world.alerts.overrides,
      verdicts: [...this.#verdicts.values()],
      durable: true,
    });
  }

  view(): readonly CheckView[] {
    return viewOf(this.#config, this.#world, this.#verdicts);
  }

  silences(): readonly Silence[] {
    return [...this.#world.alerts.silences.values()];
  }

  statusMap(): StatusMap {
    return statusMapOf(this.view());
  }

  /** Closes the incidents of removed checks and sends what became due while the program was down. */
  start(): void {
    for (const run of this.#lostRuns) this.#reportLost(run);
    this.#lostRuns = [];
    this.#closeRemoved();
  }

  /**
   * Goes on with another configuration: what is known of checks that are still there is kept, the incidents of those that
   * are not are closed with that word.
   */
  reload(config: Config): void {
    this.#flush(true);
    this.#config = config;
    this.#policy = policyOf(config, this.#cron);
    const forgotten = this.#forgetRemoved();
    // Windows, silences and parents may mean something else now.
    this.#lookAtAll();
    this.#closeRemoved(forgotten);
  }

  /** Commits what was gathered. */
  stop(): void {
    this.#flush(true);
    this.#stopped = true;
    this.#unsetWake();
  }

  /** It may have run to its end or not; nobody runs it again. */
  #reportLost(run: RecoveryRun): void {
    this.#log.warn({event: 'COMMAND_LOST', run}, 'the outcome of a run is unknown');
    this.recoveryEnded(lost(run, this.#clock.now()));
  }

  /** Forgets what is no longer configured. */
  #restore(loaded: Loaded): void {
    for (const verdict of loaded.verdicts) this.#verdicts.set(verdict.check, verdict);
    const forgotten = this.#forgetRemoved();
    if (forgotten.length > 0) this.#store.commit({now: this.#clock.now(), forgotten, durable: false});
  }

  /** Counters of checks and targets that are not configured go; what follows from that is decided on by `#closeRemoved`. */
  #forgetRemoved(): Forgotten['rows'] {
    const {rows, events} = forgetRemoved(this.#world, this.#config, this.#clock.now());
    for (const {check, target} of rows) if (target === undefined) this.#verdicts.delete(check);
    this.#afterForgetting.push(...events);
    return rows;
  }

  #closeRemoved(forgotten: Commit['forgotten'] = []): void {
    const configured = new Set(this.#config.checks.map((check) => check.name));
    const at = this.#clock.now();
    const known = new Set([...this.#world.alerts.open.keys(), ...this.#world.alerts.spells.keys()]);
    const gone = [...known].filter((check) => !configured.has(check));
    const events = [
      ...this.#afterForgetting.splice(0),
      ...gone.map((check) => ({kind: 'check_removed', check, at}) as const),
    ];
    this.#commit(events, {durable: true, ...(forgotten.length > 0 && {forgotten})});
  }

  #flushSoon(): void {
    if (this.#gathering) return;
    this.#gathering = true;
    this.#clock.after(GATHER_MS, () => this.#flush());
  }

  #flush(everything = false): void {
    this.#gathering = false;
    const runs = this.#gathered;
    const memories = this.#takeMemories(everything);
    if (runs.length + memories.size === 0) return;
    this.#gathered = [];
    const now = this.#clock.now();
    const events: Event[] = [];
    const counters: NonNullable<Commit['counters']>[number][] = [];
    const checkStates = new Map<string, CheckState>();
    const recorded: Observation[] = [];
    for (const run of runs) {
      const taken = take(this.#world, run, now, this.#policy);
      if (!taken) continue;
      const {before, after, changed} = taken;
      recorded.push(...taken.observations);
      events.push(...taken.events);
      for (const target of changed) {
        const counter = after.counters.get(target);
        if (counter) counters.push({check: after.check, target, counter});
      }
      if (differs(before, after)) checkStates.set(after.check, after);
    }
    this.#commit(events, {counters, checkStates: [...checkStates.values()], memories, durable: events.length > 0});
    this.#committed?.resolve(true);
    this.#committed = undefined;
    this.#store.history.record(recorded);
    this.#logEvents(events);
  }

  #takeMemories(everything: boolean): ReadonlyMap<string, string> {
    const memories = this.#memories;
    if (memories.size > 0 || everything) this.#memories = new Map();
    if (everything) {
      for (const [check, text] of this.#memoriesSoon) memories.set(check, text());
      this.#memoriesSoon.clear();
    }
    // One that has left the configuration may have been reported to a moment ago.
    for (const check of memories.keys()) if (!this.#policy.step(check)) memories.delete(check);
    return memories;
  }

  /** Everything that waits is looked at by the next decision. */
  #lookAtAll(): void {
    for (const id of this.#world.alerts.incidents.keys()) this.#world.alerts.dueAt.set(id, 0);
  }

  /** When the wall clock was set back, what was to be gathered for ten seconds would be gathered for an hour. */
  #followClock(now: number): void {
    if (now < this.#decidedAt) {
      this.#world.alerts.groups.clear();
      this.#lookAtAll();
    }
    this.#decidedAt = now;
  }

  #commit(events: readonly Event[], parts: Omit<Commit, 'now' | 'incidents' | 'cards'>): void {
    const now = this.#clock.now();
    this.#followClock(now);
    const decision = conclude(this.#world, events, now, this.#policy);
    const {messages: said, dueAt: _, groups: __, verdicts: all, ...rest} = decision;
    // Of a check that has left the configuration nothing is kept.
    const verdicts = all.filter(({check}) => this.#policy.step(check));
    const changed = {...rest, verdicts};
    const {runs} = rest;
    const messages = [...said, ...(parts.messages ?? [])];
    const hasChanged = Object.values(changed).some((list) => ('size' in list ? list.size : list.length) > 0);
    if (hasContent(parts) || hasChanged || messages.length > 0) {
      const durable = parts.durable || said.length + runs.length > 0;
      this.#store.commit({...parts, ...changed, ownAudit: runs.map(auditOf), messages, now, durable});
    }
    for (const verdict of verdicts) this.#verdicts.set(verdict.check, verdict);
    for (const verdict of all) this.#log.info(verdict, 'decision');
    if (messages.length > 0) this.#onQueued();
    for (const run of runs) if (!run.outcome) this.#onRun(run);
    this.#armWake(now);
  }

  #armWake(now: number): void {
    this.#unsetWake();
    const at = nextWake(this.#world, now);
    if (at === undefined || this.#stopped) return;
    this.#unsetWake = this.#clock.after(Math.min(WAKE_MS_MAX, at - now), () => this.#commit([], {durable: false}));
  }

  #logEvents(events: readonly Event[]): void {
    for (const event of events) this.#log.info(event, event.kind);
    if (events.length > 0) this.#log.info({status: this.statusMap()}, 'status');
  }
}
