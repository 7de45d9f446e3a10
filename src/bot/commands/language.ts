import {dictionaries, locales} from '../languages.ts';
import {escapeHtml} from '../messages/html.ts';
import type {Command} from './command.ts';

const AUTO = 'auto';
const USAGE = `[${[...locales, AUTO].join('|')}]`;

/** A person's own language: kept for them in every chat, until they choose another one or `auto`. */
const language: Command = {
  name: 'language',
  role: 'viewer',
  usage: USAGE,
  summary: (words) => words.help.language,
  run: (call, {words, unchosen}) => {
    const wanted = call.text.toLowerCase();
    const locale = locales.find((other) => other === wanted);
    if (locale) return {lines: [dictionaries[locale].language.chosen], language: {locale}};
    if (wanted === AUTO) return {lines: [unchosen(call).language.auto], language: {}};
    const usage = escapeHtml(words.order.usage(`/language ${USAGE}`));
    return {lines: wanted === '' ? [words.language.now, usage] : [usage]};
  },
};
export default language;
