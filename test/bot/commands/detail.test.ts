import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {nextMorning} from '../../../src/bot/commands/span.ts';
import {sparkline} from '../../../src/bot/commands/sparkline.ts';
import {checkConfig, failed, ok, recoveryConfig} from '../world.ts';
import {startDesk} from './desk.ts';

describe('/check', () => {
  test('shows a check that is down, its last runs, and what can be done about it', async (context) => {
    const checks = [checkConfig('billing-api', {comment: 'Call Anna.'})];
    const {observe, clock, hear} = startDesk(context, {checks});
    for (const latencyMs of [10, 20, 30]) {
      await clock.advance(1_000);
      await observe({...ok('billing-api', clock.now()), latencyMs});
    }
    for (let run = 0; run < 3; run++) {
      await clock.advance(1_000);
      await observe(failed('billing-api', clock.now()));
    }
    await clock.advance(90_000);
    const card = await hear('/check bill');
    assert.equal(card[0], '🔴 billing-api · shop-7');
    assert.match(card[1] ?? '', /^Down since .* \(for 1m 30s\)$/);
    assert.deepEqual(card.slice(3), [
      '▁▅█××× 30 ms, mean 20 ms',
      '💬 Call Anna.',
      '[▶️ Check now] [👤 Acknowledge]',
      '[🔕 1h] [🔕 4h]',
      '[🔕 until morning] [🔕 until recovered]',
      '[History] [Graph]',
    ]);
  });

  test('offers a viewer no orders', async (context) => {
    const {runs, hear} = startDesk(context);
    await runs('.');
    assert.deepEqual((await hear('/check billing-api', 'viewer')).at(-1), '[History] [Graph]');
    assert.ok(!(await hear('/check billing-api', 'viewer')).some((line) => line.includes('Check now')));
  });

  test('that is acknowledged or silent offers to end that', async (context) => {
    const {runs, ask, hear} = startDesk(context);
    await runs('xxx');
    ask('/ack billing-api 1h <on> it');
    ask('/silence billing-api 2h');
    const card = await hear('/check billing-api');
    assert.ok(card.includes('[▶️ Check now] [👤 Take back]'));
    assert.ok(card.includes('[🔔 End the silence]'));
    assert.ok(card.some((line) => /^🔕 silenced until/.test(line)));
    assert.ok(card.some((line) => /^👤 Acknowledged by Boris at .*, until .*: <on> it$/.test(line)));
  });

  test('offers an admin the recovery of one that is down, and nobody else', async (context) => {
    const checks = [checkConfig('billing-api', {recovery: recoveryConfig({approve: true})})];
    const {runs, hear} = startDesk(context, {checks});
    await runs('.');
    const offered = async (role: 'admin' | 'operator') =>
      (await hear('/check billing-api', role)).some((line) => line.includes('[Recover]'));
    assert.deepEqual([await offered('admin'), await offered('operator')], [false, false]);
    await runs('xxx');
    assert.deepEqual([await offered('admin'), await offered('operator')], [true, false]);
  });

  test('that has not run says so', async (context) => {
    const card = await startDesk(context).hear('/check billing-api');
    assert.deepEqual(card.slice(0, 2), ['⚪️ billing-api · shop-7', 'not run yet']);
  });
});

test('a sparkline has a block for each good run, a cross for each failure and a dot where nobody knows', () => {
  const run = (latencyMs: number, result: 'ok' | 'failed' | 'inconclusive' = 'ok') => ({latencyMs, result});
  assert.equal(sparkline([run(1), run(8), run(5, 'failed'), run(4.5), run(0, 'inconclusive')]), '▁█×▅·');
  assert.equal(sparkline([run(7), run(7)]), '▁▁');
  assert.equal(sparkline([run(7, 'failed')]), '×');
});

describe('/run', () => {
  test('says that it runs, then what came of it, and is an order', async (context) => {
    const ran: string[] = [];
    const runNow = async (name: string) => {
      ran.push(name);
      desk.pipeline.observe([ok(name, desk.clock.now())]);
      return true;
    };
    const desk = startDesk(context, {}, {runNow});
    assert.deepEqual(desk.ask('/run bill'), ['⏳ Running billing-api …']);
    assert.deepEqual(await desk.hear('/run billing-api'), ['🟢 billing-api · 5 ms', '[billing-api]']);
    assert.deepEqual(ran, ['billing-api', 'billing-api']);
    assert.deepEqual(desk.ask('/run billing-api', 'viewer'), ['This needs the role operator.']);
  });

  test('says so where nothing runs, and where running breaks', async (context) => {
    const broken = async () => Promise.reject(new Error('a bug'));
    assert.match((await startDesk(context).hear('/run billing-api'))[0] ?? '', /did not run/);
    const {hear, lines} = startDesk(context, {}, {runNow: broken});
    assert.deepEqual(await hear('/run billing-api'), ['That did not work; the log has the reason.']);
    assert.ok(lines.some(({msg}) => msg === 'a command failed'));
  });
});

