import assert from 'node:assert/strict';
import {readdir} from 'node:fs/promises';
import {runOnce} from './servers.ts';

const RUNS = 200;
const RUN = {timeoutMs: 60};

/** Runs a check until it has timed out 200 times, 50 at once, and says what this process holds more than before. */
export function leftAfterTimeouts(kind: string, given: Record<string, unknown>, {runs = RUNS, run = RUN} = {}) {
  const each = Array.from({length: Math.min(50, runs)}, () => ({kind, given}));
  return leftAfterRounds(each, {rounds: Math.ceil(runs / 50), run});
}

/** Runs all these checks at once, and that so many times. */
export async function leftAfterRounds(
  checks: readonly {readonly kind: string; readonly given: Record<string, unknown>}[],
  {rounds, run = RUN}: {readonly rounds: number; readonly run?: {readonly timeoutMs: number}},
) {
  const reasons = new Set<string | undefined>();
  const round = async () => {
    const results = await Promise.all(checks.map(({kind, given}) => runOnce(kind, given, run)));
    for (const [observation] of results) reasons.add(observation?.reason);
  };
  await round();
  const before = await holdings();
  for (let done = 0; done < rounds; done++) await round();
  const deadline = performance.now() + 5_000;
  for (;;) {
    const after = await holdings();
    const left = {
      files: after.files - before.files,
      children: after.children - before.children,
      timers: after.timers - before.timers,
    };
    if ((left.files <= 0 && left.children <= 0 && left.timers <= 0) || performance.now() > deadline)
      return {left, reasons};
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function holdings() {
  const resources = process.getActiveResourcesInfo();
  const count = (name: string) => resources.filter((resource) => resource === name).length;
  return {files: (await readdir('/proc/self/fd')).length, children: count('ProcessWrap'), timers: count('Timeout')};
}

/** Every run has timed out, `within` this time, and nothing is left. */
export function assertNothingLeft(
  {left, reasons}: Awaited<ReturnType<typeof leftAfterTimeouts>>,
  within = '0.06 s',
  place = '',
): void {
  assert.deepEqual([...reasons], [`${place}no answer within ${within}`]);
  assert.deepEqual([left.files <= 0, left.children <= 0, left.timers <= 0], [true, true, true], JSON.stringify(left));
}
