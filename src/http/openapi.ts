import {z} from 'zod';
import type {Route} from './route.ts';
import {failure} from './schemas.ts';

/** The JSON Schema that fastify serialises with and that the document shows. */
export function jsonSchema(schema: z.ZodType): object {
  const {$schema: _, '~standard': __, ...json} = z.toJSONSchema(schema) as Record<string, unknown>;
  return json;
}

/** OpenAPI 3.1 of these routes. */
export function openApi(routes: readonly Route[], version: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    const path = route.url.replaceAll(/:(\w+)/g, '{$1}');
    const methods = route.methods.filter((method) => method !== 'HEAD');
    paths[path] = Object.fromEntries(methods.map((method) => [method.toLowerCase(), operation(route)]));
  }
  return {
    openapi: '3.1.0',
    info: {title: 'Vakhta', version},
    paths,
    components: {securitySchemes: {token: {type: 'http', scheme: 'bearer'}}},
  };
}

function operation({url, summary, isOpen, query = {}, answers}: Route): object {
  const names = [...url.matchAll(/:(\w+)/g)].map(([, name = '']) => name);
  const parameter = (name: string, place: string, description?: string) => ({
    ...{name, in: place, required: place === 'path', schema: {type: 'string'}},
    ...(description !== undefined && {description}),
  });
  const all = isOpen ? answers : {...answers, 401: failure, 403: failure};
  return {
    summary,
    security: isOpen ? [] : [{token: []}],
    parameters: [
      ...names.map((name) => parameter(name, 'path')),
      ...Object.entries(query).map(([name, description]) => parameter(name, 'query', description)),
    ],
    responses: Object.fromEntries(
      Object.entries({...all, 429: failure}).map(([status, what]) => [status, answer(status, what)]),
    ),
  };
}

const WORDS: Readonly<Record<string, string>> = {
  200: 'Fine',
  400: 'The address or what is behind it is wrong',
  401: 'The token is missing or wrong',
  403: 'Without a token only this machine may read',
  404: 'There is no such thing',
  429: 'Too many wrong ids or tokens from this address',
  503: 'Not now',
};

function answer(status: string, what: z.ZodType | string): object {
  const [type = '', schema] =
    typeof what === 'string' ? [what.replace(/;.*/, ''), {type: 'string'}] : ['application/json', jsonSchema(what)];
  return {description: WORDS[status] ?? status, content: {[type]: {schema}}};
}
