import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import fc from 'fast-check';
import {again} from '../../src/state/again.ts';
import {startState, step} from '../../src/state/engine.ts';
import type {CheckState, Observation, StepPolicy} from '../../src/state/vocabulary.ts';

const START = 1_795_000_000_000;
const TARGETS = ['10.0.0.7', '10.0.0.8'];

/** Times step back now and then, as a wall clock does. */
const observation = fc.record({
  after: fc.integer({min: -2_000, max: 60_000}),
  result: fc.oneof({weight: 40, arbitrary: fc.constant('ok' as const)}, fc.constantFrom('failed', 'inconclusive')),
  latencyMs: fc.integer({min: 0, max: 99}),
});
const policy = fc.record({
  failAfter: fc.integer({min: 1, max: 3}),
  recoverAfter: fc.integer({min: 1, max: 3}),
  alertWhen: fc.constant({kind: 'count', count: 1} as const),
  flapping: fc.boolean(),
});

describe('a run that says the same again', () => {
  it('leaves what counting it would have left', () => {
    let same = 0;
    for (const targets of [[], TARGETS]) {
      fc.assert(
        fc.property(fc.array(observation, {maxLength: 40}), policy, (findings, given) => {
          same += compare(findings.map(toRun(targets)), {...given, targetCount: targets.length});
        }),
      );
    }
    assert.ok(same > 500, `only ${same} runs were the same`);
  });

  it('is never a first one, nor one that could end or begin something', () => {
    const use = {
      failAfter: 1,
      recoverAfter: 1,
      alertWhen: {kind: 'count', count: 1},
      flapping: true,
      targetCount: 0,
    } as const;
    const run = (at: number, result: Observation['result']): Observation[] => [
      {check: 'api', at, result, reason: '', latencyMs: 1},
    ];
    let state = startState('api');
    const sees = (result: Observation['result']): boolean => {
      const at = START + state.counters.size;
      if (again(state, run(at, result), use)) return true;
      state = step(state, run(at, result), at, use).state;
      return false;
    };
    assert.deepEqual((['ok', 'ok', 'failed', 'ok', 'ok', 'inconclusive'] as const).map(sees), [
      false,
      true,
      false,
      // It has recovered, and flapping is counted for 20 results more.
      false,
      false,
      false,
    ]);
  });
});

/** How many of the runs were the same again. Counting changes nothing that it was given, so that both may start from one state. */
function compare(runs: readonly (readonly Observation[])[], use: StepPolicy): number {
  let state = startState('api');
  let same = 0;
  for (const run of runs) {
    const now = run[0]?.at ?? START;
    const counted = step(copied(state), run, now, use);
    if (again(state, run, use)) {
      same++;
      assert.deepEqual([counted.events, counted.changed], [[], []]);
      assert.deepEqual(state, counted.state);
    } else state = counted.state;
  }
  return same;
}

function copied(state: CheckState): CheckState {
  return {...state, counters: new Map([...state.counters].map(([target, counter]) => [target, {...counter}]))};
}

function toRun(targets: readonly string[]) {
  let at = START;
  return ({
    after,
    result,
    latencyMs,
  }: {
    after: number;
    result: Observation['result'];
    latencyMs: number;
  }): Observation[] => {
    at += after;
    const one = {check: 'api', at, result, reason: '', latencyMs};
    // One of the targets alone fails.
    return targets.length === 0
      ? [one]
      : targets.map((target, index) => ({...one, target, ...(index > 0 && {result: 'ok'})}));
  };
}
