import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {type Addressee, createReaders} from '../../src/bot/readers.ts';
import type {ChannelConfig, Locale, User} from '../../src/config/config.ts';
import {ANNA, BORIS, configWith, GROUP} from './world.ts';

const FORUM = -1002;
const MOVED = -1003;
const TODAY = -1004;

const config = configWith({
  locale: 'ru',
  users: new Map<number, User>([
    [ANNA, {id: ANNA, name: 'Anna', role: 'admin'}],
    [BORIS, {id: BORIS, name: 'Boris', role: 'operator', locale: 'es'}],
  ]),
  channels: new Map<string, ChannelConfig>([
    ['ops', {name: 'ops', type: 'telegram', chatId: GROUP}],
    ['news', {name: 'news', type: 'telegram', chatId: FORUM, threadId: 7, locale: 'zh'}],
    ['rest', {name: 'rest', type: 'telegram', chatId: FORUM, threadId: 8}],
    ['moved', {name: 'moved', type: 'telegram', chatId: MOVED, locale: 'en'}],
    ['desk', {name: 'desk', type: 'console', locale: 'es'}],
  ]),
});

function readers(chosen?: Locale) {
  const currentChatId = (id: number) => (id === MOVED ? TODAY : id);
  return createReaders(config, 'shop-7', {language: () => chosen, currentChatId});
}

describe('an answer is in', () => {
  const anna = {person: {id: ANNA}};
  const boris = {person: {id: BORIS}};
  const table: [string, Addressee, Locale, Locale?][] = [
    ['what the person chose, whatever else is said', {...boris, chatId: FORUM, languageCode: 'en'}, 'zh', 'zh'],
    ['what the config says of the person', {...boris, chatId: FORUM, threadId: 7, languageCode: 'en'}, 'es'],
    ["the topic's language", {...anna, chatId: FORUM, threadId: 7, languageCode: 'en'}, 'zh'],
    ["the chat's, in a topic that has none", {...anna, chatId: FORUM, threadId: 8, languageCode: 'en'}, 'zh'],
    ["the chat's, after it has got a new id", {...anna, chatId: TODAY, languageCode: 'zh'}, 'en'],
    ["that of the person's Telegram, in a chat without one", {...anna, chatId: GROUP, languageCode: 'zh-hans'}, 'zh'],
    ["that of the person's Telegram, in private", {...anna, chatId: ANNA, languageCode: 'es-MX'}, 'es'],
    ["the config's, for a Telegram in no language of ours", {...anna, chatId: GROUP, languageCode: 'de'}, 'ru'],
    ["the config's, for a Telegram that says nothing", {...anna, chatId: GROUP}, 'ru'],
    ["the console's, at the console", {person: {id: 0}}, 'es'],
    ['what was chosen at the console', {person: {id: 0}}, 'zh', 'zh'],
  ];
  for (const [what, who, expected, chosen] of table)
    test(what, () => assert.equal(readers(chosen).of(who).words.locale, expected));
});

test('news in a channel are in its language, else in that of the config', () => {
  const named = ['ops', 'news', 'rest', 'moved', 'desk', 'gone', 'chat:5'].map(
    (name) => readers('zh').channel(name).words.locale,
  );
  assert.deepEqual(named, ['ru', 'zh', 'ru', 'en', 'es', 'ru', 'ru']);
});

test('whoever is called in private is spoken to in their own language', () => {
  const locales = [ANNA, BORIS].map((id) => readers().channel(`person:${id}`).words.locale);
  assert.deepEqual(locales, ['ru', 'es']);
  assert.equal(readers('zh').channel(`person:${BORIS}`).words.locale, 'zh');
});
