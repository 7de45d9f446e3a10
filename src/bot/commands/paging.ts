import type {AnswerButton} from './command.ts';

/** One screen of a phone, more or less. */
const PAGE_LINES = 20;

export interface Page<T> {
  readonly items: readonly T[];
  /** Back and forth, with the place between them; none where everything fits. */
  readonly buttons: readonly (readonly AnswerButton[])[];
}

/** `billing #3` → what was asked, and the third page of it. */
export function parsePage(text: string): {readonly text: string; readonly page: number} {
  const [, rest = text, page] = /^(.*?)\s*#(\d{1,6})$/s.exec(text) ?? [];
  return {text: rest, page: page === undefined ? 1 : Number(page)};
}

/** A page of the list; `press` is the command whose `#2` is the second page. A page that is no longer there is the last one. */
export function pageOf<T>(all: readonly T[], page: number, press: string, lines = PAGE_LINES): Page<T> {
  const count = Math.max(1, Math.ceil(all.length / lines));
  const current = Math.min(Math.max(1, page), count);
  const items = all.slice((current - 1) * lines, current * lines);
  if (count === 1) return {items, buttons: []};
  return {items, buttons: [turn(current, count, press)]};
}

/** `‹ 2/5 ›`: the middle one asks anew for the page that is shown. `count` is left out where nobody counted. */
export function turn(current: number, count: number, press: string): readonly AnswerButton[] {
  const to = (page: number, label: string): AnswerButton => ({label, press: `${press} #${page}`});
  return [
    ...(current > 1 ? [to(current - 1, '‹')] : []),
    to(current, `${current}/${count}`),
    ...(current < count ? [to(current + 1, '›')] : []),
  ];
}
