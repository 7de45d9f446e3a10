import {z} from 'zod';
import {formatPath, showValue} from './problems.ts';
import type {SecretReader} from './secrets.ts';
import {didYouMean} from './suggest.ts';

/** What a schema's complaint means to people, and which part of the file it is about. */
export interface Explained {
  readonly path: readonly PropertyKey[];
  readonly part: 'key' | 'value';
  readonly message: string;
}

export interface Explain {
  /** Where the validated value stands in the file. */
  readonly prefix: readonly PropertyKey[];
  /** The validated value, as read. */
  readonly input: unknown;
  readonly schema: z.ZodType;
  /** Keys that stand beside the schema's own at its root, for "did you mean". */
  readonly otherKeys?: readonly string[];
  readonly reader: Pick<SecretReader, 'hides' | 'fills'>;
}

/**
 * Validates; of the complaints, those that come with words of their own keep them. Where a variable was filled in for a
 * number or a boolean, its text becomes one, in the given input.
 */
export function validate<T>(
  schema: z.ZodType<T>,
  about: Omit<Explain, 'schema'>,
): {readonly ok: true; readonly value: T} | {readonly ok: false; readonly explained: readonly Explained[]} {
  const parse = () => schema.safeParse(about.input, {error: () => NO_WORDS});
  let result = parse();
  if (!result.success && convertFilled(result.error.issues, about) > 0) result = parse();
  if (result.success) return {ok: true, value: result.data};
  return {ok: false, explained: result.error.issues.flatMap((issue) => explain(issue, [], {...about, schema}))};
}

/** Marks an issue whose schema has no message of its own. */
const NO_WORDS = '\0';

/** How many texts became numbers or booleans. YAML wants quotes round a variable within braces, so quotes say nothing. */
function convertFilled(issues: readonly z.core.$ZodIssue[], about: Omit<Explain, 'schema'>): number {
  let converted = 0;
  for (const issue of issues) {
    if (issue.code !== 'invalid_type' || !about.reader.fills([...about.prefix, ...issue.path])) continue;
    const parent = valueAt(about.input, issue.path.slice(0, -1));
    const key = issue.path.at(-1);
    const value = asScalar(valueAt(about.input, issue.path), issue.expected);
    if (value === undefined || key === undefined || typeof parent !== 'object' || parent === null) continue;
    Reflect.set(parent, key, value);
    converted++;
  }
  return converted;
}

function asScalar(value: unknown, expected: string): number | boolean | undefined {
  if (expected === 'boolean') return value === 'true' || value === 'false' ? value === 'true' : undefined;
  if (expected !== 'number' && expected !== 'int') return undefined;
  return typeof value === 'string' && /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(value) ? Number(value) : undefined;
}

function explain(issue: z.core.$ZodIssue, base: readonly PropertyKey[], about: Explain): readonly Explained[] {
  const local = [...base, ...issue.path];
  const path = [...about.prefix, ...local];
  const value = valueAt(about.input, local);
  const tell = (message: string, part: 'key' | 'value' = 'value'): readonly Explained[] => [{path, part, message}];
  const got = () => `, got ${about.reader.hides(path) ? 'a value that is not shown' : showFound(issue, value)}`;
  if (issue.code === 'unrecognized_keys') return unknownKeys(issue.keys, local, about);
  if (issue.code === 'invalid_key') {
    const words = issue.issues.map(({message}) => message).find((message) => message !== NO_WORDS);
    return tell(words ?? 'expected another key', 'key');
  }
  if (value === undefined && isMissing(about.input, local))
    return tell(`this key is missing: ${missing(about, local)}`);
  if (issue.code === 'invalid_union' && issue.errors.length > 0 && issue.message === NO_WORDS)
    return closest(issue.errors, local, about);
  const words = issue.message === NO_WORDS ? inWords(issue, value) : issue.message;
  const silent =
    /got |not shown/.test(words) || (issue.code === 'custom' && typeof value === 'object' && value !== null);
  return tell(silent ? words : withGot(words, got()));
}

/** Where a map is missing, its lines may have run together into one text, secrets and all. */
function showFound(issue: z.core.$ZodIssue, value: unknown): string {
  const wantsMap = issue.code === 'invalid_type' && (issue.expected === 'object' || issue.expected === 'record');
  return wantsMap && typeof value === 'string' ? 'a text; write each key as key: value' : showValue(value);
}

/** `expected this; do that` becomes `expected this, got "x"; do that`. */
function withGot(words: string, got: string): string {
  const cure = words.indexOf('; ');
  return cure < 0 ? words + got : words.slice(0, cure) + got + words.slice(cure);
}

/** Of a union's branches, the one that got furthest into the value is the one that was meant. */
function closest(errors: readonly z.core.$ZodIssue[][], local: readonly PropertyKey[], about: Explain) {
  const depth = (issues: readonly z.core.$ZodIssue[]) => Math.max(0, ...issues.map(({path}) => path.length));
  const best = errors.toSorted((a, b) => depth(b) - depth(a))[0] ?? [];
  if (depth(best) > 0) return best.flatMap((issue) => explain(issue, local, about));
  const path = [...about.prefix, ...local];
  const value = valueAt(about.input, local);
  const words = errors.flatMap((issues) => issues.slice(0, 1).map((issue) => sayExpected(issue, value)));
  const got = about.reader.hides(path) ? 'a value that is not shown' : showValue(value);
  return [{path, part: 'value' as const, message: `expected ${[...new Set(words)].join(' or ')}, got ${got}`}];
}

