import assert from 'node:assert/strict';
import {
  appendFileSync,
  copyFileSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import type {CheckMemory} from '../../src/checks/check.ts';
import {kinds, prepareCheck} from '../../src/checks/index.ts';
import {createFolder} from '../config/folder.ts';
import {createHandClock} from './hand-clock.ts';

/** A log in a folder of its own, and a check of it that may be started anew. */
function world(t: TestContext, given: Record<string, unknown> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'vakhta-log-'));
  t.after(() => rmSync(folder, {recursive: true, force: true}));
  const file = join(folder, 'app.log');
  const clock = createHandClock();
  let kept: string | undefined;
  const memory: CheckMemory = {
    get: () => kept,
    set: (text) => {
      kept = text;
    },
  };
  const options = kinds.get('log')?.options.parse({file, match: 'ERROR', ...given});
  const spec = {name: 'it', kind: 'log', options, timeoutMs: 5_000, attempts: 3, retryDelayMs: 1};
  const start = () => prepareCheck(spec, {clock, memory});
  let run = start();
  const observe = async (signal = new AbortController().signal) => {
    const [observation] = await run(signal);
    return observation ?? assert.fail('there was no observation');
  };
  return {
    file,
    clock,
    path: (name: string) => join(folder, name),
    write: (text: string | Buffer) => appendFileSync(file, text),
    restart: () => {
      run = start();
    },
    observe,
    /** How many lines matched. */
    matched: async () => (await observe()).values?.matched_lines,
  };
}

test('what a log holds at the first run is old, and what comes later is new', async (t) => {
  const log = world(t);
  log.write('ERROR old\n');
  assert.deepEqual([(await log.observe()).result, await log.matched()], ['ok', 0]);
  log.write('fine\nERROR one\nERROR two\nfine\n');
  const {result, reason, values} = await log.observe();
  assert.deepEqual([result, reason, values], ['failed', '2 matching lines, the first: ERROR one', {matched_lines: 2}]);
  assert.equal((await log.observe()).result, 'ok');
});

test('a line counts when it matches one pattern and is not to be ignored', async (t) => {
  const log = world(t, {match: ['^ERROR', '(?i:fatal)'], ignore: 'harmless'});
  log.write('');
  await log.matched();
  log.write('ERROR\nan ERROR\nERROR but harmless\nFaTaL\n');
  assert.equal(await log.matched(), 2);
});

test('a line is read once it is whole', async (t) => {
  const log = world(t);
  log.write('');
  await log.matched();
  log.write('ERR');
  assert.equal(await log.matched(), 0);
  log.write('OR half');
  assert.equal(await log.matched(), 0);
  log.restart();
  log.write(' and half\r\n');
  assert.equal((await log.observe()).reason, 'a matching line: ERROR half and half');
});

const rotations: readonly [how: string, rotate: (log: ReturnType<typeof world>) => void][] = [
  [
    'renamed and made anew',
    ({file, path}) => {
      renameSync(file, path('app.log.1'));
      writeFileSync(file, '');
    },
  ],
  [
    'renamed to a name with a date and made anew',
    ({file, path}) => {
      renameSync(file, path('app.log-20261120'));
      writeFileSync(file, '');
    },
  ],
  [
    'copied and truncated',
    ({file, path}) => {
      copyFileSync(file, path('app.log.1'));
      truncateSync(file);
    },
  ],
];

for (const [how, rotate] of rotations) {
  for (const restarted of [false, true]) {
    test(`a log that is ${how} loses no line${restarted ? ', also over a restart' : ''}`, async (t) => {
      const log = world(t);
      log.write('first\n');
      await log.matched();
      log.write('fine\nERROR before\n');
      rotate(log);
      log.write('ERROR after 1\nERROR after 2 is longer than all that was there before\n');
      if (restarted) log.restart();
      assert.equal(await log.matched(), 3);
      assert.equal(await log.matched(), 0);
      log.write('ERROR later\n');
      assert.equal(await log.matched(), 1);
    });
  }
}

test('older rotated files are left alone', async (t) => {
  const log = world(t);
  writeFileSync(log.path('app.log.2'), 'ERROR long ago\n');
  writeFileSync(log.path('app.log.1'), 'ERROR lately\n'.repeat(10));
  log.write('first\n');
  await log.matched();
  renameSync(log.path('app.log.1'), log.path('app.log.3'));
  renameSync(log.file, log.path('app.log.1'));
  log.write('ERROR now\n');
  assert.equal(await log.matched(), 1);
});

