import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {CheckMemory, Finding, Report} from '../../src/checks/check.ts';
import kind from '../../src/checks/heartbeat.ts';
import {createHandClock, START} from '../support/hand-clock.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const RID = 'aaaaaaaa-0000-4000-8000-000000000001';
const OTHER_RID = 'aaaaaaaa-0000-4000-8000-000000000002';

function memoryOf(): CheckMemory & {text: string | undefined} {
  const memory: CheckMemory & {text: string | undefined} = {
    text: undefined,
    get: () => memory.text,
    set: (text) => {
      memory.text = text;
    },
  };
  return memory;
}

/** A heartbeat on a clock that the test moves, and its life after a restart. */
function heartbeat(given: Record<string, unknown> = {period: '30s'}, kept = memoryOf(), clock = createHandClock()) {
  let reachableSince = clock.now();
  const options = kind.options.parse(given);
  const use = {clock, timeoutMs: SECOND, memory: kept, timezone: 'Europe/Moscow'};
  const probe = kind.prepare(options, {...use, reachableSince: () => reachableSince});
  const receive = (part: Partial<Report>): readonly Finding[] =>
    probe.receive?.({kind: 'success', reason: '', body: '', rid: '', ...part}) ?? [];
  const look = async () => (await probe({signal: new AbortController().signal}))[0];
  return {
    clock,
    receive,
    look,
    probe,
    restart: () => heartbeat(given, kept, clock),
    slept: () => {
      reachableSince = clock.now();
    },
  };
}

test('a report is an observation at once, and as long as it is fresh a look has nothing to add', async () => {
  const {clock, receive, look} = heartbeat();
  assert.deepEqual(receive({}), [{result: 'ok', reason: '', latencyMs: 0}]);
  await clock.advance(40 * SECOND);
  assert.equal(await look(), undefined);
});

test('data that is late by more than the period and the grace is a failure, at every look', async () => {
  const {clock, receive, look} = heartbeat();
  await clock.advance(HOUR);
  receive({});
  await clock.advance(74 * SECOND);
  assert.deepEqual(await look(), {result: 'failed', reason: 'no data for 74 s (interval 30 s)', latencyMs: 0});
  assert.deepEqual(await look(), {result: 'failed', reason: 'no data for 74 s (interval 30 s)', latencyMs: 0});
  assert.equal(receive({})[0]?.result, 'ok');
  assert.equal(await look(), undefined);
});

test('what never reported at all is told in other words, and not forgotten by a restart', async () => {
  const first = heartbeat();
  await first.clock.advance(40 * SECOND);
  assert.equal(await first.look(), undefined);
  await first.clock.advance(HOUR);
  assert.equal((await first.look())?.reason, 'nothing was ever reported (expected every 30 s)');
  const second = first.restart();
  await first.clock.advance(5 * MINUTE + 11 * SECOND);
  assert.equal((await second.look())?.result, 'failed');
});

test('a failure that was reported stays one until a success, also after a restart', async () => {
  const {receive, look, restart} = heartbeat();
  const found = receive({kind: 'fail', reason: 'exit code 3', body: '\n disk full\nmore'});
  assert.deepEqual(found, [{result: 'failed', reason: 'reported a failure: exit code 3: disk full', latencyMs: 0}]);
  assert.equal((await look())?.reason, 'reported a failure: exit code 3: disk full');
  const again = restart();
  assert.equal((await again.look())?.result, 'failed');
  assert.equal(again.receive({})[0]?.result, 'ok');
  assert.equal(await again.look(), undefined);
});

test('a text that only wants to be kept says nothing of the state', async () => {
  const {receive, probe} = heartbeat();
  receive({kind: 'fail'});
  assert.deepEqual(receive({kind: 'log', body: 'step 2 of 5'}), []);
  assert.deepEqual({...probe.lastReport?.()}, {at: START, kind: 'log', body: 'step 2 of 5'});
});

