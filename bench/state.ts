import {type AlertPolicy, decide, emptyAlerts} from '../src/state/alerts.ts';
import {startState, step} from '../src/state/engine.ts';
import {settle, wakeAt} from '../src/state/settle.ts';
import type {CheckState, Event, Observation, StepPolicy} from '../src/state/vocabulary.ts';
import {alertDelay} from './state/alert-delay.ts';
import {median, printTable} from './table.ts';

const RUNS = 5;
const STEPS = 1_000_000;
const CHECKS = 1_000;
const INCIDENTS = 10_000;
/** As the pipeline gathers observations for 2 ms, a storm at 1,000 a second comes in batches of two. */
const STORM_BATCH = 2;

/** How fast the arithmetic is: steps, decisions with many open incidents, and a storm. */
export default async function state(): Promise<void> {
  const rows = [
    ['steps a second on one core', times(stepsASecond, (n) => `${(n / 1e6).toFixed(2)} million`), '1 million or more'],
    [`decide with ${INCIDENTS} open incidents`, times(decideMs, (n) => `${n.toFixed(3)} ms`), 'under 5 ms'],
    [`a storm of ${INCIDENTS}: blocked in all`, times(stormMs, (n) => `${n.toFixed(0)} ms`), '200 ms or less'],
    ['its messages', String(storm().messages), '2'],
  ];
  printTable(`state, medians of ${RUNS}`, ['figure', 'measured', 'wanted'], rows);
  await alertDelay();
}

function times(measure: () => number, format: (value: number) => string): string {
  return format(median(Array.from({length: RUNS}, measure)));
}

const policy: StepPolicy = {
  failAfter: 3,
  recoverAfter: 2,
  alertWhen: {kind: 'count', count: 1},
  flapping: true,
  targetCount: 0,
};

/** Nine of ten observations are ok, as in a bad week; the check's name and the time change. */
function stepsASecond(): number {
  const states: CheckState[] = Array.from({length: CHECKS}, (_, i) => startState(`c${i}`));
  const results = Array.from({length: 100}, (_, i): Observation['result'] => (i % 10 === 7 ? 'failed' : 'ok'));
  const startedAt = performance.now();
  for (let i = 0; i < STEPS; i++) {
    const at = i;
    const index = i % CHECKS;
    const before = states[index] ?? startState('');
    const result = results[(i * 7) % 100] ?? 'ok';
    const observation = {check: before.check, at, result, reason: '', latencyMs: 1};
    states[index] = step(before, [observation], at, policy).state;
  }
  return (STEPS * 1000) / (performance.now() - startedAt);
}

function decideMs(): number {
  const {state, alerts} = storm();
  const event: Event = {kind: 'went_down', check: 'late', at: 20_000, reason: 'HTTP 503', errors: 3};
  const startedAt = performance.now();
  for (let i = 0; i < 20; i++) decide(state, [event], 20_000, alerts);
  return (performance.now() - startedAt) / 20;
}

function stormMs(): number {
  return storm().ms;
}

function storm() {
  const check = {
    to: ['ops'],
    missed: 'digest',
    urgent: false,
    groupWaitMs: 10_000,
    escalate: [],
    dependsOn: [],
  } as const;
  const alerts: AlertPolicy = {
    check: (name) => ({name, ...check}),
    noticeTo: ['ops'],
    guards: [],
    window: () => ({open: true, until: null}),
    maintenance: () => ({open: false, until: null}),
    rotations: new Map(),
  };
  const state = emptyAlerts();
  let messages = 0;
  const turn = (events: Event[], at: number) => {
    const decision = decide(state, events, at, alerts);
    settle(state, decision);
    wakeAt(state);
    messages += decision.messages.filter(({kind}) => kind !== 'edit').length;
  };
  const startedAt = performance.now();
  for (let i = 0; i < INCIDENTS; i += STORM_BATCH) {
    const names = Array.from({length: STORM_BATCH}, (_, j) => `c${i + j}`);
    turn(
      names.map((name): Event => ({kind: 'went_down', check: name, at: 1_000, reason: 'HTTP 503', errors: 3})),
      1_000 + i,
    );
  }
  turn([], 12_000);
  return {state, alerts, messages, ms: performance.now() - startedAt};
}
