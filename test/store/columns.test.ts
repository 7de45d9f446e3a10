import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {fromColumns, toColumns} from '../../src/store/columns.ts';

test('observations come out of their columns as they went in, also through a worker’s message', () => {
  const observation = fc.record(
    {
      check: fc.string(),
      at: fc.integer({min: 0}),
      result: fc.constantFrom('ok' as const, 'failed' as const, 'inconclusive' as const),
      reason: fc.string(),
      latencyMs: fc.double({noNaN: true, min: 0}),
      target: fc.string(),
      values: fc.dictionary(
        fc.string().filter((key) => key !== '__proto__'),
        fc.double({noNaN: true}),
      ),
    },
    {requiredKeys: ['check', 'at', 'result', 'reason', 'latencyMs']},
  );
  fc.assert(
    fc.property(fc.array(observation), (observations) => {
      const plain = observations.map((one) => ({...one, ...(one.values && {values: {...one.values}})}));
      assert.deepEqual(fromColumns(structuredClone(toColumns(plain))), plain);
    }),
  );
});
