// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${NAME} is config.yaml's own syntax here.
import assert from 'node:assert/strict';
import {chmodSync, mkdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import fc from 'fast-check';
import {kinds} from '../../src/checks/index.ts';
import {loadConfig} from '../../src/config/load.ts';
import {formatProblem} from '../../src/config/problems.ts';
import {CHECK, CHECKS, createFolder} from './folder.ts';

test('every mistake of a file comes at once, each at its own line and column', (t) => {
  const folder = createFolder(t);
  const text = [
    'timezone: Moscow',
    'dat_dir: ./data',
    'keep_raw: 5',
    'users:',
    '  anna: {name: Anna, role: admin}',
    '  5: {name: Boris, role: operater}',
    'channels:',
    '  desk: {type: console, foo: 1}',
    '  ops: {type: telegam}',
    'alerts:',
    '  to: [dsk]',
    '  window: nights',
    'checks:',
    '  api:',
    '    type: http',
    '    timeout: ten',
    '    timeot: 5s',
    '  gate:',
    '    type: sockett',
    '    fail_after: 0',
  ].join('\n');
  assert.deepEqual(folder.problems(text), [
    'config.yaml:1:11 timezone: expected the IANA name of a time zone such as Europe/Moscow, got "Moscow"; did you mean Europe/Moscow?',
    'config.yaml:2:1 dat_dir: unknown key; did you mean data_dir?',
    'config.yaml:3:11 keep_raw: expected a duration such as 7d, got 5 without a unit; write 5s',
    'config.yaml:5:3 users.anna: expected the numeric Telegram id of a user; /whoami tells it',
    'config.yaml:6:26 users.5.role: expected one of viewer, operator, admin, got "operater"; did you mean operator?',
    'config.yaml:8:25 channels.desk.foo: unknown key; expected one of type, locale',
    'config.yaml:9:15 channels.ops.type: expected one of telegram, console, email, webhook, got "telegam"; did you mean telegram?',
    'config.yaml:11:8 alerts.to[0]: expected the name of a channel, got "dsk"; did you mean desk?',
    'config.yaml:12:11 alerts.window: expected the name of a window, got "nights"; define it under time_intervals',
    'config.yaml:15:5 checks.api.url: this key is missing: add url (What to ask for)',
    'config.yaml:16:14 checks.api.timeout: expected a duration such as 10s, got "ten"',
    'config.yaml:17:5 checks.api.timeot: unknown key; did you mean timeout?',
    `config.yaml:19:11 checks.gate.type: expected one of ${[...kinds.keys()].join(', ')}, got "sockett"; did you mean socket?`,
    'config.yaml:20:17 checks.gate.fail_after: expected at least 1, got 0',
  ]);
});

test('times of the calendar that are wrong, or come with an interval, are named', (t) => {
  const folder = createFolder(t);
  const text = [
    'concurrency: 0',
    'concurrency_per_host: many',
    'defaults:',
    "  at: '0 3 * * *'",
    'checks:',
    "  both: {type: http, url: http://h/, interval: 5m, at: '0 3 * * *'}",
    "  wrong: {type: http, url: http://h/, at: '0 25 * * *'}",
    '  soon: {type: http, url: http://h/, skip_in_first: 60}',
  ].join('\n');
  assert.deepEqual(folder.problems(text), [
    'config.yaml:1:14 concurrency: expected at least 1, got 0',
    'config.yaml:2:23 concurrency_per_host: expected a number, got "many"',
    'config.yaml:4:3 defaults.at: unknown key; expected one of interval, timeout, attempts, retry_delay, fail_after, recover_after, backoff_factor, max_interval, skip_in_first',
    'config.yaml:6:56 checks.both.at: expected either at or interval, got both; remove one',
    'config.yaml:7:43 checks.wrong.at: expected a cron expression of five fields such as 0 3 * * 0, got "0 25 * * *"; its hour is wrong',
    'config.yaml:8:53 checks.soon.skip_in_first: expected a duration such as 0s, got 60 without a unit; write 60s',
  ]);
});

test('an empty file, a commented-out one and one without checks say what is needed', (t) => {
  const folder = createFolder(t);
  const empty =
    'config.yaml:1:1 expected keys and values, found an empty file; it needs at least checks: with one check in it';
  assert.deepEqual(folder.problems(''), [empty]);
  assert.deepEqual(folder.problems('# nothing yet\n'), [empty]);
  assert.deepEqual(folder.problems('checks: {}'), [
    'config.yaml:1:9 checks: expected at least one check; add its name and type',
  ]);
  assert.match(
    folder.problems('checks:\n')[0] ?? '',
    /^config\.yaml:1:8 checks: expected a map of keys and values, got nothing/,
  );
  assert.match(folder.problems('mocks: true\n')[0] ?? '', /^config\.yaml:1:1 checks: this key is missing: add checks/);
  assert.match(folder.problems('- a\n- b\n')[0] ?? '', /^config\.yaml:1:1 expected a map such as "checks:"/);
});

test('a tab in the indentation is named as one', (t) => {
  const folder = createFolder(t);
  assert.deepEqual(folder.problems('checks:\n  api:\n\t\ttype: http\n'), [
    'config.yaml:3:1 expected spaces, found a tab; indent with spaces only',
  ]);
});

test('broken YAML is one message a line, without a quotation of what stands there', (t) => {
  const folder = createFolder(t);
  const found = folder.problems('telegram:\n  token: "123:SECRETSECRET" 456:HIDDENHIDDEN\nchecks: [a\n');
  assert.ok(found.length >= 1);
  assert.match(found[0] ?? '', /^config\.yaml:2:\d+ expected /);
  assert.doesNotMatch(found.join('\n'), /SECRET|HIDDEN/);
});

test('an open quote and an open bracket are named as such', (t) => {
  const folder = createFolder(t);
  assert.deepEqual(folder.problems('checks:\n  a:\n    url: "http://h\n    type: http\n'), [
    'config.yaml:3:10 expected the quote that begins here to end; put another one at the end of the text',
  ]);
  assert.deepEqual(folder.problems('checks:\n  a: {type: http\n  b: 5\n'), [
    'config.yaml:3:3 expected } or ] for a bracket that begins above; close it, or indent this line further',
  ]);
});

test('a file of another sort breaks on many lines, and few of them are told', (t) => {
  const folder = createFolder(t);
  const found = folder.problems('} ] { : - "\n'.repeat(100_000));
  assert.ok(found.length > 0 && found.length <= 50, String(found.length));
  const line = folder.problems(`${'} ] '.repeat(50_000)}\n`);
  assert.equal(line.length, 1);
});

test('a variable within braces asks for quotes', (t) => {
  const folder = createFolder(t);
  assert.deepEqual(folder.problems(`${CHECKS}  b: {type: socket, host: h, port: \${PORT}}\n`), [
    `config.yaml:3:36 expected quotes round \${NAME}, found none inside { } or [ ]; write "\${NAME}"`,
  ]);
});

test('a name that stands twice is refused where it stands again', (t) => {
  const folder = createFolder(t);
  assert.deepEqual(folder.problems(`${CHECKS}${CHECK}`), [
    'config.yaml:3:3 checks.api: expected this key once, found it on line 2 too; remove one',
  ]);
  assert.deepEqual(folder.problems(`mocks: true\n${CHECKS}mocks: false\n`), [
    'config.yaml:4:1 mocks: expected this key once, found it on line 1 too; remove one',
  ]);
  assert.match(
    folder.problems(`channels: {d: {type: console}}\nalerts: {to: [d, d]}\n${CHECKS}`)[0] ?? '',
    /^config\.yaml:2:18 alerts\.to\[1\]: expected each channel once/,
  );
});

test('mistakes inside time intervals stand where they are made', (t) => {
  const folder = createFolder(t);
  const window = (name: string, weekday: string) =>
    `  - name: ${name}\n    time_intervals: [{weekdays: ['${weekday}']}]\n`;
  const text = `time_intervals:\n${window('day', 'funday')}${window('day', 'monday')}${CHECKS}`;
  const found = folder.problems(text);
  assert.equal(found.length, 2);
  assert.match(
    found[0] ?? '',
    /^config\.yaml:3:34 time_intervals\[0\]\.time_intervals\[0\]\.weekdays\[0\]: expected a weekday/,
  );
  assert.equal(
    found[1],
    'config.yaml:4:11 time_intervals[1].name: expected another name, found this one a second time',
  );
});

test('whatever bytes a config is made of, it is read or refused, and never throws', (t) => {
  const folder = createFolder(t);
  const shipped = readFileSync(join(import.meta.dirname, '../../config.yaml'), 'utf8');
  const piece = fc.constantFrom(
    '{',
    '}',
    '[',
    '- ',
    ': ',
    '*a',
    '&a ',
    '"',
    "'",
    '\t',
    '\n',
    '<<: ',
    '${X}',
    '!!set ',
    '|',
    '? ',
    '# ',
    '5',
    '\0',
    'null',
    '~',
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(shipped.length), fc.nat(30), piece), {maxLength: 6}), (edits) => {
      const text = edits.reduce(
        (now, [at, length, added]) => now.slice(0, at) + added + now.slice(at + length),
        shipped,
      );
      const loaded = folder.load(text, {X: '5'});
      for (const {line, col, message} of loaded.ok ? loaded.warnings : loaded.problems) {
        assert.ok(line >= 1 && col >= 1 && line <= text.split('\n').length, message);
        assert.ok(message.length > 0 && message.length <= 501);
      }
    }),
    {numRuns: 300},
  );
});

