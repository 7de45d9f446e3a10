import {z} from 'zod';
import type {Kind} from '../checks/check.ts';
import {kinds} from '../checks/index.ts';
import {CHECKS_MAX, commonCheckKeys, configKeys, timeInterval} from './keys.ts';

export {commonCheckKeys} from './keys.ts';

type JsonSchema = z.core.JSONSchema.JSONSchema & {secret?: unknown; path?: unknown};

const keyOf = (schema: JsonSchema, key: string): object => {
  const found = schema.properties?.[key];
  return typeof found === 'object' ? found : {};
};

/** The JSON Schema of the whole config.yaml for editors, with one branch for each kind of check. */
export function editorSchema(): JsonSchema {
  const schema = toJson(configKeys);
  const branches = [...kinds.values()].map((kind) => [definition(kind), checkSchema(kind)] as const);
  const choice = branches.map(([name]) => ({$ref: `#/definitions/${name}`}));
  const properties = {
    ...schema.properties,
    time_intervals: {...keyOf(schema, 'time_intervals'), items: toJson(timeInterval)},
    checks: {...keyOf(schema, 'checks'), maxProperties: CHECKS_MAX, additionalProperties: {anyOf: choice}},
  };
  const definitions = Object.fromEntries(branches);
  return {$schema: 'http://json-schema.org/draft-07/schema#', title: 'config.yaml', ...schema, properties, definitions};
}

const definition = ({name}: Kind) => `${name}-check`;

/** What every check has and what this kind has, in one map, so that an editor offers both. */
function checkSchema(kind: Kind): JsonSchema {
  const own = toJson(kind.options);
  const common = toJson(commonCheckKeys);
  const type = {const: kind.name, description: firstSentence(kind.doc)};
  return {
    ...own,
    type: 'object',
    properties: {type, ...own.properties, ...common.properties},
    required: ['type', ...(own.required ?? [])],
    additionalProperties: false,
  };
}

/** Draft 7, as editors know it best. */
function toJson(schema: z.ZodType): JsonSchema {
  const {$schema: _, ...json} = z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-7',
    unrepresentable: 'any',
    override: ({jsonSchema, path}) => {
      if (!path.includes('propertyNames')) allowVariables(jsonSchema);
    },
  });
  return json;
}

const VARIABLE = '\\$\\{';

/** Any value may be `${NAME}`; an editor that underlines it would be wrong. `secret` and `path` are our own words: they go. */
function allowVariables(schema: JsonSchema): void {
  const {type, pattern, secret} = schema;
  delete schema.secret;
  delete schema.path;
  delete schema.format;
  if (secret === true) delete schema.pattern;
  else if (typeof pattern === 'string' && !pattern.endsWith(VARIABLE)) schema.pattern = `${pattern}|${VARIABLE}`;
  if (type !== 'integer' && type !== 'number' && type !== 'boolean') return;
  schema.anyOf = [{type}, {type: 'string', pattern: VARIABLE}];
  delete schema.type;
}

const firstSentence = (text: string) => /^.*?[.](?=\s|$)/s.exec(text)?.[0] ?? text;
