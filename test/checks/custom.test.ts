import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {mkdtempSync, rmSync, utimesSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {kinds, prepareCheck} from '../../src/checks/index.ts';
import {systemClock} from '../../src/clock.ts';
import {createFolder} from '../config/folder.ts';

const ROOT = join(import.meta.dirname, '../..');

/** A module in a folder where there is no node_modules. */
function userFolder(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'vakhta-custom-'));
  t.after(() => rmSync(folder, {recursive: true, force: true}));
  let touched = 0;
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    // Two writes within the same tick of the file system's clock are told apart.
    touched += 10;
    utimesSync(join(folder, name), 1_000 + touched, 1_000 + touched);
    return join(folder, name);
  };
  /** A module whose run has this body. */
  const check = (body: string, schema = 'z.looseObject({})', top = '') =>
    write(
      'check.ts',
      `import {defineCheck, failed, inconclusive, ok, z} from 'vakhta/check';\n${top}\n` +
        `export default defineCheck({options: ${schema}, async run({options, signal, log}) {\n${body}\n}});\n`,
    );
  return {folder, write, check};
}

/** A prepared check; each call is a run. */
function start(given: Record<string, unknown>, {timeoutMs = 5_000, log = [] as string[]} = {}) {
  const options = kinds.get('custom')?.options.parse(given);
  const spec = {name: 'mine', kind: 'custom', options, timeoutMs, attempts: 1, retryDelayMs: 1};
  const run = prepareCheck(spec, {clock: systemClock, log: {info: ({check}, text) => log.push(`${check}: ${text}`)}});
  return async () => {
    const [observation] = await run(new AbortController().signal);
    return [observation?.result, observation?.reason, ...(observation?.values ? [observation.values] : [])];
  };
}

for (const isolate of [false, true]) {
  const where = isolate ? ' in its own thread' : '';

  test(`a module of the user's own decides${where}, with typed options and values for the history`, async (t) => {
    const {check} = userFolder(t);
    const module = check(
      `log('looked'); const n: number = options.n; if (n > 5) return failed('too\\nmany', {n}); return n < 0 ? inconclusive('who knows') : ok({n});`,
      'z.strictObject({n: z.int().default(1)})',
    );
    const log: string[] = [];
    assert.deepEqual(await start({module, isolate}, {log})(), ['ok', '', {n: 1}]);
    assert.deepEqual(log, ['mine: looked']);
    assert.deepEqual(await start({module, isolate, options: {n: 7}})(), ['failed', 'too many', {n: 7}]);
    assert.deepEqual(await start({module, isolate, options: {n: -1}})(), ['inconclusive', 'who knows']);
  });

  test(`what it throws is a failure${where}, and so is an answer that is none`, async (t) => {
    const {check} = userFolder(t);
    const runs: readonly [string, string][] = [
      [`throw new TypeError('it broke')`, 'the check threw TypeError: it broke'],
      [`throw 'text'`, 'the check threw text'],
      ['null.x', "the check threw TypeError: Cannot read properties of null (reading 'x')"],
      ['return 5', 'the check returned neither ok(), failed(…) nor inconclusive(…)'],
      [`return {result: 'great', reason: ''}`, 'the check returned neither ok(), failed(…) nor inconclusive(…)'],
    ];
    const run = start({module: check('return ok()'), isolate});
    for (const [body, reason] of runs) {
      check(body);
      assert.deepEqual(await run(), ['failed', reason], body);
    }
  });

  test(`a changed module is loaded again${where}, with what it imports`, async (t) => {
    const {check, write} = userFolder(t);
    const top = `import {word} from './word.ts';`;
    write('word.ts', `export const word: string = 'one';`);
    const run = start({module: check('return failed(word)', undefined, top), isolate});
    assert.deepEqual(await run(), ['failed', 'one']);
    write('word.ts', `export const word: string = 'two';`);
    check('return failed(word)', undefined, top);
    assert.deepEqual(await run(), ['failed', 'two']);
    check('return failed(');
    const [result, reason] = await run();
    assert.equal(result, 'failed');
    assert.match(String(reason), /^expected a module that can be loaded; SyntaxError/);
    check('return ok()', 'z.strictObject({must: z.string()})');
    assert.match(String((await run())[1]), /^options do not fit the module any more: must: /);
    check('return ok()');
    assert.deepEqual(await run(), ['ok', '']);
  });

  test(`a module that waits past its timeout has failed${where}`, async (t) => {
    const {check} = userFolder(t);
    const module = check('return new Promise(() => { setInterval(() => {}, 1000).unref(); })');
    const began = performance.now();
    assert.deepEqual(await start({module, isolate}, {timeoutMs: 300})(), ['failed', 'no answer within 0.3 s']);
    assert.ok(performance.now() - began < 1_500);
  });
}

