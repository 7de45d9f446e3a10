import assert from 'node:assert/strict';
import {describe, type TestContext, test} from 'node:test';
import type {Answer} from '../../../src/bot/commands/command.ts';
import {limitOf} from '../../../src/bot/commands/graph-latency.ts';
import {plainText} from '../../../src/bot/messages/html.ts';
import type {Painted} from '../../../src/bot/pictures/painter.ts';
import type {Config} from '../../../src/config/config.ts';
import {checkConfig, failed, ok} from '../world.ts';
import {CONSOLE_CALL} from './calls.ts';
import {startDesk} from './desk.ts';

const HOUR = 3_600_000;

/** A desk whose painter keeps what it is given: what a picture shows is seen in its SVG. */
function startPainted(context: TestContext, changes: Partial<Config> = {}, result?: Painted) {
  const svgs: string[] = [];
  const paint = async (svg: string): Promise<Painted> => {
    svgs.push(svg);
    return result ?? {png: Buffer.from('a picture')};
  };
  const desk = startDesk(context, changes, {painter: {paint, close: async () => {}}});
  /** The answer with its caption in plain text, and what was painted for it. */
  const draw = async (order: string) => {
    const {rest, ...first} = desk.take(order, 'viewer');
    const answer: Answer = rest ? await rest : first;
    return {
      caption: answer.lines.map(plainText),
      file: answer.file,
      labels: (answer.buttons ?? []).map((row) => row.map(({label, press}) => `${label}: ${press}`)),
      svg: svgs.at(-1) ?? '',
    };
  };
  /** What somebody at the console reads. */
  const type = async (name: string, text: string) => {
    const {rest, lines} = desk.desk.take(name, {...CONSOLE_CALL, text, now: desk.clock.now()});
    return [...lines, ...((await rest)?.lines ?? [])].map(plainText).join('\n').split('\n');
  };
  return {...desk, svgs, draw, type};
}

const textsOf = (svg: string) => [...svg.matchAll(/<text [^>]*>(.*?)<\/text>/g)].map(([, words]) => words);

