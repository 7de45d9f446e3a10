import type {Person} from '../../state/vocabulary.ts';

/** Telegram counts a message's length in UTF-16 units after its markup is parsed away. */
export const TEXT_UNITS_MAX = 4096;

/** A zero byte ends Telegram's parsing, and an escape sequence would command the terminal that the console is. */
const CONTROL = /[^\P{Cc}\n]/gu;

/** The one escape function: what Telegram's HTML needs (core.telegram.org/bots/api#html-style), control characters as spaces. */
export function escapeHtml(text: string): string {
  return visible(text).replace(/[&<>]/g, (sign) => (sign === '&' ? '&amp;' : sign === '<' ? '&lt;' : '&gt;'));
}

/** Control characters as spaces: see there. */
export function visible(text: string): string {
  return text.replace(CONTROL, ' ');
}

/** The name of a person, which rings that person's phone in Telegram (core.telegram.org/bots/api#html-style). */
export function mention({id, name}: Person): string {
  return `<a href="tg://user?id=${id}">${escapeHtml(name)}</a>`;
}

/** For whoever reads it elsewhere than in Telegram: the names stay. */
export function withoutMentions(html: string): string {
  return html.replace(/<a href="tg:[^"]*">([^<]*)<\/a>/g, '$1');
}

/** The text without its markup, for the console and for a chat that refuses our markup. */
export function plainText(html: string): string {
  return html
    .replace(/<[^>]*>/g, '')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&amp;/g, '&');
}

/** What somebody typed, in one line that reads in its own direction: nobody writes a line of his own into a list. */
export function oneLine(text: string): string {
  return text.replace(UNSEEN, ' ').replace(/\s+/g, ' ').trim();
}

/** Control and formatting characters, but for the two that join letters and emoji. */
const UNSEEN = /(?![\u200C\u200D])[\p{Cc}\p{Cf}]/gu;

/** At most `max` UTF-16 units, never half of a surrogate pair, with an ellipsis where something was cut. */
export function clip(text: string, max: number): string {
  if (text.length <= max) return text;
  const end = /[\uD800-\uDBFF]/.test(text[max - 2] ?? '') ? max - 2 : max - 1;
  return `${text.slice(0, end)}…`;
}

/** As many of the lines as fit into one message; `more` says how many are left. Each line must be whole HTML by itself. */
export function fitLines(lines: readonly string[], more: (left: number) => string, max = TEXT_UNITS_MAX): string {
  let used = 0;
  for (const [index, line] of lines.entries()) {
    const length = plainText(line).length;
    const left = lines.length - index;
    const reserve = left > 1 ? 1 + plainText(more(left)).length : 0;
    if (used + length + reserve > max) return [...lines.slice(0, index), more(left)].join('\n');
    used += length + 1;
  }
  return lines.join('\n');
}

/** The message with further lines below it, for which it gives up its own last ones where both are too long together. */
export function withTail(html: string, tail: readonly string[], max = TEXT_UNITS_MAX): string {
  if (tail.length === 0) return html;
  const end = tail.join('\n');
  return `${fitLines(html.split('\n'), () => '…', max - plainText(end).length - 1)}\n${end}`;
}

/** The lines in as few messages as hold them; a line longer than a message is clipped. */
export function pages(lines: readonly string[], max = TEXT_UNITS_MAX): string[][] {
  const result: string[][] = [];
  let page: string[] = [];
  let used = 0;
  for (const line of lines) {
    const whole = plainText(line).length <= max ? line : escapeHtml(clip(plainText(line), max));
    const length = plainText(whole).length + 1;
    if (page.length > 0 && used + length > max + 1) {
      result.push(page);
      page = [];
      used = 0;
    }
    page.push(whole);
    used += length;
  }
  if (page.length > 0) result.push(page);
  return result;
}
