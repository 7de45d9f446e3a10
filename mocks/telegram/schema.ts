import {mkdirSync, readFileSync, renameSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import type {AnySchema, ErrorObject, ValidateFunction} from 'ajv';

export interface Schema {
  /** What is wrong with a request's parameters by the Bot API's own types; undefined if nothing. */
  violation(method: string, params: Readonly<Record<string, unknown>>): string | undefined;
  /** Turns the texts of a form into the kinds that the schema wants: objects are JSON text there. */
  fromForm(method: string, form: Readonly<Record<string, unknown>>): Record<string, unknown>;
  /** Whether the Bot API has such a method at all. */
  knows(method: string): boolean;
}

/**
 * Loads the JSON Schema of every method's parameters, made from the types of @gramio/types. Making it takes a second, so
 * it is kept under node_modules/.cache/vakhta/, in a file named after the versions that it was made by.
 */
export function loadSchema(): Schema {
  loaded ??= createSchema(cached());
  return loaded;
}

let loaded: Schema | undefined;

type Json = boolean | number | string | null | readonly Json[] | {readonly [key: string]: Json};
type JsonObject = {readonly [key: string]: Json};

const require = createRequire(import.meta.url);
const ajv = require('ajv') as {default: new (options: object) => Ajv};

interface Ajv {
  addSchema(schema: AnySchema, key: string): void;
  compile(schema: AnySchema): ValidateFunction;
}

/** Methods without parameters have no type of their own in the package. */
const WITHOUT_PARAMETERS = ['getMe', 'logOut', 'close', 'getWebhookInfo', 'getForumTopicIconStickers'];

function createSchema(definitions: JsonObject): Schema {
  const compiler = new ajv.default({allErrors: true, strict: false, allowUnionTypes: true});
  compiler.addSchema({$id: 'api', definitions}, 'api');
  const compiled = new Map<string, ValidateFunction>();
  const nameOf = (method: string) => `${method.charAt(0).toUpperCase()}${method.slice(1)}Params`;
  const knows = (method: string) => definitions[nameOf(method)] !== undefined || WITHOUT_PARAMETERS.includes(method);
  const validator = (method: string): ValidateFunction => {
    const known = compiled.get(method);
    if (known !== undefined) return known;
    const schema = WITHOUT_PARAMETERS.includes(method)
      ? {type: 'object', additionalProperties: false}
      : {$ref: `api#/definitions/${nameOf(method)}`};
    const made = compiler.compile(schema);
    compiled.set(method, made);
    return made;
  };
  return {
    knows,
    violation: (method, params) => {
      if (!knows(method)) return undefined;
      const validate = validator(method);
      return validate(withFilesDescribed(params)) ? undefined : describe(validate.errors ?? []);
    },
    fromForm: (method, form) => {
      const properties = asObject(asObject(definitions[nameOf(method)])?.properties) ?? {};
      const entries = Object.entries(form).map(([key, value]) => [key, convert(value, properties[key], definitions)]);
      return Object.fromEntries(entries);
    },
  };
}

/** The Bot API's types know of a file its size and its type; what else a `File` inherits would look like unknown fields. */
function withFilesDescribed(params: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const entries = Object.entries(params).map(([key, value]) => [
    key,
    value instanceof File ? {size: value.size, type: value.type} : value,
  ]);
  return Object.fromEntries(entries);
}

function describe(errors: readonly ErrorObject[]): string {
  // The branches of a union each complain; the deepest complaint is the one that helps.
  const depth = (error: ErrorObject) => error.instancePath.split('/').length;
  const deepest = Math.max(...errors.map(depth));
  const useful = errors.filter((error) => depth(error) === deepest && error.keyword !== 'anyOf');
  const texts = (useful.length > 0 ? useful : errors).map((error) => {
    const details = Object.values(error.params).filter((value) => typeof value === 'string');
    const named = error.keyword === 'additionalProperties' ? ` (${details.join(', ')})` : '';
    return `${error.instancePath || '/'} ${error.message ?? error.keyword}${named}`;
  });
  return [...new Set(texts)].join('; ');
}

const asObject = (value: unknown): JsonObject | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;

/** What cannot be converted stays text, and the validation complains of it. */
function convert(value: unknown, schema: Json | undefined, definitions: JsonObject): unknown {
  if (typeof value !== 'string') return value;
  const kinds = kindsOf(schema, definitions);
  if (kinds.has('number') && /^-?\d+(\.\d+)?$/.test(value)) return Number(value);
  if (kinds.has('boolean') && /^(true|false)$/i.test(value)) return value.toLowerCase() === 'true';
  if (kinds.has('object') || kinds.has('array')) {
    try {
      return JSON.parse(value);
    } catch {
      return value;
    }
  }
  return value;
}

function kindsOf(schema: Json | undefined, definitions: JsonObject): Set<string> {
  const object = asObject(schema);
  if (object === undefined) return new Set();
  if (typeof object.$ref === 'string') {
    return kindsOf(definitions[decodeURIComponent(object.$ref.replace('api#/definitions/', ''))], definitions);
  }
  if (Array.isArray(object.anyOf)) {
    return new Set(object.anyOf.flatMap((branch: Json) => [...kindsOf(branch, definitions)]));
  }
  return new Set([object.type].flat().filter((kind) => typeof kind === 'string'));
}

function cached(): JsonObject {
  const file = `bot-api-${versionOf('@gramio/types')}-${versionOf('ts-json-schema-generator')}-${CLEANING}.json`;
  const path = join(MODULES, '.cache', 'vakhta', file);
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as JsonObject;
  } catch {
    const definitions = generate(join(MODULES, '@gramio', 'types', 'out', 'params.d.ts'));
    keep(path, JSON.stringify(definitions));
    return definitions;
  }
}