describe('/graph', () => {
  const checks = [checkConfig('billing-api', {options: {expect: ['status == 200', 'latency_ms < 800']}})];

  test('draws the latencies of a day, and says the main figures below', async (context) => {
    const {runs, draw} = startPainted(context, {checks});
    await runs('...x....');
    const {caption, file, labels, svg} = await draw('/graph bill');
    assert.deepEqual(caption, [
      'billing-api · shop-7 · 24 h',
      'Mean 5ms, at most 5ms',
      '7 of 8 runs were good: 87.5%',
      'Fails from 800ms on',
    ]);
    assert.deepEqual(
      [file?.name, file?.as, file?.base64],
      ['billing-api.png', 'photo', Buffer.from('a picture').toString('base64')],
    );
    assert.deepEqual(labels, [
      ['24 h: graph billing-api 24h', '7 days: graph billing-api 7d', '30 days: graph billing-api 30d'],
      ['▦ 7 days: graph billing-api heat 7d', '▦ 30 days: graph billing-api heat 30d'],
    ]);
    assert.ok(textsOf(svg).includes('limit 800ms') && textsOf(svg).includes('failed'));
  });

  test('shows when the check was down and when it was in maintenance', async (context) => {
    const {runs, draw, ask, clock} = startPainted(context, {checks});
    await runs('xxx..');
    ask('/maintenance billing-api 1h');
    await clock.advance(HOUR / 2);
    const {svg} = await draw('/graph billing-api');
    assert.ok(textsOf(svg).includes('down') && textsOf(svg).includes('maintenance'));
  });

  test('of a week is drawn of the five-minute figures', async (context) => {
    const {runs, clock, draw} = startPainted(context, {checks});
    await runs('..');
    await clock.advance(3 * 24 * HOUR);
    await runs('.x');
    assert.match((await draw('/graph billing-api 7d')).caption[2] ?? '', /^3 of 4 runs/);
    assert.match((await draw('/graph billing-api 24h')).caption[2] ?? '', /^1 of 2 runs/);
  });

  test('of hours and days names the worst hour', async (context) => {
    const {runs, clock, draw} = startPainted(context, {checks, timezone: 'Europe/Moscow'});
    await runs('....');
    await clock.advance(2 * HOUR);
    await runs('...x');
    const {caption, svg} = await draw('/graph billing-api heat');
    assert.deepEqual(caption, [
      'billing-api · shop-7 · 7 days',
      'Available: 87.5%',
      'Worst hour: Fri, Nov 20, 11:00, 75%',
    ]);
    assert.ok(textsOf(svg).includes('75'), 'no number in the cell of that hour');
  });

  test('is light or dark as the configuration says, or as asked', async (context) => {
    const {runs, draw} = startPainted(context, {checks, pictures: 'dark'});
    await runs('.');
    const paper = async (order: string) => /<rect [^>]*fill="(#\w+)"/.exec((await draw(order)).svg)?.[1];
    assert.equal(await paper('/graph billing-api'), '#17212b');
    assert.equal(await paper('/graph billing-api light'), '#ffffff');
    assert.equal((await draw('/graph billing-api light')).labels[0]?.[0], '24 h: graph billing-api 24h light');
  });

  test('without a run says so, and with a wrong word says how it is used', async (context) => {
    const {ask, draw, svgs} = startPainted(context, {checks});
    assert.deepEqual((await draw('/graph billing-api')).caption, ['Nothing is known of billing-api in this time yet.']);
    assert.deepEqual((await draw('/graph billing-api heat')).caption, [
      'Nothing is known of billing-api in this time yet.',
    ]);
    const usage = ['Usage: /graph NAME [24h|7d|30d] [heat] [light|dark]', 'For example: /graph billing-api 7d'];
    assert.deepEqual(ask('/graph billing-api 2w'), usage);
    assert.deepEqual(ask('/graph'), usage);
    assert.deepEqual(ask('/graph nothing'), ['No check is called nothing.']);
    assert.deepEqual(svgs, []);
  });

  test('tells the figures and the line in letters when the picture cannot be drawn, and logs why', async (context) => {
    const {runs, draw, lines} = startPainted(context, {checks}, {failed: 'out of paint'});
    await runs('..x');
    const {caption, file} = await draw('/graph billing-api');
    assert.equal(file, undefined);
    assert.match(caption.at(-2) ?? '', /^·{71}×$/);
    assert.equal(caption.at(-1), 'The picture could not be drawn; the log has the reason.');
    assert.ok(lines.some(({msg, reason}) => msg === 'a picture could not be drawn' && reason === 'out of paint'));
  });

  test('at the console is a line of letters, and a table of hours', async (context) => {
    const {runs, type, svgs} = startPainted(context, {checks});
    await runs('..x');
    const [, mean, good, limit, line] = await type('graph', 'billing-api');
    assert.deepEqual(
      [mean, good, limit],
      ['Mean 5ms, at most 5ms', '2 of 3 runs were good: 66.66%', 'Fails from 800ms on'],
    );
    assert.match(line ?? '', /^[▁×·]{72}$/);
    const table = await type('graph', 'billing-api heat');
    assert.equal(table.length, 3 + 7);
    assert.match(table.at(-1) ?? '', /^11\/20 \|[ ·░▒▓█]{24}\|$/);
    assert.deepEqual(svgs, []);
  });

  test('of a check with targets is about its incidents, or about one target', async (context) => {
    const targets = [{address: '192.0.2.1', label: 'till-1'}, {address: '192.0.2.2'}];
    const {observe, clock, draw} = startPainted(context, {checks: [checkConfig('tills', {targets})]});
    for (let run = 0; run < 4; run++) {
      await clock.advance(300_000);
      await observe(failed('tills', clock.now(), '192.0.2.1'), ok('tills', clock.now(), '192.0.2.2'));
    }
    await clock.advance(0.5 * HOUR);
    const whole = await draw('/graph tills');
    assert.match(whole.caption[1] ?? '', /^Available: \d\d/);
    assert.equal(whole.caption.at(-1), 'Add a target to see its latency.');
    assert.ok(textsOf(whole.svg).some((words) => words?.includes('time without an incident')));
    assert.match((await draw('/graph tills till-1')).caption[1] ?? '', /^0 of 4 runs were good: 0%$/);
    const other = await draw('/graph tills 192.0.2.2');
    assert.match(other.caption[2] ?? '', /^4 of 4 runs were good: 100%$/);
    assert.equal(other.labels[0]?.[1], '7 days: graph tills 192.0.2.2 7d');
  });

  test('knows the limit that expect says in so many words, the lowest of several, else the timeout', () => {
    const limit = (options: unknown) => limitOf(checkConfig('a', {options, timeoutMs: 9_000}));
    assert.deepEqual(limit({expect: ['latency_ms < 2000', ' latency_ms<=150.5 ']}), {ms: 150.5, kind: 'expect'});
    assert.deepEqual(limit({expect: 'latency_ms < 20'}), {ms: 20, kind: 'expect'});
    for (const options of [
      {expect: ['latency_ms < 20 || status == 200', 'latency_ms > 3']},
      {expect: [7]},
      {},
      null,
      undefined,
    ]) {
      assert.deepEqual(limit(options), {ms: 9_000, kind: 'timeout'});
    }
  });
});

