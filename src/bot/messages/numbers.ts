import type {Locale} from '../../config/config.ts';

/**
 * The forms of a word that each language's plural rules tell apart (Unicode CLDR), for whole numbers. A language that lacks
 * one does not compile.
 */
export interface PluralForms {
  readonly en: Readonly<Record<'one' | 'other', string>>;
  /** 1, 21 · 2, 3, 4, 22 · 0, 5, 11. A fraction takes `few`: 1,5 часа, as 2 часа. */
  readonly ru: Readonly<Record<'one' | 'few' | 'many', string>>;
  /** 1 · a million and its multiples (1 000 000 de fallos) · the rest. */
  readonly es: Readonly<Record<'one' | 'many' | 'other', string>>;
  readonly zh: Readonly<Record<'other', string>>;
}

/** How one language counts. */
export interface Numbers<L extends Locale> {
  /** `3 failures`: the number and the form of the word that goes with it. */
  count(amount: number, forms: PluralForms[L]): string;
  /** The form alone, where the number stands elsewhere, or where a verb follows it. */
  form(amount: number, forms: PluralForms[L]): string;
  /** `12,345`. */
  number(amount: number): string;
  /** `37%`, of 37. */
  percent(amount: number): string;
}

export function numbersIn<L extends Locale>(locale: L): Numbers<L> {
  const rules = new Intl.PluralRules(locale);
  const numbers = new Intl.NumberFormat(locale);
  const percents = new Intl.NumberFormat(locale, {style: 'percent'});
  const number = (amount: number) => numbers.format(amount);
  const form = (amount: number, forms: PluralForms[L]) => {
    const known: Partial<Record<Intl.LDMLPluralRule, string>> = forms;
    const wanted = rules.select(amount);
    // Every language has one of the two; which one stands for a form that it does not name is said above.
    return known[wanted] ?? known.other ?? known.few ?? '';
  };
  return {
    form,
    number,
    count: (amount, forms) => `${number(amount)} ${form(amount, forms)}`,
    percent: (amount) => percents.format(amount / 100),
  };
}