test('what a slow writer still adds to the file that was rotated away is read', async (t) => {
  const log = world(t);
  log.write('first\n');
  await log.matched();
  renameSync(log.file, log.path('app.log.1'));
  log.write('ERROR new\n');
  assert.equal(await log.matched(), 1);
  appendFileSync(log.path('app.log.1'), 'ERROR late\nERROR without an end');
  assert.equal(await log.matched(), 2);
  assert.equal(await log.matched(), 0);
});

test('between the renaming and the new file there is no failure', async (t) => {
  const log = world(t);
  log.write('first\n');
  await log.matched();
  log.write('ERROR before\n');
  renameSync(log.file, log.path('app.log.1'));
  assert.equal(await log.matched(), 1);
  const {result} = await log.observe();
  assert.equal(result, 'ok');
  log.write('ERROR after\n');
  assert.equal(await log.matched(), 1);
});

test('a log that is emptied in place is read from its beginning', async (t) => {
  const log = world(t);
  log.write('first\nsecond\nthird\n');
  await log.matched();
  truncateSync(log.file);
  log.write('ERROR\n');
  assert.equal(await log.matched(), 1);
});

test('a log that is emptied and has outgrown its old length is known by its beginning', async (t) => {
  const log = world(t);
  log.write('first\n');
  await log.matched();
  truncateSync(log.file);
  log.write('ERROR 1\nERROR 2\n');
  assert.equal(await log.matched(), 2);
});

test('a log that is deleted and made anew is read from its beginning', async (t) => {
  const log = world(t);
  log.write('first\nsecond\n');
  await log.matched();
  unlinkSync(log.file);
  log.write('ERROR, perhaps under the same inode\n');
  assert.equal(await log.matched(), 1);
});

test('a missing log fails the check, and is read from its beginning when it comes', async (t) => {
  const log = world(t);
  const {result, reason} = await log.observe();
  assert.deepEqual([result, reason], ['failed', `${log.file}: there is no such file`]);
  log.restart();
  log.write('ERROR\n');
  assert.equal(await log.matched(), 1);
});

test('lines of a failed run count once more after a restart, and of one that was counted no more', async (t) => {
  const log = world(t);
  log.write('');
  await log.matched();
  log.write('ERROR\n');
  assert.equal(await log.matched(), 1);
  log.restart();
  assert.equal(await log.matched(), 1);
  assert.equal(await log.matched(), 0);
  log.restart();
  assert.equal(await log.matched(), 0);
});

test('a run that is cut off by its timeout has dealt with nothing', async (t) => {
  const log = world(t);
  log.write('');
  await log.matched();
  log.write('ERROR\n');
  const stopping = new AbortController();
  const options = kinds.get('log')?.options.parse({file: log.file, match: 'ERROR'});
  const probe = kinds.get('log')?.prepare(options, {clock: log.clock, timeoutMs: 1});
  const run = () => probe?.({signal: stopping.signal});
  await run();
  log.write('ERROR\n');
  stopping.abort();
  assert.deepEqual(
    (await run())?.map(({result, reason}) => [result, reason]),
    [['failed', 'stopped']],
  );
  assert.equal(await log.matched(), 2);
});

test('16 MiB are read in one run, and the rest in the next', async (t) => {
  const log = world(t);
  log.write('');
  await log.matched();
  const line = `ERROR ${'x'.repeat(1017)}\n`;
  log.write(line.repeat(20 * 1024));
  const first = await log.observe();
  assert.deepEqual(first.values, {matched_lines: 16 * 1024, behind_bytes: 4 * 1024 ** 2});
  assert.equal(await log.matched(), 4 * 1024);
});

test('a long line is cut, and what follows it is read', async (t) => {
  const log = world(t);
  log.write('');
  await log.matched();
  log.write(`ERROR ${'x'.repeat(1_000_000)}`);
  assert.match((await log.observe()).reason, /^a matching line: ERROR x{144}…$/);
  log.restart();
  await log.matched();
  log.write(`${'y'.repeat(100_000)} ERROR at its end\nERROR 2\n${'z'.repeat(20_000)}ERROR\n`);
  assert.equal((await log.observe()).reason, 'a matching line: ERROR 2');
});

