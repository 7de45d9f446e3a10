import type {TelegramMessageEntity} from '@gramio/types/objects';
import {badRequest} from './refusal.ts';

export interface FormattedText {
  readonly text: string;
  readonly entities: readonly TelegramMessageEntity[];
}

/**
 * Parses the HTML parse mode the way TDLib's `parse_html` does: over bytes, so that the offsets in its error texts count
 * bytes, while the offsets of the entities count UTF-16 units. Throws a Refusal with the official text.
 */
export function parseHtml(html: string): FormattedText {
  const source = createSource(html);
  const output: Output = {text: '', entities: [], open: [], pending: []};
  let at = 0;
  while (source.byte(at) !== END) {
    const reference = source.byte(at) === AMPERSAND ? decodeReference(source, at) : undefined;
    if (reference !== undefined) {
      write(output, reference.code);
      at = reference.end;
    } else if (source.byte(at) !== LESS) {
      output.pending.push(source.byte(at));
      at += 1;
    } else {
      flush(output);
      at = source.byte(at + 1) === SLASH ? closeTag(source, at, output) : openTag(source, at, output);
    }
  }
  flush(output);
  const unclosed = output.open.at(-1);
  if (unclosed !== undefined) throw broken(`Can't find end tag corresponding to start tag "${unclosed.name}"`);
  return {text: output.text, entities: output.entities};
}

const END = 0;
const AMPERSAND = 0x26;
const LESS = 0x3c;
const GREATER = 0x3e;
const SLASH = 0x2f;
const EQUALS = 0x3d;
const QUOTES = [0x22, 0x27];
/** TDLib counts the closing zero byte as a space, which is why an unfinished tag is found at the end of the text. */
const SPACES = new Set([0x20, 0x09, 0x0d, 0x0a, 0x0b, END]);

const SIMPLE_TAGS: Readonly<Record<string, TelegramMessageEntity['type']>> = {
  b: 'bold',
  strong: 'bold',
  i: 'italic',
  em: 'italic',
  u: 'underline',
  ins: 'underline',
  s: 'strikethrough',
  strike: 'strikethrough',
  del: 'strikethrough',
  'tg-spoiler': 'spoiler',
  span: 'spoiler',
};
const OTHER_TAGS = new Set(['a', 'pre', 'code', 'blockquote', 'tg-emoji', 'tg-time']);
const NAMED_REFERENCES: Readonly<Record<string, string>> = {lt: '<', gt: '>', amp: '&', quot: '"'};

interface Source {
  byte(at: number): number;
  slice(from: number, to: number): string;
}

interface OpenTag {
  readonly name: string;
  readonly argument: string;
  /** Of a time: how it is to be written. */
  readonly format: string;
  readonly offset: number;
}

interface Output {
  text: string;
  /** Bytes of plain text that are not yet in `text`. */
  pending: number[];
  readonly entities: TelegramMessageEntity[];
  readonly open: OpenTag[];
}

function createSource(html: string): Source {
  const bytes = Buffer.from(html, 'utf8');
  return {
    byte: (at) => bytes[at] ?? END,
    slice: (from, to) => bytes.toString('utf8', from, to),
  };
}

const broken = (text: string) => badRequest(`can't parse entities: ${text}`);

const isSpace = (byte: number) => SPACES.has(byte);

const lower = (text: string) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

function flush(output: Output): void {
  output.text += Buffer.from(output.pending).toString('utf8');
  output.pending = [];
}

function write(output: Output, code: number): void {
  if (code >= 0xd800 && code <= 0xdfff) {
    const why = 'Text contains invalid Unicode characters after decoding HTML entities';
    throw broken(`${why}, check for unmatched surrogate code units`);
  }
  flush(output);
  output.text += String.fromCodePoint(code);
}

/** An unknown name and a number out of range are no references: they stay in the text as they are. */
function decodeReference(source: Source, at: number): {code: number; end: number} | undefined {
  const rest = source.slice(at, at + 40);
  const number = /^&#(?:x([0-9a-fA-F]*)|([0-9]*))/.exec(rest);
  const name = /^&([a-zA-Z]*)/.exec(rest);
  const matched = number ?? name;
  if (matched === null) return undefined;
  const code = number === null ? NAMED_REFERENCES[name?.[1] ?? '']?.codePointAt(0) : numberOf(number);
  if (code === undefined || code === 0) return undefined;
  const end = at + matched[0].length;
  return {code, end: source.byte(end) === 0x3b ? end + 1 : end};
}

