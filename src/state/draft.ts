import type {AlertPolicy, AlertState, CheckAlerts, Decision} from './alerts.ts';
import {dutyOf, oncallOn} from './oncall.ts';
import type {Recovery, RecoveryRun} from './recovery-vocabulary.ts';
import type {DutyNow, DutyOverride} from './rotation.ts';
import {selects} from './silences.ts';
import {
  CARD_LISTED_MAX,
  type Card,
  type Event,
  type FlappingSpell,
  type Incident,
  type Message,
  type SendReason,
  type Silence,
  type Verdict,
} from './vocabulary.ts';

/** The state as it will be, read through and written beside the state as it is. */
export class Draft {
  readonly now: number;
  readonly policy: AlertPolicy;
  readonly messages: Message[] = [];
  readonly state: AlertState;
  /** Cards whose content has changed, and why; each is sent once, at the end. */
  readonly edits = new Map<number, SendReason>();
  /** Checks that this decision is to take down: parents among them speak for their children already. */
  readonly falling: ReadonlySet<string>;
  /** Something has changed that may set held messages free: a silence, a parent, an end of flapping. */
  holdsChanged = false;
  readonly #verdicts: Verdict[] = [];
  readonly #incidents = new Map<number, Incident>();
  readonly #open = new Map<string, number>();
  readonly #over = new Map<string, readonly number[]>();
  readonly #cards = new Map<number, Card>();
  readonly #silences: Silence[] = [];
  readonly #endedSilences = new Set<number>();
  readonly #spells = new Map<string, FlappingSpell | undefined>();
  readonly #recoveries = new Map<string, Recovery | undefined>();
  readonly #runs = new Map<number, RecoveryRun>();
  readonly #overrides = new Map<string, DutyOverride | undefined>();
  readonly #dueAt = new Map<number, number | undefined>();
  readonly #groups = new Map<string, number>();
  #incidentId: number;
  #cardId: number;
  #silenceId: number;
  #runId: number;

  constructor(state: AlertState, events: readonly Event[], now: number, policy: AlertPolicy) {
    this.falling = fallingIn(events);
    this.state = state;
    this.now = now;
    this.policy = policy;
    this.#incidentId = state.nextIncident;
    this.#cardId = state.nextCard;
    this.#silenceId = state.nextSilence;
    this.#runId = state.nextRun;
  }

  newIncidentId(): number {
    return this.#incidentId++;
  }

  newCardId(): number {
    return this.#cardId++;
  }

  put(incident: Incident): void {
    this.#incidents.set(incident.id, incident);
    if (incident.closedAt === undefined) this.#open.set(incident.check, incident.id);
    else this.#over.set(incident.check, [...(this.#over.get(incident.check) ?? []), incident.id]);
  }

  incident(id: number): Incident | undefined {
    return this.#incidents.get(id) ?? this.state.incidents.get(id);
  }

  openIncident(check: string): Incident | undefined {
    const id = this.#open.get(check) ?? this.state.open.get(check);
    const incident = id === undefined ? undefined : this.incident(id);
    return incident?.closedAt === undefined ? incident : undefined;
  }

