import assert from 'node:assert/strict';
import {rmSync} from 'node:fs';
import {join} from 'node:path';
import {describe, type TestContext, test} from 'node:test';
import {cronStretch} from '../src/calendar.ts';
import type {CheckConfig, Config} from '../src/config/config.ts';
import {Pipeline} from '../src/pipeline.ts';
import type {Message} from '../src/state/vocabulary.ts';
import {parseWindow} from '../src/state/windows.ts';
import type {Commit, Store} from '../src/store/store.ts';
import {
  alertConfig,
  BORIS,
  checkConfig,
  configWith,
  failed,
  keptLog,
  newFolder,
  ok,
  rowsOf,
  storeIn,
} from './bot/world.ts';
import {createHandClock, START} from './support/hand-clock.ts';

const MINUTE = 60_000;
const by = {id: BORIS, name: 'Boris'};

interface Bench {
  readonly clock: ReturnType<typeof createHandClock>;
  readonly store: Store;
  readonly pipeline: Pipeline;
  readonly commits: Commit[];
  readonly lines: ReturnType<typeof keptLog>['lines'];
  readonly dataDir: string;
  readonly woken: () => number;
  /** One run of a check without targets for each mark: `x` failed, `.` ok. */
  readonly runs: (marks: string, check?: string) => Promise<void>;
  /** Messages in the lane `ops`, oldest first. */
  readonly queued: () => Message[];
  readonly stop: () => Promise<void>;
}

function start(context: TestContext, changes: Partial<Config> = {}, earlier?: {dataDir: string; at: number}): Bench {
  const clock = createHandClock(earlier?.at);
  const dataDir = earlier?.dataDir ?? newFolder();
  const real = storeIn(context, dataDir, clock);
  const commits: Commit[] = [];
  const store: Store = {
    ...real,
    commit: (batch) => {
      commits.push(batch);
      return real.commit(batch);
    },
  };
  const {log, lines} = keptLog();
  let woken = 0;
  const onQueued = () => void woken++;
  const pipeline = new Pipeline({config: configWith(changes), clock, store, log, cron: cronStretch, onQueued});
  pipeline.start();
  const runs: Bench['runs'] = async (marks, check = 'billing-api') => {
    for (const mark of marks) {
      await clock.advance(1_000);
      pipeline.observe([mark === 'x' ? failed(check, clock.now()) : ok(check, clock.now())]);
      await clock.advance(10);
    }
  };
  const stop = async () => {
    pipeline.stop();
    await real.close();
  };
  const rows = () => rowsOf(dataDir, "SELECT message FROM outbox WHERE lane = 'ops' ORDER BY id");
  const queued = () => rows().map(({message}) => JSON.parse(String(message)) as Message);
  return {clock, store, pipeline, commits, lines, dataDir, woken: () => woken, runs, queued, stop};
}

const kinds = (messages: readonly Message[]) => messages.map(({kind, reason}) => `${kind} ${reason}`);

/** Open from 08:00 to 20:00 UTC; the tests begin at 06:13. */
function windowed(check: Partial<CheckConfig> = {}): Partial<Config> {
  const parsed = parseWindow({name: 'day', time_intervals: [{times: [{start_time: '08:00', end_time: '20:00'}]}]});
  if (!parsed.ok) throw new Error('the window of this test is not right');
  const alerts = alertConfig({window: 'day'});
  return {windows: new Map([['day', parsed.window]]), alerts, checks: [checkConfig('billing-api', {alerts, ...check})]};
}