test('bytes that are no UTF-8, and NUL bytes, do not disturb', async (t) => {
  const log = world(t);
  log.write('');
  await log.matched();
  log.write(Buffer.concat([Buffer.from([0xff, 0xfe, 0, 0x80]), Buffer.from(' ERROR \x1b[31mred\xe9\n', 'latin1')]));
  assert.match((await log.observe()).reason, /^a matching line: \S+ \S+ ERROR +\[31mred.$/u);
});

test('a line that must appear is missed when a run finds none', async (t) => {
  const log = world(t, {must: 'appear', match: 'done'});
  log.write('done\n');
  assert.equal((await log.observe()).result, 'inconclusive');
  assert.deepEqual((await log.observe()).reason, 'no matching line since the last run');
  log.write('done\n');
  assert.equal((await log.observe()).result, 'ok');
});

test('a line that must appear within a time is missed after it, restarts included', async (t) => {
  const log = world(t, {must: 'appear', match: 'done', within: '26h'});
  log.write('');
  const after = async (hours: number) => {
    await log.clock.advance(hours * 3_600_000);
    log.restart();
    const {result, reason} = await log.observe();
    return [result, reason];
  };
  assert.deepEqual(await after(0), ['ok', '']);
  assert.deepEqual(await after(25), ['ok', '']);
  assert.deepEqual(await after(2), ['failed', 'no matching line for 1d3h']);
  log.write('done\n');
  assert.deepEqual(await after(1), ['ok', '']);
  assert.deepEqual(await after(26), ['ok', '']);
  assert.deepEqual(await after(1), ['failed', 'no matching line for 1d3h']);
});

test('a line that must not appear keeps the check failing for as long as it is asked to', async (t) => {
  const log = world(t, {within: '10m'});
  log.write('');
  assert.equal((await log.observe()).result, 'ok');
  log.write('ERROR\n');
  assert.equal((await log.observe()).result, 'failed');
  await log.clock.advance(5 * 60_000);
  log.restart();
  assert.equal((await log.observe()).reason, 'a matching line 5m ago');
  await log.clock.advance(6 * 60_000);
  assert.equal((await log.observe()).result, 'ok');
});

test('what is no file, or not ours to read, fails the check', async (t) => {
  const log = world(t);
  const other = world(t, {file: log.path('.')});
  assert.match((await other.observe()).reason, /is no file$/);
});

test('a memory that cannot be read, or is of another file, is none', async (t) => {
  const log = world(t);
  log.write('ERROR\n');
  const options = kinds.get('log')?.options.parse({file: log.file, match: 'ERROR'});
  for (const text of ['', 'nonsense', '{}', '{"version":1,"file":"/other"}']) {
    const probe = kinds.get('log')?.prepare(options, {
      clock: log.clock,
      timeoutMs: 1,
      memory: {get: () => text, set: () => {}},
    });
    assert.equal((await probe?.({signal: new AbortController().signal}))?.[0]?.result, 'ok', text);
  }
});

test('a check of a log leaves no file open', async (t) => {
  const log = world(t);
  log.write('');
  await log.matched();
  const before = readdirSync('/proc/self/fd').length;
  for (let round = 0; round < 20; round++) {
    renameSync(log.file, log.path(`app.log.${round}`));
    log.write('ERROR\n');
    await log.matched();
  }
  assert.equal(readdirSync('/proc/self/fd').length, before);
});

test('wrong options are config errors with their place', (t) => {
  const folder = createFolder(t);
  const problems = (body: string) => folder.problems(`checks:\n  l:\n    type: log\n    file: app.log\n${body}`);
  assert.match(
    problems('    match: "(a"\n').join(),
    /:5:12 .*expected a regular expression of JavaScript, got "\(a"; for upper/,
  );
  assert.match(problems('    match: [a, "*"]\n').join(), /:5:16 /);
  assert.match(problems('    match: a\n    within: 5\n').join(), /:6:13 .*expected a duration such as 26h/);
  assert.deepEqual(problems('    match: a\n    within: 26h\n    must: appear\n'), []);
});
