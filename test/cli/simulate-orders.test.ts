import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {API, type Line, MINUTE, marks, NINE, order, simulate} from './simulated.ts';

const PEOPLE = `
users:
  42: {name: Boris, role: operator}
  9: {name: Shopman, role: operator, groups: [shops]}
  1: {name: Anna, role: admin}
`;
const SHOP = `${API}, group: shops}`;

const texts = (lines: readonly Line[]) => lines.filter(({kind}) => kind === 'reply').map(({text = ''}) => text);

describe('orders in a simulation', {concurrency: 2}, () => {
  test('a role that holds for some groups holds for these only', async (context) => {
    const lines = await simulate(context, {
      config: `checks: {api: ${API}}, shop: ${SHOP}}`,
      users: PEOPLE,
      inputs: [
        ...marks('api', 'xx'),
        ...marks('shop', 'xx'),
        order(NINE + 2 * MINUTE, '/ack api', 9),
        order(NINE + 3 * MINUTE, '/silence group:shops 1h', 9),
        order(NINE + 4 * MINUTE, '/ack shop', 9),
      ],
    });
    const after = lines.filter(({at, kind}) => at >= '2026-11-20T09:02' && kind !== 'edit');
    assert.deepEqual(
      after.map(({kind, check}) => [kind, check]),
      [
        ['reply', undefined],
        ['silenced', undefined],
        ['reply', undefined],
        ['acknowledged', 'shop'],
        ['reply', undefined],
      ],
    );
    assert.equal(texts(lines)[0], 'Your role holds for checks of these groups only: shops.');
  });

  test('/whoami says who asks, as in that person’s private chat', async (context) => {
    const lines = await simulate(context, {
      config: `checks: {api: ${API}}, shop: ${SHOP}}`,
      users: PEOPLE,
      inputs: [order(NINE, '/whoami', 9), order(NINE, '/whoami')],
    });
    assert.deepEqual(texts(lines), [
      'Shopman, id 9, role operator for shops\nThis chat: 9',
      'Boris, id 42, role operator\nThis chat: 42',
    ]);
  });
});
