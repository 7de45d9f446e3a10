import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {type Node, parseSync, Visitor} from 'oxc-parser';
import {dictionaries, locales} from '../../../src/bot/languages.ts';
import type {Locale} from '../../../src/config/config.ts';
import type {HoldReason, Result, Verdict} from '../../../src/state/vocabulary.ts';

/** One word of the dictionaries: `card.failuresSince`, with the values that each of its parameters is tried with. */
export interface Leaf {
  readonly path: string;
  /** Undefined for a word without parameters. */
  readonly samples?: readonly Samples[];
}

interface Samples {
  readonly type: string;
  readonly values: readonly unknown[];
}

/** Awkward ones: every plural form of every language, nothing, large, and with signs that HTML knows. */
export const COUNTS = [0, 1, 2, 5, 11, 21, 1_000, 1_000_000];
const NAME = 'till<&>7';
const RESULTS: Record<Result, true> = {ok: true, failed: true, inconclusive: true};
const DECISIONS: Record<Verdict['decision'], true> = {sent: true, held: true, dropped: true};
const HOLDS: Record<HoldReason, true> = {
  outside_window: true,
  silenced: true,
  maintenance: true,
  parent_down: true,
  flapping: true,
};

/** By the text of the type in en/; unions of texts need no row. A parameter of a new type gets one here. */
const VALUES: Record<string, readonly unknown[]> = {
  string: [NAME],
  number: COUNTS,
  boolean: [true, false],
  'string | undefined': [NAME, undefined],
  Result: Object.keys(RESULTS),
  HoldReason: Object.keys(HOLDS),
  "Verdict['decision']": Object.keys(DECISIONS),
  "Verdict['reason']": Object.keys(HOLDS),
};

const MESSAGES = join(import.meta.dirname, '../../../src/bot/messages');

/** Every word, as the sources of the English ones declare them. */
export function leaves(): Leaf[] {
  return sources('en').flatMap((text) => {
    const {program} = parseSync('words.ts', text);
    return program.body.flatMap((statement) => {
      if (statement.type !== 'ExportNamedDeclaration' || statement.declaration?.type !== 'VariableDeclaration')
        return [];
      return statement.declaration.declarations.flatMap(({id, init}) =>
        id.type === 'Identifier' && init ? leavesOf(init, id.name, text) : [],
      );
    });
  });
}

function leavesOf(node: Node, path: string, text: string): Leaf[] {
  switch (node.type) {
    case 'TSSatisfiesExpression':
    case 'TSAsExpression':
      return leavesOf(node.expression, path, text);
    case 'ObjectExpression':
      return node.properties.flatMap((property) => {
        if (property.type !== 'Property' || property.key.type !== 'Identifier')
          throw new Error(`${path}: write every word out under its name, so that it can be walked`);
        return leavesOf(property.value, `${path}.${property.key.name}`, text);
      });
    case 'ArrowFunctionExpression':
      return [{path, samples: node.params.map((param) => samplesOf(param, path, text))}];
    default:
      return [{path}];
  }
}

/** A parameter without a type of its own has one from a `Record` of words about a text, as the notices have. */
function samplesOf(param: Node, path: string, text: string): Samples {
  const annotation = param.type === 'Identifier' ? param.typeAnnotation?.typeAnnotation : undefined;
  const type = annotation ? text.slice(annotation.start, annotation.end) : 'string';
  const values = VALUES[type] ?? literalsOf(type);
  if (!values) throw new Error(`${path}: no sample of the type ${type}; add a row to VALUES`);
  return {type, values};
}

function literalsOf(type: string): string[] | undefined {
  const parts = type.split('|').map((part) => /^\s*'(.*)'\s*$/.exec(part)?.[1]);
  return parts.every((part) => part !== undefined) ? parts : undefined;
}

/** What a language says with these arguments. */
export function say(locale: Locale, {path}: Leaf, args: readonly unknown[]): string {
  const word = path
    .split('.')
    .reduce<unknown>(
      (part, key) => (typeof part === 'object' && part ? Reflect.get(part, key) : undefined),
      dictionaries[locale],
    );
  return typeof word === 'function' ? String(Reflect.apply(word, undefined, args)) : String(word);
}

/** Every combination of the samples. */
export function calls({samples = []}: Leaf): unknown[][] {
  return samples.reduce<unknown[][]>(
    (made, {values}) => made.flatMap((args) => values.map((value) => [...args, value])),
    [[]],
  );
}

/** The forms of each counted word that the sources of a language name, with the place for people. */
export function pluralForms(locale: Locale): {readonly place: string; readonly forms: Record<string, string>}[] {
  return sources(locale).flatMap((text) => {
    const found: {place: string; forms: Record<string, string>}[] = [];
    new Visitor({
      ObjectExpression(node) {
        const forms: Record<string, string> = {};
        for (const property of node.properties) {
          if (property.type !== 'Property' || property.key.type !== 'Identifier') return;
          if (property.value.type !== 'Literal') return;
          forms[property.key.name] = String(property.value.value);
        }
        if ('other' in forms || 'many' in forms) found.push({place: text.slice(node.start, node.end), forms});
      },
    }).visit(parseSync('words.ts', text).program);
    return found;
  });
}

function sources(locale: Locale): string[] {
  const folder = join(MESSAGES, locale);
  return readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
}

/** Paths of the dictionary itself, to compare with those that were found in the sources. */
export function pathsIn(part: unknown, path = ''): string[] {
  if (typeof part !== 'object' || part === null) return [path];
  return Object.entries(part).flatMap(([key, value]) => pathsIn(value, path === '' ? key : `${path}.${key}`));
}

export const others = locales.filter((locale) => locale !== 'en');
