import type {TelegramMessageEntity} from '@gramio/types/objects';
import {type FormattedText, parseHtml} from './entities.ts';
import {badRequest} from './refusal.ts';

/** The Bot API's limit of a message's text, in UTF-16 units after the markup is parsed. */
const TEXT_UNITS_MAX = 4096;

/** Makes a message's text of what a method was given; throws the official refusals. */
export function formatText(raw: string, parseMode?: string, given?: readonly TelegramMessageEntity[]): FormattedText {
  if (parseMode !== undefined && parseMode !== 'HTML') throw badRequest(`the simulator parses HTML, not ${parseMode}`);
  const parsed = parseMode === 'HTML' ? parseHtml(raw) : {text: raw, entities: given ?? []};
  const fixed = tidy(parsed);
  if (fixed.text === '') throw badRequest('message text is empty');
  if (fixed.text.length > TEXT_UNITS_MAX) throw badRequest('message is too long');
  return withDetected(fixed);
}

/** Adds the entities that the server finds by itself: commands, mentions and bare addresses. */
export function withDetected({text, entities}: FormattedText): FormattedText {
  const found: TelegramMessageEntity[] = [...entities];
  for (const {type, pattern} of DETECTED) {
    for (const match of text.matchAll(pattern)) {
      const entity = {type, offset: match.index, length: match[0].length};
      if (!found.some((other) => blocks(other) && overlaps(other, entity))) found.push(entity);
    }
  }
  return {text, entities: found.sort(byPlace)};
}

const DETECTED = [
  {type: 'url', pattern: /\bhttps?:\/\/[^\s<>"]*[^\s<>".,;:!?)\]']/g},
  {type: 'bot_command', pattern: /(?<![\w/<>@])\/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/@])/g},
  {type: 'mention', pattern: /(?<![\w/@])@[A-Za-z0-9_]{4,32}(?!\w)/g},
] as const;

/** Nothing is looked for inside these, as in the official apps. */
const CLOSED = new Set<string>(['code', 'pre', 'text_link', 'text_mention', 'url', 'bot_command', 'mention']);
const MERGED = new Set<string>(['bold', 'italic', 'underline', 'strikethrough', 'spoiler']);

const blocks = (entity: TelegramMessageEntity) => CLOSED.has(entity.type);
const endOf = (entity: TelegramMessageEntity) => entity.offset + entity.length;
const overlaps = (one: TelegramMessageEntity, other: TelegramMessageEntity) =>
  one.offset < endOf(other) && other.offset < endOf(one);
const byPlace = (one: TelegramMessageEntity, other: TelegramMessageEntity) =>
  one.offset - other.offset || other.length - one.length;

/** Whitespace at both ends goes, as does what the official server drops or merges among the entities. */
function tidy({text, entities}: FormattedText): FormattedText {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the official server turns exactly these into spaces.
  const clean = text.replace(/[\u0000-\u0009\u000b-\u001f]/g, ' ');
  const first = Math.min(clean.length, ...entities.map((entity) => entity.offset));
  const start = Math.min(first, clean.length - clean.trimStart().length);
  const body = clean.slice(start).trimEnd();
  const moved = entities
    .map((entity) => ({...entity, offset: entity.offset - start}))
    .map((entity) => ({...entity, length: Math.min(endOf(entity), body.length) - entity.offset}))
    .filter((entity) => entity.length > 0 && body.slice(entity.offset, endOf(entity)).trim() !== '');
  return {text: body, entities: merge(withoutNestedInCode(moved.sort(byPlace)))};
}

function withoutNestedInCode(entities: readonly TelegramMessageEntity[]): readonly TelegramMessageEntity[] {
  const code = entities.filter((entity) => entity.type === 'code' || entity.type === 'pre');
  return entities
    .filter((entity) => code.includes(entity) || !code.some((other) => overlaps(other, entity)))
    .map(({language, ...entity}) => (language === undefined || entity.type !== 'pre' ? entity : {...entity, language}));
}

function merge(entities: readonly TelegramMessageEntity[]): readonly TelegramMessageEntity[] {
  const merged: TelegramMessageEntity[] = [];
  for (const entity of entities) {
    const before = merged.findLast((other) => other.type === entity.type);
    if (before === undefined || !MERGED.has(entity.type) || endOf(before) < entity.offset) merged.push({...entity});
    else before.length = Math.max(endOf(before), endOf(entity)) - before.offset;
  }
  return merged;
}
