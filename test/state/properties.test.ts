import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import fc from 'fast-check';
import {type AlertPolicy, type AlertState, type Decision, decide, emptyAlerts} from '../../src/state/alerts.ts';
import {Draft} from '../../src/state/draft.ts';
import {holdOn, holdOnRecovery} from '../../src/state/holds.ts';
import {settle, wakeAt} from '../../src/state/settle.ts';
import type {Event, Incident, Message} from '../../src/state/vocabulary.ts';
import {type Life, lifeArbitrary, policyOfLife, ROUND_MS, Truth} from './lives.ts';

const RUNS = 300;
/** How often a check that somebody waits for is looked at. */
const LOOK_MS = 5_000;

/** A server's alerts through a life, with the rules that must hold after every decision. */
class Watched {
  readonly state: AlertState = emptyAlerts();
  readonly policy: AlertPolicy;
  readonly truth: Truth;
  /** Every incident there was, in its last form. */
  readonly opened = new Map<number, Incident>();
  readonly channelOf = new Map<number, string>();
  /** Checks of which the end of an incident was dropped, since the end of the flapping told it. */
  readonly saidByFlapping = new Set<string>();
  now = 0;
  readonly #said = new Set<string>();
  /** Channels in which the end of an incident was told. */
  readonly #told = new Set<string>();

  constructor(life: Life) {
    this.policy = policyOfLife(life);
    this.truth = new Truth(life);
    for (const deed of life.deeds) {
      this.passUntil(this.now + deed.afterMs);
      const events = this.truth.events(deed, this.now, this.state.silences.values());
      if (events.length > 0) this.decide(events);
    }
  }

  decide(events: readonly Event[]): void {
    const before = copyOf(this.state);
    const decision = decide(this.state, events, this.now, this.policy);
    assert.deepEqual(copyOf(this.state), before, 'decide has changed its input');
    settle(this.state, decision);
    for (const incident of decision.incidents) this.opened.set(incident.id, incident);
    for (const {id, channel} of decision.cards) this.channelOf.set(id, channel);
    for (const {check, decision: word, reason} of decision.verdicts) {
      if (word === 'dropped' && reason === 'flapping') this.saidByFlapping.add(check);
    }
    const held = (incident: Incident, over: boolean) => {
      const ask = over ? holdOnRecovery : (draft: Draft, {check}: Incident) => holdOn(draft, check);
      const states = [{...this.state, ...before}, this.state];
      return states.every((state) => ask(new Draft(state, [], this.now, this.policy), incident));
    };
    for (const message of decision.messages) this.#check(message, decision, held);
    for (const [i, message] of decision.messages.entries())
      this.#checkLastWord(message, decision.messages.slice(i + 1));
  }

  /** From wake-up to wake-up, as the pipeline does, with the looks at what is waited for between. */
  passUntil(end: number): void {
    for (let look = this.now + LOOK_MS; look < end; look += LOOK_MS) {
      this.#sleepUntil(look);
      const looks = this.truth.looks(this.state, this.now, this.policy);
      if (looks.length > 0) this.decide(looks);
    }
    this.#sleepUntil(end);
  }

