import type {Logger} from 'pino';
import type {Cancel, Clock} from './clock.ts';
import type {CheckConfig, Config} from './config/config.ts';
import {type AlertState, decide, emptyAlerts, settle, wakeAt} from './state/alerts.ts';
import {startState, step} from './state/engine.ts';
import {type Policy, policyOf} from './state/policy.ts';
import type {CheckState, Event, Incident, NoticeCode, Observation} from './state/vocabulary.ts';
import type {AuditEntry, Commit, Store} from './store/store.ts';

/** `{check: true}`, or for a check with targets `{check: {target: false}}`. */
export type StatusMap = Record<string, boolean | Record<string, boolean>>;

/** One check as people ask about it. */
export interface CheckView {
  readonly config: CheckConfig;
  readonly state: CheckState;
  readonly incident?: Incident;
}

/** An order and all that must be committed with it. */
export interface Order {
  readonly events: readonly Event[];
  readonly audit?: AuditEntry;
  readonly messages?: Commit['messages'];
  readonly handledUpdate?: number;
}

/** Observations are gathered this long, so that a burst is one transaction; nobody notices it on an alert. */
const GATHER_MS = 2;
/** A distant wake-up is cut to this and asked again, since the wall clock may be set meanwhile. */
const WAKE_MS_MAX = 60_000;
/** What is still due right after it was decided on is asked about at this pace, not in a circle. */
const OVERDUE_WAKE_MS = 1_000;

/**
 * The spine: observation → step → decide → one commit. It holds the state of the whole server in memory; the store has the
 * same on the disk.
 */
export class Pipeline {
  readonly #config: Config;
  readonly #policy: Policy;
  readonly #clock: Clock;
  readonly #store: Store;
  readonly #log: Logger;
  readonly #onQueued: () => void;
  readonly #checks = new Map<string, CheckState>();
  #alerts: AlertState = emptyAlerts;
  #gathered: (readonly Observation[])[] = [];
  #gathering = false;
  #unsetWake: Cancel = () => {};
  #stopped = false;

  constructor(use: {config: Config; clock: Clock; store: Store; log: Logger; onQueued: () => void}) {
    this.#config = use.config;
    this.#policy = policyOf(use.config);
    this.#clock = use.clock;
    this.#store = use.store;
    this.#log = use.log;
    this.#onQueued = use.onQueued;
    this.#restore();
  }

  /** Takes the findings of one run of one check. */
  observe(observations: readonly Observation[]): void {
    if (observations.length === 0 || this.#stopped) return;
    this.#gathered.push(observations);
    if (this.#gathering) return;
    this.#gathering = true;
    this.#clock.after(GATHER_MS, () => this.#flush());
  }

  /** Carries out an order: its audit entry, its events and its reply are one transaction. */
  order(order: Order): void {
    this.#flush();
    this.#commit(order.events, {
      durable: true,
      ...(order.audit && {audit: order.audit}),
      ...(order.messages && {messages: order.messages}),
      ...(order.handledUpdate !== undefined && {handledUpdate: order.handledUpdate}),
    });
  }

  /** Something the program has to say of itself. */
  notice(code: NoticeCode, detail: string): void {
    this.#log.error({code, detail}, 'notice');
    this.#commit([{kind: 'noticed', code, detail, at: this.#clock.now()}], {durable: true});
  }