describe('/history', () => {
  test('has the last incidents, newest first, and how available the check was', async (context) => {
    const {runs, hear} = startDesk(context);
    await runs('...xxx..');
    await runs('......xxx');
    const [title, day, week, ...rest] = await hear('/history bill');
    assert.equal(title, 'billing-api · shop-7');
    assert.equal(day, 'Available 24 h: 64.7% (11 of 17 runs)');
    assert.equal(week, 'Available 7 days: 64.7% (11 of 17 runs)');
    assert.match(rest[0] ?? '', /^🔴 .* · HTTP 503 · still down$/);
    assert.match(rest[1] ?? '', /^🟢 .* · 2s · HTTP 503$/);
    assert.equal(rest[2], '[‹ Back]');
  });

  test('does not mark what ended with the removal of its check as mended', async (context) => {
    const {config, clock, pipeline, runs, hear} = startDesk(context);
    await runs('xxx');
    pipeline.reload({...config, checks: []});
    await clock.advance(10);
    pipeline.reload(config);
    assert.match((await hear('/history billing-api')).at(-2) ?? '', /^⚪️ .* · HTTP 503$/);
  });

  test('has pages of ten', async (context) => {
    const {runs, hear} = startDesk(context, {
      checks: [checkConfig('a', {failAfter: 1, recoverAfter: 1, flapping: false})],
    });
    await runs('x.'.repeat(12), 'a');
    const first = await hear('/history a');
    assert.deepEqual([first.filter((line) => line.startsWith('🟢')).length, first.at(-1)], [10, '[‹ Back] [›]']);
    const second = await hear('/history a #2');
    assert.deepEqual([second.filter((line) => line.startsWith('🟢')).length, second.at(-1)], [2, '[‹] [‹ Back]']);
  });

  test('of a check with targets counts the time without an incident', async (context) => {
    const targets = [{address: 'till-1'}, {address: 'till-2'}];
    const {observe, clock, hear} = startDesk(context, {checks: [checkConfig('tills', {targets, failAfter: 1})]});
    await observe(failed('tills', clock.now(), 'till-1'));
    await clock.advance(6 * 3_600_000);
    assert.deepEqual((await hear('/history tills')).slice(1, 3), ['Available 24 h: 75%', 'Available 7 days: 96.43%']);
  });
});

describe('/terminals', () => {
  const targets = Array.from({length: 10_000}, (_, index) => ({address: `till-${index}`, label: `shop ${index}`}));
  const checks = [checkConfig('tills', {targets, failAfter: 2, alertWhen: {kind: 'percent', percent: 10}})];

  test('counts 10,000 of them, names first what is down and what begins to fail, and has pages', async (context) => {
    const {observe, clock, ask} = startDesk(context, {checks});
    for (const names of [['till-7', 'till-9000'], ['till-9000']]) {
      await clock.advance(1_000);
      await observe(...names.map((name) => failed('tills', clock.now(), name)));
    }
    const [count, down, shaky, ...rest] = ask('/terminals');
    assert.equal(count, '🟡 tills · 9,999 of 10,000 targets');
    assert.match(down ?? '', /^🔴 till-9000 shop 9000 · HTTP 503 · since /);
    assert.equal(shaky, '🟡 till-7 shop 7 · failure 1 of 2');
    assert.deepEqual(rest.slice(-2), ['[1/500] [›]', '[▦ tills]']);
    assert.equal(rest.length, 18 + 2);
  });

  test('are none without targets', (context) => {
    assert.deepEqual(startDesk(context).ask('/terminals'), ['No check has targets.']);
  });
});

