import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {folderWith, LAUNCHER, quoted, sh, vakhta} from './shell.ts';

describe('the program’s arguments', {concurrency: 2}, () => {
  test('version names the program’s and Node’s', async () => {
    const {code, stdout, stderr} = await vakhta(['version']);
    assert.match(stdout, /^vakhta \d+\.\d+\.\d+ \(Node \d+\.\d+\.\d+\)\n$/);
    assert.deepEqual([code, stderr], [0, '']);
  });

  test('--help lists every command, and each command has a help of its own', async () => {
    const {code, stdout, stderr} = await vakhta(['--help']);
    assert.deepEqual([code, stderr], [0, '']);
    const commands = [...stdout.matchAll(/^ {2}vakhta (\w+)/gm)].map(([, name = '']) => name);
    assert.deepEqual(commands, ['run', 'check', 'validate', 'window', 'simulate', 'why', 'import', 'audit', 'version']);
    const options: Record<string, RegExp> = {
      run: /--config FILE/,
      check: /--json .*\n.*--config FILE/,
      validate: /--config FILE/,
      window: /--at ISO .*\n.*--config FILE/,
      simulate: /--observations FILE .*\n.*--history DURATION .*\n.*--until WHEN .*\n.*--config FILE/,
      why: /--config FILE/,
      audit: /--config FILE/,
      import: /--env FILE .*\n.*--config FILE/,
      version: /--help/,
    };
    for (const name of commands) {
      const help = await vakhta([name, '--help']);
      assert.deepEqual([help.code, help.stderr], [0, ''], name);
      assert.match(help.stdout, new RegExp(`^vakhta ${name}.*: `), name);
      assert.match(help.stdout, options[name] ?? /^$/, name);
      assert.match(help.stdout, new RegExp(`Example:\n {2}vakhta ${name}`), name);
      assert.match(help.stdout, /Exit codes: 0 .*, 2 /, name);
    }
  });

  test('without a command the list goes to standard error, as nothing was done', async () => {
    const {code, stdout, stderr} = await vakhta([]);
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(stderr, /vakhta validate/);
  });

  const mistakes: [string[], RegExp][] = [
    [['chekc'], /^vakhta: there is no command chekc; did you mean check\?; see vakhta --help\n$/],
    [['__proto__'], /^vakhta: there is no command __proto__; see vakhta --help\n$/],
    [['check', '--jsno'], /^vakhta: there is no option --jsno; did you mean --json\?; see vakhta --help\n$/],
    [['check', '-x'], /^vakhta: there is no option -x; see vakhta --help\n$/],
    [['check', '--config'], /^vakhta: Option '--config <value>' argument missing; see vakhta --help\n$/],
    // An option that another command has is not silently ignored, nor is a word too many.
    [['validate', '--json'], /^vakhta: validate takes no --json; see vakhta validate --help\n$/],
    [['version', '--config', 'x'], /^vakhta: version takes no --config; see vakhta version --help\n$/],
    [['run', 'now'], /^vakhta: run does not know what to do with now; see vakhta run --help\n$/],
    [['window', 'a', 'b'], /^vakhta: window does not know what to do with b; see vakhta window --help\n$/],
  ];
  for (const [words, expected] of mistakes) {
    test(`vakhta ${words.join(' ')} is refused with a hint`, async () => {
      const {code, stdout, stderr} = await vakhta(words);
      assert.match(stderr, expected);
      assert.deepEqual([code, stdout], [2, '']);
    });
  }

  test('a reader that has seen enough is no crash', async (context) => {
    const checks = Array.from({length: 3_000}, (_, n) => `  c${n}: {type: socket, host: 127.0.0.1, port: 1}\n`);
    const cwd = folderWith(context, {'config.yaml': `checks:\n${checks.join('')}`});
    // `head` leaves after one line of many; the exit code is the one of vakhta, by way of a file.
    const command = `{ ${quoted(LAUNCHER)} check; echo $? > code; } | head -n 1; cat code`;
    const {stdout, stderr} = await sh(command, {cwd});
    assert.match(stdout, /^CHECK +TARGET +RESULT +LATENCY +REASON\n1\n$/);
    assert.equal(stderr, '');
    const closed = await sh(`${quoted(LAUNCHER)} check >&-`, {cwd});
    assert.deepEqual([closed.code, closed.stderr], [1, '']);
  });
});
