import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {commands} from '../../../src/bot/commands/index.ts';
import {dictionaries, localeOf, locales} from '../../../src/bot/languages.ts';
import {numbersIn} from '../../../src/bot/messages/numbers.ts';
import type {Locale} from '../../../src/config/config.ts';
import {flawsOf} from './flaws.ts';
import {COUNTS, calls, leaves, others, pathsIn, pluralForms, say} from './walk.ts';

const words = leaves();

/** Words that are the same in every language, as they are but a frame. */
const SAME_EVERYWHERE = ['detail.silence', 'help.role', 'order.arguments'];
/** And those that have but names and signs in some language. */
/** English words of another language, too. */
const SHARED = ['confirm.no'];
const NAMES_ONLY = [...SAME_EVERYWHERE, 'why.silence'];
/** The font of the pictures has no Chinese characters. */
const isEnglish = (locale: Locale, path: string) => locale === 'zh' && path.startsWith('picture.');
/** The labels of buttons. */
const LABEL = /^card\.acknowledge$|^detail\.(?!for|latency|silenced)|^confirm\.(yes|no)$|^buttons\./;
/** core.telegram.org/bots/api#botcommand, #answercallbackquery; a phone shows about so much of a button. */
const SUMMARY_UNITS_MAX = 256;
const CALLBACK_UNITS_MAX = 200;
const BUTTON_UNITS_MAX = 30;

/** Every letter that a reader of the language meets there must be of its script, but for what is a name. */
const SCRIPT = {ru: /\p{Script=Cyrillic}/u, zh: /\p{Script=Han}/u, es: /\p{Script=Latin}/u, en: /\p{Script=Latin}/u};

test('the walk meets every word of the dictionary', () => {
  const found = ['locale', ...words.map(({path}) => path)];
  assert.deepEqual(found.sort(), pathsIn(dictionaries.en).sort());
});

for (const locale of locales) {
  describe(`in ${locale}`, () => {
    test('every word says something whole, whatever it is given', () => {
      for (const leaf of words) {
        for (const args of calls(leaf)) {
          const text = say(locale, leaf, args);
          assert.deepEqual(flawsOf(text.replaceAll('till<&>7', 'till')), [], `${leaf.path}(${args}): ${text}`);
        }
      }
    });

    test('a word is written in the script of its language', () => {
      for (const leaf of words.filter(({path}) => !NAMES_ONLY.includes(path) && !isEnglish(locale, path)))
        assert.match(say(locale, leaf, calls(leaf)[0] ?? []).replaceAll('till<&>7', ''), SCRIPT[locale], leaf.path);
    });

    test('each form of a counted word is the one for some number, and each number has one', () => {
      const {form} = numbersIn(locale);
      const all = pluralForms(locale);
      assert.ok(all.length > 0);
      for (const {place, forms} of all) {
        const made = new Set(COUNTS.map((count) => Reflect.apply(form, undefined, [count, forms])));
        assert.deepEqual([...made].sort(), [...new Set(Object.values(forms))].sort(), place);
        assert.ok(!made.has(''), place);
      }
    });

    test('what Telegram limits is short enough', () => {
      for (const {name, summary} of commands) {
        const text = summary(dictionaries[locale]);
        assert.ok(text.length >= 3 && text.length <= SUMMARY_UNITS_MAX, `/${name}: ${text}`);
      }
      const {ack, button, order} = dictionaries[locale];
      const name = 'x'.repeat(64);
      for (const text of [button.expired, ack.done(name, ''), ack.notDown(name), order.notForYou('operator')])
        assert.ok(text.length <= CALLBACK_UNITS_MAX, text);
      for (const label of words.filter(({path}) => LABEL.test(path))) {
        const text = say(locale, label, calls(label)[0] ?? []);
        assert.ok(text.length <= BUTTON_UNITS_MAX, text);
      }
    });
  });
}

