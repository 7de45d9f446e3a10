// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${NAME} is config.yaml's own syntax here.
import assert from 'node:assert/strict';
import {join} from 'node:path';
import {test} from 'node:test';
import {inspect} from 'node:util';
import {z} from 'zod';
import {secretPatterns} from '../../src/config/secrets.ts';
import {CHECKS, createFolder} from './folder.ts';

const TOKEN = '123456:ABC-DEF_ghi';
const telegram = (token: string) => `telegram: {token: ${token}}\n${CHECKS}`;

test('a variable of the environment is filled in anywhere inside a text', (t) => {
  const folder = createFolder(t);
  const text =
    'checks:\n  api: {type: socket, host: "${NAME}.example", port: 1, comment: "$${NAME} $5 ${NAME}${NAME}"}\n';
  const [check] = folder.config(text, {NAME: 'till'}).checks;
  assert.equal(check?.comment, '${NAME} $5 tilltill');
  assert.deepEqual(inspect(check?.options).match(/till\.example/)?.[0], 'till.example');
});

test('a filled-in text is a number or a boolean where the key wants one, and stays a text where it does not', (t) => {
  const folder = createFolder(t);
  const text =
    'mocks: ${M}\nchecks:\n  api: {type: socket, host: h, port: "${PORT}", comment: "${PORT}", urgent: "${M}"}\n';
  const config = folder.config(text, {PORT: '8082', M: 'true'});
  assert.equal(config.mocks, true);
  assert.equal(config.checks[0]?.urgent, true);
  assert.equal(config.checks[0]?.comment, '8082');
  assert.match(inspect(config.checks[0]?.options), /port: 8082/);
});

test('a missing variable is named at its place, with every other one that is missing', (t) => {
  const folder = createFolder(t);
  const found = folder.problems(
    `telegram:\n  token: \${GONE}\nchannels:\n  a: {type: telegram, chat_id: "\${A}\${B}"}\n${CHECKS}`,
    {B: ''},
  );
  assert.deepEqual(
    found.map((line) => line.replace(/, found.*/, '')),
    [
      'config.yaml:2:10 telegram.token: expected the environment variable GONE',
      'config.yaml:4:32 channels.a.chat_id: expected the environment variable A and B',
    ],
  );
  assert.match(found[0] ?? '', /found it unset or empty; set it/);
});

test('what stands between the braces has to be the name of a variable', (t) => {
  const folder = createFolder(t);
  for (const text of ['${}', '${A-B}', '${A', '${A:-x}'])
    assert.match(
      folder.problems(`data_dir: '${text}'\n${CHECKS}`, {A: 'a'})[0] ?? '',
      /^config\.yaml:1:11 data_dir: expected the name of an environment variable/,
      text,
    );
});

test('a secret may stand in a file, beside the config or in the folder of systemd’s credentials', (t) => {
  const folder = createFolder(t);
  folder.write('token', `${TOKEN}\n`);
  assert.equal(folder.config(telegram('file:token')).telegram?.token, TOKEN);
  const env = {CREDENTIALS_DIRECTORY: folder.path};
  assert.equal(folder.config(telegram('"file:${CREDENTIALS_DIRECTORY}/token"'), env).telegram?.token, TOKEN);
  const loaded = folder.load(telegram('file:token'));
  assert.deepEqual(loaded.ok && loaded.secrets, [TOKEN]);
});

test('a credential file that is missing, empty, a folder or huge is a problem of its key', (t) => {
  const folder = createFolder(t);
  const problem = (token: string) => folder.problems(telegram(token)).join('\n');
  assert.match(problem('file:gone'), /^config\.yaml:1:19 telegram\.token: expected file: .* no such file/);
  assert.match(problem('"file:."'), /found something else at that path/);
  folder.write('empty', '\n\n');
  assert.match(problem('file:empty'), /found it empty/);
  folder.write('huge', 'x'.repeat(100_000));
  assert.match(problem('file:huge'), /at most 65536 bytes/);
});

test('only secrets come from files: elsewhere file: is a text like any other', (t) => {
  const folder = createFolder(t);
  assert.match(folder.config(`data_dir: file:x\n${CHECKS}`).dataDir, /\/file:x$/);
});

test('the log learns every secret, wherever it came from, and no short or public word', (t) => {
  const folder = createFolder(t);
  const text = `${telegram('"${TOK}"')}  b:
    type: http
    url: https://\${USER_NAME}:\${PASSWORD}@api.example/
    headers: {Authorization: Bearer literal-secret, Accept: application/json, X: "\${SHORT_KEY}"}
  c: {type: http, url: http://127.0.0.1:8081/health}
`;
  const loaded = folder.load(text, {TOK: TOKEN, USER_NAME: 'monitor', PASSWORD: 'hunter22', SHORT_KEY: 'abc'});
  assert.ok(loaded.ok);
  for (const value of [TOKEN, 'hunter22', 'Bearer literal-secret', 'https://monitor:hunter22@api.example/'])
    assert.ok(loaded.secrets.includes(value), value);
  for (const value of ['abc', 'application/json', 'http://127.0.0.1:8081/health'])
    assert.ok(!loaded.secrets.includes(value), value);
});