/** One branch of a union, without its cure: `expected a list` is `a list`. */
const sayExpected = (issue: z.core.$ZodIssue, value: unknown) =>
  (issue.message === NO_WORDS ? inWords(issue, value) : issue.message).replace(/^expected /, '').replace(/; .*/, '');

function unknownKeys(keys: readonly string[], local: readonly PropertyKey[], about: Explain): readonly Explained[] {
  const schema = unwrap(schemaAt(about.schema, about.input, local));
  const own = schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
  const known = local.length === 0 ? [...own, ...(about.otherKeys ?? [])] : own;
  return keys.map((key) => ({
    path: [...about.prefix, ...local, key],
    part: 'key',
    message: `unknown key${didYouMean(key, known) || (known.length > 0 ? `; expected one of ${known.join(', ')}` : '; remove it')}`,
  }));
}

function missing(about: Explain, local: readonly PropertyKey[]): string {
  const schema = schemaAt(about.schema, about.input, local);
  const description = schema?.description && firstSentence(schema.description);
  return `add ${formatPath(local.slice(-1))}${description === undefined ? '' : ` (${description})`}`;
}

const firstSentence = (text: string) => text.split(/\.(?=\s|$)/, 1)[0];

/** The words for zod's own kinds of complaint. */
function inWords(issue: z.core.$ZodIssue, value: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${TYPES[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `expected ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.join(', ')}${meant(value, issue.values)}`;
    case 'invalid_union':
      return `expected one of ${optionsOf(issue).join(', ')}${meant(value, optionsOf(issue))}`;
    case 'too_small':
      return `expected ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}${UNITS[issue.origin] ?? ''}`;
    case 'too_big':
      return `expected ${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}${UNITS[issue.origin] ?? ''}`;
    case 'invalid_format':
      return issue.format === 'regex'
        ? `expected a text that matches ${issue.pattern}`
        : `expected a valid ${issue.format}`;
    case 'not_multiple_of':
      return `expected a multiple of ${issue.divisor}`;
    default:
      return 'expected another value';
  }
}

/** Only a discriminated union that found no branch lists its options. */
const optionsOf = (issue: z.core.$ZodIssueInvalidUnion): readonly z.core.util.Primitive[] =>
  'options' in issue && Array.isArray(issue.options) ? issue.options : [];

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of keys and values',
  record: 'a map of keys and values',
};
const UNITS: Readonly<Record<string, string>> = {string: ' characters', array: ' items', record: ' entries'};

const meant = (value: unknown, options: readonly z.core.util.Primitive[]) =>
  typeof value === 'string' ? didYouMean(value, options.map(String)) : '';

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, part) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, part) ? Reflect.get(inner, part) : undefined,
    value,
  );
}

function isMissing(input: unknown, path: readonly PropertyKey[]): boolean {
  const parent = valueAt(input, path.slice(0, -1));
  const key = path.at(-1);
  return key !== undefined && typeof parent === 'object' && parent !== null && !Object.hasOwn(parent, key);
}

/** The schema of what stands at a path: for its keys and its description. */
function schemaAt(schema: unknown, value: unknown, path: readonly PropertyKey[]): z.ZodType | undefined {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault)
    return path.length === 0 && schema.description ? schema : schemaAt(schema.unwrap(), value, path);
  if (schema instanceof z.ZodPipe)
    return path.length === 0 && schema.description ? schema : schemaAt(schema.in, value, path);
  if (schema instanceof z.ZodDiscriminatedUnion) return schemaAt(branch(schema, value), value, path);
  if (schema instanceof z.ZodUnion)
    return schemaAt(
      schema.options.find((one) => one instanceof z.ZodObject),
      value,
      path,
    );
  const [next, ...rest] = path;
  if (next === undefined) return schema instanceof z.ZodType ? schema : undefined;
  const inside = valueAt(value, [next]);
  if (schema instanceof z.ZodObject) return schemaAt(schema.shape[String(next)], inside, rest);
  if (schema instanceof z.ZodRecord) return schemaAt(schema.valueType, inside, rest);
  if (schema instanceof z.ZodArray) return schemaAt(schema.element, inside, rest);
  return undefined;
}

function unwrap(schema: unknown): unknown {
  const isWrapped =
    schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault;
  return isWrapped ? unwrap(schema.unwrap()) : schema;
}

function branch(union: z.ZodDiscriminatedUnion, value: unknown): unknown {
  const {discriminator} = union.def;
  const word = valueAt(value, [discriminator]);
  return union.options.find(
    (option) => option instanceof z.ZodObject && option.shape[discriminator]?.safeParse(word).success === true,
  );
}
