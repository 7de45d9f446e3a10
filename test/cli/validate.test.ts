import assert from 'node:assert/strict';
import {join} from 'node:path';
import {describe, test} from 'node:test';
import {folderWith, ROOT, vakhta} from './shell.ts';

const CHECK = 'checks:\n  api: {type: http, url: http://127.0.0.1:1/}\n';

describe('vakhta validate', {concurrency: 2}, () => {
  test('says in a few lines what the shipped config means', async () => {
    const {code, stdout, stderr} = await vakhta(['validate']);
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /^3 checks \(1 http, 1 socket, 1 terminals; \d+ targets\), every 2s\n1 channel: console/);
  });

  test('takes relative paths from where the caller stands, and those inside the config from the config’s folder', async (context) => {
    const files = {
      'own.yaml': 'checks:\n  t: {type: terminals, file: list.txt}\n',
      'list.txt': '127.0.0.1 till one\n',
    };
    const cwd = folderWith(context, files);
    const {code, stdout} = await vakhta(['validate', '--config', 'own.yaml'], {cwd});
    assert.equal(code, 0);
    assert.match(stdout, /1 check \(1 terminals; 1 target\)/);
    const fromElsewhere = await vakhta(['validate', '--config', join(cwd, 'own.yaml')], {cwd: '/'});
    assert.equal(fromElsewhere.code, 0);
  });

  test('a warning goes to standard error and does not fail', async () => {
    const env = {TELEGRAM_CHAT_ID: '-100123'};
    const {code, stderr} = await vakhta(['validate', '--config', join(ROOT, 'config.yaml')], {env});
    assert.equal(code, 0);
    assert.match(stderr, /^warning: .*TELEGRAM_BOT_TOKEN is not/);
  });

  const list = Array.from({length: 10_000}, (_, n) => `10.0.${n >> 8}.${n & 255}`);
  list[6_999] = '10.0.27.300';
  const bad: Record<string, [Record<string, string | Buffer>, RegExp]> = {
    'an empty file': [{'config.yaml': ''}, /^config\.yaml:1:1 expected keys and values, found an empty file/],
    'a tab': [{'config.yaml': 'checks:\n\tapi:\n'}, /^config\.yaml:2:1 expected spaces, found a tab/],
    'a key that stands twice': [{'config.yaml': `${CHECK}mocks: true\nmocks: true\n`}, /^config\.yaml:4:1 mocks: /],
    'an unknown key': [{'config.yaml': `intervall: 5s\n${CHECK}`}, /^config\.yaml:1:1 intervall: unknown key/],
    'a bad duration': [{'config.yaml': `keep_raw: week\n${CHECK}`}, /^config\.yaml:1:11 keep_raw: expected a duration/],
    'a missing variable': [
      {'config.yaml': `data_dir: "\${NOWHERE}"\n${CHECK}`},
      /^config\.yaml:1:11 data_dir: expected the environment variable NOWHERE/,
    ],
    'one typo among 10,000 addresses': [
      {'config.yaml': 'checks:\n  t: {type: terminals, file: ips.txt}\n', 'ips.txt': list.join('\n')},
      /^ips\.txt:7000:1 .*10\.0\.27\.300/,
    ],
    'a line of a megabyte': [
      {'config.yaml': `timezone: ${'x'.repeat(2 ** 20)}\n${CHECK}`},
      /^config\.yaml:1:1 this line has /,
    ],
    'binary bytes': [{'config.yaml': Buffer.from([0xff, 0xfe, 0, 1, 2])}, /^config\.yaml:1:1 /],
    'a missing list': [
      {'config.yaml': 'checks:\n  t: {type: terminals, file: gone.txt}\n'},
      /^config\.yaml:2:30 checks\.t\.file: /,
    ],
  };
  for (const [what, [files, expected]] of Object.entries(bad)) {
    test(`${what} is a message with its place, and exit code 2`, async (context) => {
      const {code, stdout, stderr} = await vakhta(['validate'], {cwd: folderWith(context, files)});
      assert.match(stderr, expected);
      assert.deepEqual([code, stdout], [2, '']);
      assert.ok(stderr.length < 1_000, stderr.slice(0, 2_000));
    });
  }

  test('what cannot be read cannot be run either', async (context) => {
    const cwd = folderWith(context, {'config.yaml': ''});
    const {stderr} = await vakhta(['validate'], {cwd});
    for (const words of [['check'], ['window', 'x'], ['run']]) {
      assert.deepEqual(await vakhta(words, {cwd}), {code: 2, stdout: '', stderr}, words.join(' '));
    }
  });

  test('a config that is not there, or a folder, is named', async (context) => {
    const cwd = folderWith(context);
    const missing = await vakhta(['validate', '--config', 'gone.yaml'], {cwd});
    assert.deepEqual([missing.code, missing.stdout], [2, '']);
    assert.match(missing.stderr, /^gone\.yaml(:\d+:\d+)? .*/);
    assert.match(missing.stderr, /no such file|not there|does not exist/);
    const folder = await vakhta(['validate', '--config', '.'], {cwd});
    assert.equal(folder.code, 2);
    assert.match(folder.stderr, /folder|directory/);
  });
});