  /** Those of this check that are over and were told of, and owe people their end or a line. */
  owing(check: string): readonly Incident[] {
    const [before, now] = [this.state.owing.get(check), this.#over.get(check)];
    if (!before && !now) return [];
    const ids = new Set([...(before ?? []), ...(now ?? [])]);
    const incidents = [...ids].map((id) => this.incident(id)).filter((incident) => incident !== undefined);
    return incidents.filter(isOwing);
  }

  /** All that are not forgotten yet, in the order in which they opened. */
  *all(): Iterable<Incident> {
    for (const [id, incident] of this.state.incidents) yield this.#incidents.get(id) ?? incident;
    for (const [id, incident] of this.#incidents) if (!this.state.incidents.has(id)) yield incident;
  }

  addCard(card: Card): void {
    this.#cards.set(card.id, card);
  }

  card(id: number): Card | undefined {
    return this.#cards.get(id) ?? this.state.cards.get(id);
  }

  /** The card that shows the incident in this channel. */
  cardIn(incident: Incident, channel: string): Card | undefined {
    for (const id of incident.cards) {
      const card = this.card(id);
      if (card?.channel === channel) return card;
    }
    return undefined;
  }

  /** The channels with a card that shows the incident, each once: what was moved to one may be its second. */
  shownIn({cards}: Incident): readonly string[] {
    return [...new Set(cards.flatMap((id) => this.card(id)?.channel ?? []))];
  }

  /** When this incident next asks for a look; undefined: only an event concerns it. */
  setDue(id: number, at: number | undefined): void {
    this.#dueAt.set(id, at);
  }

  due(): readonly Incident[] {
    return this.state.dueAt
      .until(this.now)
      .map((id) => this.incident(id))
      .filter((incident) => incident !== undefined);
  }

  *silences(): Iterable<Silence> {
    for (const silence of this.state.silences.values()) if (!this.#endedSilences.has(silence.id)) yield silence;
    for (const silence of this.#silences) if (!this.#endedSilences.has(silence.id)) yield silence;
  }

  addSilence(silence: Omit<Silence, 'id'>): void {
    this.#silences.push({id: this.#silenceId++, ...silence});
  }

  endSilence(id: number): void {
    this.#endedSilences.add(id);
    this.holdsChanged = true;
  }

  /** Those whose time has come, and those `until recovered` that name nothing false any more. */
  endSilences(): void {
    for (const silence of [...this.silences()]) {
      const over = silence.until === 'recovered' ? !this.#namesFalse(silence) : silence.until <= this.now;
      if (over) this.endSilence(silence.id);
    }
  }

  #namesFalse(silence: Silence): boolean {
    for (const check of this.#downChecks()) if (selects(silence.what, check)) return true;
    return false;
  }

  *#downChecks(): Iterable<CheckAlerts> {
    const names = new Set([...this.state.open.keys(), ...this.#open.keys()]);
    for (const name of names) {
      const check = this.openIncident(name) && this.policy.check(name);
      if (check) yield check;
    }
  }

  spell(check: string): FlappingSpell | undefined {
    return this.#spells.has(check) ? this.#spells.get(check) : this.state.spells.get(check);
  }

  spells(): readonly FlappingSpell[] {
    const checks = new Set([...this.state.spells.keys(), ...this.#spells.keys()]);
    return [...checks].map((check) => this.spell(check)).filter((spell) => spell !== undefined);
  }

  putSpell(check: string, spell: FlappingSpell | undefined): void {
    this.#spells.set(check, spell);
  }

  putOverride(rotation: string, override: DutyOverride | undefined): void {
    this.#overrides.set(rotation, override);
  }

  /** Who is on call in this rotation now. */
  duty(rotation: string): DutyNow | undefined {
    const {rotations} = this.policy;
    // What was ordered a moment ago goes before what was known.
    const overrides = this.#overrides.has(rotation) ? this.#ordered(rotation) : this.state.overrides;
    return dutyOf(rotations, overrides, rotation, this.now);
  }

  #ordered(rotation: string): ReadonlyMap<string, DutyOverride> {
    const override = this.#overrides.get(rotation);
    return new Map(override ? [[rotation, override]] : []);
  }

  /** From when it is noticed until people know that it is over: nothing else is said of the check meanwhile. */
  isFlapping(check: string): boolean {
    return this.spell(check) !== undefined;
  }

  newRunId(): number {
    return this.#runId++;
  }

  recovery(check: string): Recovery | undefined {
    return this.#recoveries.has(check) ? this.#recoveries.get(check) : this.state.recoveries.get(check);
  }

  putRecovery(check: string, recovery: Recovery | undefined): void {
    this.#recoveries.set(check, recovery);
  }

  putRun(run: RecoveryRun): void {
    this.#runs.set(run.id, run);
  }

  groupUntil(key: string): number {
    return this.#groups.get(key) ?? this.state.groups.get(key) ?? Number.NEGATIVE_INFINITY;
  }

  setGroup(key: string, until: number): void {
    this.#groups.set(key, until);
  }

  judge(check: string, decision: Verdict['decision'], reason: Verdict['reason']): void {
    this.#verdicts.push({check, at: this.now, decision, reason});
  }

  decision(): Decision {
    return {
      incidents: [...this.#incidents.values()],
      cards: [...this.#cards.values()],
      silences: this.#silences.filter(({id}) => !this.#endedSilences.has(id)),
      endedSilences: [...this.#endedSilences],
      spells: this.#spells,
      recoveries: this.#recoveries,
      runs: [...this.#runs.values()],
      overrides: this.#overrides,
      dueAt: this.#dueAt,
      groups: this.#groups,
      messages: [...this.#editMessages(), ...this.messages.map((message) => this.#filled(message))],
      verdicts: this.#verdicts,
    };
  }

  /** A card's content is what is true when all is decided. */
  #filled(message: Message): Message {
    if (message.kind !== 'card') return message;
    const card = this.card(message.card);
    return card ? {...message, ...this.#content(card)} : message;
  }

  #editMessages(): Message[] {
    const messages: Message[] = [];
    for (const [id, reason] of this.edits) {
      const card = this.card(id);
      // A card of this very decision is sent in its newest state anyway.
      if (!card || this.#cards.has(id)) continue;
      messages.push({kind: 'edit', channel: card.channel, reason, card: id, ...this.#content(card)});
    }
    return messages;
  }

  #content(card: Card) {
    const all = card.incidents.map((id) => this.incident(id)).filter((incident) => incident !== undefined);
    const open = all.filter(({closedAt}) => closedAt === undefined);
    const closed = all.filter(({closedAt}) => closedAt !== undefined);
    const incidents = [...open, ...closed].slice(0, CARD_LISTED_MAX);
    const more = card.missedMore === undefined ? {} : {missedMore: card.missedMore};
    return {
      incidents,
      total: all.length,
      open: open.length,
      missed: card.missed,
      ...more,
      ...oncallOn(this, card, open),
    };
  }
}

/** A check that has come back within the same batch speaks for nobody, and neither does one of many targets. */
function fallingIn(events: readonly Event[]): ReadonlySet<string> {
  const falling = new Set<string>();
  for (const event of events) {
    if ('target' in event && event.target !== undefined) continue;
    if (event.kind === 'went_down') falling.add(event.check);
    if (event.kind === 'recovered' || event.kind === 'check_removed') falling.delete(event.check);
  }
  return falling;
}

/** Whether it is over and was told of, and something of that is still to be said. */
export function isOwing({closedAt, cards, held, gathering}: Incident): boolean {
  return closedAt !== undefined && cards.length > 0 && Boolean(held || gathering);
}
