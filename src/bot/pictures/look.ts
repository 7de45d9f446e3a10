import type {Locale} from '../../config/config.ts';
import type {Words} from '../messages/en.ts';
import {PALETTES, type Palette, type Theme} from './paint.ts';

/** In what colours, words and time zone a picture is drawn. */
export interface Look {
  readonly palette: Palette;
  readonly words: Words['picture'];
  /** Of its numbers and dates. */
  readonly locale: Locale;
  readonly zone: string;
}

/** Languages whose letters the font has not: their words are English in pictures. */
const UNDRAWN: readonly Locale[] = ['zh'];

export function lookOf(theme: Theme, words: Words, zone: string): Look {
  const locale = UNDRAWN.includes(words.locale) ? 'en' : words.locale;
  return {palette: PALETTES[theme], words: words.picture, locale, zone};
}

/** Whose numbers: the picture's or the reader's. */
interface Spoken {
  readonly locale: Locale;
}

/** `12 ms`, `1.5 s`: as people of the picture's language write it. */
export function latencyText(ms: number, {locale}: Spoken): string {
  const unitDisplay = 'narrow';
  const unit = ms >= 1_000 ? 'second' : 'millisecond';
  const digits = unit === 'second' ? 2 : ms < 10 ? 1 : 0;
  const format = new Intl.NumberFormat(locale, {style: 'unit', unit, unitDisplay, maximumFractionDigits: digits});
  return format.format(unit === 'second' ? ms / 1_000 : ms);
}

/** Rounded down: a month with one failure in it must not look like one without. */
export function percentText(share: number, {locale}: Spoken, digits = 2): string {
  const scale = 10 ** (digits + 2);
  const format = new Intl.NumberFormat(locale, {style: 'percent', maximumFractionDigits: digits});
  return format.format(Math.floor(share * scale + 1e-9) / scale);
}
