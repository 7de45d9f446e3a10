import assert from 'node:assert/strict';
import {existsSync, readdirSync, readFileSync, statSync} from 'node:fs';
import {join, resolve} from 'node:path';
import test, {describe} from 'node:test';
import {readModule} from './support/module-facts.ts';
import {clockNames, folderNames, forbiddenWords, imports, lengths} from './support/tidy-rules.ts';

const ROOT = resolve(import.meta.dirname, '..');

/** Everything that is published, except config.yaml and ips.txt, which become the reader's own. */
const FOLDERS = ['src', 'test', 'mocks', 'bench', 'bin', 'ansible', 'docs', '.ci'];
const FILES = [
  ...readdirSync(ROOT).filter((file) => /\.(ts|json|md)$/.test(file)),
  ...FOLDERS.filter((folder) => existsSync(join(ROOT, folder))).flatMap((folder) =>
    readdirSync(join(ROOT, folder), {recursive: true, encoding: 'utf8'}).map((file) => `${folder}/${file}`),
  ),
].filter((file) => statSync(join(ROOT, file)).isFile());
const MODULES = FILES.filter((file) => /^(src|test|mocks|bench)\/.*\.ts$/.test(file) && !file.endsWith('.d.ts'));
const TEXTS = FILES.filter((file) => /\.(ts|sh|yaml|yml|json|md|txt|html)$|^bin\/|^\.ci\//.test(file));

describe('the source', () => {
  const rules = {
    'imports only what the table of the architecture allows': imports,
    'names the machine’s clock only in src/clock.ts': clockNames,
    'keeps its files and functions short': lengths,
  };
  for (const [name, rule] of Object.entries(rules)) {
    test(name, () =>
      assert.deepEqual(
        MODULES.flatMap((file) => rule(readModule(file, read(file)))),
        [],
      ),
    );
  }
  test('has no folder for things without a name of their own', () => assert.deepEqual(folderNames(FILES), []));
  test('names no machine’s paths and no package registry', () => {
    assert.deepEqual(
      TEXTS.flatMap((file) => forbiddenWords(file, read(file))),
      [],
    );
  });
  test('is found at all', () => assert.ok(MODULES.includes('src/clock.ts') && MODULES.includes('test/tidy.test.ts')));
});

describe('the import rule', () => {
  const rows: [string, string, string, boolean][] = [
    // The four parts of the house know nothing of one another.
    ['checks from bot', 'src/checks/http.ts', "import {x} from '../bot/outbox.ts'", false],
    ['bot from store', 'src/bot/outbox.ts', "import {x} from '../store/store.ts'", false],
    ['store from recovery', 'src/store/state.ts', "import '../recovery/ssh.ts'", false],
    ['recovery from checks, dynamically', 'src/recovery/ssh.ts', "const m = await import('../checks/http.ts')", false],
    ['bot from checks, passed on', 'src/bot/outbox.ts', "export {x} from '../checks/check.ts'", false],
    ['bot from checks, all passed on', 'src/bot/outbox.ts', "export * from '../checks/check.ts'", false],
    ['bot from state', 'src/bot/outbox.ts', "import {x} from '../state/engine.ts'", true],
    ['bot from a deeper bot', 'src/bot/commands/ack.ts', "import {x} from '../outbox.ts'", true],
    ['the clock', 'src/bot/outbox.ts', "import {systemClock} from '../clock.ts'", false],
    // Types are free.
    ['a type', 'src/checks/http.ts', "import type {x} from '../bot/outbox.ts'", true],
    ['only types among braces', 'src/checks/http.ts', "import {type x} from '../bot/outbox.ts'", true],
    ['a value beside a type', 'src/checks/http.ts', "import {type x, y} from '../bot/outbox.ts'", false],
    ['a type passed on', 'src/checks/http.ts', "export type {x} from '../bot/outbox.ts'", true],
    // state is arithmetic.
    ['state from an npm package', 'src/state/engine.ts', "import {z} from 'zod'", false],
    ['state from node:', 'src/state/engine.ts', "import {x} from 'node:crypto'", false],
    ['state from state', 'src/state/engine.ts', "import {x} from './windows.ts'", true],
    // A check has the client library of its kind, and no other.
    ['http with undici', 'src/checks/http.ts', "import {x} from 'undici'", true],
    ['http’s sibling with undici', 'src/checks/http-exchange.ts', "import {x} from 'undici'", true],
    ['socket with undici', 'src/checks/socket.ts', "import {x} from 'undici'", false],
    ['any check with zod', 'src/checks/socket.ts', "import {z} from 'zod'", true],
    ['any check with node:', 'src/checks/socket.ts', "import net from 'node:net'", true],
    // config, scheduler, pipeline, main and cli.
    ['config from checks', 'src/config/read.ts', "import {x} from '../checks/index.ts'", true],
    ['config from store', 'src/config/read.ts', "import {x} from '../store/store.ts'", false],
    ['the scheduler from checks', 'src/scheduler.ts', "import {x} from './checks/index.ts'", false],
    ['the pipeline from state', 'src/pipeline.ts', "import {x} from './state/engine.ts'", true],
    ['a check from package.json, for the version', 'src/checks/http.ts', "import p from '../../package.json'", true],
    ['main from all', 'src/main.ts', "import {x} from './store/store.ts'", true],
    ['cli from config', 'src/cli.ts', "import {x} from './config/read.ts'", true],
    ['cli from store', 'src/cli.ts', "import {x} from './store/store.ts'", false],
    // Where it leads cannot be seen.
    ['a computed import', 'src/bot/outbox.ts', 'await import(name)', false],
    ['a computed import of the file that finds checks', 'src/checks/index.ts', 'await import(name)', true],
    // Not an import at all.
    ['a comment', 'src/bot/outbox.ts', "// import {x} from '../store/store.ts'", true],
  ];
  for (const [name, file, text, allowed] of rows) {
    test(`${allowed ? 'allows' : 'refuses'} ${name}`, () => {
      assert.equal(imports(readModule(file, text)).length === 0, allowed);
    });
  }
});

describe('the clock rule', () => {
  const rows: [string, string, boolean][] = [
    ['Date.now', 'const now = Date.now();', false],
    ['new Date of a number', 'const date = new Date(0);', false],
    ['setTimeout', 'setTimeout(run, 1);', false],
    ['globalThis.setInterval', 'globalThis.setInterval(run, 1);', false],
    ['setTimeout from node:timers/promises', "import {setTimeout as sleep} from 'node:timers/promises';", false],
    ['performance.now', 'performance.now();', false],
    ['the timers of node:', "import * as timers from 'node:timers/promises';", false],
    ['process.hrtime', 'process.hrtime.bigint();', false],
    ['Temporal.Now', 'Temporal.Now.instant();', false],
    ['AbortSignal.timeout', 'AbortSignal.timeout(1);', false],
    ['a Temporal.Instant of a number', 'Temporal.Instant.fromEpochMilliseconds(at);', true],
    ['a socket’s own timeout', 'socket.setTimeout(0);', true],
    ['a comment and a string', "// Date.now()\nconst text = 'setTimeout';", true],
    ['a clock that was passed', 'clock.now();', true],
    ['the type Date', 'function f(at: Date): void {}', false],
  ];
  for (const [name, text, allowed] of rows) {
    test(`${allowed ? 'allows' : 'refuses'} ${name}`, () => {
      assert.equal(clockNames(readModule('src/bot/outbox.ts', text)).length === 0, allowed);
    });
  }
  test('leaves src/clock.ts and the tests alone', () => {
    assert.deepEqual(clockNames(readModule('src/clock.ts', 'Date.now();')), []);
    assert.deepEqual(clockNames(readModule('test/x.test.ts', 'Date.now();')), []);
  });
});

describe('the other rules refuse', () => {
  const longFunction = `function f() {\n${'g();\n'.repeat(40)}}`;
  test('a function of 42 lines in src', () => {
    assert.match(lengths(readModule('src/a.ts', longFunction)).join(), /src\/a\.ts:1 .*42 lines/);
    assert.deepEqual(lengths(readModule('test/a.ts', longFunction)), []);
  });
  test('a function of 42 lines, but not what stands in a function inside it', () => {
    const inner = `function g() {\n${'h();\n'.repeat(30)}}\n`;
    const outer = (own: number) => `function f() {\n${'g();\n'.repeat(own)}${inner}}`;
    assert.deepEqual(lengths(readModule('src/a.ts', outer(20))), []);
    assert.match(lengths(readModule('src/a.ts', outer(40))).join(), /src\/a\.ts:1 /);
  });
  test('a file of 401 lines', () =>
    assert.match(lengths(readModule('mocks/a.ts', 'g();\n'.repeat(401))).join(), /401/));
  test('a main.ts of 151 lines', () => {
    assert.match(lengths(readModule('src/main.ts', 'g();\n'.repeat(151))).join(), /151/);
    assert.deepEqual(lengths(readModule('src/main.ts', 'g();\n'.repeat(150))), []);
  });
  test('a folder named helpers', () => {
    assert.equal(folderNames(['src/bot/helpers/a.ts', 'src/helpers.ts']).length, 1);
  });
  test('a path of some machine', () => {
    assert.equal(forbiddenWords('a.ts', `const x = '${'/ho'}me/anna/x';`).length, 1);
    assert.deepEqual(forbiddenWords('a.ts', "const x = '/var/lib/vakhta';"), []);
  });
  test('an address in a lock file', () => {
    assert.equal(forbiddenWords('package-lock.json', `"resolved": "${'http'}s://npm.example/x.tgz"`).length, 1);
  });
});

function read(file: string): string {
  return readFileSync(resolve(ROOT, file), 'utf8');
}