describe('/report', () => {
  test('has the figures of all checks as a table that a phone shows whole', async (context) => {
    const checks = [checkConfig('billing-api'), checkConfig('gateway-of-the-northern-branch'), checkConfig('new')];
    const {runs, clock, ask, draw} = startPainted(context, {checks});
    await runs('..', 'gateway-of-the-northern-branch');
    await runs('.xxx');
    await clock.advance(60_000);
    ask('/ack billing-api');
    await clock.advance(HOUR);
    await runs('..');
    await clock.advance(9 * HOUR);
    const {caption, file, labels, svg} = await draw('/report day');
    const [title, all, longest, acknowledge, recover, table = ''] = caption;
    assert.equal(title, 'The last 24 hours · shop-7');
    assert.match(all ?? '', /^Available 9\d\.\d+%, 1 incident$/);
    assert.deepEqual(
      [longest, acknowledge, recover],
      ['Longest outage: 1h 1m', 'Mean time to acknowledge: 1m', 'Mean time to recover: 1h 1m'],
    );
    const rows = table.split('\n');
    assert.deepEqual(
      rows.map((row) => row.split(/\s+/)[0]),
      ['check', 'billing-api', 'gateway-of-the…', 'new'],
    );
    assert.match(rows[1] ?? '', /^billing-api +89\.\d+ +1 +1h 1m$/);
    assert.match(rows[3] ?? '', /^new +– +– +–$/);
    for (const row of rows) assert.ok(row.length <= 36, `${row} is too wide`);
    assert.equal(file?.as, 'photo');
    assert.deepEqual(labels, [['Day: report day', 'Week: report week', 'Month: report month']]);
    assert.ok(textsOf(svg).includes('billing-api'));
  });

  test('leaves maintenance out, the planned and the ordered', async (context) => {
    const maintenance = [{kind: 'cron', checks: [{kind: 'check', name: 'a'}], at: '0 7 * * *', forMs: HOUR}] as const;
    const {runs, clock, ask, draw} = startPainted(context, {checks: [checkConfig('a'), checkConfig('b')], maintenance});
    // It is 06:13; the first is down from 07:13 to 07:33, within its hour.
    await runs('.', 'a');
    await runs('.', 'b');
    await clock.advance(HOUR);
    await runs('xxx', 'a');
    ask('/maintenance b 30m');
    await runs('xxx', 'b');
    await clock.advance(HOUR / 3);
    await runs('..', 'a');
    await runs('..', 'b');
    await clock.advance(2 * HOUR);
    const {caption} = await draw('/report day');
    assert.equal(caption[1], 'Available 100%, 0 incidents');
  });

  test('of many checks tells the worst ones and how many more there are, within a caption', async (context) => {
    const checks = Array.from({length: 300}, (_, index) => checkConfig(`check-${'x'.repeat(50)}-${index}`));
    const {observe, clock, draw} = startPainted(context, {checks});
    await observe(...checks.map(({name}) => ok(name, clock.now())));
    await clock.advance(HOUR);
    const {caption} = await draw('/report month');
    assert.equal(caption.at(-1)?.split('\n').at(-1), '… and 288 more');
    assert.ok(caption.join('\n').length <= 1_024);
  });

  test('without a past says so, and with a wrong word how it is used', async (context) => {
    const {draw, ask, svgs} = startPainted(context);
    assert.deepEqual((await draw('/report')).caption, ['Nothing is known of this time yet.']);
    assert.equal(ask('/report decade')[0], 'Usage: /report [day|week|month] [light|dark]');
    assert.deepEqual(svgs, []);
  });

  test('at the console is the table', async (context) => {
    const {runs, clock, type} = startPainted(context);
    await runs('...');
    await clock.advance(HOUR);
    assert.deepEqual((await type('report', 'week')).slice(-1), ['billing-api       100   –         –']);
  });
});

describe('/terminals grid', () => {
  const targets = Array.from({length: 40}, (_, index) => ({address: `192.0.2.${index}`, label: `till ${index}`}));

  test('draws a cell for each target, and names those that are down', async (context) => {
    const {observe, clock, draw, type} = startPainted(context, {checks: [checkConfig('tills', {targets})]});
    for (let run = 0; run < 3; run++) {
      await clock.advance(1_000);
      const at = clock.now();
      await observe(
        failed('tills', at, '192.0.2.7'),
        ...targets.slice(8, 30).map(({address}) => ok('tills', at, address)),
      );
    }
    const {caption, file, svg} = await draw('/terminals tills grid');
    assert.match(caption[0] ?? '', /^🔴 tills · 1 of 40 targets down/);
    assert.equal(file?.as, 'photo');
    for (const words of ['till 7', 'fine', 'down', 'not run yet']) assert.ok(textsOf(svg).includes(words), words);
    const list = await draw('/terminals');
    assert.deepEqual(list.labels.at(-1), ['▦ tills: terminals tills grid']);
    assert.deepEqual((await type('terminals', 'grid')).slice(1), [
      `${'?'.repeat(7)}X${'·'.repeat(22)}${'?'.repeat(10)}`,
    ]);
  });

  test('of several checks asks which one', async (context) => {
    const checks = ['tills-a', 'tills-b'].map((name) => checkConfig(name, {targets}));
    const {ask} = startPainted(context, {checks});
    assert.deepEqual(ask('/terminals tills grid dark').slice(1), ['[tills-a]', '[tills-b]']);
    assert.deepEqual(ask('/terminals none grid'), ['No check is called none.']);
  });
});
