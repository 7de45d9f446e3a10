import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {join} from 'node:path';
import {describe, type TestContext, test} from 'node:test';
import {cronStretch} from '../src/calendar.ts';
import type {Clock} from '../src/clock.ts';
import type {Config} from '../src/config/config.ts';
import {families, histograms, openMetrics, prefersOpenMetrics} from '../src/metrics.ts';
import {Pipeline} from '../src/pipeline.ts';
import {checkConfig, configWith, failed, keptLog, newFolder, notice, ok, storeIn} from './bot/world.ts';
import {createHandClock, START} from './support/hand-clock.ts';

const OPENMETRICS = 'application/openmetrics-text';

/** The real pipeline, store and metrics over a clock that is moved by hand. */
async function bench(context: TestContext, config: Config, use: {server?: string; clock?: Clock} = {}) {
  const hand = createHandClock();
  const {clock = hand, server = 'shop-7'} = use;
  const store = storeIn(context, newFolder(), hand);
  const {log} = keptLog();
  const pipeline = new Pipeline({config, clock: hand, store, log, cron: cronStretch, onQueued: () => {}});
  const metrics = await openMetrics({pipeline, store, clock, version: '0.1.0', server});
  context.after(() => {
    metrics.close();
    pipeline.stop();
  });
  const observe = async (...observations: ReturnType<typeof ok>[]) => {
    pipeline.observe(observations);
    metrics.listeners.onObserved(observations);
    await hand.advance(2);
  };
  const lines = async () => (await metrics.render()).split('\n');
  return {hand, store, pipeline, metrics, observe, lines};
}

test('prom-client is loaded when metrics are opened, and not before', async (context) => {
  const isLoaded = () =>
    Object.keys(createRequire(import.meta.url).cache).some((file) => file.includes('/prom-client/'));
  assert.equal(isLoaded(), false);
  await bench(context, configWith());
  assert.equal(isLoaded(), true);
});

test('closed, it leaves no timer behind that would keep the process', async (context) => {
  const {hand, metrics} = await bench(context, configWith());
  const before = hand.waiting();
  metrics.close();
  assert.equal(hand.waiting(), before - 1);
  await hand.advance(1_000);
  assert.match(await metrics.render(), /vakhta_event_loop_delay_seconds_count 0\n/);
});