test('a bare number is no duration, whichever way it is written', (t) => {
  const folder = createFolder(t);
  const problem = (value: string) => folder.problems(`defaults:\n  interval: ${value}\n${CHECKS}`)[0];
  const at = 'config.yaml:2:13 defaults.interval: expected a duration such as 60s';
  assert.equal(problem('60'), `${at}, got 60 without a unit; write 60s`);
  assert.equal(problem('"60"'), `${at}, got 60 without a unit; write 60s`);
  assert.equal(problem('ten'), `${at}, got "ten"`);
  assert.equal(problem('100ms'), `${at} between 1s and 30d, got "100ms"`);
  assert.equal(problem('31d'), `${at} between 1s and 30d, got "31d"`);
  assert.equal(problem('[1]'), `${at}, got a list`);
});

test('names of checks and channels are those that one can type into a phone', (t) => {
  const folder = createFolder(t);
  for (const name of ['-bad', '"two words"', '.hidden', '"a/b"', '""', '__proto__', 'x'.repeat(65)]) {
    const found = folder.problems(`${CHECKS}  ${name}: {type: socket, host: h, port: 1}\n`);
    assert.equal(found.length, 1, name);
    assert.match(found[0] ?? '', /^config\.yaml:3:3 .*expected a (simple )?name/, name);
  }
  assert.deepEqual(folder.problems(`${CHECKS}  касса-1.east_2: {type: socket, host: h, port: 1}\n`), []);
});

