import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {API, HOUR, iso, MINUTE, marks, NINE, order, quiet, rung, SECOND, short, simulate, told} from './simulated.ts';

describe('vakhta simulate', {concurrency: 2}, () => {
  test('one incident is told once when it begins and once when it ends', async (context) => {
    const lines = await simulate(context, {config: `checks: {api: ${API}}}`, inputs: marks('api', '.x?xxx.')});
    assert.deepEqual(lines.map(short), [
      '09:03:00 went_down api',
      '09:03:00 message ops first: api',
      '09:06:00 recovered api',
      '09:06:00 edit ops recovered: api',
      '09:06:00 message ops recovered: api',
    ]);
    assert.equal(lines[1]?.at, '2026-11-20T09:03:00Z');
    assert.match(lines[1]?.text ?? '', /^🔴 api is down · .*\nHTTP 503\n2 failures, down since 09:03:00$/);
    assert.match(lines[4]?.text ?? '', /^🟢 api is back after 3m · /);
  });

  test('a reminder repeats until somebody acknowledges, and then says why it does not', async (context) => {
    const lines = await simulate(context, {
      config: `alerts: {to: [ops], repeat_every: 20m}\nchecks: {api: ${API}}}`,
      inputs: [...marks('api', 'xx'), order(NINE + 45 * MINUTE, '/ack api on it')],
      words: ['--until', '25m'],
    });
    assert.deepEqual(told(lines), [
      '09:01:00 went_down api',
      '09:01:00 message ops first: api',
      '09:21:00 message ops repeat: api',
      '09:41:00 message ops repeat: api',
      '09:45:00 acknowledged api',
      '09:45:00 reply 42',
      '10:01:00 held acked api',
    ]);
  });

  test('an escalation tells others when nobody has acknowledged', async (context) => {
    const config = `alerts: {to: [ops], escalate: [{after: 15m, to: [lead]}]}\nchecks: {api: ${API}}}`;
    const alone = await simulate(context, {config, inputs: [...marks('api', 'xx')]});
    assert.deepEqual(rung(alone), ['09:01:00 message ops first: api', '09:16:00 message lead escalation: api']);
    const taken = await simulate(context, {
      config,
      inputs: [...marks('api', 'xx'), order(NINE + 2 * MINUTE, '/ack api')],
    });
    assert.deepEqual(rung(taken), ['09:01:00 message ops first: api']);
    assert.deepEqual(quiet(taken), ['09:16:00 held acked api']);
  });

  test('a storm of 120 checks is two messages, and so is its end', async (context) => {
    const names = Array.from({length: 120}, (_, index) => `c${index}`);
    const config = `checks: {${names.map((name) => `${name}: ${API}}`).join(', ')}}`;
    const inputs = names.flatMap((name, index) => marks(name, 'xx.', NINE + index * 10));
    const lines = await simulate(context, {config, inputs});
    assert.deepEqual(
      lines.filter(({kind}) => kind === 'message').map(({reason, checks}) => [reason, checks?.length]),
      [
        ['first', 1],
        ['digest', 119],
        ['recovered', 1],
        ['digest', 119],
      ],
    );
    assert.deepEqual(new Set(lines.findLast(({kind}) => kind === 'message')?.checks), new Set(names.slice(1)));
  });

  const NIGHT = `
time_intervals: [{name: day, time_intervals: [{times: [{start_time: '08:00', end_time: '20:00'}]}]}]
alerts: {to: [ops], window: day}
`;

  test('outside the window it is held; when that opens, one message has what is still broken and what was missed', async (context) => {
    const lines = await simulate(context, {
      config: `${NIGHT}checks: {api: ${API}}, db: ${API}}}`,
      inputs: [...marks('api', 'xx', NINE + 12 * HOUR), ...marks('db', 'xx.', NINE + 13 * HOUR)],
    });
    assert.deepEqual(told(lines), [
      '21:01:00 went_down api',
      '21:01:00 held outside_window api',
      '22:01:00 went_down db',
      '22:01:00 held outside_window db',
      '22:02:00 recovered db',
      '08:00:00 message ops window_opened: api db',
    ]);
    assert.match(lines.at(-1)?.text ?? '', /1 check is down .*\nBroke and recovered meanwhile: db \(1m\)\n🔴 api /);
  });

  test('with missed: drop, what broke and recovered outside the window is dropped', async (context) => {
    const config = `${NIGHT.replace('window: day', 'window: day, missed: drop')}checks: {api: ${API}}}`;
    const lines = await simulate(context, {config, inputs: marks('api', 'xx.', NINE + 12 * HOUR)});
    assert.deepEqual(quiet(lines), ['21:01:00 held outside_window api', '21:02:00 dropped missed api']);
    assert.deepEqual(rung(lines), []);
  });

  // The clocks of Berlin: 02:00 becomes 03:00 on 29 March 2026, and 03:00 becomes 02:00 on 25 October.
  for (const [name, evening, opens, hours] of [
    ['23', '2026-03-28T22:00:00Z', '2026-03-29T06:00:00Z', 8],
    ['25', '2026-10-24T21:00:00Z', '2026-10-25T07:00:00Z', 10],
  ] as const) {
    test(`in a night of a day of ${name} hours the window opens at 08:00 of the local time`, async (context) => {
      const config = `
time_intervals:
  - {name: day, time_intervals: [{times: [{start_time: '08:00', end_time: '20:00'}], location: Europe/Berlin}]}
alerts: {to: [ops], window: day}
checks: {api: ${API}}}`;
      const lines = await simulate(context, {config, inputs: marks('api', 'xx', Date.parse(evening))});
      const opened = lines.filter(({kind}) => kind === 'message');
      assert.deepEqual(
        opened.map(({at, reason}) => [at, reason]),
        [[opens, 'window_opened']],
      );
      assert.equal((Date.parse(opens) - Date.parse(evening)) / HOUR, hours);
    });
  }

  test('a silence holds, and when it ends the check that is still false is announced', async (context) => {
    const lines = await simulate(context, {
      config: `checks: {api: ${API}}, db: ${API}}}`,
      inputs: [
        order(NINE - MINUTE, '/silence * 30m moving house'),
        ...marks('api', 'xx'),
        ...marks('db', 'xx.', NINE + 10 * SECOND),
      ],
    });
    assert.deepEqual(rung(lines), ['09:29:00 message ops first: api']);
    assert.deepEqual(quiet(lines), [
      '09:01:00 held silenced api',
      '09:01:10 held silenced db',
      '09:02:10 dropped silenced db',
    ]);
    assert.deepEqual(
      lines.slice(0, 2).map(({kind}) => kind),
      ['silenced', 'reply'],
    );
  });

  test('a maintenance holds: a planned one by cron, and an ordered one', async (context) => {
    const lines = await simulate(context, {
      config: `maintenance: [{checks: [api], at: '0 9 * * 5', for: 30m}]\nchecks: {api: ${API}}, db: ${API}}}`,
      inputs: [
        order(NINE, '/maintenance db 1h'),
        ...marks('api', 'xx', NINE + MINUTE),
        ...marks('db', 'xx', NINE + 2 * MINUTE),
      ],
    });
    assert.deepEqual(quiet(lines), ['09:02:00 held maintenance api', '09:03:00 held maintenance db']);
    assert.deepEqual(rung(lines), ['09:30:00 message ops first: api', '10:00:00 message ops first: db']);
  });

  test('a child waits for its parent, and is told when it is still false at its next look after that', async (context) => {
    const lines = await simulate(context, {
      config: `checks: {router: ${API}}, api: ${API}, depends_on: [router]}, db: ${API}, depends_on: [router]}}`,
      inputs: [
        ...marks('router', 'xxx.'),
        ...marks('api', 'xxxxx', NINE + SECOND),
        ...marks('db', 'xxx..', NINE + 2 * SECOND),
      ],
    });
    assert.deepEqual(quiet(lines), [
      '09:01:01 held parent_down api',
      '09:01:02 held parent_down db',
      '09:03:02 dropped parent_down db',
    ]);
    assert.deepEqual(rung(lines), [
      '09:01:00 message ops first: router',
      '09:03:00 message ops recovered: router',
      '09:03:01 message ops first: api',
    ]);
  });

  test('flapping is told when it starts and when it ends, and nothing between', async (context) => {
    const lines = await simulate(context, {
      config: `checks: {api: ${API.replace('fail_after: 2', 'fail_after: 1')}}}`,
      inputs: marks('api', `${'x.'.repeat(12)}${'.'.repeat(20)}`),
    });
    const started = lines.findIndex(({kind}) => kind === 'flapping_started');
    const ended = lines.findIndex(({kind}) => kind === 'flapping_ended');
    assert.ok(started > 0 && ended > started);
    const after = lines.slice(started).filter(({kind}) => kind === 'message');
    assert.deepEqual(
      after.map(({reason, checks}) => [reason, checks]),
      [
        ['flapping_started', ['api']],
        ['flapping_ended', ['api']],
      ],
    );
    assert.ok(quiet(lines).some((line) => line.endsWith('held flapping api')));
  });

  test('while every guard fails, other network checks’ failures say nothing, and one message says so', async (context) => {
    const lines = await simulate(context, {
      config: `guard: [gateway]\nchecks: {gateway: ${API}}, api: ${API}}}`,
      inputs: [...marks('gateway', 'xxxx..'), ...marks('api', 'xxxx.', NINE + SECOND)],
    });
    assert.deepEqual(told(lines), [
      '09:01:00 went_down gateway',
      '09:01:00 message ops first: gateway',
      '09:04:00 recovered gateway',
      '09:04:00 message ops recovered: gateway',
    ]);
    assert.match(lines[1]?.text ?? '', /is cut off/);
  });

  test('the targets of one moment are one run, and alert_when says when the check is false', async (context) => {
    const round = (minute: number, ...results: boolean[]) =>
      results.map((ok, index) => ({
        at: iso(NINE + minute * MINUTE),
        check: 'tills',
        target: `10.0.0.${index + 1}`,
        ok,
      }));
    const lines = await simulate(context, {
      config: `
checks:
  tills:
    {type: terminals, addresses: [10.0.0.1, 10.0.0.2, 10.0.0.3], alert_when: 2, fail_after: 1, recover_after: 1}`,
      inputs: [
        ...round(0, false, true, true),
        ...round(1, false, false, true),
        ...round(2, false, false, false),
        ...round(3, true, true, true),
      ],
    });
    assert.deepEqual(lines.map(short), [
      '09:00:00 went_down tills 10.0.0.1',
      '09:01:00 went_down tills 10.0.0.2',
      '09:01:00 went_down tills',
      '09:01:00 message ops first: tills',
      '09:02:00 went_down tills 10.0.0.3',
      '09:02:00 targets_changed tills',
      '09:02:00 edit ops targets_changed: tills',
      '09:03:00 recovered tills 10.0.0.1',
      '09:03:00 recovered tills 10.0.0.2',
      '09:03:00 recovered tills 10.0.0.3',
      '09:03:00 recovered tills',
      '09:03:00 edit ops recovered: tills',
      '09:03:00 message ops recovered: tills',
    ]);
  });

  test('a command goes by the role of its user, and a stranger’s does nothing', async (context) => {
    const lines = await simulate(context, {
      config: `checks: {api: ${API}}}`,
      inputs: [
        ...marks('api', 'xx'),
        order(NINE + 2 * MINUTE, '/ack api', 7),
        order(NINE + 3 * MINUTE, '/ack api', 666),
        order(NINE + 4 * MINUTE, '/ack api'),
      ],
    });
    assert.deepEqual(lines.slice(2).map(short), [
      '09:02:00 reply 7',
      '09:03:00 refused 666',
      '09:04:00 acknowledged api',
      '09:04:00 edit ops acknowledged: api',
      '09:04:00 reply 42',
    ]);
    assert.match(lines[2]?.text ?? '', /needs the role operator/);
    assert.deepEqual(lines[3], {at: '2026-11-20T09:03:00Z', kind: 'refused', user: 666});
  });

  test('/why in a simulation says the words of its own', async (context) => {
    const inputs = [
      order(NINE, '/silence api 1h'),
      ...marks('api', 'xx', NINE + MINUTE),
      order(NINE + HOUR / 2, '/why api'),
    ];
    const lines = await simulate(context, {config: `checks: {api: ${API}}}`, inputs});
    const reply = lines.find(({kind, text}) => kind === 'reply' && text?.startsWith('api'));
    assert.match(reply?.text ?? '', /Last decision: held silenced, at 09:02:00/);
  });

  test('it runs on for a day after the last input, or until --until says', async (context) => {
    const config = `alerts: {to: [ops], repeat_every: 6h}\nchecks: {api: ${API}}}`;
    const inputs = marks('api', 'xx');
    const repeats = async (...words: string[]) =>
      rung(await simulate(context, {config, inputs, words})).filter((line) => line.includes('repeat')).length;
    assert.equal(await repeats(), 4);
    assert.equal(await repeats('--until', '2d'), 8);
    assert.equal(await repeats('--until', '2026-11-20T15:01:00Z'), 1);
    assert.equal(await repeats('--until', '2026-11-20T15:00:59Z'), 0);
  });
});