describe('the page', () => {
  test('tells of each check its status, counter, last run and interval', async (context) => {
    const checks = [checkConfig('api', {failAfter: 2, group: 'shops'}), checkConfig('nightly', {at: '0 3 * * *'})];
    const {observe, lines} = await bench(context, configWith({checks}));
    await observe(failed('api'));
    const soft = await lines();
    assert.ok(soft.includes('vakhta_check_up{check="api"} 1'));
    assert.ok(soft.includes('vakhta_check_failures{check="api"} 1'));
    await observe(failed('api', START + 1_500));
    const hard = await lines();
    for (const line of [
      'vakhta_check_info{check="api",kind="http",group="shops"} 1',
      'vakhta_check_up{check="api"} 0',
      'vakhta_check_failures{check="api"} 2',
      `vakhta_check_last_run_timestamp_seconds{check="api"} ${(START + 1_500) / 1_000}`,
      'vakhta_check_interval_seconds{check="api"} 60',
      'vakhta_check_observations_total{check="api",result="failed"} 2',
      'vakhta_check_duration_seconds_bucket{le="0.005",check="api"} 2',
      'vakhta_check_duration_seconds_count{check="api"} 2',
      'vakhta_checks{state="down"} 1',
      'vakhta_incidents_open{acknowledged="false"} 1',
      'vakhta_incidents_total 1',
      'vakhta_outbox_messages{channel="ops"} 1',
    ]) {
      assert.ok(hard.includes(line), `${line} is missing`);
    }
    assert.deepEqual(
      hard.filter((line) => line.includes('check="nightly"') && !/info|observations|failures|flapping/.test(line)),
      [],
      'a check that has not run has no status, and one of the calendar no interval',
    );
    assert.ok(hard.includes('vakhta_checks{state="unknown"} 1'));
  });

  test('counts targets, and names none of them', async (context) => {
    const targets = Array.from({length: 300}, (_, index) => ({address: `10.0.${index >> 8}.${index & 255}`}));
    const {observe, lines} = await bench(
      context,
      configWith({checks: [checkConfig('tills', {targets, failAfter: 1})]}),
    );
    await observe(...targets.map(({address}, index) => (index < 7 ? failed : ok)('tills', START, address)));
    const page = await lines();
    assert.ok(page.includes('vakhta_check_targets{check="tills"} 300'));
    assert.ok(page.includes('vakhta_check_targets_down{check="tills"} 7'));
    assert.ok(page.includes('vakhta_check_duration_seconds_count{check="tills"} 300'));
    assert.ok(!page.join('\n').includes('10.0.'));
    assert.ok(page.length < 250, `${page.length} lines`);
  });

  test('forgets checks and channels that have left the configuration', async (context) => {
    const {pipeline, metrics, observe} = await bench(
      context,
      configWith({checks: [checkConfig('api'), checkConfig('shop')]}),
    );
    await observe(ok('api'));
    await observe(ok('shop'));
    metrics.listeners.onOutcome('ops', 'delivered', 700);
    metrics.listeners.onOutcome('desk', 'delivered', 700);
    const channels = new Map([['desk', {name: 'desk', type: 'console' as const}]]);
    const before = await metrics.render();
    pipeline.reload(configWith({checks: [checkConfig('shop')], channels}));
    metrics.listeners.onObserved([ok('api')]);
    const after = await metrics.render();
    assert.match(before, /"api"/);
    assert.match(before, /delay_seconds_count\{channel="ops"\} 1/);
    assert.doesNotMatch(after, /"api"|"ops"/);
    assert.match(after, /vakhta_check_duration_seconds_count\{check="shop"\} 1/);
    assert.match(after, /delay_seconds_count\{channel="desk"\} 1/);
  });

  test('escapes names that mean something to the format', async (context) => {
    const name = 'a"} 1\nvakhta_check_up{check="b\\';
    const {observe, lines} = await bench(context, configWith({checks: [checkConfig(name)]}), {server: 'x"\\\ny'});
    await observe(ok(name));
    const page = await lines();
    const escaped = 'a\\"} 1\\nvakhta_check_up{check=\\"b\\\\';
    assert.ok(page.includes(`vakhta_check_up{check="${escaped}"} 1`));
    assert.ok(page.includes(`vakhta_check_duration_seconds_count{check="${escaped}"} 1`));
    assert.ok(page.some((line) => line.endsWith(',server="x\\"\\\\\\ny"} 1')));
    assert.equal(page.filter((line) => line.startsWith('vakhta_check_up{')).length, 1);
  });

  test('counts the answers to all chats together, and names no chat', async (context) => {
    const {store, metrics} = await bench(context, configWith());
    for (const chatId of [-100777, 4242]) {
      const to = {chatId};
      const messages = [{kind: 'reply', channel: '', reason: 'reply', to, html: 'x'} as const, notice('y', 'gone')];
      store.commit({now: START - 90_000, messages, durable: true});
      metrics.listeners.onOutcome(`chat:${chatId}`, 'delivered', 40);
    }
    const page = await metrics.render();
    assert.match(page, /vakhta_outbox_messages\{channel="\(answers\)"\} 2/);
    assert.match(page, /vakhta_outbox_oldest_seconds\{channel="\(answers\)"\} 90\n/);
    assert.match(page, /vakhta_outbox_messages\{channel="gone"\} 2/);
    assert.match(page, /vakhta_deliveries_total\{channel="\(answers\)",outcome="delivered"\} 2/);
    assert.doesNotMatch(page, /100777|4242/);
  });

  test('has its counters from the start, at zero, so that the first refusal is seen as an increase', async (context) => {
    const {metrics} = await bench(context, configWith());
    assert.match(await metrics.render(), /vakhta_deliveries_total\{channel="desk",outcome="refused"\} 0\n/);
  });

  test('tells how late the event loop is', async (context) => {
    const {hand, lines} = await bench(context, configWith());
    await hand.advance(1_000);
    hand.sleepThrough(400);
    await hand.advance(100);
    const page = await lines();
    assert.ok(page.includes('vakhta_event_loop_delay_seconds_bucket{le="0.25"} 11'));
    assert.ok(page.includes('vakhta_event_loop_delay_seconds_bucket{le="0.5"} 12'), 'one of them was 300 ms late');
  });

  test('is made once for all who ask at once, and anew for the next', async (context) => {
    const {metrics, observe} = await bench(context, configWith());
    const [one, other] = [metrics.render(), metrics.render()];
    assert.equal(one, other);
    await one;
    await observe(failed('billing-api'));
    assert.notEqual(await one, await metrics.render());
  });

  test('of very many checks is made in turns, and is whole', async (context) => {
    let ticks = 0;
    let turns = 0;
    const clock: Clock = {
      ...createHandClock(),
      monotonic: () => 3 * ticks++,
      // The loop's own delay is none of this test's business.
      sleep: async (ms) => (ms === 0 ? void turns++ : new Promise(() => {})),
    };
    const checks = Array.from({length: 1_234}, (_, index) => checkConfig(`check-${index}`));
    const {observe, lines} = await bench(context, configWith({checks}), {clock});
    for (const {name} of checks) await observe(ok(name));
    const page = await lines();
    assert.ok(turns > 20, `${turns} turns`);
    for (const name of ['vakhta_check_up', 'vakhta_check_duration_seconds_count', 'vakhta_check_info']) {
      assert.equal(page.filter((line) => line.startsWith(`${name}{`)).length, checks.length, name);
    }
    const heads = page.filter((line) => line.startsWith('# TYPE'));
    assert.equal(new Set(heads).size, heads.length);
    assert.equal(heads.length, families.length + Object.keys(histograms).length);
    assert.deepEqual(
      page.slice(0, -1).filter((line) => line === ''),
      [],
    );
  });
});

