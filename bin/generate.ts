import {readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {z} from 'zod';
import type {Kind} from '../src/checks/check.ts';
import {kinds} from '../src/checks/index.ts';
import * as config from '../src/config/schema.ts';

const ROOT = join(import.meta.dirname, '..');

/** The files that are made from the source, by their path from the repository's root. */
export function generate(): ReadonlyMap<string, string> {
  return new Map([
    ['docs/checks.md', checksPage()],
    ['config.schema.json', `${JSON.stringify(config.editorSchema(), null, 2)}\n`],
  ]);
}

/** Paths of the generated files that differ from what the source says now. */
export async function staleFiles(): Promise<string[]> {
  const stale: string[] = [];
  for (const [path, content] of generate()) {
    const found = await readFile(join(ROOT, path), 'utf8').catch(() => undefined);
    if (found !== content) stale.push(path);
  }
  return stale;
}

function checksPage(): string {
  const all = [...kinds.values()];
  const rows = all.map(({name, doc}) => `| [${name}](#${name}) | ${firstSentence(doc)} |`);
  return [
    '# Checks',
    '',
    '<!-- Made by `npm run generate` from src/checks/ and src/config/. Do not edit. -->',
    '',
    'A check is one entry under `checks:` in config.yaml; its `type` is one of these:',
    '',
    '| type | what it does |',
    '|---|---|',
    ...rows,
    '',
    ...all.flatMap(kindSection),
    '## Keys of every check',
    '',
    ...table(config.commonCheckKeys),
    '',
  ].join('\n');
}

function kindSection({name, doc, example, options, reportId}: Kind): string[] {
  const indented = example.split('\n').map((line) => `  ${line}`);
  const server = reportId ? ['http: {}'] : [];
  return [`## ${name}`, '', doc, '', '```yaml', ...server, 'checks:', ...indented, '```', '', ...table(options), ''];
}

interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly examples?: readonly unknown[];
}

function table(schema: z.ZodType): string[] {
  const {properties = {}, required = []}: JsonSchema = z.toJSONSchema(schema, {io: 'input'}) as JsonSchema;
  const rows = Object.entries(properties).map(([key, property]) => {
    const fallback = required.includes(key) ? 'required' : code(property.default);
    return `| \`${key}\` | ${cell(typeOf(property))} | ${cell(fallback)} | ${cell(property.description ?? '')} |`;
  });
  return ['| key | type | default | |', '|---|---|---|---|', ...rows];
}

function typeOf({
  type,
  const: only,
  enum: words,
  anyOf,
  items,
  additionalProperties,
  properties,
  examples,
}: JsonSchema): string {
  if (only !== undefined) return code(only);
  if (words) return words.map(code).join(', ');
  if (anyOf) return anyOf.map(typeOf).join(' or ');
  if (type === 'array') return `list of ${items ? typeOf(items) : 'anything'}`;
  if (properties) return `map of ${Object.keys(properties).map(code).join(', ')}`;
  if (type === 'object')
    return typeof additionalProperties === 'object' ? `map of ${typeOf(additionalProperties)}` : 'map';
  if (type === 'integer') return 'whole number';
  if (type === 'string') return examples ? `text such as ${code(examples[0])}` : 'text';
  return type === 'boolean' ? '`true` or `false`' : (type ?? 'anything');
}

function code(value: unknown): string {
  if (value === undefined || isEmpty(value)) return '';
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

/** A bar would end the cell. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

function firstSentence(text: string): string {
  return cell(/^.*?[.:](?=\s|$)/.exec(text)?.[0].replace(/:$/, '.') ?? text);
}

if (import.meta.main) {
  if (process.argv[2] === '--check') {
    const stale = await staleFiles();
    for (const path of stale) process.stderr.write(`${path} is stale: run npm run generate\n`);
    process.exitCode = stale.length > 0 ? 1 : 0;
  } else {
    for (const [path, content] of generate()) await writeFile(join(ROOT, path), content);
  }
}
