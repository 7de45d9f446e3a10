import type {AlertPolicy, AlertState, Decision} from './alerts.ts';
import type {Card, Incident, Message, Verdict} from './vocabulary.ts';

/** The state as it will be, read through and written beside the state as it is. */
export class Draft {
  readonly now: number;
  readonly policy: AlertPolicy;
  readonly messages: Message[] = [];
  readonly #cards = new Map<number, Card>();
  readonly #verdicts: Verdict[] = [];
  readonly #state: AlertState;
  readonly #changed = new Map<number, Incident>();
  readonly #opened = new Map<string, number>();
  #incidentId: number;
  #cardId: number;

  constructor(state: AlertState, now: number, policy: AlertPolicy) {
    this.#state = state;
    this.now = now;
    this.policy = policy;
    this.#incidentId = state.nextIncident;
    this.#cardId = state.nextCard;
  }

  newIncidentId(): number {
    return this.#incidentId++;
  }

  newCardId(): number {
    return this.#cardId++;
  }

  put(incident: Incident): void {
    this.#changed.set(incident.id, incident);
    if (incident.closedAt === undefined) this.#opened.set(incident.check, incident.id);
  }

  incident(id: number): Incident | undefined {
    return this.#changed.get(id) ?? this.#state.incidents.get(id);
  }

  openIncident(check: string): Incident | undefined {
    const id = this.#opened.get(check) ?? this.#state.open.get(check);
    const incident = id === undefined ? undefined : this.incident(id);
    return incident?.closedAt === undefined ? incident : undefined;
  }

  *all(): Iterable<Incident> {
    for (const [id, incident] of this.#state.incidents) yield this.#changed.get(id) ?? incident;
    for (const [id, incident] of this.#changed) if (!this.#state.incidents.has(id)) yield incident;
  }

  addCard(card: Card): void {
    this.#cards.set(card.id, card);
  }

  card(id: number): Card | undefined {
    return this.#cards.get(id) ?? this.#state.cards.get(id);
  }

  goesTo(check: string, channel: string): boolean {
    return (this.policy.check(check)?.to ?? this.policy.noticeTo).includes(channel);
  }

  isOpen(check: string): boolean {
    const alerts = this.policy.check(check);
    if (!alerts || alerts.urgent || alerts.window === undefined) return true;
    return this.policy.window(alerts.window, this.now).open;
  }

  judge(check: string, decision: Verdict['decision'], reason: Verdict['reason']): void {
    this.#verdicts.push({check, at: this.now, decision, reason});
  }

  decision(): Decision {
    return {
      incidents: [...this.#changed.values()],
      cards: [...this.#cards.values()],
      messages: this.messages,
      verdicts: this.#verdicts,
    };
  }
}