/** The types' package exports nothing that could be resolved at run time, so it is found by its place. */
const MODULES = fileURLToPath(new URL('../../node_modules', import.meta.url));

function versionOf(name: string): string {
  return (JSON.parse(readFileSync(join(MODULES, name, 'package.json'), 'utf8')) as {version: string}).version;
}

/** Several test processes may write the file at once, so it appears whole or not at all; a read-only folder is no harm. */
function keep(path: string, text: string): void {
  try {
    mkdirSync(dirname(path), {recursive: true});
    writeFileSync(`${path}.${process.pid}`, text);
    renameSync(`${path}.${process.pid}`, path);
  } catch {
    // The next start makes it anew.
  }
}

/** Raised whenever `clean` changes, so that no older file is read. */
const CLEANING = 1;

function generate(path: string): JsonObject {
  const {createGenerator} = require('ts-json-schema-generator') as {
    createGenerator(config: object): {createSchema(type: string): {definitions?: JsonObject}};
  };
  const generator = createGenerator({path, type: '*', skipTypeCheck: true, jsDoc: 'none', functions: 'comment'});
  return clean(generator.createSchema('*').definitions ?? {}) as JsonObject;
}

/** The package's types allow builder objects with toJSON or toString, which would let through or refuse the wrong things. */
function clean(value: Json): Json {
  if (Array.isArray(value)) return value.map(clean);
  const object = asObject(value);
  if (object === undefined) return value;
  const entries = Object.entries(object).map(([key, inner]) => {
    const branches = key === 'anyOf' && Array.isArray(inner) ? inner.filter((branch) => !isBuilder(branch)) : inner;
    if (key === '$ref' && typeof inner === 'string') return [key, inner.replace(/^#/, 'api#')];
    return [key, clean(branches)];
  });
  return Object.fromEntries(entries) as JsonObject;
}

function isBuilder(branch: Json): boolean {
  const required = asObject(branch)?.required;
  return Array.isArray(required) && (required.includes('toJSON') || required.includes('toString'));
}
