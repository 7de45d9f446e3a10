import assert from 'node:assert/strict';
import {test} from 'node:test';
import {locales} from '../../src/bot/languages.ts';
import {LOCALES} from '../../src/config/locales.ts';
import {CHECKS, createFolder} from './folder.ts';

test('the config knows the languages that the bot speaks', () => {
  assert.deepEqual([...LOCALES].sort(), [...locales].sort());
});

test('a language stands at the top, on a channel of each type, and on a user; English where there is none', (t) => {
  const folder = createFolder(t);
  const config = folder.config(
    [
      'locale: ru',
      'telegram: {token: "1:a"}',
      'users: {5: {name: Anna, role: admin, locale: es}, 6: {name: Boris, role: viewer}}',
      'channels: {ops: {type: telegram, chat_id: -5, locale: zh}, desk: {type: console, locale: en}, lead: {type: console}}',
      CHECKS,
    ].join('\n'),
  );
  assert.equal(config.locale, 'ru');
  assert.deepEqual(
    [...config.users.values()].map(({locale}) => locale),
    ['es', undefined],
  );
  assert.deepEqual(
    [...config.channels.values()].map(({locale}) => locale),
    ['zh', 'en', undefined],
  );
  assert.equal(folder.config(CHECKS).locale, 'en');
});

test('another language is refused where it stands', (t) => {
  const folder = createFolder(t);
  const found = folder.problems(`locale: fr\nchannels:\n  desk: {type: console, locale: ruu}\n${CHECKS}`);
  assert.deepEqual(found, [
    'config.yaml:1:9 locale: expected one of en, ru, es, zh, got "fr"',
    'config.yaml:3:33 channels.desk.locale: expected one of en, ru, es, zh, got "ruu"; did you mean ru?',
  ]);
});
