import assert from 'node:assert/strict';
import {describe, type TestContext, test} from 'node:test';
import type {Role} from '../../../src/config/config.ts';
import {selects} from '../../../src/state/silences.ts';
import {checkConfig, rowsOf} from '../world.ts';
import {startDesk} from './desk.ts';

const YOURS = 'Your role holds for checks of these groups only: shops.';

/** Two shops, a till, and a check of no group; all of them down. */
async function startShops(context: TestContext) {
  const checks = [
    checkConfig('api'),
    checkConfig('shop-1', {group: 'shops'}),
    checkConfig('shop-2', {group: 'shops'}),
    checkConfig('till-1', {group: 'tills'}),
  ];
  const world = startDesk(context, {checks});
  for (const {name} of checks) await world.runs('xxx', name);
  /** Dora: her role holds for the shops only. */
  const dora = (order: string, role: Role = 'operator') => {
    const [, name = '', text = ''] = /^\/(\S+)\s*(.*)$/s.exec(order) ?? [];
    const call = {person: {id: 444, name: 'Dora'}, role, groups: ['shops'], chatId: -5, text, now: world.clock.now()};
    return world.desk.take(name, call);
  };
  const denials = () =>
    rowsOf(world.dataDir, "SELECT order_text FROM audit WHERE outcome = 'denied'").map((row) => row.order_text);
  const silenced = () => world.pipeline.silences().map(({what}) => what);
  return {...world, dora, denials, silenced};
}

describe('whoever has a role for some groups', () => {
  test('sees the checks of these and no others', async (context) => {
    const {dora} = await startShops(context);
    const said = (order: string) => dora(order).lines.join('\n');
    for (const order of ['/status', '/problems', '/json']) {
      assert.match(said(order), /shop-1/);
      assert.doesNotMatch(said(order), /api|till-1/);
    }
    assert.match(said('/status'), /2 of 2 checks down/);
    assert.match(said('/why shop-1'), /Down since/);
    assert.equal(said('/why api'), `No check is called api. ${YOURS}`);
    for (const order of ['/check api', '/history api']) assert.equal(said(order), said('/why api'));
    assert.doesNotMatch(said('/terminals') + said('/silences') + said('/window'), /api|till/);
    assert.equal(said('/status till'), `No check is called till. ${YOURS}`);
    assert.doesNotMatch(said('/help'), /reload|invite|audit/);
  });

  test('orders about these only; an order about others is denied, and written down', async (context) => {
    const {dora, acknowledgement, denials} = await startShops(context);
    for (const order of [
      '/ack api',
      '/run api',
      '/ack till-1',
      '/silence till-1 1h',
      '/maintenance group:tills 1h',
      '/silence ap* 1h',
    ]) {
      const {lines, denied} = dora(order);
      assert.deepEqual({order, lines, denied}, {order, lines: [YOURS], denied: true});
    }
    assert.equal(acknowledgement('api'), undefined);
    assert.equal(denials().length, 6);
    assert.deepEqual(dora('/ack shop-1').lines, ['Acknowledged: shop-1']);
    assert.equal(acknowledgement('shop-1')?.by.name, 'Dora');
  });

  test('means by a name that others begin with too the one of theirs', async (context) => {
    const {dora, acknowledgement} = await startShops(context);
    dora('/silence shop-1 1h');
    const {lines, buttons = []} = dora('/ack ');
    assert.match(lines.join(), /Which one/);
    assert.deepEqual(
      buttons.flat().map(({label}) => label),
      ['shop-1', 'shop-2'],
    );
    assert.equal(acknowledgement('till-1'), undefined);
  });

  test('silences by `all` and by a glob what is theirs, now and later', async (context) => {
    const {desk, dora, silenced, clock} = await startShops(context);
    const call = {person: {id: 444, name: 'Dora'}, role: 'operator', groups: ['shops'], now: clock.now()} as const;
    desk.take('silence', {...call, text: 'all 1h', confirmed: true});
    assert.match(dora('/silence *-1 1h').lines.join(), /\*-1 \(1 check\)/);
    assert.deepEqual(silenced(), [
      {kind: 'all', within: ['shops']},
      {kind: 'glob', glob: '*-1', within: ['shops']},
    ]);
    // A check that comes later, and a group that theirs is not.
    assert.deepEqual(
      [{name: 'shop-9-1', group: 'shops'}, {name: 'till-1', group: 'tills'}, {name: 'api-1'}].map(
        (check) => silenced().filter((what) => selects(what, check)).length,
      ),
      [2, 0, 0],
    );
    assert.deepEqual(dora('/unsilence 1').lines, ['No longer silenced: all']);
  });

  test('ends no silence that reaches beyond their groups', async (context) => {
    const {take, dora, silenced, denials} = await startShops(context);
    take('/silence *-1 1h');
    take('/silence group:tills 1h');
    take('/silence shop-1 1h');
    assert.doesNotMatch(dora('/silences').lines.join('\n'), /tills/);
    assert.deepEqual(dora('/unsilence 1').lines, [YOURS]);
    assert.deepEqual(dora('/unsilence 2').lines, [YOURS]);
    assert.equal(silenced().length, 3);
    assert.deepEqual(denials(), ['/unsilence 1', '/unsilence 2']);
    assert.deepEqual(dora('/unsilence shop-1').lines, ['No longer silenced: shop-1']);
  });

  test('has no say in what concerns the whole server, as an admin either', async (context) => {
    const {dora, denials} = await startShops(context);
    const orders = ['/reload', '/log', '/invite admin', '/users', '/audit', '/revoke 111'];
    for (const order of orders) assert.deepEqual(dora(order, 'admin').lines, [YOURS]);
    assert.deepEqual(denials(), orders);
  });
});
