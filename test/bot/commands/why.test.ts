import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {parseWindow} from '../../../src/state/windows.ts';
import {alertConfig, checkConfig, failed, ok} from '../world.ts';
import {startDesk} from './desk.ts';

const MINUTE = 60_000;

/** The tests begin at 06:13. */
function day() {
  const parsed = parseWindow({name: 'day', time_intervals: [{times: [{start_time: '08:00', end_time: '20:00'}]}]});
  if (!parsed.ok) throw new Error('the window of this test is not right');
  return new Map([['day', parsed.window]]);
}

describe('/why', () => {
  test('of a check that is down says its counter, its last run, its decision and what comes next', async (context) => {
    const alerts = alertConfig({repeatEveryMs: 20 * MINUTE, escalate: [{afterMs: 15 * MINUTE, to: ['lead']}]});
    const {runs, ask} = startDesk(context, {
      checks: [checkConfig('billing-api', {alerts})],
      channels: new Map([
        ['ops', {name: 'ops', type: 'console'}],
        ['lead', {name: 'lead', type: 'console'}],
      ]),
    });
    await runs('.xxx.');
    assert.deepEqual(ask('/why billing-api', 'viewer'), [
      'billing-api · shop-7',
      'Down since 06:13:04',
      'Counter: 0 failures (down at 3), 1 of 2 oks to recover',
      'Last run at 06:13:05: ok',
      'It broke with: HTTP 503',
      'Window: none, always open',
      'Results change by 12%',
      'Last decision: sent first, at 06:13:04',
      'Next reminder at 06:33:04',
      'Next escalation at 06:28:04, to lead',
      'ops: 1 message waits to be delivered, the oldest for 1s',
    ]);
  });

  test('names everything that keeps its messages back, in the order of the rules', async (context) => {
    const alerts = alertConfig({window: 'day'});
    const {runs, ask, take} = startDesk(context, {
      windows: day(),
      checks: [checkConfig('router'), checkConfig('api', {alerts, dependsOn: ['router'], group: 'shops'})],
    });
    await runs('xxx', 'router');
    await runs('xxx', 'api');
    const first = ask('/why api');
    assert.ok(first.includes('Window day: closed, until 08:00:00'), first.join('\n'));
    assert.ok(first.includes('Depends on: router (down)'));
    assert.ok(first.includes('Last decision: held parent_down, at 06:13:06'));
    assert.ok(first.includes('News are held now: parent_down'));
    assert.ok(first.includes('ops: 1 message waits to be delivered, the oldest for 3s'));
    take('/silence group:shops 1h the works');
    const silenced = ask('/why api');
    assert.ok(silenced.includes('A silence of group:shops by Boris, until 07:13:06: the works'), silenced.join('\n'));
    assert.ok(silenced.includes('News are held now: silenced'));
  });

  test('says as the card does who is on it, until when and why', async (context) => {
    const {runs, ask} = startDesk(context);
    await runs('xxx');
    ask('/ack billing-api 1h <on> it');
    const acknowledged = ask('/why billing-api').find((line) => line.startsWith('Acknowledged'));
    assert.equal(acknowledged, 'Acknowledged by Boris at 06:13:03, until 07:13:03: <on> it');
  });

  test('tells a planned maintenance', (context) => {
    const {ask} = startDesk(context, {
      checks: [checkConfig('api')],
      maintenance: [{kind: 'cron', checks: [{kind: 'all'}], at: '0 6 * * *', forMs: 60 * MINUTE}],
    });
    const lines = ask('/why api');
    assert.ok(lines.includes('Planned maintenance, until 07:00:00'), lines.join('\n'));
    assert.ok(lines.includes('News are held now: maintenance, until 07:00:00'));
    assert.ok(lines.includes('Last decision: none so far'));
    assert.ok(lines.includes('not run yet'));
  });

  test('tells flapping, and of a check with targets how many are down', async (context) => {
    const targets = [{address: 'a'}, {address: 'b'}];
    const {observe, clock, ask} = startDesk(context, {
      checks: [checkConfig('tills', {targets, failAfter: 1, recoverAfter: 1})],
    });
    for (let round = 0; round < 11; round++) {
      const at = clock.now();
      await observe(round % 2 ? ok('tills', at, 'a') : failed('tills', at, 'a'), ok('tills', at, 'b'));
    }
    const lines = ask('/why tills');
    assert.ok(lines.includes('1 of 2 targets down'), lines.join('\n'));
    assert.ok(lines.some((line) => /^Results change by \d+%, flapping since 06:13:/.test(line)));
    assert.ok(lines.includes('News are held now: flapping'));
  });

  test('a channel that refuses is named with its reason', async (context) => {
    const {store, clock, ask} = startDesk(context);
    store.telegram.markDead('ops', clock.now(), 'bot was kicked');
    assert.ok(ask('/why billing-api').includes('Channel ops refuses messages: bot was kicked'));
  });

  test('without a name, or with one that several or none have, it asks back', async (context) => {
    const {ask} = startDesk(context, {checks: [checkConfig('db-1'), checkConfig('db-2')]});
    assert.deepEqual(ask('/why'), ['Usage: /why NAME', 'For example: /why db-1']);
    assert.deepEqual(ask('/why db'), ['Which one?', '[db-1]', '[db-2]']);
    assert.deepEqual(ask('/why api'), ['No check is called api.']);
  });

  test('what the world says is no markup', async (context) => {
    const {observe, clock, take} = startDesk(context);
    await observe({...failed('billing-api', clock.now()), reason: '<b>&'});
    assert.match(take('/why billing-api').lines.join('\n'), /failed, &lt;b&gt;&amp;/);
  });
});
