import assert from 'node:assert/strict';
import {test} from 'node:test';
import {API, MINUTE, marks, NINE, order, short, simulate} from './simulated.ts';

test('simulate tells what would have run, and runs nothing', async (context) => {
  const recovery = 'recovery: {exec: [/bin/false, now], max_attempts: 2, backoff_factor: 1}';
  const inputs = [...marks('api', 'xxxx'), order(NINE + 10 * MINUTE, '/why api')];
  const lines = await simulate(context, {config: `checks: {api: ${API}, ${recovery}}}`, inputs});
  const runs = lines.filter(({kind}) => kind === 'recovery');
  assert.deepEqual(runs.map(short), ['09:01:00 recovery api', '09:02:00 recovery api']);
  const {host, command, attempt, of} = {...runs[1]} as Record<string, unknown>;
  assert.deepEqual([host, command, attempt, of], ['local', '/bin/false now', 2, 2]);
  const reply = lines.find(({kind}) => kind === 'reply');
  assert.match(reply?.text ?? '', /Recovery: 2 of 2 attempts made\nThe recovery has given up/);
});