  /** Puts everything known into the store again: after a damaged file was replaced by an empty one. */
  restate(): void {
    const checkStates = [...this.#checks.values()];
    const counters = checkStates.flatMap(({check, counters}) =>
      [...counters].map(([target, counter]) => ({check, target, counter})),
    );
    const incidents = [...this.#alerts.incidents.values()];
    const cards = [...this.#alerts.cards.values()];
    this.#store.commit({now: this.#clock.now(), counters, checkStates, incidents, cards, durable: true});
  }

  view(): readonly CheckView[] {
    return this.#config.checks.map((config) => {
      const state = this.#checks.get(config.name) ?? startState(config.name);
      const incident = this.#alerts.incidents.get(this.#alerts.open.get(config.name) ?? 0);
      return {config, state, ...(incident && {incident})};
    });
  }

  statusMap(): StatusMap {
    const map: StatusMap = {};
    for (const {config, state} of this.view()) {
      map[config.name] = config.targets.length === 0 ? state.status : statusOfTargets(config, state);
    }
    return map;
  }

  /** Closes the incidents of removed checks and sends what became due while the program was down. */
  start(): void {
    const configured = new Set(this.#config.checks.map((check) => check.name));
    const at = this.#clock.now();
    const gone = [...this.#alerts.open.keys()].filter((check) => !configured.has(check));
    this.#commit(
      gone.map((check) => ({kind: 'check_removed', check, at})),
      {durable: true},
    );
  }

  /** Commits what was gathered. */
  stop(): void {
    this.#flush();
    this.#stopped = true;
    this.#unsetWake();
  }

  #restore(): void {
    const loaded = this.#store.load();
    const forgotten: {check: string; target?: string}[] = [];
    for (const [check, counters] of loaded.checks) {
      const config = this.#config.checks.find((other) => other.name === check);
      if (!config) {
        forgotten.push({check});
        continue;
      }
      const subjects = new Set(config.targets.length === 0 ? [''] : config.targets.map((target) => target.address));
      const kept = new Map([...counters].filter(([target]) => subjects.has(target)));
      for (const target of counters.keys()) if (!subjects.has(target)) forgotten.push({check, target});
      const falseTargets = [...kept.values()].filter((counter) => !counter.status).length;
      const state = loaded.checkStates.get(check);
      this.#checks.set(check, {...startState(check), ...state, check, counters: kept, falseTargets});
    }
    const {nextIncident, nextCard} = loaded;
    this.#alerts = settle(
      {...emptyAlerts, nextIncident, nextCard},
      {incidents: loaded.incidents, cards: loaded.cards, messages: [], verdicts: []},
    );
    if (forgotten.length > 0) this.#store.commit({now: this.#clock.now(), forgotten, durable: false});
  }

  #flush(): void {
    this.#gathering = false;
    const runs = this.#gathered;
    if (runs.length === 0) return;
    this.#gathered = [];
    const now = this.#clock.now();
    const events: Event[] = [];
    const counters: NonNullable<Commit['counters']>[number][] = [];
    const checkStates = new Map<string, CheckState>();
    for (const observations of runs) {
      const check = observations[0]?.check ?? '';
      const policy = this.#policy.step(check);
      if (!policy) continue;
      const before = this.#checks.get(check) ?? startState(check);
      const stepped = step(before, observations, now, policy);
      this.#checks.set(check, stepped.state);
      events.push(...stepped.events);
      for (const target of stepped.changed) {
        const counter = stepped.state.counters.get(target);
        if (counter) counters.push({check, target, counter});
      }
      if (before.status !== stepped.state.status || before.known !== stepped.state.known) {
        checkStates.set(check, stepped.state);
      }
    }
    this.#commit(events, {counters, checkStates: [...checkStates.values()], durable: events.length > 0});
    this.#store.history.record(runs.flat());
    this.#logEvents(events);
  }

  #commit(events: readonly Event[], parts: Omit<Commit, 'now' | 'incidents' | 'cards'>): void {
    const now = this.#clock.now();
    const decision = decide(this.#alerts, events, now, this.#policy.alerts);
    const messages = [...decision.messages, ...(parts.messages ?? [])];
    const {incidents, cards} = decision;
    this.#alerts = settle(this.#alerts, decision);
    if (hasContent(parts) || incidents.length + messages.length > 0) {
      this.#store.commit({...parts, now, incidents, cards, messages, durable: parts.durable || messages.length > 0});
    }
    for (const verdict of decision.verdicts) this.#log.info(verdict, 'decision');
    if (messages.length > 0) this.#onQueued();
    this.#armWake(now);
  }

  #armWake(now: number): void {
    this.#unsetWake();
    const at = wakeAt(this.#alerts, now, this.#policy.alerts);
    if (at === undefined || this.#stopped) return;
    const wait = at > now ? Math.min(WAKE_MS_MAX, at - now) : OVERDUE_WAKE_MS;
    this.#unsetWake = this.#clock.after(wait, () => this.#commit([], {durable: false}));
  }

  #logEvents(events: readonly Event[]): void {
    for (const event of events) this.#log.info(event, event.kind);
    if (events.length > 0) this.#log.info({status: this.statusMap()}, 'status');
  }
}

function statusOfTargets(config: CheckConfig, state: CheckState): Record<string, boolean> {
  return Object.fromEntries(config.targets.map(({address}) => [address, state.counters.get(address)?.status ?? true]));
}

function hasContent(parts: Omit<Commit, 'now'>): boolean {
  return (
    (parts.counters?.length ?? 0) > 0 ||
    (parts.checkStates?.length ?? 0) > 0 ||
    parts.audit !== undefined ||
    parts.handledUpdate !== undefined
  );
}
