import type {CheckConfig, Config} from '../../src/config/config.ts';
import {
  CARD_LISTED_MAX,
  type Card,
  type CardMessage,
  type HoldReason,
  type Incident,
  type Message,
  type Observation,
  type SendReason,
} from '../../src/state/vocabulary.ts';
import type {Commit} from '../../src/store/store.ts';
import type {SimClock} from './clock.ts';
import {Duties} from './duties.ts';
import {Holds} from './holds.ts';
import {checkLastWords, checkOrder} from './last-words.ts';
import {type Change, Model} from './model.ts';
import {boundOf, countUnlisted, handOver, hasWaitedFor, LATE_MS, newTrouble, regroup, type Trouble} from './trouble.ts';

const FIRST_TOLD: ReadonlySet<SendReason> = new Set(['first', 'digest', 'window_opened', 'flapping_ended']);

/**
 * Knows what has to be said and what must not be, from the observations, the orders and the configuration alone. Of
 * src/state it uses the windows only.
 */
export class Oracle {
  readonly #clock: SimClock;
  readonly #fail: (sentence: string) => void;
  readonly #model: Model;
  readonly #holds: Holds;
  readonly #open = new Map<string, Trouble>();
  readonly #all = new Map<string, Trouble>();
  readonly #byId = new Map<number, Trouble>();
  /** Those that people may still be owed something of. */
  readonly #active = new Set<Trouble>();
  /** Of which checks each channel thinks that they are flapping. */
  readonly #toldFlapping = new Map<string, Set<string>>();
  readonly #flapFreeSince = new Map<string, number>();
  readonly #channelOf = new Map<number, string>();
  readonly #escalations = new Set<number>();
  readonly #lastCard = new Map<string, number>();
  readonly #orders = new Map<number, number>();
  readonly #duties: Duties;
  #pending: (readonly Observation[])[] = [];
  #checks: ReadonlyMap<string, CheckConfig> = new Map();
  #config: Config;
  #bornAt = 0;
  #statusMap: () => Record<string, unknown> | undefined = () => undefined;

  constructor(use: {clock: SimClock; config: Config; fail: (sentence: string) => void}) {
    this.#clock = use.clock;
    this.#fail = use.fail;
    this.#config = use.config;
    this.#model = new Model(use.config);
    this.#holds = new Holds({config: use.config, fail: use.fail, model: this.#model, open: this.#open});
    this.#duties = new Duties(use.fail);
    this.configure(use.config);
  }