describe('the pipeline', () => {
  test('a burst of observations is one commit', async (context) => {
    const checks = Array.from({length: 50}, (_, index) => checkConfig(`c-${index}`, {failAfter: 1}));
    const {pipeline, clock, commits, woken, queued} = start(context, {checks});
    for (const {name} of checks) pipeline.observe([failed(name)]);
    assert.equal(commits.length, 0);
    await clock.advance(2);
    assert.equal(commits.length, 1);
    assert.equal(commits[0]?.durable, true);
    assert.equal(woken(), 1);
    assert.equal(queued().length, 50);
  });

  test('what changes nothing is not written to the disk', async (context) => {
    const {runs, commits} = start(context);
    await runs('..........');
    assert.equal(commits.length, 1, 'only the first ok, which makes the check known');
    assert.equal(commits[0]?.durable, false);
  });

  test('a soft failure is kept and sent to nobody', async (context) => {
    const {runs, pipeline, queued} = start(context);
    await runs('.xx');
    assert.equal(pipeline.view()[0]?.state.counters.get('')?.errors, 2);
    assert.equal(pipeline.statusMap()['billing-api'], true);
    assert.deepEqual(queued(), []);
  });

  test('an incident, its card and its message are in one commit, and the log has the decision', async (context) => {
    const {runs, commits, lines, queued} = start(context);
    await runs('xxx');
    const {incidents, cards, messages, checkStates, counters} = commits.at(-1) ?? assert.fail();
    const parts = [incidents, cards, messages, checkStates, counters].map((part) => part?.length);
    assert.deepEqual(parts, [1, 1, 1, 1, 1]);
    assert.deepEqual(kinds(queued()), ['card first']);
    const decisions = lines.filter(({msg}) => msg === 'decision');
    assert.deepEqual([decisions.length, decisions[0]?.decision, decisions[0]?.reason], [1, 'sent', 'first']);
    assert.deepEqual(lines.at(-1)?.status, {'billing-api': false});
  });

  test('an order sees what was observed just before it', async (context) => {
    const {runs, pipeline, clock, queued} = start(context);
    await runs('xx');
    pipeline.observe([failed('billing-api', clock.now())]);
    pipeline.order({events: [{kind: 'acknowledged', check: 'billing-api', at: clock.now(), by, why: ''}]});
    assert.deepEqual(kinds(queued()), ['card first', 'edit acknowledged']);
    await clock.advance(10);
    assert.equal(queued().length, 2, 'and it is not counted again');
  });

  test('an observation of a check that is not configured does nothing', async (context) => {
    const {runs, commits, pipeline} = start(context);
    await runs('xxxx', 'unknown');
    assert.equal(commits.length, 0);
    assert.deepEqual(pipeline.statusMap(), {'billing-api': true});
  });

  test('after stop nothing more is taken, and what was gathered is kept', async (context) => {
    const {pipeline, clock, dataDir} = start(context);
    pipeline.observe([failed('billing-api', START)]);
    pipeline.stop();
    pipeline.observe([failed('billing-api', START + 1)]);
    await clock.advance(MINUTE);
    assert.deepEqual(rowsOf(dataDir, 'SELECT errors FROM counters'), [{errors: 1}]);
  });
});