test('no problem shows a secret or anything that came from the environment', (t) => {
  const folder = createFolder(t);
  folder.write('token', 'not-a-token-FROMFILE');
  const env = {A: 'FROMENV-1234', URL: 'ftp://u:FROMENV-pass@h/FROMENV-path'};
  const text = [
    'telegram: {token: file:token, api_root: "${A}"}',
    'timezone: "${A}"',
    'users: {5: {name: x, role: "${A}"}}',
    'channels: {a: {type: telegram, chat_id: "${A}"}, b: {type: "${A}"}}',
    'alerts: {to: ["${A}"], window: "${A}", missed: "${A}"}',
    'defaults: {interval: "${A}", attempts: "${A}"}',
    'checks:',
    '  api: {type: http, url: "${URL}", expect: ["${A} =="], headers: {"Authorization": "Bearer LITERAL\\n"}, timeout: "${A}"}',
    '  tok: {type: "${A}"}',
    '  sok: {type: socket, host: "${A}", port: "${A}", send: "${A}", group: "-${A}", comment: 5}',
    '  ter: {type: terminals, addresses: ["${A}/99"], alert_when: "${A}"}',
    '  fil: {type: terminals, file: "${A}"}',
  ].join('\n');
  const found = folder.problems(text, env);
  assert.ok(found.length > 15, found.join('\n'));
  assert.doesNotMatch(found.join('\n'), /FROMFILE|FROMENV|LITERAL/);
});

test('a password written into an address is not shown either', (t) => {
  const folder = createFolder(t);
  const found = folder.problems(`telegram: {token: "1:abc", api_root: "ftp://user:a/hunter22@host/"}\n${CHECKS}`);
  assert.match(found[0] ?? '', /^config\.yaml:1:38 telegram\.api_root: expected an address/);
  assert.doesNotMatch(found.join('\n'), /hunter22/);
});

test('a secret that slipped out of its place is not shown', (t) => {
  const folder = createFolder(t);
  const slips = [
    'telegram:\n  token 123456:ABCDEFGHIJKLMNOPQRSTUV\n',
    'telegram:\n  token:123456:ABCDEFG\n',
    'telegram: {token:123456:ABCDEFG}\n',
    'telegram: {token: "123456:ABCDEFG" x}\n',
    'telegram: {token=ABCDEFG: x}\n',
    'timezone: 123456:ABCDEFGHIJKLMNOPQRSTUV\n',
    'telegram: 123456:ABCDEFG\n',
    '123456:ABCDEFG\n',
  ];
  for (const slip of slips) {
    const found = folder.problems(`${slip}${CHECKS}`).join('\n');
    assert.match(found, /^config\.yaml:[12]:\d+ /, slip);
    assert.doesNotMatch(found, /ABCDEFG/, slip);
  }
});

test('a kind of check marks its secrets in its own schema', () => {
  const schema = z.strictObject({
    host: z.string(),
    password: z.string().meta({secret: true}).optional(),
    headers: z.record(z.string(), z.string().meta({secret: true})).default({}),
    logins: z.array(z.strictObject({pin: z.string().meta({secret: true})})),
  });
  assert.deepEqual(secretPatterns(schema), [['password'], ['headers', '*'], ['logins', '*', 'pin']]);
});

/** A module whose options hold a secret each of a map and of a list. */
const OWN_CHECK = `import {defineCheck, ok, z} from 'vakhta/check';
const secret = () => z.string().min(8).meta({secret: true});
export default defineCheck({
  options: z.strictObject({
    password: secret().optional(),
    logins: z.array(z.strictObject({user: z.string(), pin: secret()})).default([]),
    folder: z.string().meta({path: true}).optional(),
  }),
  run: async () => ok(),
});
`;
const own = (options: string) => `checks:\n  own: {type: custom, module: own.ts, options: ${options}}\n`;

test('the schema of a module of the user’s own marks secrets and paths as the kinds do', (t) => {
  const folder = createFolder(t);
  folder.write('own.ts', OWN_CHECK);
  folder.write('pin', 'pin-of-the-file\n');
  const text = own('{password: in-the-config, logins: [{user: ann, pin: "file:${HERE}/pin"}], folder: spool}');
  const loaded = folder.load(text, {HERE: folder.path});
  assert.ok(loaded.ok);
  const given = loaded.config.checks[0]?.options as {options: unknown};
  assert.deepEqual(given.options, {
    password: 'in-the-config',
    logins: [{user: 'ann', pin: 'pin-of-the-file'}],
    folder: join(folder.path, 'spool'),
  });
  assert.deepEqual(new Set(loaded.secrets), new Set(['in-the-config', 'pin-of-the-file']));
});

test('a wrong secret in the options of a module is named by its place, and not shown', (t) => {
  const folder = createFolder(t);
  folder.write('own.ts', OWN_CHECK);
  const gone = folder.problems(own('{password: "file:gone"}'));
  assert.match(gone[0] ?? '', /^config\.yaml:2:\d+ checks\.own\.options\.password: expected file: and .*no such file/);
  assert.equal(gone.length, 1);
  for (const options of ['{password: sh0rt}', '{password: "${P}"}', '{logins: [{user: ann, pin: sh0rt}]}']) {
    const [found = ''] = folder.problems(own(options), {P: 'sh0rt'});
    assert.match(found, /^config\.yaml:2:\d+ checks\.own\.options\./, options);
    assert.doesNotMatch(found, /sh0rt/, options);
  }
});
