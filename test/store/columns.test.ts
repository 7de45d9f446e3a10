import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import fc from 'fast-check';
import type {Observation} from '../../src/state/vocabulary.ts';
import {Batch, bySubject, type Columns, RESULTS, toColumns} from '../../src/store/columns.ts';

const observation = fc.record(
  {
    check: fc.constantFrom('api', 'backup', 'tills'),
    at: fc.integer({min: 0}),
    result: fc.constantFrom(...RESULTS),
    reason: fc.string(),
    latencyMs: fc.double({noNaN: true, min: 0}),
    target: fc.constantFrom('10.0.0.7', '10.0.0.8'),
    values: fc.dictionary(
      fc.string().filter((key) => key !== '__proto__'),
      fc.double({noNaN: true}),
    ),
  },
  {requiredKeys: ['check', 'at', 'result', 'reason', 'latencyMs']},
);

describe('columns of observations', () => {
  it('hold what went in, by subject and in its order, also through a worker’s message', () => {
    fc.assert(
      fc.property(fc.array(observation), (observations) => {
        const subjects = Map.groupBy(observations, ({check, target}) => JSON.stringify([check, target]));
        assert.deepEqual(taken(structuredClone(toColumns(observations))), [...subjects.values()].flat().map(plain));
      }),
    );
  });

  it('forget the oldest, and only those', () => {
    fc.assert(
      fc.property(fc.array(observation, {minLength: 1}), fc.nat(), (observations, some) => {
        const batch = new Batch();
        for (const one of observations) batch.add(one);
        const dropped = some % observations.length;
        batch.drop(dropped);
        const left = observations.slice(dropped);
        assert.equal(batch.size, left.length);
        const sorted = (rows: readonly Observation[]) => rows.map((row) => JSON.stringify(plain(row))).sort();
        assert.deepEqual(sorted(taken(batch.columns())), sorted(left));
      }),
    );
  });

  it('grow', () => {
    const many = Array.from({length: 5_000}, (_, at) => ({check: 'api', at, latencyMs: at / 8, reason: ''}));
    const all = many.map((one): Observation => ({...one, result: 'ok'}));
    assert.deepEqual(taken(toColumns(all)), all);
  });
});

function plain(one: Observation): Observation {
  return {...one, ...(one.values && {values: {...one.values}})};
}

function taken(columns: Columns): Observation[] {
  const [reasons, values] = [new Map(columns.reasons), new Map(columns.values)];
  return [...bySubject(columns)].flatMap(({check, target, places}) =>
    Array.from(places, (place) => {
      const own = values.get(place);
      return {
        check,
        at: columns.at[place] ?? 0,
        result: RESULTS[columns.results[place] ?? 0] ?? 'inconclusive',
        reason: reasons.get(place) ?? '',
        latencyMs: columns.latencyMs[place] ?? 0,
        ...(target !== '' && {target}),
        ...(own && {values: own}),
      };
    }),
  );
}