describe('after a restart', () => {
  test('it knows its counters, its open incident and the acknowledgement, and says nothing again', async (context) => {
    const before = start(context);
    await before.runs('xxxx');
    const at = before.clock.now();
    before.pipeline.order({events: [{kind: 'acknowledged', check: 'billing-api', at, by, why: 'on it'}]});
    await before.stop();
    const after = start(context, {}, {dataDir: before.dataDir, at: at + MINUTE});
    const [view] = after.pipeline.view();
    assert.equal(view?.state.status, false);
    assert.equal(view?.state.counters.get('')?.errors, 4);
    assert.deepEqual(view?.incident?.acknowledged, {by, at, why: 'on it'});
    await after.runs('x.');
    assert.deepEqual(kinds(after.queued()), ['card first', 'edit acknowledged']);
    await after.runs('.');
    // Nothing was sent meanwhile, so the newer edit has taken the place of the one that waited.
    assert.deepEqual(kinds(after.queued()), ['card first', 'edit recovered', 'recovery recovered']);
  });

  test('soft failures go on counting', async (context) => {
    const before = start(context);
    await before.runs('xx');
    await before.stop();
    const after = start(context, {}, {dataDir: before.dataDir, at: before.clock.now()});
    await after.runs('x');
    assert.deepEqual(kinds(after.queued()), ['card first']);
  });

  test('the incident of a check that left the configuration is closed, and its counters go', async (context) => {
    const before = start(context);
    await before.runs('xxx');
    await before.stop();
    const checks = [checkConfig('other')];
    const after = start(context, {checks}, {dataDir: before.dataDir, at: before.clock.now()});
    assert.deepEqual(kinds(after.queued()).slice(1), ['edit removed', 'recovery removed']);
    assert.deepEqual(after.pipeline.statusMap(), {other: true});
    for (const table of ['counters', 'verdicts']) assert.deepEqual(rowsOf(after.dataDir, `SELECT * FROM ${table}`), []);
  });

  test('a target that left the configuration is forgotten, and no longer keeps its check false', async (context) => {
    const targets = (...addresses: string[]) => ({
      checks: [checkConfig('tills', {failAfter: 1, recoverAfter: 1, targets: addresses.map((address) => ({address}))})],
    });
    const before = start(context, targets('a', 'b'));
    before.pipeline.observe([failed('tills', START, 'a'), ok('tills', START, 'b')]);
    await before.clock.advance(10);
    assert.deepEqual(before.pipeline.statusMap(), {tills: {a: false, b: true}});
    await before.stop();
    const after = start(context, targets('b', 'c'), {dataDir: before.dataDir, at: START + MINUTE});
    assert.deepEqual(after.pipeline.statusMap(), {tills: {b: true, c: true}});
    after.pipeline.observe([ok('tills', START + MINUTE, 'b'), ok('tills', START + MINUTE, 'c')]);
    await after.clock.advance(10);
    assert.deepEqual(kinds(after.queued()), ['card first', 'edit recovered', 'recovery recovered']);
    assert.deepEqual(
      rowsOf(after.dataDir, 'SELECT target FROM counters ORDER BY target').map(({target}) => target),
      ['b', 'c'],
    );
  });

  test('a target that left the configuration leaves the card of its check too', async (context) => {
    const tills = (...addresses: string[]) => ({
      checks: [checkConfig('tills', {failAfter: 1, targets: addresses.map((address) => ({address}))})],
    });
    const before = start(context, tills('a', 'b', 'c'));
    before.pipeline.observe([failed('tills', START, 'a'), failed('tills', START, 'b'), ok('tills', START, 'c')]);
    await before.clock.advance(10);
    before.pipeline.reload(configWith(tills('a', 'c')));
    const left = before.pipeline.view()[0]?.incident?.falseTargets;
    assert.deepEqual(left && [left.count, left.of, left.listed.map(({target}) => target)], [1, 2, ['a']]);
    assert.deepEqual(kinds(before.queued()), ['card first', 'edit targets_changed']);
  });

  for (const [what, targets] of [
    ['has no targets any more', []],
    ['has other targets', [{address: 'z'}]],
  ] as const)
    test(`a check that ${what} is another one: its incident is closed, and the next is told`, async (context) => {
      const tills = (targets: CheckConfig['targets']) => ({
        checks: [checkConfig('tills', {failAfter: 1, recoverAfter: 1, targets})],
      });
      const bench = start(context, tills([{address: 'a'}, {address: 'b'}]));
      const {pipeline, clock} = bench;
      pipeline.observe([failed('tills', START, 'a'), ok('tills', START, 'b')]);
      await clock.advance(10);
      pipeline.reload(configWith(tills(targets)));
      assert.deepEqual(kinds(bench.queued()), ['card first', 'edit removed', 'recovery removed']);
      assert.equal(pipeline.view()[0]?.state.status, true);
      assert.deepEqual(rowsOf(bench.dataDir, 'SELECT * FROM counters'), []);
      pipeline.observe([failed('tills', clock.now(), targets[0]?.address)]);
      await clock.advance(10);
      assert.deepEqual(kinds(bench.queued()).slice(3), ['card first']);
    });

  test('and with all looked at again, a card that some of its incidents have left does not keep it busy', async (context) => {
    const alerts = alertConfig({groupWaitMs: 10_000});
    const checks = ['a', 'b', 'c'].map((name) => checkConfig(name, {failAfter: 1, recoverAfter: 1, alerts}));
    const {runs, clock, pipeline} = start(context, {alerts, checks});
    for (const name of ['a', 'b', 'c']) await runs('x', name);
    await clock.advance(MINUTE);
    await runs('.', 'b');
    await clock.advance(MINUTE);
    pipeline.reload(configWith({alerts, checks}));
    const before = clock.everSet();
    await clock.advance(10 * MINUTE);
    assert.ok(clock.everSet() - before < 20, `${clock.everSet() - before} timers in 10 minutes`);
  });

  test('with an emptied store it puts everything that it knows back', async (context) => {
    const before = start(context);
    await before.runs('xxx');
    const at = before.clock.now();
    before.pipeline.order({events: [{kind: 'acknowledged', check: 'billing-api', at, by, why: 'on it'}]});
    const elsewhere = newFolder();
    const fresh = storeIn(context, elsewhere, before.clock);
    fresh.commit({...lastRestatement(before), now: at, durable: true});
    await fresh.close();
    await before.stop();
    for (const name of ['state.db-wal', 'state.db-shm']) rmSync(join(elsewhere, name), {force: true});
    const after = start(context, {}, {dataDir: elsewhere, at});
    const [view] = after.pipeline.view();
    assert.equal(view?.state.status, false);
    assert.equal(view?.state.counters.get('')?.errors, 3);
    assert.equal(view?.incident?.acknowledged?.why, 'on it');
    await after.runs('..');
    assert.deepEqual(kinds(after.queued()), ['edit recovered', 'recovery recovered']);
  });
});

