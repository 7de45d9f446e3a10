import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {describe, test} from 'node:test';
import {stripVTControlCharacters} from 'node:util';
import {loggingOf} from '../src/config/logging.ts';
import {createRedact} from '../src/config/redact.ts';
import {createRunLog} from '../src/log/runs.ts';
import {createLogs} from '../src/log.ts';
import {newFolder} from './bot/world.ts';

const root = newFolder();

type Keys = Parameters<typeof loggingOf>[0];

/** A log as it is at a terminal, in a folder of its own. */
function logIn(use: {secrets?: readonly string[]; keys?: Keys} = {}) {
  const folder = mkdtempSync(join(root, 'log-'));
  const settings = (keys: Keys) => ({logging: loggingOf(keys, folder), dataDir: join(folder, 'deep')});
  const shown: string[] = [];
  const print = (text: string) => shown.push(stripVTControlCharacters(text));
  const redact = createRedact(use.secrets ?? []);
  const logs = createLogs({settings: settings(use.keys), redact, server: 'shop-7', print});
  const file = logs.file() ?? '';
  const text = () => readFileSync(file, 'utf8');
  return {folder, file, logs, log: logs.of('main'), text, lines: () => parse(text()), settings, shown};
}

function parse(text: string) {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

describe('the log', () => {
  test('is one JSON object a line, with a time, a level by name, the server and the part of the program', () => {
    const {file, logs, lines} = logIn();
    assert.match(file, /deep\/vakhta\.log$/);
    logs.of('outbox').info({check: 'api'}, 'first');
    logs.of('store').warn('second\nline');
    assert.deepEqual(
      lines().map(({level, server, module, msg, check}) => ({level, server, module, msg, check})),
      [
        {level: 'info', server: 'shop-7', module: 'outbox', msg: 'first', check: 'api'},
        {level: 'warn', server: 'shop-7', module: 'store', msg: 'second\nline', check: undefined},
      ],
    );
    assert.match(lines()[0].time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  test('strikes out secrets wherever they stand, in the file, on the terminal and in what is remembered', async () => {
    const {log, text, shown, logs} = logIn({secrets: ['123:AAtoken', 'p"a\\ss']});
    log.info({url: 'http://x/bot123:AAtoken/getMe', '123:AAtoken': 1}, 'with 123:AAtoken and p"a\\ss');
    log.error({err: new Error('no 123:AAtoken', {cause: new Error('p"a\\ss')})}, 'failed');
    await import('pino-pretty');
    await new Promise((resolve) => setImmediate(resolve));
    for (const where of [text(), shown.join('\n'), logs.recent().join('\n')])
      assert.doesNotMatch(where, /AAtoken|p\\*"a/);
    assert.match(shown.join('\n'), /ERROR.*failed/);
    assert.equal(text().match(/\[redacted\]/g)?.length, 8);
    parse(text());
  });

  test('strikes out a secret whole where another secret is the beginning of it', () => {
    const {log, text} = logIn({secrets: ['hunter', 'hunter2-long']});
    log.info('the password is hunter2-long');
    assert.doesNotMatch(text(), /2-long/);
  });

  test('an empty secret strikes out nothing', () => {
    const {log, text} = logIn({secrets: ['']});
    log.info('hello');
    assert.doesNotMatch(text(), /redacted/);
  });

  test('has a level for each part of the program, which a reload changes', () => {
    const {logs, lines, settings} = logIn({keys: {level: 'warn', levels: {checks: 'debug'}}});
    const speak = () => {
      for (const module of ['checks', 'outbox'] as const) logs.of(module).debug(module);
      logs.of('outbox').info('outbox');
    };
    speak();
    logs.apply(settings({levels: {outbox: 'debug'}}));
    speak();
    assert.deepEqual(
      lines().map(({level, msg}) => `${level} ${msg}`),
      ['debug checks', 'debug outbox', 'info outbox'],
    );
  });

  test('goes on in another file after a reload, and in none when that is off', () => {
    const {folder, logs, log, lines, settings} = logIn();
    log.info('one');
    logs.apply(settings({file: 'other.log'}));
    log.info('two');
    logs.apply(settings({file: false}));
    log.info('three');
    assert.deepEqual([lines().length, logs.file()], [1, undefined]);
    assert.equal(parse(readFileSync(join(folder, 'other.log'), 'utf8'))[0].msg, 'two');
    assert.equal(logs.recent().length, 3);
  });

  test('remembers the newest lines only, and not the whole of a long one', () => {
    const {logs, log} = logIn();
    for (let line = 0; line < 1_000; line++) log.info({line, long: 'x'.repeat(1_000)}, 'hello');
    const recent = logs.recent();
    assert.equal(recent.length, 200);
    assert.match(recent.at(-1) ?? '', /"line":999/);
    assert.ok(recent.every((line) => line.length <= 501));
  });
});

describe('the log file', () => {
  const small: Keys = {max_size: 4096, keep: 2};
  const write = (log: ReturnType<typeof logIn>['log'], lines: number) => {
    for (let line = 0; line < lines; line++) log.info({line, long: 'x'.repeat(400)}, 'hello');
  };

  test('is appended to after a restart', () => {
    const {log, file, settings} = logIn();
    log.info('one');
    createLogs({settings: settings({}), redact: (line) => line, server: 'x', print: () => {}})
      .of('main')
      .info('two');
    assert.equal(parse(readFileSync(file, 'utf8')).length, 2);
  });

  test('is rotated by size, keeps so many and loses no line that is still kept', () => {
    const {log, file, folder} = logIn({keys: small});
    write(log, 100);
    assert.deepEqual(readdirSync(join(folder, 'deep')).sort(), ['vakhta.log', 'vakhta.log.1', 'vakhta.log.2']);
    const kept = [`${file}.2`, `${file}.1`, file].flatMap((each) => parse(readFileSync(each, 'utf8')));
    assert.deepEqual(
      kept.map(({line}) => line),
      Array.from({length: kept.length}, (_, index) => 100 - kept.length + index),
    );
    assert.ok(readFileSync(`${file}.1`).length >= 4096 && readFileSync(`${file}.1`).length < 4096 + 600);
  });

  test('that keeps none but itself starts anew when it is full', () => {
    const {log, file, folder} = logIn({keys: {max_size: 4096, keep: 0}});
    write(log, 100);
    assert.deepEqual(readdirSync(join(folder, 'deep')), ['vakhta.log']);
    assert.ok(readFileSync(file).length < 4096 + 600);
  });

  test('that was left full by another start is rotated before the first line', () => {
    const {log, file, settings} = logIn();
    write(log, 20);
    createLogs({settings: settings(small), redact: (line) => line, server: 'x', print: () => {}})
      .of('main')
      .info('again');
    assert.deepEqual(
      [parse(readFileSync(file, 'utf8')).length, parse(readFileSync(`${file}.1`, 'utf8')).length],
      [1, 20],
    );
  });

  test('that cannot be rotated grows on, says so, and loses nothing', async () => {
    const {log, file, lines} = logIn({keys: small});
    mkdirSync(`${file}.1/in the way`, {recursive: true});
    mkdirSync(`${file}.2/in the way`, {recursive: true});
    write(log, 30);
    const said = lines();
    assert.equal(said.filter(({msg}) => msg === 'hello').length, 30);
    const complaints = said.filter(({msg}) => msg === 'the log file cannot be rotated').length;
    assert.ok(complaints >= 1 && complaints <= 4, String(complaints));
  });

  test('that somebody deletes, its folder with it, is made anew by the next line', () => {
    const {log, folder, lines} = logIn();
    log.info('one');
    rmSync(join(folder, 'deep'), {recursive: true});
    log.info('two');
    assert.deepEqual(
      lines().map(({msg}) => msg),
      ['two'],
    );
  });

  test('a full disk ends neither the program nor the log, which says so elsewhere', {
    skip: existsSync('/dev/full') ? false : 'needs /dev/full',
  }, async () => {
    const {logs, log, shown, settings} = logIn({keys: {file: '/dev/full'}});
    for (let line = 0; line < 100; line++) log.info('nobody will read this');
    await import('pino-pretty');
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(shown.slice(1), []);
    assert.match(shown[0] ?? '', /the log file cannot be written.*ENOSPC/);
    logs.apply(settings({file: 'well.log'}));
    log.info('back');
    assert.equal(parse(readFileSync(logs.file() ?? '', 'utf8')).length, 1);
  });

  test('that can be written again says how many lines it lacks', () => {
    const {log, folder, lines} = logIn();
    const deep = join(folder, 'deep');
    rmSync(deep, {recursive: true, force: true});
    execFileSync('touch', [deep]);
    for (let line = 0; line < 3; line++) log.info('lost');
    rmSync(deep);
    log.info('kept');
    // The three, and the one that told of them.
    assert.deepEqual(
      lines().map(({msg, lost}) => [msg, lost]),
      [
        ['kept', undefined],
        ['the log file is written again', 4],
      ],
    );
  });
});

describe('at the terminal', () => {
  const ready = async () => {
    await import('pino-pretty');
    await new Promise((resolve) => setImmediate(resolve));
  };

  test('warnings and errors are shown for people, and nothing less', async () => {
    const {logs, shown} = logIn();
    logs.of('outbox').info('not this');
    logs.of('outbox').warn({lane: 'ops'}, 'not delivered yet');
    await ready();
    logs.of('store').error({code: 'x'}, 'store trouble');
    assert.equal(shown.length, 2);
    assert.match(shown[0] ?? '', /^\[\d\d:\d\d:\d\d\] WARN: not delivered yet \{"module":"outbox","lane":"ops"\}$/);
    assert.match(shown[1] ?? '', /ERROR: store trouble/);
  });

  test('an answer cannot send control characters to it', async () => {
    const {log, shown} = logIn();
    log.warn({reason: '\u001b[2J\u009b31m\r\b'}, 'not \u001b]0;title\u0007 this, but C:\\readme');
    await ready();
    const text = shown.join('\n');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there.
    assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    assert.match(text, /C:\\readme/);
  });
});

test('where standard output is no terminal it goes there, and to a file only where one is named', () => {
  const program = `
    import {createLogs} from ${JSON.stringify(join(import.meta.dirname, '../src/log.ts'))};
    const logging = {level: 'info', levels: {}, file: undefined, maxSizeBytes: 1e6, keep: 1, logSuccess: false};
    const use = {redact: (text) => text, server: 'x', print: undefined};
    for (const file of [undefined, 'off', '/dev/null/vakhta.log'])
      createLogs({settings: {logging: {...logging, file}, dataDir: '/dev/null'}, ...use}).of('main').info('hello');
  `;
  const output = execFileSync(process.execPath, ['--input-type=module-typescript', '-e', program], {encoding: 'utf8'});
  assert.deepEqual(
    parse(output).map(({msg}) => msg),
    ['hello', 'hello', 'the log file cannot be written', 'hello'],
  );
});

describe('the line of one run of a check', () => {
  const observation = {check: 'api', at: 1, result: 'ok', reason: '', latencyMs: 1.234} as const;
  const failed = {...observation, result: 'failed', reason: 'HTTP 503'} as const;
  const said = (run: Parameters<ReturnType<typeof createRunLog>>[0], logSuccess: boolean) => {
    const {log, text, lines} = logIn();
    createRunLog(log, logSuccess)(run);
    log.info('end');
    return text() === '' ? [] : lines().slice(0, -1);
  };

  test('is there for what was not well, and for what was only where log_success asks for it', () => {
    assert.deepEqual(said([observation], false), []);
    assert.equal(said([observation], true)[0].msg, 'check ok');
    assert.equal(said([observation], true)[0].latencyMs, 1.2);
    const [line] = said([failed], false);
    assert.deepEqual([line.msg, line.check, line.reason], ['check not ok', 'api', 'HTTP 503']);
  });

  test('counts targets, and names the first of those that are not well', () => {
    const run = Array.from({length: 50}, (_, index) => ({...(index < 10 ? observation : failed), target: `t${index}`}));
    const [line] = said(run, false);
    assert.deepEqual([line.targets, line.unwell, line.named.length], [50, 40, 20]);
    assert.deepEqual(line.named[0], {target: 't10', result: 'failed', reason: 'HTTP 503'});
    assert.equal(said(run.slice(0, 10), true)[0].targets, 10);
  });
});
