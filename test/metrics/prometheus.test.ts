import assert from 'node:assert/strict';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join, resolve} from 'node:path';
import {describe, test} from 'node:test';
import {families, histograms} from '../../src/metrics.ts';
import {runProgram} from '../support/processes.ts';
import {needsPrometheus, type Prometheus, startPrometheus} from './prometheus.ts';
import {startWorld} from './world.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const RULES = join(ROOT, 'docs/grafana/alerts.yml');
const rules = readFileSync(RULES, 'utf8');
const ruleTests = readFileSync(join(import.meta.dirname, 'alerts.yml'), 'utf8');
const page = readFileSync(join(ROOT, 'docs/metrics.md'), 'utf8');
const dashboard = JSON.parse(readFileSync(join(ROOT, 'docs/grafana/vakhta.json'), 'utf8'));

interface Target {
  readonly expr: string;
  readonly datasource: {readonly uid: string};
}

interface Panel {
  readonly title: string;
  readonly targets?: readonly Target[];
}

const queries = (dashboard.panels as Panel[]).flatMap(({title, targets = []}) =>
  targets.map(({expr}): [string, string] => [title, expr]),
);

const OPENMETRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

const [, exampleLines = ''] = /^```promql\n(.*?)^```$/ms.exec(page) ?? [];
const examples = exampleLines
  .split('\n')
  .filter((line) => line !== '')
  .map((line): [string, string] => ['docs/metrics.md', line]);

describe('the alert rules', () => {
  test('are taken by promtool', needsPrometheus, () => {
    assert.match(runProgram('promtool', ['check', 'rules', '--lint=all', '--lint-fatal', RULES]), /SUCCESS/);
  });
  test('fire when they should, and not before', needsPrometheus, () => {
    inFile(ruleTests.replace('[RULES]', `[${RULES}]`), (file) =>
      assert.match(runProgram('promtool', ['test', 'rules', file]), /SUCCESS/),
    );
  });
  test('are all tried by such a test', () => {
    const names = [...rules.matchAll(/- alert: (\w+)/g)].map(([, name = '']) => name);
    assert.ok(names.length >= 5);
    assert.deepEqual(
      names.filter((name) => !new RegExp(`alertname: ${name}\\n\\s+exp_alerts`).test(ruleTests)),
      [],
    );
  });
});

test('the scrape job of the docs is taken by promtool', needsPrometheus, () => {
  const [, block = ''] = /^```yaml\n(.*?)^```$/ms.exec(page) ?? [];
  const local = block
    .replace(/- .*alerts\.yml/, `- ${RULES}`)
    .replace(/credentials_file: .*/, `credentials_file: ${RULES}`);
  assert.match(block, /job_name: vakhta/);
  inFile(local, (file) => assert.match(runProgram('promtool', ['check', 'config', file]), /SUCCESS/));
});

test('the page is without fault to promtool’s eyes', needsPrometheus, async (context) => {
  const {metrics} = await startWorld(context);
  assert.equal(runProgram('promtool', ['check', 'metrics'], {input: await metrics.render()}), '');
});

test('the docs have examples of questions', () => assert.ok(examples.length >= 3));

test('Prometheus scrapes it, and every panel and rule works on what it found', needsPrometheus, async (context) => {
  const {url, served} = await startWorld(context);
  const prometheus = await startPrometheus(context, configFor(new URL(url).host));
  await waitForData(prometheus);

  const {activeTargets} = await prometheus.api<{activeTargets: {health: string; lastError: string}[]}>('targets');
  assert.deepEqual(
    activeTargets.map(({health, lastError}) => ({health, lastError})),
    [{health: 'up', lastError: ''}],
  );
  assert.deepEqual([...new Set(served)], [OPENMETRICS]);
  await assertTypes(prometheus);
  for (const [title, expr] of [...queries, ...examples]) await assertAnswers(prometheus, title, expr);
  const {groups} = await prometheus.api<{groups: {rules: {name: string; health: string; state: string}[]}[]}>('rules');
  const found = groups.flatMap((group) => group.rules);
  assert.deepEqual(
    found.filter(({health}) => health !== 'ok'),
    [],
  );
  assert.deepEqual(
    found.filter(({state}) => state !== 'inactive').map(({name}) => name),
    ['VakhtaCheckDown', 'VakhtaChannelRefused'],
  );
});