test('bytes that are no text are refused with the place of the first of them', (t) => {
  const folder = createFolder(t);
  const bytes = (...tail: number[]) => Buffer.concat([Buffer.from('mocks: true\na: é'), Buffer.from(tail)]);
  assert.deepEqual(folder.problems(bytes(0xff, 0x41)), [
    'config.yaml:2:5 expected the config file as UTF-8 text, found bytes that are not UTF-8; save it as UTF-8',
  ]);
  assert.deepEqual(folder.problems(bytes(0x00, 0x41)), [
    'config.yaml:2:5 expected text, found the control character U+0000; remove it',
  ]);
  assert.match(folder.problems(Buffer.from('\uFEFFchecks:\n', 'utf16le'))[0] ?? '', /^config\.yaml:1:1 .*UTF-16/);
  assert.deepEqual(folder.problems(Buffer.from(`\uFEFF${CHECKS.replaceAll('\n', '\r\n')}`)), []);
});

test('a line of a megabyte is one short problem', (t) => {
  const folder = createFolder(t);
  assert.deepEqual(folder.problems(`${CHECKS}    comment: ${'x'.repeat(1_048_576)}\n`), [
    'config.yaml:3:1 this line has 1048589 characters, expected 262144 at most; break it into several lines',
  ]);
  const long = folder.problems(`${CHECKS}timezone: ${'x'.repeat(200_000)}\n`);
  assert.equal(long.length, 1);
  assert.ok((long[0] ?? '').length < 600);
});

test('a second document, a tag and an alias of nothing are refused', (t) => {
  const folder = createFolder(t);
  assert.match(folder.problems(`${CHECKS}---\nmocks: true\n`)[0] ?? '', /^config\.yaml:3:1 expected one document/);
  assert.match(
    folder.problems(`mocks: !yes true\n${CHECKS}`)[0] ?? '',
    /^config\.yaml:1:8 expected a value without a tag/,
  );
  assert.match(folder.problems(`mocks: *gone\n${CHECKS}`)[0] ?? '', /^config\.yaml:1:8 mocks: expected an alias/);
  assert.match(
    folder.problems(`mocks: &m [*m]\n${CHECKS}`)[1] ?? '',
    /^config\.yaml:1:12 mocks\[0\]: expected an alias of something else/,
  );
});

