import assert from 'node:assert/strict';
import {test} from 'node:test';
import {CHECKS, createFolder} from './folder.ts';

const TOKEN = '123456:ABC-DEF_ghi';

/** What each environment makes of a config that says nothing of Telegram, channels or users. */
const TABLE: readonly {
  readonly name: string;
  readonly env: NodeJS.ProcessEnv;
  readonly to: readonly string[];
  readonly admins: readonly number[];
  readonly telegram: boolean;
  readonly warnings: number;
}[] = [
  {name: 'nothing: the console alone', env: {}, to: ['console'], admins: [], telegram: false, warnings: 0},
  {
    name: 'all three: the chat and the console, and one admin',
    env: {TELEGRAM_BOT_TOKEN: TOKEN, TELEGRAM_CHAT_ID: '-1005', TELEGRAM_ADMIN_ID: '7'},
    to: ['telegram', 'console'],
    admins: [7],
    telegram: true,
    warnings: 0,
  },
  {
    name: 'no admin: it sends, and a warning says that nobody may give orders',
    env: {TELEGRAM_BOT_TOKEN: TOKEN, TELEGRAM_CHAT_ID: '5'},
    to: ['telegram', 'console'],
    admins: [],
    telegram: true,
    warnings: 1,
  },
  {
    name: 'no token: the console alone, and a warning',
    env: {TELEGRAM_CHAT_ID: '5', TELEGRAM_ADMIN_ID: '7'},
    to: ['console'],
    admins: [],
    telegram: false,
    warnings: 1,
  },
  {
    name: 'empty variables are unset ones',
    env: {TELEGRAM_BOT_TOKEN: '', TELEGRAM_CHAT_ID: '', TELEGRAM_ADMIN_ID: ''},
    to: ['console'],
    admins: [],
    telegram: false,
    warnings: 0,
  },
];

for (const {name, env, to, admins, telegram, warnings} of TABLE)
  test(`the environment stands in for telegram: ${name}`, (t) => {
    const loaded = createFolder(t).load(CHECKS, env);
    assert.ok(loaded.ok);
    const {config} = loaded;
    assert.deepEqual(config.alerts.to, to);
    assert.deepEqual([...config.channels.keys()], to);
    assert.deepEqual(
      [...config.users.values()].filter(({role}) => role === 'admin').map(({id}) => id),
      admins,
    );
    assert.equal(config.telegram !== undefined, telegram);
    assert.equal(loaded.warnings.length, warnings);
    assert.deepEqual(loaded.secrets, telegram ? [TOKEN] : []);
  });

test('another Bot API server may be named in the environment', (t) => {
  const env = {TELEGRAM_BOT_TOKEN: TOKEN, TELEGRAM_CHAT_ID: '5', TELEGRAM_API_ROOT: 'http://127.0.0.1:9/'};
  assert.equal(createFolder(t).config(CHECKS, env).telegram?.apiRoot, 'http://127.0.0.1:9/');
});

test('proxies may be named in the environment, and are secrets', (t) => {
  const ways = ['socks5://anna:hunter22@127.0.0.1:1', 'direct'];
  const env = {TELEGRAM_BOT_TOKEN: TOKEN, TELEGRAM_CHAT_ID: '5', TELEGRAM_PROXY: ways.join(', ')};
  const loaded = createFolder(t).load(CHECKS, env);
  assert.ok(loaded.ok);
  assert.deepEqual(loaded.config.telegram?.proxies, ways);
  assert.deepEqual(loaded.secrets, [TOKEN, ways[0]]);
});

test('variables that are wrong are named, and their values are not', (t) => {
  const env = {
    TELEGRAM_BOT_TOKEN: 'LEAK1',
    TELEGRAM_CHAT_ID: 'LEAK2',
    TELEGRAM_ADMIN_ID: '-5',
    TELEGRAM_API_ROOT: 'LEAK3',
  };
  const found = createFolder(t).problems(CHECKS, env);
  assert.deepEqual(
    found.map((line) => line.split(':')[0]),
    [
      'environment TELEGRAM_BOT_TOKEN',
      'environment TELEGRAM_API_ROOT',
      'environment TELEGRAM_CHAT_ID',
      'environment TELEGRAM_ADMIN_ID',
    ],
  );
  assert.doesNotMatch(found.join('\n'), /LEAK/);
});

test('a token without a chat is a problem, unless the config has channels of its own', (t) => {
  const folder = createFolder(t);
  const env = {TELEGRAM_BOT_TOKEN: TOKEN};
  assert.match(folder.problems(CHECKS, env)[0] ?? '', /^environment TELEGRAM_CHAT_ID: expected the numeric id/);
  const channels = 'channels: {ops: {type: telegram, chat_id: 9}}\n';
  assert.deepEqual([...folder.config(`${channels}${CHECKS}`, env).channels.keys()], ['ops']);
});

test('with a telegram: block the environment is not asked', (t) => {
  const env = {TELEGRAM_BOT_TOKEN: 'nonsense', TELEGRAM_CHAT_ID: '5', TELEGRAM_ADMIN_ID: '7'};
  const config = createFolder(t).config(`telegram: {token: "${TOKEN}"}\n${CHECKS}`, env);
  assert.equal(config.telegram?.token, TOKEN);
  assert.deepEqual([...config.channels.keys()], ['console']);
  assert.equal(config.users.size, 0);
});

test('the channels that stand in may be named in alerts', (t) => {
  const folder = createFolder(t);
  const text = `alerts: {to: [telegram], fallback: console}\n${CHECKS}`;
  const env = {TELEGRAM_BOT_TOKEN: TOKEN, TELEGRAM_CHAT_ID: '5', TELEGRAM_ADMIN_ID: '7'};
  const {to, fallback} = folder.config(text, env).alerts;
  assert.deepEqual({to, fallback}, {to: ['telegram'], fallback: 'console'});
  assert.match(folder.problems(text)[0] ?? '', /^config\.yaml:1:15 alerts\.to\[0\]: expected the name of a channel/);
});

test('people of the config keep their role, whoever the environment names', (t) => {
  const env = {TELEGRAM_BOT_TOKEN: TOKEN, TELEGRAM_CHAT_ID: '5', TELEGRAM_ADMIN_ID: '7'};
  const config = createFolder(t).config(
    `users: {7: {name: Anna, role: viewer}, 8: {name: B, role: operator}}\n${CHECKS}`,
    env,
  );
  assert.deepEqual(
    [...config.users.values()].map(({name, role}) => [name, role]),
    [
      ['Anna', 'viewer'],
      ['B', 'operator'],
    ],
  );
});
