import {createRequire} from 'node:module';
import type Mustache from 'mustache';
import {z} from 'zod';
import type {Locale} from './config.ts';
import {didYouMean} from './suggest.ts';
import {TEMPLATE_LISTS, TEMPLATES, type TemplateName} from './template-variables.ts';

/** Texts in the user's own words, by name and language; a text that is not there is the dictionary's. */
export type Templates = Readonly<Partial<Record<TemplateName, Readonly<Partial<Record<Locale, string>>>>>>;

/** A message has 4,096 characters; markup and sections come to what is seen of it. */
const TEMPLATE_CHARS_MAX = 8_192;

const load = createRequire(import.meta.url);

/** `templates` in the config: a text, or one for each language. Mustache is loaded when there is one to read. */
export function templateKeys<L extends Locale>(locales: readonly L[]) {
  const names = Object.keys(TEMPLATES) as TemplateName[];
  const entries = names.map((name) => {
    const text = templateText(name);
    const each = z.strictObject(Object.fromEntries(locales.map((locale) => [locale, text.optional()])));
    return [name, z.union([text, each]).optional().describe(ABOUT[name])] as const;
  });
  return z.strictObject(Object.fromEntries(entries));
}

/** A text for all languages stands for each of them. */
export function templatesOf(
  keys: z.output<ReturnType<typeof templateKeys>> | undefined,
  locales: readonly Locale[],
): Templates {
  const entries = Object.entries(keys ?? {}).map(([name, text]) => [
    name,
    typeof text === 'string' ? Object.fromEntries(locales.map((locale) => [locale, text])) : text,
  ]);
  return Object.fromEntries(entries);
}

const ABOUT: Record<TemplateName, string> = {
  down: 'The alert of one check, while it is down.',
  closed: 'The same message when that is over.',
  recovered: 'The short message that rings then.',
  reminder: 'The reminder of `repeat_every`.',
  digest: 'The message about several checks.',
  flapping_started: 'A check goes up and down all the time.',
  flapping_ended: 'It no longer does.',
};

function templateText(name: TemplateName) {
  return z
    .string()
    .max(TEMPLATE_CHARS_MAX, `expected a template of at most ${TEMPLATE_CHARS_MAX} characters`)
    .refine((text) => text.trim() !== '', 'expected a text, got an empty one; leave the key out for the usual words')
    .refine((text) => problemOf(text, name) === undefined, {
      error: ({input}) => (typeof input === 'string' ? problemOf(input, name) : undefined),
    });
}

/** What is wrong with a template, with the cure. */
function problemOf(text: string, name: TemplateName): string | undefined {
  const mustache: typeof Mustache = load('mustache');
  try {
    return unknownIn(mustache.parse(text) as Token[], TEMPLATES[name], text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const at = / at (\d+)$/.exec(reason);
    const line = at ? ` (line ${lineAt(text, Number(at[1]))} of the text)` : '';
    return `expected a mustache template, got one that does not parse${line}: ${reason.replace(/ at \d+$/, '')}`;
  }
}

/** What mustache's parser returns: the kind of tag, its name, its place in the text; of a section its content. */
type Token = readonly [kind: string, value: string, start: number, end: number, inner?: unknown];

function unknownIn(tokens: readonly Token[], names: readonly string[], text: string): string | undefined {
  for (const [kind, value, start, , inner] of tokens) {
    if (kind === 'text' || kind === '!' || kind === '=') continue;
    const line = `line ${lineAt(text, start)} of the text`;
    if (kind === '>') return `expected no partial, got {{>${value}}} (${line}); write its text out`;
    if (!names.includes(value)) {
      const known = `${didYouMean(value, names) || ';'} the variables are ${names.join(', ')}`;
      return `expected a variable of this text, got {{${value}}} (${line})${known}`;
    }
    const wrong = Array.isArray(inner)
      ? unknownIn(inner, [...new Set([...names, ...itemsOf(value)])], text)
      : undefined;
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function itemsOf(variable: string): readonly string[] {
  return Object.entries(TEMPLATE_LISTS).find(([list]) => list === variable)?.[1] ?? [];
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
