import assert from 'node:assert/strict';
import {test} from 'node:test';
import {staleFiles} from '../bin/generate.ts';

test('what is generated from the source is up to date (npm run generate makes it so)', async () => {
  assert.deepEqual(await staleFiles(), []);
});
