import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {Ajv} from 'ajv';
import {parse} from 'yaml';
import {kinds} from '../../src/checks/index.ts';
import {editorSchema} from '../../src/config/schema.ts';
import {CHECKS, createFolder} from './folder.ts';

const validate = new Ajv({strict: true, allowUnionTypes: true, strictTypes: false, strictTuples: false}).compile(
  editorSchema(),
);
const accepts = (text: string) => validate(JSON.parse(JSON.stringify(parse(text))));

/** With the marks taken away from the block about Telegram. */
function uncommented(text: string): string {
  const start = text.indexOf('# telegram:');
  const end = text.indexOf('\n\n', start);
  assert.ok(start > 0 && end > start);
  return text.slice(0, start) + text.slice(start, end).replaceAll(/^# ?/gm, '') + text.slice(end);
}

test('the editor’s schema accepts the config that comes with the program, and what is commented out in it', () => {
  const text = readFileSync(join(import.meta.dirname, '../../config.yaml'), 'utf8');
  assert.ok(accepts(text), JSON.stringify(validate.errors));
  const all = uncommented(text);
  assert.ok(accepts(all), JSON.stringify(validate.errors));
});

test('the block that is commented out in the config that comes with the program is all right', (t) => {
  const folder = createFolder(t);
  folder.write('ips.txt', '127.0.0.1\n');
  const text = uncommented(readFileSync(join(import.meta.dirname, '../../config.yaml'), 'utf8'));
  const env = {TELEGRAM_BOT_TOKEN: '123456:ABC-DEF'};
  assert.deepEqual(folder.problems(text, env), []);
  assert.deepEqual(folder.warnings(text, env), []);
  assert.deepEqual([...folder.config(text, env).windows.keys()], ['working-hours']);
});

test('the editor’s schema accepts the example of every kind of check', () => {
  for (const kind of kinds.values()) {
    const example = kind.example.replaceAll(/^/gm, '  ');
    assert.ok(accepts(`checks:\n${example}\n`), `${kind.name}: ${JSON.stringify(validate.errors)}`);
  }
});

test('the editor’s schema accepts a variable wherever a value stands', () => {
  const text = `telegram: {token: "\${T}"}\nmocks: "\${M}"\ndefaults: {interval: "\${I}"}\nchecks:\n  a: {type: socket, host: h, port: "\${P}"}\n`;
  assert.ok(accepts(text), JSON.stringify(validate.errors));
});

test('the editor’s schema accepts what the program does of reminders and maintenance', () => {
  for (const text of [
    'alerts: {group_wait: 0s, repeat_every: off, escalate: [{after: 15m, to: [lead]}]}',
    'alerts: {repeat_every: false}',
    'alerts: {repeat_every: 20m}',
    `alerts: {repeat_every: "\${R}"}`,
    "maintenance: [{checks: all, window: nights}, {checks: [a, 'b*'], at: '0 3 * * 0', for: 2h}]",
    'guard: [api]',
    'defaults: {backoff_factor: 1.5, max_interval: 10m}',
  ])
    assert.ok(accepts(`${text}\n${CHECKS}`), `${text} ${JSON.stringify(validate.errors)}`);
});

test('the editor’s schema underlines unknown keys, bad durations and wrong types', () => {
  const wrong = [
    'bogus: 1',
    'keep_raw: 5',
    'keep_raw: ten',
    'mocks: 5',
    'alerts: {to: []}',
    'users: {anna: {name: A, role: admin}}',
    'alerts: {repeat_every: true}',
    'alerts: {repeat_every: on}',
    'alerts: {escalate: [{after: 15m}]}',
    'maintenance: [{window: nights}]',
    'defaults: {backoff_factor: 0}',
  ];
  for (const text of wrong) assert.ok(!accepts(`${text}\n${CHECKS}`), text);
  assert.ok(!accepts(CHECKS.replace('url', 'ulr')));
  assert.ok(accepts(CHECKS), JSON.stringify(validate.errors));
});

test('the editor’s schema describes every key of a check', () => {
  const {definitions} = editorSchema();
  assert.deepEqual(
    Object.keys(definitions ?? {}),
    [...kinds.keys()].map((name) => `${name}-check`),
  );
  for (const branch of Object.values(definitions ?? {})) {
    const properties = typeof branch === 'object' ? (branch.properties ?? {}) : {};
    assert.ok(Object.keys(properties).length > 10);
    for (const [key, property] of Object.entries(properties))
      assert.match(JSON.stringify(property), /"description":"/, key);
  }
});