test('an endless loop in a thread of its own is ended at the timeout, and the next run starts anew', async (t) => {
  const {check} = userFolder(t);
  const module = check('for (;;);');
  const run = start({module, isolate: true}, {timeoutMs: 500});
  assert.deepEqual(await run(), ['failed', 'no answer within 0.5 s']);
  check('return ok()');
  assert.deepEqual(await run(), ['ok', '']);
});

test('a thread that ends itself, or breaks, is a failure, and the next run starts anew', async (t) => {
  const {check} = userFolder(t);
  const run = start({module: check('process.exit(3)'), isolate: true});
  assert.deepEqual(await run(), ['failed', 'the check ended its thread']);
  check(`setTimeout(() => { throw new Error('stray'); }); await new Promise(() => {});`);
  assert.deepEqual(await run(), ['failed', 'the check’s thread ended: stray']);
  check(`setTimeout(() => { throw new Error('stray'); }, 50); return ok();`);
  assert.deepEqual(await run(), ['ok', '']);
  await new Promise((resolve) => setTimeout(resolve, 200));
  check('return ok()');
  assert.deepEqual(await run(), ['ok', '']);
});

test('a thread that eats all its memory is a failure', async (t) => {
  const {check} = userFolder(t);
  const module = check('const all = []; for (;;) all.push(new Array(10_000).fill(all.length));');
  const [result, reason] = await start({module, isolate: true}, {timeoutMs: 30_000})();
  assert.equal(result, 'failed');
  assert.match(String(reason), /memory/);
});

test('an exception that escapes from a module is known as its own, and does not end the program', (t) => {
  const {check, write} = userFolder(t);
  const module = check(
    `setTimeout(() => { throw new Error('from a timer'); }); Promise.reject(new Error('from a promise')); return ok();`,
  );
  const program = write(
    'program.ts',
    `import {prepareCheck, strayCheck} from '${ROOT}/src/checks/index.ts';
import {systemClock} from '${ROOT}/src/clock.ts';
import {logCrash} from '${ROOT}/src/log.ts';
const log = {error: ({err, check}, text) => console.log(check === '${module}', err.message, text), fatal: ({err}) => console.log('FATAL', err.message)};
logCrash(log, strayCheck);
const spec = {name: 'mine', kind: 'custom', options: {module: '${module}', options: {}, isolate: false}, timeoutMs: 1000, attempts: 1, retryDelayMs: 1};
await prepareCheck(spec, {clock: systemClock})(new AbortController().signal);
setTimeout(() => { throw new Error('our own'); }, 100);`,
  );
  const {stdout, status} = spawnSync(process.execPath, [program], {encoding: 'utf8', timeout: 20_000});
  assert.deepEqual(stdout.trim().split('\n').sort(), [
    'FATAL our own',
    'true from a promise a custom check let an exception escape',
    'true from a timer a custom check let an exception escape',
  ]);
  assert.equal(status, 1);
});

test('wrong options of a module, and a wrong module, are config errors with their place', (t) => {
  const folder = createFolder(t);
  const problems = (body: string) => folder.problems(`checks:\n  c:\n    type: custom\n${body}`);
  const module = (name: string, text: string) => {
    folder.write(name, text);
    return `    module: ${name}\n`;
  };
  const good = module(
    'good.ts',
    `import {defineCheck, ok, z} from 'vakhta/check';
export default defineCheck({
  options: z.strictObject({url: z.url('expected an address'), max: z.int(), tags: z.array(z.string()).optional()}),
  async run() { return ok(); },
});`,
  );
  assert.deepEqual(problems(`${good}    options: {url: 'http://x/', max: 5}\n`), []);
  assert.deepEqual(
    problems(`${good}    options:\n      url: nowhere\n      max: "5"\n      maxx: 5\n      tags: [a, 7]\n`),
    [
      'config.yaml:6:12 checks.c.options.url: expected an address, got "nowhere"',
      'config.yaml:7:12 checks.c.options.max: expected number, got "5"',
      'config.yaml:8:13 checks.c.options.maxx: unknown key, got 5; the module has no such option',
      'config.yaml:9:17 checks.c.options.tags[1]: expected string, got 7',
    ],
  );
  assert.match(problems(good).join('\n'), /config\.yaml:\d+:\d+ checks\.c\.options\.max: expected number, got nothing/);
  assert.match(
    problems('    module: gone.ts\n').join(),
    /:4:13 .*expected the path of a TypeScript module, found no file gone\.ts/,
  );
  assert.match(problems(module('enum.ts', 'enum A {x}\nexport default A;')).join(), /:4:13 .*enum is not supported/);
  assert.match(problems(module('tla.ts', 'await 1; export default 1;')).join(), /an await at its top/);
  assert.match(problems(module('plain.ts', 'export default 5;')).join(), /expected export default defineCheck/);
  assert.match(
    problems(module('throws.ts', `throw new Error('no way')`)).join(),
    /expected a module that can be loaded.*; Error: no way/,
  );
});