describe('/log', () => {
  const logs = {recent: () => Array.from({length: 400}, (_, index) => `{"msg":"<line ${index}>"}`)};

  test('shows an admin the newest lines, and nobody else', (context) => {
    const {ask, take} = startDesk(context, {}, {logs});
    assert.equal(ask('/log', 'admin').length, 10);
    assert.deepEqual(ask('/log 2', 'admin'), ['{"msg":"<line 398>"}', '{"msg":"<line 399>"}']);
    assert.equal(take('/log 2', 'admin').preformatted, true);
    assert.deepEqual(ask('/log'), ['This needs the role admin.']);
    assert.match(ask('/log many', 'admin')[0] ?? '', /^Usage: \/log \[N\]/);
  });

  test('is shown so that a phone has room for it', (context) => {
    const line = '{"level":"warn","time":"2026-11-20T06:01:40.035Z","server":"shop-7","why":"bot","msg":"turned away"}';
    const {ask} = startDesk(context, {}, {logs: {recent: () => [line, '{"time":1}', '[broken']}});
    assert.deepEqual(ask('/log', 'admin'), ['06:01:40 warn turned away {"why":"bot"}', '{"time":1}', '[broken']);
  });

  test('of many lines is a file', (context) => {
    const {lines, file} = startDesk(context, {}, {logs}).take('/log 400', 'admin');
    assert.deepEqual(lines, ['The last 400 lines of the log']);
    assert.equal(
      Buffer.from(file?.base64 ?? '', 'base64')
        .toString()
        .split('\n').length,
      401,
    );
  });

  test('that has no lines says so', (context) => {
    assert.deepEqual(startDesk(context).ask('/log', 'admin'), ['The log is empty.']);
  });
});

describe('/window', () => {
  const night = {name: 'night', intervals: [{zone: 'UTC', times: [{from: 0, to: 7 * 60}]}]};
  const day = {name: 'day', intervals: [{zone: 'UTC', times: [{from: 8 * 60, to: 20 * 60}]}]};
  const windows = new Map([night, day].map((window) => [window.name, window]));

  test('says which windows are open, and until when', (context) => {
    const {ask} = startDesk(context, {windows});
    assert.deepEqual(ask('/window'), ['🟢 night: open, until 07:00:00', '⚪️ day: closed, until 08:00:00']);
    assert.deepEqual(ask('/window D'), ['⚪️ day: closed, until 08:00:00']);
    assert.deepEqual(ask('/window <x>'), ['No window is called <x>.']);
    assert.match(startDesk(context).ask('/window')[0] ?? '', /^There are no windows/);
  });
});

describe('/help of a command', () => {
  test('says what it is for, who may, and how', (context) => {
    assert.deepEqual(startDesk(context).ask('/help /ack', 'viewer'), [
      '/ack NAME [2h] [why] – say that you are on it (operator)',
      'Usage: /ack NAME [2h] [why]',
      'For example: /ack billing-api 2h looking into it',
    ]);
    assert.deepEqual(startDesk(context).ask('/help <x>'), ['There is no command /<x>. /help lists them.']);
  });
});

describe('silences', () => {
  test('are listed with a button to end each, for those who may', (context) => {
    const {ask} = startDesk(context, {checks: [checkConfig('a'), checkConfig('b')]});
    for (const name of ['a', 'b']) ask(`/silence ${name} 2h`);
    assert.deepEqual(ask('/silences').slice(2), ['[End 1 a]', '[End 2 b]']);
    assert.equal(ask('/silences', 'viewer').length, 2);
    assert.deepEqual(ask('/unsilence').slice(-2), ['[End 1 a]', '[End 2 b]']);
  });

  test('without a time are asked for one', (context) => {
    assert.deepEqual(startDesk(context).ask('/silence bill'), [
      'For how long is billing-api to be silent?',
      '[🔕 1h] [🔕 4h] [🔕 1d]',
      '[🔕 until morning] [🔕 until recovered]',
    ]);
  });

  // When it is said, in which zone, and when that ends.
  for (const [said, zone, ends] of [
    ['2026-11-20T06:13:00Z', 'UTC', '2026-11-20T08:00:00Z'],
    ['2026-11-20T08:00:00Z', 'UTC', '2026-11-21T08:00:00Z'],
    ['2026-11-20T06:13:00Z', 'Europe/Moscow', '2026-11-21T05:00:00Z'],
    // The night in which the clocks go forward is an hour shorter.
    ['2026-03-28T22:00:00Z', 'Europe/Berlin', '2026-03-29T06:00:00Z'],
  ] as const) {
    test(`until morning, said at ${said} in ${zone}, end at ${ends}`, () => {
      const now = Temporal.Instant.from(said).epochMilliseconds;
      assert.equal(nextMorning(now, zone), Temporal.Instant.from(ends).epochMilliseconds);
    });
  }
});
