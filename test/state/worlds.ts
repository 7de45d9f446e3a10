import {type AlertPolicy, type AlertState, type CheckAlerts, decide, emptyAlerts} from '../../src/state/alerts.ts';
import type {RecoveryRun} from '../../src/state/recovery-vocabulary.ts';
import {settle, wakeAt} from '../../src/state/settle.ts';
import type {Event, Message, Observation, StepPolicy} from '../../src/state/vocabulary.ts';

/** Observations from a string: `x` failed, `.` ok, `?` inconclusive, one a second from `from` on. */
export function observations(
  marks: string,
  from = 1_000,
  subject: {check?: string; target?: string} = {},
): Observation[] {
  return [...marks].map((mark, index) => observation(mark, from + index * 1_000, subject));
}

export function observation(mark: string, at: number, subject: {check?: string; target?: string} = {}): Observation {
  const result = mark === 'x' ? 'failed' : mark === '.' ? 'ok' : 'inconclusive';
  return {check: 'api', ...subject, at, result, reason: result === 'failed' ? 'HTTP 503' : '', latencyMs: 5};
}

export const policy: StepPolicy = {
  failAfter: 3,
  recoverAfter: 2,
  alertWhen: {kind: 'count', count: 1},
  flapping: false,
  targetCount: 0,
};

/** A window that is open from `openAt` (inclusive) until `closeAt` (exclusive), once. */
export function alertPolicy(
  checks: Record<string, Partial<CheckAlerts>>,
  [openAt, closeAt]: [number, number] = [0, Number.POSITIVE_INFINITY],
  rest: Partial<AlertPolicy> = {},
): AlertPolicy {
  const defaults = {to: ['ops'], missed: 'digest', urgent: false, groupWaitMs: 0, escalate: [], dependsOn: []} as const;
  return {
    check: (name) => (checks[name] ? {name, ...defaults, ...checks[name]} : undefined),
    noticeTo: ['ops'],
    guards: [],
    window: (_name, at) => {
      if (at < openAt) return {open: false, until: openAt};
      if (at < closeAt) return {open: true, until: closeAt};
      return {open: false, until: null};
    },
    maintenance: () => ({open: false, until: null}),
    rotations: new Map(),
    ...rest,
  };
}

/** The alerts of a server, moved by hand. */
export class World {
  readonly state: AlertState = emptyAlerts();
  policy: AlertPolicy;
  readonly messages: Message[] = [];
  readonly verdicts: string[] = [];
  readonly runs: RecoveryRun[] = [];

  constructor(policy: AlertPolicy) {
    this.policy = policy;
  }

  /** These events happen at this time; without any, the time just comes. */
  now(at: number, ...events: Event[]): void {
    this.late(at, ...events.map((event) => ({...event, at})));
  }

  /** What is decided on now happened when it says. */
  late(at: number, ...events: Event[]): void {
    const decision = decide(this.state, events, at, this.policy);
    settle(this.state, decision);
    this.messages.push(...decision.messages);
    this.runs.push(...decision.runs);
    this.verdicts.push(...decision.verdicts.map((v) => `${v.check} ${v.decision} ${v.reason}`));
  }

  /** Lets the time pass as the pipeline does: from one wake-up to the next. */
  until(end: number): void {
    let last = Number.NEGATIVE_INFINITY;
    for (let at = wakeAt(this.state); at !== undefined && at <= end; at = wakeAt(this.state)) {
      if (at <= last) throw new Error(`at ${at} the same wake-up is asked for again, of ${this.state.dueAt.until(at)}`);
      last = at;
      this.now(at);
    }
    this.now(end);
  }

  get said(): string[] {
    return this.messages.map((message) => `${message.kind} ${message.reason} ${message.channel}`);
  }

  /** What rings: everything but edits. */
  get rung(): string[] {
    return this.messages
      .filter(({kind}) => kind !== 'edit')
      .map((message) => `${message.reason} ${message.channel}: ${checksOf(message)}`);
  }
}

function checksOf(message: Message): string {
  if ('incidents' in message) return message.incidents.map(({check}) => check).join(' ');
  return 'check' in message ? message.check : '';
}

export function down(check: string): Event & {kind: 'went_down'} {
  return {kind: 'went_down', check, at: 0, reason: 'HTTP 503', errors: 3};
}

export function up(check: string): Event {
  return {kind: 'recovered', check, at: 0, downMs: 0};
}

export const boris = {id: 222, name: 'Boris'};
