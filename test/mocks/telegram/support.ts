import type {TestContext} from 'node:test';
import {type Simulator, type SimulatorOptions, startSimulator} from '../../../mocks/telegram/simulator.ts';
import {type Clock, createClock} from '../../../src/clock.ts';

export const ANNA = 111;
export const BORIS = 222;
export const OPS = -1001234567890;
export const FORUM = -1009876543210;
export const GROUP = -555;

export interface Answer {
  readonly ok: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into results of every shape.
  readonly result?: any;
  readonly error_code?: number;
  readonly description?: string;
  readonly parameters?: {retry_after?: number; migrate_to_chat_id?: number};
}

export interface Bench {
  readonly sim: Simulator;
  /** Calls a method as JSON, as the bot of the simulator's own token. */
  call(method: string, params?: object, signal?: AbortSignal): Promise<Answer>;
}

/** A simulator with two people, a supergroup, a forum and a plain group; stopped when the test ends. */
export async function startBench(t: TestContext, options: SimulatorOptions = {}): Promise<Bench> {
  const sim = await startSimulator({limits: false, ...options});
  t.after(() => sim.stop());
  sim.addUser({id: ANNA, first_name: 'Anna', username: 'anna', language_code: 'en'});
  sim.addUser({id: BORIS, first_name: 'Boris'});
  sim.addChat({id: OPS, type: 'supergroup', title: 'Ops', username: 'ops_chat'});
  sim.addChat({id: FORUM, type: 'supergroup', title: 'Forum', topics: [{id: 7, name: 'Alerts'}]});
  sim.addChat({id: GROUP, type: 'group', title: 'Old group'});
  return {sim, call: (method, params, signal) => callAs(sim.token, sim, method, params, signal)};
}

export async function callAs(
  token: string,
  sim: Simulator,
  method: string,
  params: object = {},
  signal?: AbortSignal,
): Promise<Answer> {
  const answer = await fetch(`${sim.apiRoot}/bot${token}/${method}`, {
    method: 'POST',
    headers: {'content-type': 'application/json'},
    body: JSON.stringify(params),
    ...(signal === undefined ? {} : {signal}),
  });
  return (await answer.json()) as Answer;
}

export interface HandClock extends Clock {
  /** Moves the time on and runs what is due, in order. */
  advance(ms: number): void;
}

/** A clock that stands still until a test moves it. */
export function createHandClock(start = 1_750_000_000_000): HandClock {
  let now = start;
  let due: Array<{at: number; run: () => void}> = [];
  const after = (ms: number, run: () => void) => {
    const entry = {at: now + ms, run};
    due.push(entry);
    return () => {
      due = due.filter((other) => other !== entry);
    };
  };
  const advance = (ms: number) => {
    const end = now + ms;
    for (;;) {
      const next = due.filter(({at}) => at <= end).sort((one, other) => one.at - other.at)[0];
      if (next === undefined) break;
      now = next.at;
      due = due.filter((other) => other !== next);
      next.run();
    }
    now = end;
  };
  return {...createClock({now: () => now, monotonic: () => now, after}), advance};
}
