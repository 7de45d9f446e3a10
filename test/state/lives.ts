import fc from 'fast-check';
import {type AlertPolicy, type CheckAlerts, isAwaited, type Stretch} from '../../src/state/alerts.ts';
import type {Event, Selector, Silence} from '../../src/state/vocabulary.ts';
import {alertPolicy, boris} from './worlds.ts';

const SECOND = 1_000;
/** Windows and planned maintenances come round in this time. */
export const ROUND_MS = 100 * SECOND;
const NAMES = ['a', 'b', 'c', 'd', 'e'];

/** What happens to one server, and the rules that it lives by. */
export interface Life {
  readonly checks: Record<string, Partial<CheckAlerts>>;
  /** Stretches of each round, in milliseconds from its start. */
  readonly window: readonly [number, number];
  readonly maintenance: readonly [number, number] | undefined;
  readonly deeds: readonly Deed[];
}

/** Something that is tried some time after the one before it; it does nothing where it makes no sense. */
export interface Deed {
  readonly afterMs: number;
  readonly kind:
    | 'flip'
    | 'flap'
    | 'silence'
    | 'silence_recovered'
    | 'unsilence'
    | 'ack'
    | 'ack_until'
    | 'unack'
    | 'targets';
  readonly check: number;
  readonly scope: 'check' | 'group' | 'all';
}

const seconds = (max: number) => fc.integer({min: 0, max}).map((n) => n * SECOND);
const often = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, {nil: undefined, freq: 2});

const checkArbitrary = (index: number) =>
  fc.record({
    to: fc.subarray(['ops', 'desk']),
    window: fc.constantFrom(undefined, undefined, 'day'),
    missed: fc.constantFrom('digest' as const, 'drop' as const),
    urgent: fc.boolean(),
    group: fc.constantFrom(undefined, 'shops'),
    groupWaitMs: fc.constantFrom(0, 10 * SECOND, 30 * SECOND),
    repeatEveryMs: often(fc.constantFrom(20 * SECOND, 45 * SECOND, 300 * SECOND)),
    escalate: fc.constantFrom(
      [],
      [{afterMs: 30 * SECOND, to: ['lead']}],
      [
        {afterMs: 30 * SECOND, to: ['lead', 'ops']},
        {afterMs: 90 * SECOND, to: ['boss']},
      ],
    ),
    dependsOn: fc.subarray(NAMES.slice(0, index), {maxLength: Math.min(2, index)}),
  });

const deedArbitrary: fc.Arbitrary<Deed> = fc.record({
  afterMs: fc.oneof(fc.constant(0), seconds(15), seconds(150)),
  kind: fc.constantFrom<Deed['kind'][]>(
    ...(['flip', 'flip', 'flip', 'flip', 'flap', 'silence', 'silence_recovered'] as const),
    ...(['unsilence', 'ack', 'ack_until', 'unack', 'targets'] as const),
  ),
  check: fc.nat({max: NAMES.length - 1}),
  scope: fc.constantFrom('check', 'group', 'all'),
});

export const lifeArbitrary: fc.Arbitrary<Life> = fc.record({
  checks: fc
    .tuple(...NAMES.map((_, index) => checkArbitrary(index)))
    .map((checks) => Object.fromEntries(checks.map((check, index) => [NAMES[index] ?? '', defined(check)]))),
  window: fc.tuple(seconds(40), seconds(40)).map(([from, length]) => [from, from + length + 20 * SECOND] as const),
  // Shorter than the window and never all of it, so that there is a time to talk in each round.
  maintenance: often(seconds(85).map((from) => [from, from + 15 * SECOND] as const)),
  deeds: fc.array(deedArbitrary, {maxLength: 40}),
});

function defined(check: object): Partial<CheckAlerts> {
  return Object.fromEntries(Object.entries(check).filter(([, value]) => value !== undefined));
}

export function policyOfLife(life: Life): AlertPolicy {
  return alertPolicy(life.checks, undefined, {
    window: (_name, at) => stretch(life.window, at),
    maintenance: (_check, at) => (life.maintenance ? stretch(life.maintenance, at) : {open: false, until: null}),
  });
}

function stretch([from, to]: readonly [number, number], at: number): Stretch {
  const start = Math.floor(at / ROUND_MS) * ROUND_MS;
  const now = at - start;
  if (now < from) return {open: false, until: start + from};
  if (now < to) return {open: true, until: start + to};
  return {open: false, until: start + ROUND_MS + from};
}

/** What the checks' results say, and the events that follow from a deed. */
export class Truth {
  readonly down = new Set<string>();
  readonly flapping = new Set<string>();
  readonly #life: Life;

  constructor(life: Life) {
    this.#life = life;
  }

  events({kind, check: index, scope}: Deed, now: number, silences: Iterable<Silence>): Event[] {
    const check = NAMES[index] ?? 'a';
    const at = now;
    const isDown = this.down.has(check);
    switch (kind) {
      case 'flip':
        return [isDown ? this.recover(check, at) : this.#fail(check, at)];
      case 'flap':
        return [this.flap(check, at)];
      case 'silence':
      case 'silence_recovered': {
        const until = kind === 'silence' ? now + 50 * SECOND : 'recovered';
        const what = this.#selector(check, scope);
        const silence = {kind: index % 2 ? 'silence' : 'maintenance', what, at, by: boris, why: '', until} as const;
        return kind === 'silence' || isDown ? [{kind: 'silenced', silence, at}] : [];
      }
      case 'unsilence':
        return [...silences].slice(0, 1).map(({id}) => ({kind: 'unsilenced', id, at}));
      case 'ack':
        return isDown ? [{kind: 'acknowledged', check, at, by: boris, why: ''}] : [];
      case 'ack_until':
        return isDown ? [{kind: 'acknowledged', check, at, by: boris, why: '', until: now + 40 * SECOND}] : [];
      case 'unack':
        return isDown ? [{kind: 'unacknowledged', check, at, by: boris}] : [];
      case 'targets':
        return isDown ? [{kind: 'targets_changed', check, at, falseTargets: {listed: [], count: 1, of: 3}}] : [];
    }
  }

  flap(check: string, at: number): Event {
    const starts = !this.flapping.delete(check);
    if (starts) this.flapping.add(check);
    return {kind: starts ? 'flapping_started' : 'flapping_ended', check, at};
  }

  recover(check: string, at: number): Event {
    this.down.delete(check);
    return {kind: 'recovered', check, at, downMs: 0};
  }

  #fail(check: string, at: number): Event {
    this.down.add(check);
    return {kind: 'went_down', check, at, reason: 'HTTP 503', errors: 3};
  }

  /** Checks are looked at all the time: whoever is waited for is seen. */
  looks(state: Parameters<typeof isAwaited>[0], at: number, policy: AlertPolicy): Event[] {
    return [...this.down]
      .filter((check) => isAwaited(state, check, policy))
      .map((check) => ({kind: 'still_down', check, at}));
  }

  #selector(check: string, scope: Deed['scope']): Selector {
    if (scope === 'all') return {kind: 'all'};
    const group = this.#life.checks[check]?.group;
    return scope === 'group' && group !== undefined ? {kind: 'group', group} : {kind: 'check', name: check};
  }
}
