import type {Selector, Within} from './vocabulary.ts';

/** What a selector asks of a check. */
export interface Named {
  readonly name: string;
  readonly group?: string;
}

/** Whether the selector means this check. In a glob, `*` is any text and `?` any one character. */
export function selects(what: Selector, check: Named): boolean {
  switch (what.kind) {
    case 'check':
      return what.name === check.name;
    case 'group':
      return what.group === check.group;
    case 'glob':
      return isWithin(what, check) && matchesGlob(what.glob, check.name);
    case 'all':
      return isWithin(what, check);
  }
}

function isWithin({within}: Within, {group}: Named): boolean {
  return within === undefined || (group !== undefined && within.includes(group));
}

/** Greedy matching with one place to come back to: linear in practice, and no pattern makes it exponential. */
export function matchesGlob(glob: string, text: string): boolean {
  let at = 0;
  let star = -1;
  let resume = 0;
  let position = 0;
  while (position < text.length) {
    if (glob[at] === '*') {
      star = at++;
      resume = position;
    } else if (glob[at] === '?' || glob[at] === text[position]) {
      at++;
      position++;
    } else if (star >= 0) {
      at = star + 1;
      position = ++resume;
    } else return false;
  }
  while (glob[at] === '*') at++;
  return at === glob.length;
}

/** `all`, `group:shops`, a glob, or a check's name. */
export function parseSelector(text: string): Selector {
  if (text === 'all') return {kind: 'all'};
  if (text.startsWith('group:')) return {kind: 'group', group: text.slice('group:'.length)};
  if (/[*?]/.test(text)) return {kind: 'glob', glob: text};
  return {kind: 'check', name: text};
}

/** The selector as people type it. */
export function selectorText(what: Selector): string {
  switch (what.kind) {
    case 'check':
      return what.name;
    case 'group':
      return `group:${what.group}`;
    case 'glob':
      return what.glob;
    case 'all':
      return 'all';
  }
}