function numberOf(match: RegExpExecArray): number | undefined {
  const code = match[1] === undefined ? Number.parseInt(match[2] ?? '', 10) : Number.parseInt(match[1], 16);
  return Number.isNaN(code) || code >= 0x10ffff || match[0].length >= 10 ? undefined : code;
}

/** Reads a start tag at `begin`; returns where the text goes on. */
function openTag(source: Source, begin: number, output: Output): number {
  let at = begin + 1;
  while (!isSpace(source.byte(at)) && source.byte(at) !== GREATER) at += 1;
  if (source.byte(at) === END) throw broken(`Unclosed start tag at byte offset ${begin}`);
  const name = lower(source.slice(begin + 1, at));
  if (SIMPLE_TAGS[name] === undefined && !OTHER_TAGS.has(name)) {
    throw broken(`Unsupported start tag "${name}" at byte offset ${begin}`);
  }
  let argument = '';
  let format = '';
  while (source.byte(at) !== GREATER) {
    while (source.byte(at) !== END && isSpace(source.byte(at))) at += 1;
    if (source.byte(at) === GREATER) break;
    const attribute = readAttribute(source, at, {begin, name});
    argument = argumentOf(name, attribute) ?? argument;
    if (name === 'tg-time' && attribute.name === 'format') format = attribute.value ?? '';
    at = attribute.end;
  }
  if (name === 'span' && argument !== 'spoiler') {
    throw broken(`Tag "span" must have class "tg-spoiler" at byte offset ${begin}`);
  }
  output.open.push({name, argument, format, offset: output.text.length});
  return at + 1;
}

interface Attribute {
  readonly name: string;
  readonly value: string | undefined;
  readonly end: number;
}

function readAttribute(source: Source, from: number, tag: {begin: number; name: string}): Attribute {
  let at = from;
  while (!isSpace(source.byte(at)) && source.byte(at) !== EQUALS && source.byte(at) !== GREATER) at += 1;
  const name = source.slice(from, at);
  if (name === '' && source.byte(at) !== END) {
    throw broken(`Empty attribute name in the tag "${tag.name}" at byte offset ${tag.begin}`);
  }
  while (source.byte(at) !== END && isSpace(source.byte(at))) at += 1;
  const unclosed = () => broken(`Unclosed start tag "${tag.name}" at byte offset ${tag.begin}`);
  if (source.byte(at) === END) throw unclosed();
  if (source.byte(at) !== EQUALS) return {name, value: undefined, end: at};
  at += 1;
  while (source.byte(at) !== END && isSpace(source.byte(at))) at += 1;
  if (source.byte(at) === END) throw unclosed();
  const {value, end} = QUOTES.includes(source.byte(at)) ? readQuoted(source, at) : readToken(source, at);
  if (source.byte(end) === END) throw broken(`Unclosed start tag at byte offset ${tag.begin}`);
  return {name, value, end};
}

function readToken(source: Source, from: number): {value: string; end: number} {
  let end = from;
  while (/[A-Za-z0-9.-]/.test(String.fromCharCode(source.byte(end)))) end += 1;
  if (!isSpace(source.byte(end)) && source.byte(end) !== GREATER) {
    throw broken(`Unexpected end of name token at byte offset ${from}`);
  }
  return {value: lower(source.slice(from, end)), end};
}

function readQuoted(source: Source, from: number): {value: string; end: number} {
  const quote = source.byte(from);
  const value: Output = {text: '', entities: [], open: [], pending: []};
  let at = from + 1;
  while (source.byte(at) !== quote && source.byte(at) !== END) {
    const reference = source.byte(at) === AMPERSAND ? decodeReference(source, at) : undefined;
    if (reference === undefined) value.pending.push(source.byte(at));
    else write(value, reference.code);
    at = reference?.end ?? at + 1;
  }
  flush(value);
  return {value: value.text, end: source.byte(at) === quote ? at + 1 : at};
}