describe('the format', () => {
  const rows: [string, string | undefined, boolean][] = [
    ['nothing', undefined, false],
    ['anything', '*/*', false],
    ['a browser', 'text/html,application/xhtml+xml,*/*;q=0.8', false],
    [
      'Prometheus',
      `${OPENMETRICS};version=1.0.0,${OPENMETRICS};version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5`,
      true,
    ],
    ['OpenMetrics alone', OPENMETRICS, true],
    ['capitals and blanks', 'Application/OpenMetrics-Text ; Q=0.9', true],
    ['rather text', `${OPENMETRICS};q=0.3, text/plain`, false],
    ['OpenMetrics not at all', `${OPENMETRICS};q=0`, false],
    ['nonsense', ';;;,q=x,=', false],
  ];
  for (const [name, accept, expected] of rows) {
    test(`for ${name} is ${expected ? 'OpenMetrics' : 'text'}`, () =>
      assert.equal(prefersOpenMetrics(accept), expected));
  }

  test('is whole in both, in whatever order they are asked for', async (context) => {
    const {metrics} = await bench(context, configWith());
    const open = metrics.page(OPENMETRICS);
    assert.equal(open.contentType, 'application/openmetrics-text; version=1.0.0; charset=utf-8');
    assert.equal(metrics.contentType, 'text/plain; version=0.0.4; charset=utf-8');
    for (const _ of [1, 2]) {
      const page = await open.render();
      assert.match(page, /\n# TYPE vakhta_store_commits counter\nvakhta_store_commits_total\{durable="true"\} \d+\n/);
      assert.match(page, /\n# EOF\n$/);
      const text = await metrics.render();
      assert.match(
        text,
        /\n# TYPE vakhta_store_commits_total counter\nvakhta_store_commits_total\{durable="true"\} \d+\n/,
      );
      assert.doesNotMatch(text, /EOF/);
    }
  });
});

test('docs/metrics.md has a row for each metric, with its type and labels, and no other', () => {
  const text = readFileSync(join(import.meta.dirname, '../docs/metrics.md'), 'utf8');
  const written = [...text.matchAll(/^\| `(\w+)` \| (\w+) \| ([^|]*) \|/gm)].map(([, ...cells]) => cells.join(' · '));
  const all = [
    ...families,
    ...Object.values(histograms).map((spec) => ({
      name: spec.name,
      type: 'histogram',
      labels: 'label' in spec ? [spec.label] : [],
    })),
  ];
  const expected = all.map(({name, type, labels}) => `${name} · ${type} · ${labels.join(', ') || '–'}`);
  assert.deepEqual(written.sort(), expected.sort());
});
