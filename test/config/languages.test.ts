import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
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

test('a template is of all languages, or of those that it names', (t) => {
  const {templates} = createFolder(t).config(
    `templates: {down: "{{check}}", recovered: {ru: "{{{reason}}}", zh: "{{^until}}x{{/until}}"}}\n${CHECKS}`,
  );
  assert.deepEqual(templates, {
    down: {en: '{{check}}', ru: '{{check}}', es: '{{check}}', zh: '{{check}}'},
    recovered: {ru: '{{{reason}}}', zh: '{{^until}}x{{/until}}'},
  });
});

describe('a template is refused', () => {
  const table: [string, string, RegExp][] = [
    [
      'of a variable that does not exist',
      'down: |\n    fine {{check}}\n    {{chekc}}',
      /^config\.yaml:2:9 templates\.down: expected a variable of this text, got \{\{chekc\}\} \(line 2 of the text\); did you mean check\? the variables are acknowledged_at, .*, until$/,
    ],
    ['of a list outside it', 'down: "{{target}}"', /2:9 templates\.down: .*got \{\{target\}\}/],
    ['of a list of another text', 'down: "{{#incidents}}{{/incidents}}"', /got \{\{incidents\}\}/],
    ['of a dotted name', 'down: "{{check.length}}"', /got \{\{check\.length\}\}/],
    ['that names nothing', 'down: "{{}}"', /got \{\{\}\}/],
    ['that is not closed', 'down: "a {{check"', /does not parse \(line 1 of the text\): Unclosed tag$/],
    ['of a section that is not closed', 'down: "{{#check}}"', /Unclosed section "check"$/],
    ['with a partial', 'down: "{{> other}}"', /expected no partial, got \{\{>other\}\}/],
    ['that is empty', 'down: " "', /expected a text, got an empty one; leave the key out for the usual words/],
    ['that is a list', 'down: [a]', /expected a text or a map of keys and values, got a list/],
    ['in a language of no words', 'down: {de: x}', /templates\.down\.de: unknown key/],
    ['of a text that there is not', 'up: x', /templates\.up: unknown key; expected one of down, closed, /],
    ['that is endless', `down: ${'x'.repeat(8_193)}`, /expected a template of at most 8192 characters/],
  ];
  for (const [what, template, expected] of table) {
    test(what, (t) => {
      const found = createFolder(t).problems(`templates:\n  ${template}\n${CHECKS}`);
      assert.equal(found.length, 1, found.join('\n'));
      assert.match(found[0] ?? '', expected);
    });
  }
});