describe('the dashboard', () => {
  test('asks one data source only, the one that its reader chooses', () => {
    const sources = (dashboard.panels as Panel[]).flatMap(({targets = []}) =>
      targets.map(({datasource}) => datasource.uid),
    );
    assert.deepEqual([...new Set(sources)], [`$\{datasource}`]);
    const variables = dashboard.templating.list as {name: string; type: string}[];
    assert.deepEqual(
      variables.filter(({type}) => type === 'datasource').map(({name}) => name),
      ['datasource'],
    );
  });
  test('names metrics that there are', () => {
    const known = new Set([...families, ...Object.values(histograms)].map(({name}) => name));
    const named = [...`${queries.join()}${rules}`.matchAll(/\b(vakhta|process|nodejs)_[a-z_]+/g)].map(([name]) => name);
    assert.ok(named.length > 50);
    assert.deepEqual(
      named.filter((name) => !known.has(name.replace(/_bucket$/, ''))),
      [],
    );
  });
  test('has no two panels with one id, and none that overlap', () => {
    const panels = dashboard.panels as {id: number; gridPos: {x: number; y: number; w: number; h: number}}[];
    assert.equal(new Set(panels.map(({id}) => id)).size, panels.length);
    const cells = panels.flatMap(({gridPos: {x, y, w, h}}) =>
      Array.from({length: w * h}, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
    );
    assert.equal(new Set(cells).size, cells.length);
    assert.ok(panels.every(({gridPos: {x, w}}) => x + w <= 24));
  });
});

function configFor(host: string): string {
  return [
    'global: {scrape_interval: 1s, evaluation_interval: 1s}',
    `rule_files: [${RULES}]`,
    `scrape_configs: [{job_name: vakhta, static_configs: [{targets: ['${host}']}]}]`,
  ].join('\n');
}

/** Rates need two scrapes after the last thing that happens here, the delivery by way of the fallback. */
async function waitForData(prometheus: Prometheus): Promise<void> {
  const end = performance.now() + 30_000;
  const conditions = [
    'count(rate(vakhta_delivery_delay_seconds_count[5s])) >= 1',
    'ALERTS{alertname="VakhtaChannelRefused",alertstate="firing"}',
    'ALERTS{alertname="VakhtaCheckDown"}',
  ];
  while ((await Promise.all(conditions.map((query) => ask(prometheus, query)))).some(({length}) => length === 0)) {
    assert.ok(performance.now() < end, 'no data within 30 s');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

interface Sample {
  readonly value: readonly [at: number, value: string];
}

async function ask(prometheus: Prometheus, query: string): Promise<readonly Sample[]> {
  return (await prometheus.api<{result: Sample[]}>('query', {query})).result;
}

async function assertAnswers(prometheus: Prometheus, title: string, expr: string): Promise<void> {
  const query = expr
    .replaceAll('$__rate_interval', '30s')
    .replaceAll('$__range', '1h')
    .replaceAll('"$instance"', '".*"');
  assert.doesNotMatch(query, /\$/, `${title} has a variable that the test does not know`);
  const found = await ask(prometheus, query);
  assert.ok(
    found.some(({value}) => Number.isFinite(Number(value[1]))),
    `${title} has no number in it: ${query}`,
  );
}

/** What Prometheus has understood of the page is what the source says. */
async function assertTypes(prometheus: Prometheus): Promise<void> {
  const metadata = await prometheus.api<Record<string, {type: string; help: string}[]>>('metadata');
  const all = [...families, ...Object.values(histograms).map((spec) => ({...spec, type: 'histogram'}))];
  const expected = all.map(({name, type, help}) => [name.replace(/_total$/, ''), type, help]);
  assert.deepEqual(
    expected.map(([name = '']) => [name, metadata[name]?.[0]?.type, metadata[name]?.[0]?.help]),
    expected,
  );
}

function inFile(text: string, use: (file: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'vakhta-promtool-'));
  try {
    const file = join(folder, 'file.yml');
    writeFileSync(file, text);
    use(file);
  } finally {
    rmSync(folder, {recursive: true});
  }
}
