import assert from 'node:assert/strict';
import {test} from 'node:test';
import {attempt} from '../../src/checks/attempt.ts';
import type {Finding, Probe} from '../../src/checks/check.ts';
import {createHandClock} from './hand-clock.ts';

const spec = {name: 'it', kind: 'any', options: {}, timeoutMs: 10_000, attempts: 3, retryDelayMs: 6_000};
const finding = (result: Finding['result'], target?: string): Finding => ({
  ...(target !== undefined && {target}),
  result,
  reason: result === 'ok' ? '' : 'because',
  latencyMs: 1,
});
const never = new AbortController().signal;

/** Runs a probe under a clock that is moved on until it is done. */
async function run(probe: Probe, {subjects = [undefined] as (string | undefined)[], ms = 100_000} = {}) {
  const clock = createHandClock();
  const result = attempt({probe, spec, clock, subjects}, never);
  await clock.advance(ms);
  return {findings: await result, left: clock.waiting()};
}

test('an ok try is the only one', async () => {
  let tries = 0;
  const {findings, left} = await run(async () => {
    tries++;
    return [finding('ok')];
  });
  assert.deepEqual([tries, findings, left], [1, [finding('ok')], 0]);
});

test('a failure is tried again after the delay, and a later ok counts', async () => {
  const clock = createHandClock();
  const at: number[] = [];
  const probe: Probe = async () => {
    at.push(clock.now());
    return [finding(at.length < 3 ? 'failed' : 'ok')];
  };
  const result = attempt({probe, spec, clock, subjects: [undefined]}, never);
  await clock.advance(20_000);
  assert.deepEqual(await result, [finding('ok')]);
  assert.deepEqual(at, [1_000_000, 1_006_000, 1_012_000]);
});

test('only the targets that failed are tried again, and inconclusive ones are not', async () => {
  const asked: (readonly string[] | undefined)[] = [];
  const {findings} = await run(
    async ({targets}) => {
      asked.push(targets);
      if (!targets)
        return [finding('ok', 'a'), finding('failed', 'b'), finding('inconclusive', 'c'), finding('failed', 'd')];
      return targets.map((target) => finding(target === 'b' ? 'ok' : 'failed', target));
    },
    {subjects: ['a', 'b', 'c', 'd']},
  );
  assert.deepEqual(asked, [undefined, ['b', 'd'], ['d']]);
  assert.deepEqual(
    findings.map(({target, result}) => `${target} ${result}`),
    ['a ok', 'b ok', 'c inconclusive', 'd failed'],
  );
});

test('an inconclusive result is not tried again', async () => {
  let tries = 0;
  await run(async () => {
    tries++;
    return [finding('inconclusive')];
  });
  assert.equal(tries, 1);
});

test('each try has the whole timeout', async () => {
  const clock = createHandClock();
  const ended: number[] = [];
  const probe: Probe = async ({signal}) => {
    await clock.sleep(Number.MAX_SAFE_INTEGER / 2, signal);
    ended.push(clock.now());
    return [{...finding('failed'), reason: String(signal.reason.name)}];
  };
  const result = attempt({probe, spec, clock, subjects: [undefined]}, never);
  await clock.advance(60_000);
  assert.equal((await result)[0]?.reason, 'TimedOut');
  assert.deepEqual(ended, [1_010_000, 1_026_000, 1_042_000]);
  assert.equal(clock.waiting(), 0);
});

test('a bug in a probe fails every target, says where it is, and quotes nothing', async () => {
  const {findings} = await run(
    async () => {
      throw new TypeError('Authorization: Bearer s3cret');
    },
    {subjects: ['a', 'b']},
  );
  assert.deepEqual(
    findings.map(({target}) => target),
    ['a', 'b'],
  );
  assert.match(findings[0]?.reason ?? '', /^bug in check it: TypeError at attempt\.test\.ts:\d+$/);
});

test('a probe that ignores its timeout is not waited for', async () => {
  const {findings, left} = await run(() => new Promise(() => {}), {subjects: ['a']});
  assert.equal(findings[0]?.reason, 'no answer within 10 s');
  assert.equal(left, 0);
});

test('a shutdown ends the wait between two tries', async () => {
  const clock = createHandClock();
  const controller = new AbortController();
  let tries = 0;
  const probe: Probe = async () => {
    tries++;
    return [finding('failed')];
  };
  const result = attempt({probe, spec, clock, subjects: [undefined]}, controller.signal);
  await clock.advance(1_000);
  controller.abort();
  await result;
  assert.equal(tries, 1);
  assert.equal(clock.waiting(), 0);
});