test('overlapping runs are timed each by its own start', async () => {
  const {clock, receive} = heartbeat({period: '1h', max_run: '30m'});
  assert.deepEqual(receive({kind: 'start', rid: RID}), []);
  await clock.advance(2 * SECOND);
  receive({kind: 'start', rid: OTHER_RID});
  await clock.advance(3 * SECOND);
  assert.deepEqual(receive({rid: RID}), [{result: 'ok', reason: '', latencyMs: 5_000, values: {run_ms: 5_000}}]);
  assert.deepEqual(receive({kind: 'fail', rid: OTHER_RID})[0]?.values, {run_ms: 3_000});
});

test('a run that has begun may take its time, and no longer', async () => {
  const {clock, receive, look} = heartbeat({period: '30s', max_run: '10m'});
  await clock.advance(HOUR);
  receive({kind: 'start'});
  await clock.advance(9 * MINUTE);
  assert.equal(await look(), undefined, 'while it runs nothing else is late');
  await clock.advance(2 * MINUTE);
  assert.equal((await look())?.reason, 'started 11m ago and not finished (it may take 10m)');
  receive({rid: RID});
  assert.equal(await look(), undefined, 'the success of a later run ends it');
});

test('what a client measured is the latency where nobody reported a start', () => {
  const {receive} = heartbeat();
  assert.deepEqual(receive({latencyMs: 12}), [{result: 'ok', reason: '', latencyMs: 12, values: {ping_ms: 12}}]);
});

test('a cron expression is meant in the time zone of the config', async () => {
  // 09:13 in Moscow.
  const {clock, receive, look} = heartbeat({cron: '0 10 * * *', grace: '30m'});
  receive({});
  await clock.advance(76 * MINUTE);
  assert.equal(await look(), undefined, '10:29');
  await clock.advance(2 * MINUTE);
  assert.equal((await look())?.reason, 'no data for 1h18m (due 31m ago, 0 10 * * *)');
  receive({});
  await clock.advance(24 * HOUR - 2 * MINUTE);
  assert.equal(await look(), undefined, 'the next day, 10:29');
});

test('a job whose clock is fast reports for the time that is just coming', async () => {
  const {clock, receive, look} = heartbeat({cron: '0 10 * * *', grace: '30m'});
  await clock.advance(47 * MINUTE - 5 * SECOND);
  receive({});
  await clock.advance(2 * HOUR);
  assert.equal(await look(), undefined);
});

test('reports that could not arrive are not late: a short period is waited for once more', async () => {
  const {clock, receive, look, slept} = heartbeat();
  receive({});
  await clock.advance(HOUR);
  slept();
  await clock.advance(39 * SECOND);
  assert.equal(await look(), undefined);
  await clock.advance(2 * SECOND);
  assert.match((await look())?.reason ?? '', /no data for 1h41s/);
});

test('and a long period for five minutes only: a night without a backup must be known in the morning', async () => {
  const {clock, receive, look, slept} = heartbeat({period: '24h', grace: '10m'});
  receive({});
  await clock.advance(25 * HOUR);
  slept();
  await clock.advance(14 * MINUTE);
  assert.equal(await look(), undefined);
  await clock.advance(2 * MINUTE);
  assert.equal((await look())?.result, 'failed');
});

test('a wall clock that is set back does not hide that data is missing', async () => {
  const {clock, receive, look} = heartbeat();
  await clock.advance(HOUR);
  receive({});
  clock.stepWall(-30 * MINUTE);
  assert.equal(await look(), undefined);
  await clock.advance(MINUTE);
  assert.equal((await look())?.result, 'failed');
});

test('a memory that cannot be read is as good as none', async () => {
  const kept = memoryOf();
  kept.text = '{"version": 7';
  const {receive, look} = heartbeat({period: '30s'}, kept);
  assert.equal(await look(), undefined);
  assert.equal(receive({})[0]?.result, 'ok');
});

test('outside the running program nobody hears the reports, which is no failure', async () => {
  const clock = createHandClock();
  const probe = kind.prepare(kind.options.parse({}), {clock, timeoutMs: SECOND});
  assert.equal((await probe({signal: new AbortController().signal}))[0]?.result, 'inconclusive');
});

test('starts whose ends never come do not fill the memory', () => {
  const kept = memoryOf();
  const {receive} = heartbeat({period: '30s'}, kept);
  for (let i = 0; i < 5_000; i++) receive({kind: 'start', rid: `rid-${i}`});
  assert.ok((kept.text?.length ?? 0) < 10_000);
});
