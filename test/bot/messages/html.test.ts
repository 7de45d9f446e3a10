import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import fc from 'fast-check';
import {startSimulator} from '../../../mocks/telegram/simulator.ts';
import {
  clip,
  escapeHtml,
  fitLines,
  pages,
  plainText,
  TEXT_UNITS_MAX,
  withTail,
} from '../../../src/bot/messages/html.ts';
import {OpsTelegram} from '../../../src/bot/telegram/api.ts';
import {systemClock} from '../../../src/clock.ts';
import {ANNA} from '../world.ts';

const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;
const anyText = fc.string({unit: 'grapheme', maxLength: 300});
const more = (left: number) => `… and ${left} more`;

const AWKWARD_NAMES = [
  'a < b',
  'R&D',
  '&lt;b&gt; is not bold',
  '<b>bold?</b>',
  '`code` ``` _under_ *star* [link](http://x)',
  'שלום, סניף 7',
  'مرحبا \u202E reversed',
  '🧾 касса №4 👩‍👩‍👧‍👦',
  '"quotes" \'and\' \\backslashes\\',
];

describe('text for Telegram', () => {
  test('gives up its own last lines for those below it, where both are too long together', () => {
    assert.equal(withTail('one\ntwo', ['<i>late</i>']), 'one\ntwo\n<i>late</i>');
    assert.equal(withTail('one', []), 'one');
    const full = Array.from({length: 64}, (_, index) => `${index} ${'x'.repeat(60)}`).join('\n');
    const whole = withTail(full, ['<b>tail</b>', 'end'.repeat(40)]);
    assert.ok(plainText(whole).length <= TEXT_UNITS_MAX);
    assert.match(whole, /\n…\n<b>tail<\/b>\n(end){40}$/);
  });

  test('what was escaped reads back as it was', () => {
    fc.assert(fc.property(anyText, (text) => plainText(escapeHtml(text)) === text.replace(/[^\P{Cc}\n]/gu, ' ')));
  });

  test('control characters become spaces, so that a reason commands neither a terminal nor a parser', () => {
    assert.equal(escapeHtml('a\u0000b\u001b[2Jc\rd\u009be\nf\tg'), 'a b [2Jc d e\nf g');
  });

  test('escaped text holds no sign that begins markup', () => {
    fc.assert(fc.property(anyText, (text) => !/[<>]|&(?!amp;|lt;|gt;)/.test(escapeHtml(text))));
  });

  test('clipped text is never too long, never half an emoji, and begins like the whole', () => {
    fc.assert(
      fc.property(anyText, fc.integer({min: 2, max: 50}), (text, max) => {
        const clipped = clip(text, max);
        assert.ok(clipped.length <= max);
        assert.doesNotMatch(clipped, LONE_SURROGATE);
        assert.ok(clipped === text || text.startsWith(clipped.slice(0, -1)));
      }),
    );
    assert.equal(clip('ab🧾cd', 4), 'ab…');
    assert.equal(clip('ab🧾cd', 5), 'ab🧾…');
  });

  test('lines that do not fit into one message are counted, and the message is never too long', () => {
    const lines = fc.array(
      fc.string({maxLength: 60}).map((line) => `<b>${escapeHtml(line.replaceAll('\n', ''))}</b>`),
      {maxLength: 40},
    );
    fc.assert(
      fc.property(lines, fc.integer({min: 100, max: 400}), (all, max) => {
        const text = fitLines(all, more, max);
        assert.ok(plainText(text).length <= max);
        const shown = text === '' && all.length === 0 ? [] : text.split('\n');
        const left = /^… and (\d+) more$/.exec(shown.at(-1) ?? '');
        if (left) assert.deepEqual(shown.slice(0, -1), all.slice(0, all.length - Number(left[1])));
        else assert.deepEqual(shown, all);
      }),
    );
  });

  for (const length of [4095, 4096, 4097]) {
    test(`a text of ${length} units ${length <= TEXT_UNITS_MAX ? 'is left whole' : 'is cut to one message'}`, () => {
      const line = 'x'.repeat(length - 6);
      const text = fitLines(['<b>12345</b>', line], more);
      if (length <= TEXT_UNITS_MAX) assert.equal(plainText(text), `12345\n${line}`);
      else assert.equal(plainText(text), '12345\n… and 1 more');
      const joined = pages(['<b>12345</b>', line]);
      assert.equal(joined.length, length <= TEXT_UNITS_MAX ? 1 : 2);
    });
  }

  test('pages lose no line, keep their order and are never too long', () => {
    const lines = fc.array(fc.string({maxLength: 100}).map(escapeHtml), {maxLength: 60});
    fc.assert(
      fc.property(lines, (all) => {
        const parts = pages(all, 120);
        assert.deepEqual(parts.flat(), all);
        for (const page of parts) assert.ok(plainText(page.join('\n')).length <= 120);
      }),
    );
  });

  test('a line that is longer than a message is clipped, and is still whole HTML', () => {
    const [page] = pages([`<b>${'&lt;'.repeat(5000)}</b>`]);
    assert.equal(plainText(page?.[0] ?? '').length, TEXT_UNITS_MAX);
    assert.match(page?.[0] ?? '', /^(&lt;)+…$/);
  });

  test('Telegram shows awkward names exactly as they are', async (context) => {
    const telegram = await startSimulator({limits: false});
    context.after(() => telegram.stop());
    telegram.addUser({id: ANNA, first_name: 'Anna'});
    const api = new OpsTelegram({token: telegram.token, apiRoot: telegram.apiRoot, clock: systemClock});
    context.after(() => api.hangUp());
    for (const name of AWKWARD_NAMES) {
      const html = `🔴 <b>${escapeHtml(name)}</b> is down`;
      await api.callApi('sendMessage', {chat_id: ANNA, text: html, parse_mode: 'HTML'});
      const shown = telegram.messages(ANNA).at(-1);
      assert.equal(shown?.text, plainText(html));
      const bold = shown?.entities.find(({type}) => type === 'bold');
      assert.equal(shown?.text.substr(bold?.offset ?? 0, bold?.length), name);
    }
    assert.deepEqual(telegram.violations, []);
  });

  test('Telegram takes a text of exactly 4096 units after parsing and not one more', async (context) => {
    const telegram = await startSimulator({limits: false});
    context.after(() => telegram.stop());
    telegram.addUser({id: ANNA, first_name: 'Anna'});
    const api = new OpsTelegram({token: telegram.token, apiRoot: telegram.apiRoot, clock: systemClock});
    context.after(() => api.hangUp());
    const send = (text: string) => api.callApi('sendMessage', {chat_id: ANNA, text, parse_mode: 'HTML'});
    await send(`<b>${'&amp;'.repeat(4096)}</b>`);
    assert.equal(telegram.messages(ANNA).at(-1)?.text.length, TEXT_UNITS_MAX);
    await assert.rejects(send(`<b>${'&amp;'.repeat(4097)}</b>`), /too long/);
  });
});
