import {dirname, resolve} from 'node:path';
import {z} from 'zod';

/** What a kind of check may say of a value by `.meta({secret: true})` or `.meta({path: true})`. */
type Mark = 'secret' | 'path';

/** The paths of the values that a schema marks so, `*` standing for any key or index. */
export function marked(schema: unknown, mark: Mark): readonly (readonly string[])[] {
  if (!(schema instanceof z.ZodType)) return [];
  if (schema.meta()?.[mark] === true) return [[]];
  const under = (key: string, inner: unknown) => marked(inner, mark).map((rest) => [key, ...rest]);
  if (schema instanceof z.ZodObject) return Object.entries(schema.shape).flatMap(([key, inner]) => under(key, inner));
  if (schema instanceof z.ZodRecord) return under('*', schema.valueType);
  if (schema instanceof z.ZodArray) return under('*', schema.element);
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((option) => marked(option, mark));
  if (schema instanceof z.ZodPipe) return marked(schema.in, mark);
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault)
    return marked(schema.unwrap(), mark);
  return [];
}

/** A copy of what stands in the config, with the texts at these patterns as absolute paths, from the config's folder. */
export function resolvePaths<T>(input: T, patterns: readonly (readonly string[])[], configFile: string): T {
  const folder = resolve(dirname(configFile));
  return replaceTexts(input, patterns, (text) => resolve(folder, text));
}

/** A copy with other texts at these patterns; empty texts and what is no text stay as they are. */
export function replaceTexts<T>(
  input: T,
  patterns: readonly (readonly string[])[],
  replace: (text: string, path: readonly PropertyKey[]) => unknown,
): T {
  return patterns.reduce((value, pattern) => replaceAt(value, pattern, replace) as T, input);
}

function replaceAt(
  value: unknown,
  [key, ...rest]: readonly string[],
  replace: (text: string, path: readonly PropertyKey[]) => unknown,
): unknown {
  if (key === undefined) return typeof value === 'string' && value !== '' ? replace(value, []) : value;
  const inside = (inner: unknown, at: PropertyKey) =>
    replaceAt(inner, rest, (text, path) => replace(text, [at, ...path]));
  if (Array.isArray(value)) return key === '*' ? value.map(inside) : value;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, key === '*' || key === name ? inside(inner, name) : inner]),
  );
}