function argumentOf(tag: string, {name, value}: Attribute): string | undefined {
  if (tag === 'blockquote' && name === 'expandable') return '1';
  if (value === undefined) return undefined;
  if (tag === 'a' && name === 'href') return value;
  if (tag === 'tg-emoji' && name === 'emoji-id') return value;
  if (tag === 'tg-time' && name === 'unix') return value;
  if (tag === 'code' && name === 'class' && value.startsWith('language-')) return value.slice('language-'.length);
  if (tag === 'span' && name === 'class' && value.startsWith('tg-')) return value.slice('tg-'.length);
  return undefined;
}

/** Reads an end tag at `begin`; returns where the text goes on. */
function closeTag(source: Source, begin: number, output: Output): number {
  const tag = output.open.at(-1);
  if (tag === undefined) throw broken(`Unexpected end tag at byte offset ${begin}`);
  let at = begin + 2;
  while (!isSpace(source.byte(at)) && source.byte(at) !== GREATER) at += 1;
  const name = lower(source.slice(begin + 2, at));
  while (isSpace(source.byte(at)) && source.byte(at) !== END) at += 1;
  if (source.byte(at) !== GREATER) throw broken(`Unclosed end tag at byte offset ${begin}`);
  if (name !== '' && name !== tag.name) {
    throw broken(`Unmatched end tag at byte offset ${begin}, expected "</${tag.name}>", found "</${name}>"`);
  }
  output.open.pop();
  if (output.text.length > tag.offset) addEntity(output, tag);
  return at + 1;
}

function addEntity(output: Output, tag: OpenTag): void {
  const place = {offset: tag.offset, length: output.text.length - tag.offset};
  const simple = SIMPLE_TAGS[tag.name];
  if (simple !== undefined) output.entities.push({type: simple, ...place});
  else if (tag.name === 'a') addLink(output, tag, place);
  else if (tag.name === 'pre' || tag.name === 'code') addCode(output, tag, place);
  else if (tag.name === 'blockquote') {
    output.entities.push({type: tag.argument === '' ? 'blockquote' : 'expandable_blockquote', ...place});
  } else if (tag.name === 'tg-time') addTime(output, tag, place);
  else addEmoji(output, tag, place);
}

type Place = {readonly offset: number; readonly length: number};

/** A link whose address is no address is dropped, and its text stays. */
function addLink(output: Output, tag: OpenTag, place: Place): void {
  const address = tag.argument === '' ? output.text.slice(place.offset) : tag.argument;
  const mention = /^tg:\/\/user\?id=(\d+)$/.exec(address);
  if (mention !== null) {
    const user = {id: Number(mention[1]), is_bot: false, first_name: ''};
    output.entities.push({type: 'text_mention', ...place, user});
    return;
  }
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(address) ? address : `http://${address}`;
  if (!URL.canParse(url) || !/^(https?|ftp|tg|ton):\/\/[^/]*[^/.]/i.test(url) || /\s/.test(url)) return;
  output.entities.push({type: 'text_link', ...place, url: /^https?:\/\/[^/?#]+$/i.test(url) ? `${url}/` : url});
}

/** `<pre><code class="language-x">` is one entity that knows its language. */
function addCode(output: Output, tag: OpenTag, place: Place): void {
  const inner = output.entities.at(-1);
  const same = inner !== undefined && inner.offset === place.offset && inner.length === place.length;
  if (tag.name === 'pre' && same && inner.type === 'code') {
    const language = inner.language;
    output.entities[output.entities.length - 1] = {
      type: 'pre',
      ...place,
      ...(language === undefined ? {} : {language}),
    };
  } else {
    const language = tag.name === 'code' && tag.argument !== '' ? {language: tag.argument} : {};
    output.entities.push({type: tag.name === 'pre' ? 'pre' : 'code', ...place, ...language});
  }
}

/** core.telegram.org/bots/api#date-time-entity-formatting */
const TIME_FORMAT = /^(?:r|w?[dD]?[tT]?)$/;

function addTime(output: Output, {argument, format}: OpenTag, place: Place): void {
  if (!/^\d{1,12}$/.test(argument)) throw broken('Invalid Unix time specified');
  if (!TIME_FORMAT.test(format)) throw broken('Invalid date-time format specified');
  output.entities.push({type: 'date_time', ...place, unix_time: Number(argument), date_time_format: format});
}

function addEmoji(output: Output, tag: OpenTag, place: Place): void {
  if (!/^\d+$/.test(tag.argument)) throw broken('Invalid custom emoji identifier specified');
  output.entities.push({type: 'custom_emoji', ...place, custom_emoji_id: tag.argument});
}