  /** The program starts, or goes on, with this configuration. */
  configure(config: Config): void {
    this.#config = config;
    this.#checks = new Map(config.checks.map((check) => [check.name, check]));
    this.#model.configure(config);
    this.#holds.configure(config);
    for (const name of this.#toldFlapping.keys()) if (!this.#checks.has(name)) this.#toldFlapping.delete(name);
    for (const [name, trouble] of this.#open)
      if (!this.#checks.has(name)) this.#close(trouble, this.#clock.now(), true);
    this.born();
  }

  /** What was found and not committed dies with the program. */
  born(): void {
    this.#pending = [];
    this.#statusMap = () => undefined;
    this.#bornAt = this.#clock.monotonic();
    for (const trouble of this.#active) delete trouble.freeSince;
    this.#flapFreeSince.clear();
  }

  observed(run: readonly Observation[]): void {
    this.#pending.push(run);
  }

  /** The pipeline has taken what was observed. */
  recorded(statusMap: () => Record<string, unknown> | undefined): void {
    if (this.#pending.length === 0) return;
    this.#takePending();
    this.#statusMap = statusMap;
  }

  committed(batch: Commit, statusMap: () => Record<string, unknown> | undefined): void {
    if (batch.counters && batch.checkStates && this.#pending.length > 0) this.#takePending();
    this.#holds.committed(batch);
    this.#duties.committed(batch);
    for (const incident of batch.incidents ?? []) this.#checkIncident(incident);
    for (const card of batch.cards ?? []) this.#follow(card);
    for (const message of batch.messages ?? []) this.#checkMessage(message, batch.now);
    checkLastWords(batch.messages ?? [], this.#open, this.#fail);
    if (batch.handledUpdate !== undefined) this.#handled(batch.handledUpdate);
    this.#statusMap = statusMap;
    this.look();
  }

  /** An order was given that must be carried out once. */
  ordered(update: number): void {
    this.#orders.set(update, 0);
  }

  onChecks() {
    const holds = (check: string) => this.#holds.on(check, this.#clock.now());
    return {holds, isDown: (check: string) => this.#open.has(check)};
  }

  /** At the end, when all had time to be carried out. */
  end(): void {
    for (const [update, times] of this.#orders)
      if (times === 0) this.#fail(`the order ${update} was never carried out`);
  }

  /** At every commit and every minute: whether the status map is right, and whether a message is owed for too long. */
  look(): void {
    const now = this.#clock.now();
    if (this.#pending.length === 0) this.#checkStatus(this.#statusMap());
    for (const trouble of this.#active) this.#lookAt(trouble, now);
    for (const check of this.#config.checks) this.#lookAtFlapping(check, now);
  }

  #takePending(): void {
    const runs = this.#pending;
    this.#pending = [];
    const now = this.#clock.now();
    for (const run of runs) for (const change of this.#model.take(run, now)) this.#changed(change);
    this.#holds.changed();
  }

  #changed({kind, check, at}: Change): void {
    const current = this.#open.get(check);
    if (kind === 'up' && current) this.#close(current, at, false);
    if (kind !== 'down') return;
    const trouble = newTrouble(check, at);
    this.#open.set(check, trouble);
    this.#all.set(`${check} ${at}`, trouble);
    this.#active.add(trouble);
  }

  #close(trouble: Trouble, at: number, removed: boolean): void {
    trouble.closedAt = at;
    if (removed) trouble.removed = true;
    if (hasWaitedFor(trouble, ['outside_window'])) trouble.missed = true;
    delete trouble.freeSince;
    this.#open.delete(trouble.check);
    this.#active.add(trouble);
  }

  #checkStatus(found: Record<string, unknown> | undefined): void {
    if (!found) return;
    for (const {name, targets} of this.#config.checks) {
      const known = this.#model.checks.get(name);
      const expected =
        targets.length === 0
          ? (known?.status ?? true)
          : Object.fromEntries(targets.map(({address}) => [address, known?.subjects.get(address)?.status ?? true]));
      if (JSON.stringify(found[name]) === JSON.stringify(expected)) continue;
      const claim = `${JSON.stringify(found[name])}, the observations say ${JSON.stringify(expected)}`;
      this.#fail(`the status map has ${name} as ${claim}`);
    }
  }

  #checkIncident(incident: Incident): void {
    const trouble = this.#troubleOf(incident);
    if (!trouble) return;
    const isOpenThere = incident.closedAt === undefined;
    if (isOpenThere !== (trouble.closedAt === undefined)) {
      this.#fail(`the incident of ${incident.check} is ${isOpenThere ? 'open' : 'closed'}, which it should not be`);
    }
    // The only channel that was told has refused: it is news again for the others.
    if (!isOpenThere || incident.cards.length > 0 || trouble.told.size !== 1) return;
    for (const channel of trouble.told) trouble.excused.add(channel);
    trouble.told.clear();
  }

  #troubleOf(incident: Incident): Trouble | undefined {
    // By its id once it was seen: after the clock was set back another may have opened at the same time of day.
    const trouble = this.#byId.get(incident.id) ?? this.#all.get(`${incident.check} ${incident.openedAt}`);
    if (!trouble) return void this.#fail(`an incident of ${incident.check} is spoken of that there never was`);
    trouble.cards = incident.cards;
    this.#byId.set(incident.id, trouble);
    return trouble;
  }

  #handled(update: number): void {
    const times = (this.#orders.get(update) ?? 0) + 1;
    this.#orders.set(update, times);
    if (times > 1) this.#fail(`the order ${update} was carried out ${times} times`);
  }

  #checkMessage(message: Message, now: number): void {
    switch (message.kind) {
      case 'card':
        return this.#checkCard(message, now);
      case 'recovery':
        for (const incident of message.incidents) this.#checkRecovery(incident, message.channel, now);
        return;
      case 'reminder':
        for (const incident of message.incidents) this.#checkReminder(incident, message.channel, now);
        return;
      case 'flapping':
        this.#mayRing(message.check, message, now, ['flapping']);
        return this.#setFlapping(message.check, message, message.isDown);
      case 'edit':
      case 'notice':
      case 'reply':
        return;
    }
  }

  #checkCard(message: CardMessage, now: number): void {
    const {reason, channel} = message;
    this.#channelOf.set(message.card, channel);
    if (reason === 'escalation') this.#escalations.add(message.card);
    this.#duties.checkCard(message, this.#config, now);
    if (reason === 'first' || reason === 'digest') this.#checkPace(message, now);
    for (const incident of message.incidents) {
      const trouble = this.#troubleOf(incident);
      if (!trouble) continue;
      if (reason === 'escalation') this.#once(trouble, trouble.escalated, message);
      else if (reason === 'late')
        regroup(trouble, new Set(incident.cards.map((id) => this.#channelOf.get(id))), channel);
      else this.#once(trouble, trouble.told, message);
      if (reason === 'flapping_ended') this.#setFlapping(incident.check, message, true);
      const isNews = incident.closedAt === undefined && (FIRST_TOLD.has(reason) || reason === 'escalation');
      if (isNews) checkOrder(trouble, channel, this.#active, this.#fail);
      if (isNews) this.#mayRing(incident.check, message, now, reason === 'flapping_ended' ? ['flapping'] : []);
    }
    for (const incident of message.missed) {
      const trouble = this.#troubleOf(incident);
      if (!trouble) continue;
      if (incident.closedAt === undefined) this.#fail(`${incident.check} is told as over, and is not`);
      if (reason === 'late') {
        // It takes the place of all that was queued of it.
        trouble.told.add(channel);
        trouble.toldOver.add(channel);
        continue;
      }
      if (!trouble.counted.delete(channel)) this.#once(trouble, trouble.told, message);
      trouble.toldOver.add(channel);
      this.#mayRing(incident.check, message, now, ['flapping']);
    }
    if (message.missed.length === CARD_LISTED_MAX) countUnlisted(this.#active, channel);
  }

  #once(trouble: Trouble, told: Set<string>, {channel, reason}: Message): void {
    if (told.has(channel)) this.#fail(`${trouble.check} was told a second time in ${channel} (${reason})`);
    told.add(channel);
  }

  /** A card that its channel refused for good is another's from then on: that one has been told, and is owed the rest. */
  #follow({id, channel, incidents}: Card): void {
    const from = this.#channelOf.get(id);
    if (from === undefined || from === channel) return;
    this.#channelOf.set(id, channel);
    for (const trouble of this.#active) {
      const isOn = (incident: number) => this.#byId.get(incident) === trouble;
      if (!incidents.some(isOn)) continue;
      const stays = trouble.cards.some((other) => other !== id && this.#channelOf.get(other) === from);
      handOver(trouble, this.#escalations.has(id) ? 'escalated' : 'told', {from, to: channel, stays});
    }
  }

  /** A storm is one card at once and one for each `group_wait` that it lasts. */
  #checkPace({channel}: Message, now: number): void {
    const last = this.#lastCard.get(channel) ?? Number.NEGATIVE_INFINITY;
    const mono = this.#clock.monotonic();
    const {groupWaitMs} = this.#config.alerts;
    const undisturbed = last > this.#bornAt && last > this.#clock.steppedAt();
    if (undisturbed && mono - last < groupWaitMs) {
      this.#fail(`two cards in ${channel} within ${mono - last} ms, group_wait is ${groupWaitMs} (${now})`);
    }
    this.#lastCard.set(channel, mono);
  }

  #checkRecovery(incident: Incident, channel: string, now: number): void {
    const trouble = this.#troubleOf(incident);
    if (!trouble) return;
    if (trouble.closedAt === undefined) this.#fail(`${incident.check} was told to be back, and is not`);
    if (!trouble.told.has(channel) && !trouble.escalated.has(channel)) {
      this.#fail(`${incident.check} was told to be back in ${channel}, which did not know that it was gone`);
    }
    if (trouble.toldOver.has(channel)) this.#fail(`${incident.check} was told to be back twice in ${channel}`);
    trouble.toldOver.add(channel);
    this.#mayRing(incident.check, {channel, reason: 'recovered'}, now, ['silenced', 'maintenance']);
  }

  #checkReminder(incident: Incident, channel: string, now: number): void {
    const trouble = this.#troubleOf(incident);
    const config = this.#checks.get(incident.check);
    if (!trouble || !config) return;
    if (trouble.closedAt !== undefined) this.#fail(`${incident.check} was reminded of, and is fine`);
    if (incident.acknowledged) this.#fail(`${incident.check} was reminded of, though it is acknowledged`);
    const every = config.alerts.repeatEveryMs;
    const last = trouble.remindedAt.get(channel) ?? Number.NEGATIVE_INFINITY;
    const mono = this.#clock.monotonic();
    if (every === undefined) this.#fail(`${incident.check} was reminded of, which nobody asked for`);
    else if (last > this.#clock.steppedAt() && mono - last < every - config.alerts.groupWaitMs - 1) {
      this.#fail(`${incident.check} was reminded of after ${mono - last} ms`);
    }
    trouble.remindedAt.set(channel, mono);
    this.#mayRing(incident.check, {channel, reason: 'repeat'}, now, []);
  }

  #setFlapping(check: string, {channel, reason}: Message, isDown: boolean): void {
    const told = this.#toldFlapping.get(check) ?? new Set();
    this.#toldFlapping.set(check, told);
    const starts = reason === 'flapping_started';
    if (starts === told.has(channel)) this.#fail(`${check}: ${reason} was told twice in ${channel}`);
    if (starts) told.add(channel);
    else told.delete(channel);
    if (told.size === 0) this.#toldFlapping.delete(check);
    // What it says of the check's being down or up takes the place of the message about that.
    for (const trouble of this.#active) if (trouble.check === check) trouble.flapped = true;
    if (!this.#open.has(check) === isDown) this.#fail(`${check} was told to be ${isDown ? 'down' : 'fine'}`);
  }

  #mayRing(
    check: string,
    {channel, reason}: Pick<Message, 'channel' | 'reason'>,
    now: number,
    except: readonly HoldReason[],
  ): void {
    for (const hold of this.#holds.on(check, now)) {
      if (hold === 'flapping' && !this.#model.checks.get(check)?.flapping) continue;
      if (!except.includes(hold)) this.#fail(`a message (${reason}) about ${check} left for ${channel} while ${hold}`);
    }
  }

  #lookAt(trouble: Trouble, now: number): void {
    const check = this.#checks.get(trouble.check);
    const holds = this.#holds.on(trouble.check, now);
    if (holds.includes('flapping')) trouble.flapped = true;
    if (!check || this.#isSettled(trouble, check)) {
      if (trouble.closedAt !== undefined) this.#active.delete(trouble);
      return;
    }
    const isRecovery = trouble.closedAt !== undefined && trouble.told.size > 0;
    const waits = isRecovery ? holds.filter((hold) => hold !== 'silenced' && hold !== 'maintenance') : holds;
    for (const hold of waits) trouble.waited.add(hold);
    // Its end is told with the beginning of the next, or when that is over, too.
    const isAgain = isRecovery && this.#open.has(trouble.check);
    // While the server is cut off, no look at the check says whether it is still false.
    if (waits.length > 0 || isAgain || (trouble.waited.has('parent_down') && this.#model.isCutOff(check))) {
      delete trouble.freeSince;
      return;
    }
    trouble.freeSince ??= this.#clock.monotonic();
    const waited = this.#clock.monotonic() - trouble.freeSince;
    if (waited < boundOf(check)) return;
    const owed = isRecovery
      ? check.alerts.to.filter((channel) => !trouble.toldOver.has(channel))
      : owedOf(trouble, check.alerts.to);
    const what = isRecovery ? 'its recovery' : 'it';
    this.#fail(`${trouble.check} owes a message about ${what} to ${owed.join(', ')} for ${waited} ms`);
  }

  /** Whether nothing more needs to be said of it. */
  #isSettled(trouble: Trouble, {alerts, name}: CheckConfig): boolean {
    if (trouble.removed) return true;
    if (trouble.closedAt === undefined)
      return trouble.handedOver || (trouble.told.size > 0 && owedOf(trouble, alerts.to).length === 0);
    if (trouble.flapped && !this.#toldFlapping.has(name)) return true;
    if (trouble.told.size > 0) return [...trouble.told].every((channel) => trouble.toldOver.has(channel));
    const isOwed = trouble.missed && hasWaitedFor(trouble, ['outside_window', 'parent_down', 'flapping']);
    return !isOwed || alerts.missed === 'drop' || alerts.window === undefined;
  }

  #lookAtFlapping(check: CheckConfig, now: number): void {
    const isFlapping = this.#model.checks.get(check.name)?.flapping ?? false;
    const isTold = this.#toldFlapping.has(check.name);
    const waits = this.#holds.on(check.name, now).some((hold) => hold !== 'flapping');
    if (isFlapping === isTold || waits || check.alerts.to.length === 0) {
      this.#flapFreeSince.delete(check.name);
      return;
    }
    const since = this.#flapFreeSince.get(check.name) ?? this.#clock.monotonic();
    this.#flapFreeSince.set(check.name, since);
    if (this.#clock.monotonic() - since < LATE_MS) return;
    this.#fail(`${check.name} ${isFlapping ? 'is' : 'has stopped'} flapping, and nobody was told`);
  }
}

/** The channels that have not heard of it, and did not refuse to. */
function owedOf({told, excused}: Trouble, to: readonly string[]): readonly string[] {
  return to.filter((channel) => !told.has(channel) && !(excused.has(channel) && told.size > 0));
}