test('aliases that multiply themselves are stopped', (t) => {
  const folder = createFolder(t);
  const levels = Array.from({length: 9}, (_, level) => {
    const items = Array.from({length: 10}, () => (level === 0 ? 'x' : `*a${level - 1}`));
    return `a${level}: &a${level} [${items.join(', ')}]`;
  });
  const found = folder.problems(`${CHECKS}${levels.join('\n')}\n`);
  assert.equal(found.length, 1);
  assert.match(found[0] ?? '', /expected at most 2000000 values, found more/);
});

test('nesting without end is a problem, not a crash', (t) => {
  const folder = createFolder(t);
  const found = folder.problems(`checks: ${'['.repeat(100_000)}\n`);
  assert.ok(found.length > 0);
  assert.match(found[0] ?? '', /^config\.yaml:1:\d+ /);
});

test('a key that is no name is refused', (t) => {
  const folder = createFolder(t);
  assert.match(folder.problems(`? [a, b]\n: 1\n${CHECKS}`)[0] ?? '', /^config\.yaml:1:3 expected a simple name/);
});

test('ten thousand mistakes are a hundred lines and a count', (t) => {
  const folder = createFolder(t);
  const found = folder.problems(
    `checks:\n${Array.from({length: 10_000}, (_, i) => `  a${i}: {type: htp}\n`).join('')}`,
  );
  assert.equal(found.length, 101);
  assert.match(found[0] ?? '', /^config\.yaml:2:14 checks\.a0\.type: .*did you mean http\?$/);
  assert.match(found.at(-1) ?? '', /… and 9900 more problems$/);
});

test('a missing file, a folder and one that may not be read are three different messages', (t) => {
  const folder = createFolder(t);
  const first = (path: string) => {
    const loaded = loadConfig(path, {}, 0);
    return loaded.ok ? '' : loaded.problems.map(formatProblem).join('\n').replaceAll(`${folder.path}/`, '');
  };
  assert.equal(
    first(join(folder.path, 'none.yaml')),
    'none.yaml:1:1 expected the config file, found no such file; check the path',
  );
  mkdirSync(join(folder.path, 'sub'));
  assert.equal(
    first(join(folder.path, 'sub')),
    'sub:1:1 expected the config file, found a folder; name the file in it',
  );
  assert.match(first('/dev/zero'), /found something that is not a regular file$/);
  const secret = folder.write('secret.yaml', CHECKS);
  chmodSync(secret, 0o000);
  // Root reads everything, so for root there is nothing to refuse here.
  if (process.getuid?.() !== 0) assert.match(first(secret), /permission denied/);
});

test('a list of addresses with 10,000 lines and one slip names that line', (t) => {
  const folder = createFolder(t);
  const lines = Array.from({length: 10_000}, (_, i) => `10.0.${Math.floor(i / 250)}.${i % 250}  till ${i}`);
  lines[9_000] = '10.0.36.999  till 9000';
  folder.write('ips.txt', lines.join('\n'));
  const text = 'checks:\n  t: {type: terminals, file: ips.txt}\n';
  const found = folder.problems(text);
  assert.equal(found.length, 1);
  assert.match(found[0] ?? '', /^ips\.txt:9001:1 expected .*10\.0\.36\.999/);
  lines[9_000] = '10.0.36.99';
  folder.write('ips.txt', '\0');
  assert.match(folder.problems(text)[0] ?? '', /control character U\+0000/);
  folder.write('ips.txt', `${'x'.repeat(1_048_576)}`);
  assert.match(folder.problems(text)[0] ?? '', /this line has 1048576 characters/);
  folder.write('ips.txt', '# none\n');
  assert.match(
    folder.problems(text)[0] ?? '',
    /^config\.yaml:2:30 checks\.t\.file: expected addresses in ips\.txt, found none/,
  );
});

test('a list of addresses that is not there is a problem of the key that names it', (t) => {
  const folder = createFolder(t);
  assert.deepEqual(folder.problems('checks:\n  t: {type: terminals, file: gone.txt}\n'), [
    'config.yaml:2:30 checks.t.file: expected the list of addresses, found no such file; check the path (gone.txt)',
  ]);
});
