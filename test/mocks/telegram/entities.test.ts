import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import {parseHtml} from '../../../mocks/telegram/entities.ts';
import {formatText} from '../../../mocks/telegram/text.ts';

const at = (type: string, offset: number, length: number, more: object = {}) => ({type, offset, length, ...more});

describe('HTML', () => {
  const accepted: ReadonlyArray<[html: string, text: string, entities: readonly object[]]> = [
    ['', '', []],
    ['plain', 'plain', []],
    ['<b>a</b>', 'a', [at('bold', 0, 1)]],
    ['<strong>a</strong>', 'a', [at('bold', 0, 1)]],
    ['<i>a</i><em>b</em>', 'ab', [at('italic', 0, 1), at('italic', 1, 1)]],
    ['<u>a</u> <ins>b</ins>', 'a b', [at('underline', 0, 1), at('underline', 2, 1)]],
    ['<s>a</s>', 'a', [at('strikethrough', 0, 1)]],
    ['<strike>a</strike>', 'a', [at('strikethrough', 0, 1)]],
    ['<del>a</del>', 'a', [at('strikethrough', 0, 1)]],
    ['<code>a</code>', 'a', [at('code', 0, 1)]],
    ['<pre>a</pre>', 'a', [at('pre', 0, 1)]],
    // A language belongs to the pair of both tags.
    ['<pre><code class="language-sh">a</code></pre>', 'a', [at('pre', 0, 1, {language: 'sh'})]],
    ['<tg-spoiler>a</tg-spoiler>', 'a', [at('spoiler', 0, 1)]],
    ['<span class="tg-spoiler">a</span>', 'a', [at('spoiler', 0, 1)]],
    ['<blockquote>a</blockquote>', 'a', [at('blockquote', 0, 1)]],
    ['<blockquote expandable>a</blockquote>', 'a', [at('expandable_blockquote', 0, 1)]],
    ['<tg-emoji emoji-id="5368">👍</tg-emoji>', '👍', [at('custom_emoji', 0, 2, {custom_emoji_id: '5368'})]],
    [
      '<tg-time unix="1647531900" format="dT">22:45</tg-time>',
      '22:45',
      [at('date_time', 0, 5, {unix_time: 1647531900, date_time_format: 'dT'})],
    ],
    ['<tg-time unix="7">x</tg-time>', 'x', [at('date_time', 0, 1, {unix_time: 7, date_time_format: ''})]],
    ['<a href="http://x.y/z">a</a>', 'a', [at('text_link', 0, 1, {url: 'http://x.y/z'})]],
    // The server writes an address without a path with a slash, and takes the text where there is no href.
    ['<a href="http://x.y">a</a>', 'a', [at('text_link', 0, 1, {url: 'http://x.y/'})]],
    ['<a>http://x.y/z</a>', 'http://x.y/z', [at('text_link', 0, 12, {url: 'http://x.y/z'})]],
    ['<a href="tg://user?id=7">a</a>', 'a', [at('text_mention', 0, 1, {user: {id: 7, is_bot: false, first_name: ''}})]],
    // What is no address loses its link and keeps its text.
    ['<a href="no address">a</a>', 'a', []],
    ['<a href="http://x.y/?a=1&amp;b=2">a</a>', 'a', [at('text_link', 0, 1, {url: 'http://x.y/?a=1&b=2'})]],
    ["<a href='http://x.y/z'>a</a>", 'a', [at('text_link', 0, 1, {url: 'http://x.y/z'})]],
    // Nested tags close from the inside.
    ['<b>a<i>b</i></b>', 'ab', [at('italic', 1, 1), at('bold', 0, 2)]],
    // Tags are not case-sensitive, and may have spaces at their end.
    ['<B>a</b   >', 'a', [at('bold', 0, 1)]],
    // An end tag without a name closes whatever is open.
    ['<b>a</>', 'a', [at('bold', 0, 1)]],
    ['<b></b>a', 'a', []],
    // Offsets are in UTF-16 units: one for ж, two for 🏟.
    ['ж🏟<b>ж🏟</b>', 'ж🏟ж🏟', [at('bold', 3, 3)]],
    ['&lt;&gt;&amp;&quot;', '<>&"', []],
    // The semicolon may be missing.
    ['&lt&gt', '<>', []],
    ['&#60;&#x3c;&#128512;', '<<😀', []],
    // Other names, and numbers out of range, are plain text.
    ['&nbsp;&laquo;&#12345678;&#0;&', '&nbsp;&laquo;&#12345678;&#0;&', []],
  ];
  for (const [html, text, entities] of accepted) {
    it(`reads ${JSON.stringify(html)}`, () => {
      assert.deepEqual(parseHtml(html), {text, entities});
    });
  }

  const surrogates =
    'Text contains invalid Unicode characters after decoding HTML entities, check for unmatched surrogate code units';
  const refused: ReadonlyArray<[html: string, error: string]> = [
    ['<x>a</x>', 'Unsupported start tag "x" at byte offset 0'],
    ['a < b', 'Unsupported start tag "" at byte offset 2'],
    ['<B>a<Font>', 'Unsupported start tag "font" at byte offset 4'],
    // Byte offsets: ж is two bytes, 🏟 four.
    ['ж🏟<x>', 'Unsupported start tag "x" at byte offset 6'],
    ['<b>a', `Can't find end tag corresponding to start tag "b"`],
    ['<b><i>a', `Can't find end tag corresponding to start tag "i"`],
    ['<b', 'Unclosed start tag at byte offset 0'],
    ['a</b>', 'Unexpected end tag at byte offset 1'],
    ['<b>a</b></b>', 'Unexpected end tag at byte offset 8'],
    ['<b>a</i>', 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'],
    ['<b>a</b', 'Unclosed end tag at byte offset 4'],
    ['<span>a</span>', 'Tag "span" must have class "tg-spoiler" at byte offset 0'],
    ['<a =x>a</a>', 'Empty attribute name in the tag "a" at byte offset 0'],
    ['<a href=', 'Unclosed start tag "a" at byte offset 0'],
    ['<a href=x_y>', 'Unexpected end of name token at byte offset 8'],
    ['<a href="x>', 'Unclosed start tag at byte offset 0'],
    ['<tg-emoji emoji-id="x">a</tg-emoji>', 'Invalid custom emoji identifier specified'],
    ['&#xD83D;', surrogates],
  ];
  for (const [html, error] of refused) {
    it(`refuses ${JSON.stringify(html)}`, () => {
      assert.throws(() => parseHtml(html), {message: `Bad Request: can't parse entities: ${error}`, code: 400});
    });
  }
});

describe('a message’s text', () => {
  it('loses the whitespace at its ends, and the entities move along', () => {
    assert.deepEqual(formatText('  \n<b>a</b> b\n ', 'HTML'), {text: 'a b', entities: [at('bold', 0, 1)]});
  });

  it('keeps entities in the order of their places, the longer first', () => {
    const {entities} = formatText('<b>a<i>b</i></b>', 'HTML');
    assert.deepEqual(entities, [at('bold', 0, 2), at('italic', 1, 1)]);
  });

  it('joins neighbours of the same kind', () => {
    assert.deepEqual(formatText('<b>a</b><b>b</b>', 'HTML').entities, [at('bold', 0, 2)]);
  });

  it('knows no entities within code', () => {
    assert.deepEqual(formatText('<code>a<b>b</b> /status</code>', 'HTML').entities, [at('code', 0, 10)]);
  });

  it('shows commands, mentions and addresses by itself', () => {
    assert.deepEqual(formatText('/ack@vakhta_bot see https://x.y/z, @anna').entities, [
      at('bot_command', 0, 15),
      at('url', 20, 13),
      at('mention', 35, 5),
    ]);
  });

  it('takes no path and no fraction for a command', () => {
    assert.deepEqual(formatText('/usr/bin 1/2 a/b').entities, []);
  });

  it('leaves markup alone without a parse mode', () => {
    assert.equal(formatText('<b>a').text, '<b>a');
  });

  it('may have 4,096 units after parsing', () => {
    assert.equal(formatText(`<b>${'a'.repeat(4096)}</b>`, 'HTML').text.length, 4096);
    assert.throws(() => formatText('a'.repeat(4097)), {message: 'Bad Request: message is too long'});
  });

  it('counts an emoji as two units', () => {
    assert.equal(formatText('😀'.repeat(2048)).text.length, 4096);
    assert.throws(() => formatText(`${'😀'.repeat(2048)}a`), {message: 'Bad Request: message is too long'});
  });

  for (const empty of ['', ' \n ', '<b></b>', '<b> </b>']) {
    it(`must not be empty, as ${JSON.stringify(empty)} is`, () => {
      assert.throws(() => formatText(empty, 'HTML'), {message: 'Bad Request: message text is empty'});
    });
  }
});