  #sleepUntil(end: number): void {
    for (let at = wakeAt(this.state); at !== undefined && at <= end; at = wakeAt(this.state)) {
      this.now = Math.max(this.now, at);
      this.decide([]);
      const next = wakeAt(this.state);
      assert.ok(next === undefined || next > this.now, `at ${this.now} the wake-up ${next} is asked for`);
    }
    this.now = end;
  }

  #check(message: Message, decision: Decision, held: (incident: Incident, over: boolean) => unknown): void {
    if (!('incidents' in message)) return;
    const missed = 'missed' in message ? message.missed : [];
    const ids = [...message.incidents, ...missed].map(({id}) => id);
    assert.equal(new Set(ids).size, ids.length, `${message.kind} ${message.reason} lists an incident twice`);
    if (message.kind === 'edit') return;
    for (const incident of message.incidents) {
      const what: string = `${message.kind} ${message.reason} of ${incident.id} (${incident.check}) in ${message.channel}`;
      const endsFlapping = message.reason === 'flapping_ended';
      const added = message.kind !== 'card' || decision.cards.some(({id}) => id === message.card);
      const isOver: boolean = message.kind === 'recovery';
      if (added && !endsFlapping) assert.ok(!held(incident, isOver), `${what} at ${this.now} was to be held`);
      if (isOver) this.#told.add(`${incident.id} ${message.channel}`);
      if (message.reason === 'repeat') continue;
      const key: string = `${message.kind} ${message.reason} ${incident.id} ${message.channel}`;
      assert.ok(!this.#said.has(key), `${what} is said again at ${this.now}`);
      this.#said.add(key);
    }
    for (const {id} of missed) {
      const key: string = `missed ${id} ${message.channel}`;
      assert.ok(!this.#said.has(key), `${key} is said again at ${this.now}`);
      this.#said.add(key);
    }
  }

  /** Nobody reads last that a check is back while it is down: the next failure follows in that channel at once. */
  #checkLastWord(message: Message, rest: readonly Message[]): void {
    if (message.kind !== 'recovery') return;
    const {channel} = message;
    for (const {id, check} of message.incidents) {
      const next = this.state.open.get(check);
      const tells = (later: Message) =>
        later.kind === 'card' && later.channel === channel && later.incidents.some((incident) => incident.id === next);
      const what = `${check} (${id}) is told to be back in ${channel} at ${this.now} while it is down (${next})`;
      assert.ok(next === undefined || rest.some(tells), what);
    }
  }

  /** Ends whatever keeps people from hearing, except for parents that are down. */
  endHolds(): void {
    const at = this.now;
    const ends: Event[] = [...this.truth.flapping].map((check) => this.truth.flap(check, at));
    for (const {id} of this.state.silences.values()) ends.push({kind: 'unsilenced', id, at});
    this.decide(ends);
  }

  wasToldOver(incident: Incident, channel: string): boolean {
    return this.#told.has(`${incident.id} ${channel}`);
  }
}

function copyOf({dueAt, ...rest}: AlertState) {
  return {...structuredClone(rest), due: dueAt.until(Number.POSITIVE_INFINITY), next: dueAt.earliest()};
}

function forEveryLife(check: (watched: Watched, life: Life) => void): void {
  fc.assert(
    fc.property(lifeArbitrary, (life) => check(new Watched(life), life)),
    {numRuns: RUNS},
  );
}

describe('whatever happens under whatever rules', () => {
  test('an incident that outlives all that holds it has a card in every channel of its check', () => {
    forEveryLife((watched, life) => {
      watched.endHolds();
      watched.passUntil(watched.now + 5 * ROUND_MS);
      assert.deepEqual(new Set(watched.state.open.keys()), watched.truth.down);
      for (const [check, id] of watched.state.open) {
        const {to = [], dependsOn = []} = life.checks[check] ?? {};
        if (dependsOn.some((parent) => watched.truth.down.has(parent))) continue;
        const incident = watched.state.incidents.get(id) ?? assert.fail();
        const shown = incident.cards.map((card) => watched.channelOf.get(card));
        const missing = to.filter((channel) => !shown.includes(channel));
        assert.deepEqual(missing, [], `${check} (${id}) is not told: ${JSON.stringify(incident)}`);
      }
    });
  });

  test('when all is well again and every window was open, nothing is left', () => {
    forEveryLife((watched) => {
      watched.endHolds();
      watched.decide([...watched.truth.down].map((check) => watched.truth.recover(check, watched.now)));
      watched.passUntil(watched.now + 5 * ROUND_MS);
      const {incidents, open, owing, cards, silences, spells, dueAt} = watched.state;
      const left = {incidents, open, owing, cards, silences, spells};
      for (const [name, map] of Object.entries(left)) assert.deepEqual([...map], [], name);
      assert.equal(dueAt.size, 0);
    });
  });

  test('an end is told wherever the beginning was, unless the end of its flapping says it', () => {
    forEveryLife((watched) => {
      watched.endHolds();
      watched.decide([...watched.truth.down].map((check) => watched.truth.recover(check, watched.now)));
      watched.passUntil(watched.now + 5 * ROUND_MS);
      for (const incident of watched.opened.values()) {
        assert.notEqual(incident.closedAt, undefined);
        if (watched.saidByFlapping.has(incident.check)) continue;
        for (const id of incident.cards) {
          const channel = watched.channelOf.get(id) ?? assert.fail(`card ${id} was never made`);
          assert.ok(watched.wasToldOver(incident, channel), `${incident.check} (${incident.id}) is over: ${channel}`);
        }
      }
    });
  });
});