for (const locale of others) {
  test(`${locale} says what English says, in words of its own`, () => {
    for (const leaf of words.filter(({path}) => ![...SAME_EVERYWHERE, ...SHARED].includes(path))) {
      if (isEnglish(locale, leaf.path)) continue;
      for (const args of calls(leaf)) {
        const english = say('en', leaf, args);
        const theirs = say(locale, leaf, args);
        assert.notEqual(theirs, english, leaf.path);
        const names = args.filter((arg) => typeof arg === 'string' && arg === 'till<&>7');
        for (const name of names.filter((each) => english.includes(String(each))))
          assert.equal(count(theirs, String(name)), count(english, String(name)), `${leaf.path}: ${theirs}`);
      }
    }
  });

  test(`${locale} names the numbers that English names`, () => {
    const numbers = numbersIn(locale);
    for (const leaf of words.filter(({samples}) => samples?.some(({type}) => type === 'number'))) {
      // Numbers that are told apart wherever they stand.
      const args = (leaf.samples ?? []).map(({type, values}, index) =>
        type === 'number' ? 37 + 2 * index : values[0],
      );
      const theirs = say(locale, leaf, args);
      for (const arg of args)
        if (typeof arg === 'number') assert.ok(theirs.includes(numbers.number(arg)), `${leaf.path}: ${theirs}`);
    }
  });
}

test('Russian words agree with the last digits, as Russian numbers do', () => {
  const {card, status} = dictionaries.ru;
  const failures = (count: number) => card.failuresSince(count, '14:03');
  const expected = ['1 ошибка', '2 ошибки', '5 ошибок', '11 ошибок', '21 ошибка', '22 ошибки', '112 ошибок'];
  for (const text of expected) assert.equal(failures(Number.parseInt(text, 10)), `${text}, не работает с 14:03`);
  assert.equal(status.problems(1, 21), 'Не проходит 1 из 21 проверки');
  assert.equal(status.problems(3, 12), 'Не проходят 3 из 12 проверок');
  assert.equal(numbersIn('ru').count(1.5, {one: 'час', few: 'часа', many: 'часов'}), '1,5 часа');
});

test('Spanish counts by millions with a preposition', () => {
  const {failuresSince} = dictionaries.es.card;
  assert.equal(failuresSince(1, '14:03:07'), '1 fallo, no funciona desde las 14:03:07');
  assert.equal(failuresSince(1_000_000, '01:03:07'), '1.000.000 de fallos, no funciona desde la 01:03:07');
  assert.equal(failuresSince(5, '20 nov 2026 14:03:07'), '5 fallos, no funciona desde el 20 nov 2026 14:03:07');
});

test('every part of a usage that stands for something has a name in each language', () => {
  for (const locale of others) {
    for (const {name, usage} of commands) {
      const shown = dictionaries[locale].order.arguments(usage).split(/[^\p{L}.º]+/u);
      const left = usage.match(/\b[A-Z]+\b/g)?.filter((word) => shown.includes(word)) ?? [];
      assert.deepEqual(left, [], `/${name} in ${locale}`);
    }
  }
});

test('of a usage only what stands for something is translated', () => {
  const {usage} = dictionaries.ru.order;
  assert.equal(usage('/ack NAME [2h] [why]'), 'Формат: /ack ИМЯ [2h] [причина]');
  assert.equal(usage('/check [group|check]'), 'Формат: /check [группа|проверка]');
  assert.equal(
    usage('/silence NAME|glob|group:G|all 2h|until recovered [why]'),
    'Формат: /silence ИМЯ|маска|group:ГРУППА|all 2h|until recovered [причина]',
  );
});

describe("Telegram's language", () => {
  const table: [string | undefined, string | undefined][] = [
    ['ru', 'ru'],
    ['zh-hans', 'zh'],
    ['zh-TW', 'zh'],
    ['es_MX', 'es'],
    ['EN', 'en'],
    // Not a language of ours, nor the beginning of one.
    ['de', undefined],
    ['est', undefined],
    ['', undefined],
    [undefined, undefined],
  ];
  for (const [tag, locale] of table)
    test(`${tag} is ${locale ?? 'none of ours'}`, () => assert.equal(localeOf(tag), locale));
});

function count(text: string, part: string): number {
  return text.split(part).length - 1;
}