describe('a window', () => {
  test('opens by itself: what was held leaves then, though nothing is observed', async (context) => {
    const {runs, clock, queued} = start(context, windowed());
    await runs('xxx');
    assert.deepEqual(queued(), []);
    await clock.advance(106 * MINUTE);
    assert.deepEqual(queued(), [], 'it is 07:59');
    await clock.advance(MINUTE);
    assert.deepEqual(kinds(queued()), ['card window_opened']);
  });

  test('that opened while the program was down lets go of what it held at the start', async (context) => {
    const before = start(context, windowed());
    await before.runs('xxx');
    await before.stop();
    const after = start(context, windowed(), {dataDir: before.dataDir, at: START + 3 * 60 * MINUTE});
    assert.deepEqual(kinds(after.queued()), ['card window_opened']);
  });

  test('opens on time by the wall clock, also when that was set meanwhile', async (context) => {
    const {runs, clock, queued} = start(context, windowed());
    await runs('xxx');
    clock.stepWall(100 * MINUTE);
    await clock.advance(8 * MINUTE);
    assert.deepEqual(kinds(queued()), ['card window_opened']);
  });

  test('that closed over an acknowledged incident does not keep the program busy', async (context) => {
    const {runs, clock, pipeline, store} = start(context, windowed(), {
      dataDir: newFolder(),
      at: START + 13.7 * 60 * MINUTE,
    });
    await runs('xxx');
    const until = clock.now() + 30 * MINUTE;
    pipeline.order({events: [{kind: 'acknowledged', check: 'billing-api', at: clock.now(), by, why: '', until}]});
    await clock.advance(10 * MINUTE);
    await runs('..');
    assert.equal(store.load().incidents[0]?.held, 'outside_window');
    const before = clock.everSet();
    await clock.advance(40 * MINUTE);
    assert.ok(clock.everSet() - before < 3_000, `${clock.everSet() - before} timers in 40 minutes`);
  });
});

test('an acknowledgement with an end ends then, though nothing is observed', async (context) => {
  const {runs, clock, pipeline, queued} = start(context);
  await runs('xxx');
  const until = clock.now() + 120 * MINUTE;
  pipeline.order({events: [{kind: 'acknowledged', check: 'billing-api', at: clock.now(), by, why: '', until}]});
  await clock.advance(120 * MINUTE - 1);
  assert.notEqual(pipeline.view()[0]?.incident?.acknowledged, undefined);
  await clock.advance(1);
  assert.equal(pipeline.view()[0]?.incident?.acknowledged, undefined);
  assert.deepEqual(kinds(queued()).at(-1), 'edit acknowledgement_ended');
});

/** What `restate` commits. */
function lastRestatement({pipeline, commits}: Bench): Commit {
  pipeline.restate();
  return commits.at(-1) ?? assert.fail('nothing was restated');
}
