import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {existsSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, test} from 'node:test';
import {createRedact} from '../src/config/redact.ts';
import {createLog} from '../src/log.ts';
import {newFolder} from './bot/world.ts';

function logIn(secrets: readonly string[] = []) {
  const file = join(newFolder(), 'deep', 'vakhta.log');
  const log = createLog({file, redact: createRedact(secrets), server: 'shop-7'});
  return {file, log, text: () => readFileSync(file, 'utf8')};
}

describe('the log', () => {
  test('is one JSON object a line, with a time, a level by name and the server', () => {
    const {log, text} = logIn();
    log.info({check: 'api'}, 'first');
    log.warn('second\nline');
    const lines = text()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      lines.map(({level, server, msg, check}) => ({level, server, msg, check})),
      [
        {level: 'info', server: 'shop-7', msg: 'first', check: 'api'},
        {level: 'warn', server: 'shop-7', msg: 'second\nline', check: undefined},
      ],
    );
    assert.match(lines[0].time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  test('strikes out secrets wherever they stand: keys, messages, errors, addresses', () => {
    const {log, text} = logIn(['123:AAtoken', 'p"a\\ss']);
    log.info({url: 'http://x/bot123:AAtoken/getMe', '123:AAtoken': 1}, 'with 123:AAtoken and p"a\\ss');
    log.error({err: new Error('no 123:AAtoken', {cause: new Error('p"a\\ss')})}, 'failed');
    assert.doesNotMatch(text(), /AAtoken|p\\"a/);
    assert.equal(text().match(/\[redacted\]/g)?.length, 8);
    for (const line of text().trimEnd().split('\n')) JSON.parse(line);
  });

  test('strikes out a secret whole where another secret is the beginning of it', () => {
    const {log, text} = logIn(['hunter', 'hunter2-long']);
    log.info('the password is hunter2-long');
    assert.doesNotMatch(text(), /2-long/);
  });

  test('an empty secret strikes out nothing', () => {
    const {log, text} = logIn(['']);
    log.info('hello');
    assert.doesNotMatch(text(), /redacted/);
  });

  test('is appended to after a restart', () => {
    const file = join(newFolder(), 'vakhta.log');
    for (const msg of ['one', 'two']) createLog({file, redact: createRedact([]), server: 'x'}).info(msg);
    assert.equal(readFileSync(file, 'utf8').trimEnd().split('\n').length, 2);
  });

  test('a full disk does not end the program', {
    skip: existsSync('/dev/full') ? false : 'needs /dev/full',
  }, async () => {
    const log = createLog({file: '/dev/full', redact: createRedact([]), server: 'x'});
    for (let line = 0; line < 100; line++) log.info('nobody will read this');
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(log.isLevelEnabled('info'), true);
  });

  test('where the file cannot be made it goes to standard error, and never to standard output', () => {
    const program = `
      import {createLog} from ${JSON.stringify(join(import.meta.dirname, '../src/log.ts'))};
      for (const file of [undefined, '/dev/null/vakhta.log']) createLog({file, redact: (text) => text, server: 'x'}).info('hello');
    `;
    const command = `exec 2>&1 >/dev/null; exec "$0" --input-type=module-typescript -e "$1"`;
    const errors = execFileSync('sh', ['-c', command, process.execPath, program], {encoding: 'utf8'});
    assert.equal(errors.match(/"msg":"hello"/g)?.length, 2);
  });
});
