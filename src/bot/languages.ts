import type {Locale} from '../config/config.ts';
import {en, type Words} from './messages/en.ts';
import {es} from './messages/es.ts';
import {ru} from './messages/ru.ts';
import {zh} from './messages/zh.ts';

/** Every language that the bot speaks. */
export const dictionaries: Readonly<Record<Locale, Words>> = {en, ru, es, zh};

export const locales = Object.values(dictionaries).map(({locale}) => locale);

/** Of an IETF language tag such as `ru`, `es-MX` or `zh-hans`, the language of ours that it is; undefined for none. */
export function localeOf(tag: string | undefined): Locale | undefined {
  const language = tag?.toLowerCase().split(/[-_]/)[0];
  return locales.find((locale) => locale === language);
}
