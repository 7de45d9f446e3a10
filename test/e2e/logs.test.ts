import assert from 'node:assert/strict';
import {existsSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, test} from 'node:test';
import {folderWith, LAUNCHER, quoted, sh} from '../cli/shell.ts';
import {needs} from '../support/packages.ts';
import {Vakhta} from '../support/vakhta.ts';
import {startBrokenApi} from './sick-world.ts';

const ALONE = {TELEGRAM_BOT_TOKEN: '', TELEGRAM_CHAT_ID: '', TELEGRAM_ADMIN_ID: ''};

function configFor(url: string, logging: string): string {
  return `
timezone: UTC
channels: {desk: {type: console}}
defaults: {interval: 1s, timeout: 900ms, fail_after: 1, recover_after: 1}
logging: ${logging}
checks:
  billing-api: {type: http, url: '${url}/health'}
`;
}

describe('the log of the running program', {concurrency: 3}, () => {
  test('is all that standard output carries, and the chat is on standard error', async (context) => {
    const api = await startBrokenApi(context);
    const folder = folderWith(context, {'config.yaml': configFor(api.url, '{}')});
    const command = `timeout -s TERM 5 ${quoted(LAUNCHER)} run`;
    const {stdout, stderr} = await sh(command, {cwd: folder, env: ALONE});
    const messages = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).msg);
    for (const msg of ['check not ok', 'went_down', 'decision', 'delivered', 'status', 'stopping'])
      assert.ok(messages.includes(msg), `${msg} is not among ${messages}`);
    assert.match(stderr, /its log to standard output\n/);
    assert.match(stderr, /billing-api is down/);
    assert.doesNotMatch(stderr, /"msg"/);
    assert.equal(existsSync(join(folder, 'data/vakhta.log')), false);
  });

  test('follows a changed config to another file and level', async (context) => {
    const api = await startBrokenApi(context);
    const vakhta = new Vakhta(context, {'config.yaml': configFor(api.url, '{file: one.log, level: warn}')}, ALONE);
    await vakhta.start();
    await vakhta.waitFor(() => vakhta.output.includes('billing-api is down'), 'the alert');
    assert.doesNotMatch(vakhta.output, /"msg":"went_down"/);
    writeFileSync(join(vakhta.folder, 'config.yaml'), configFor(api.url, '{file: two.log, log_success: true}'));
    api.mend();
    const two = join(vakhta.folder, 'two.log');
    await vakhta.waitFor(() => existsSync(two) && readFileSync(two, 'utf8').includes('"check ok"'), 'the other file');
    assert.equal(await vakhta.stop(), 0);
    assert.doesNotMatch(readFileSync(join(vakhta.folder, 'one.log'), {encoding: 'utf8', flag: 'a+'}), /"level":"info"/);
  });

  test('shows warnings at a terminal and leaves what is typed there alone', needs('script'), async (context) => {
    const config = configFor('http://127.0.0.1:1', '{file: /dev/null/no.log}');
    const folder = folderWith(context, {'config.yaml': config});
    const command = `{ sleep 2; printf /vers; sleep 2; printf 'ion\\r'; sleep 1; } | timeout 7 script -qec "${LAUNCHER} run" /dev/null`;
    const {stdout} = await sh(command, {cwd: folder, env: {...ALONE, TERM: 'xterm'}});
    assert.match(stdout, /ERROR.*the log file cannot be written/);
    assert.match(stdout, /Vakhta \d[\w.]* · .* · Node/);
    assert.doesNotMatch(stdout, /"msg"/);
  });
});
