import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {API, iso, type Line, MINUTE, marks, NINE, order, simulate} from './simulated.ts';

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

  test('what begins to keep quiet is told as what it is, and so is of what it ends', async (context) => {
    const lines = await simulate(context, {
      config: `checks: {api: ${API}}, shop: ${SHOP}}`,
      users: PEOPLE,
      inputs: [
        order(NINE, '/silence api 1h'),
        order(NINE + MINUTE, '/maintenance group:shops 1h'),
        order(NINE + 2 * MINUTE, '/silence all 1h', 9),
        order(NINE + 3 * MINUTE, '/unsilence api'),
        order(NINE + 4 * MINUTE, '/unsilence group:shops'),
      ],
    });
    const told = lines.filter(({kind}) => kind !== 'reply').map(({at: _, ...rest}) => rest);
    assert.deepEqual(told, [
      {kind: 'silenced', what: 'api'},
      {kind: 'maintenance', what: 'group:shops'},
      {kind: 'silenced', what: 'all', within: ['shops']},
      {kind: 'unsilenced', what: 'api'},
      {kind: 'unsilenced', what: 'group:shops'},
    ]);
  });

  test('an answer that takes a moment is waited for', async (context) => {
    const tills = '{type: terminals, addresses: [10.0.0.1, 10.0.0.2], fail_after: 1}';
    const seen = (target: string, ok: boolean) => ({at: iso(NINE), check: 'tills', target, ok});
    const lines = await simulate(context, {
      config: `checks: {api: ${API}}, tills: ${tills}}`,
      inputs: [
        ...marks('api', 'xx'),
        ...[seen('10.0.0.1', true), seen('10.0.0.2', false)],
        order(NINE + 2 * MINUTE, '/check api'),
        order(NINE + 3 * MINUTE, '/terminals tills grid'),
        order(NINE + 4 * MINUTE, '/version'),
      ],
    });
    const [check = '', grid = '', version = ''] = texts(lines);
    assert.match(check, /^🔴 api · .*\nDown since 09:01:00 \(for 1m\)\n/);
    assert.match(grid, /tills.*\n·X$/);
    assert.match(version, /^Vakhta /i);
  });

  test('what only the running program can answer says so; a wrong argument is still told', async (context) => {
    const orders = ['/run api', '/history api', '/graph api 7d', '/report day', '/reload', '/graph', '/run nope'];
    const lines = await simulate(context, {
      config: `checks: {api: ${API}}}`,
      users: 'users: {1: {name: Anna, role: admin}}\n',
      inputs: [...marks('api', 'xx'), ...orders.map((text) => order(NINE + 2 * MINUTE, text, 1))],
    });
    const said = texts(lines);
    const needs = (name: string) =>
      `/${name} is for the running program: a simulation runs nothing and keeps no history.`;
    assert.deepEqual(said.slice(0, 5), ['run', 'history', 'graph', 'report', 'reload'].map(needs));
    assert.match(said[5] ?? '', /^Usage: \/graph NAME/);
    assert.equal(said[6], 'No check is called nope.');
  });
});
