import {closeSync, openSync, readFileSync, readSync, statSync} from 'node:fs';
import {basename, relative, resolve} from 'node:path';
import {parse} from 'yaml';
import {blackbox} from './blackbox.ts';
import {Draft} from './draft.ts';
import {type EnvOutcome, writeEnvFile} from './env-file.ts';
import {jsonOf} from './fields.ts';
import type {Format, Source} from './format.ts';
import {gatus} from './gatus.ts';
import {kumaBackup, kumaDatabase} from './kuma.ts';
import {recoveryEnv} from './recovery-env.ts';
import {renderDraft} from './render.ts';
import {serviceJson} from './service-json.ts';

const FORMATS: readonly Format[] = [serviceJson, recoveryEnv, kumaDatabase, kumaBackup, gatus, blackbox];
/** A Kuma database with years of heartbeats is large, and is not read into memory. */
const TEXT_BYTES_MAX = 16 * 1024 ** 2;
const HEAD_BYTES = 64;

export type Imported =
  | {readonly ok: true; readonly config: string; readonly said: readonly string[]}
  | {readonly ok: false; readonly message: string};

/** Reads what another program was configured with, writes its secrets to `envFile`, and returns a config.yaml. */
export function importFiles(paths: readonly string[], envFile: string): Imported {
  const sources: Source[] = [];
  for (const path of paths) {
    const source = readSource(path);
    if (typeof source === 'string') return refusal(source);
    sources.push(source);
  }
  const format = FORMATS.find(({files, matches}) => files === sources.length && matches(sources));
  if (!format) return refusal(unknownFormat(sources));
  const draft = new Draft();
  const problem = format.read(sources, draft);
  if (problem !== undefined) return refusal(problem);
  if (draft.checks.size === 0) return refusal(nothingFound(format, draft));
  const env = writeEnv(draft, envFile);
  if (env?.kind === 'refused') return refusal(env.message);
  return {
    ok: true,
    config: renderDraft(draft, headOf(format, sources, draft, envFile)),
    said: saidOf(draft, envFile, env),
  };
}

function refusal(message: string): Imported {
  return {ok: false, message};
}

function readSource(path: string): Source | string {
  try {
    const bytes = statSync(path).size > TEXT_BYTES_MAX ? headOfFile(path) : readFileSync(path);
    const text = bytes.includes(0) ? '' : bytes.toString('utf8').replace(/^\ufeff/, '');
    return {path, bytes, text, json: jsonOf(text), yaml: yamlOf(text)};
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? `there is no file ${path}` : `${path} cannot be read (${code ?? 'unknown error'})`;
  }
}

function headOfFile(path: string): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  const fd = openSync(path, 'r');
  readSync(fd, head);
  closeSync(fd);
  return head;
}

function yamlOf(text: string): unknown {
  try {
    return parse(text, {logLevel: 'error'});
  } catch {
    return undefined;
  }
}

function unknownFormat(sources: readonly Source[]): string {
  const other = FORMATS.find(({files, matches}) => files !== sources.length && matches(sources));
  if (other) return `this is one half of it: name both files, ${other.title}`;
  const names = sources.map(({path}) => path).join(' and ');
  return [`what ${names} is was not recognised. These can be read:`, ...FORMATS.map(({title}) => `  ${title}`)].join(
    '\n',
  );
}

function nothingFound({title}: Format, {without}: Draft): string {
  const found = `found nothing to watch in it (${title})`;
  return without.length === 0 ? found : [`${found}:`, ...without.map((line) => `  ${line}`)].join('\n');
}

function writeEnv({secrets}: Draft, path: string): EnvOutcome | undefined {
  return secrets.values.size === 0 ? undefined : writeEnvFile(path, secrets.values);
}

function headOf({title}: Format, sources: readonly Source[], {secrets}: Draft, envFile: string): string[] {
  const named = [...secrets.named];
  return [
    `Made by vakhta import from ${sources.map(({path}) => basename(path)).join(' and ')} (${title.replace(/:.*/, '')}).`,
    'Read it through, try it with vakhta check, and see docs/moving-in.md for what each part became.',
    ...(secrets.values.size > 0
      ? [
          `Its secrets are in ${near(envFile)}. In a shell: set -a; . ${sourced(envFile)}; set +a. With systemd: EnvironmentFile=${resolve(envFile)}`,
        ]
      : []),
    ...(named.length > 0 ? [`It needs variables that the source named too: ${named.join(', ')}`] : []),
  ];
}

function saidOf(draft: Draft, envFile: string, env: EnvOutcome | undefined): string[] {
  const {size} = draft.secrets.values;
  const secrets = {
    written: `${count(size, 'secret')} written to ${near(envFile)}, which only you can read`,
    there_already: `${count(size, 'secret')} found in ${near(envFile)} already`,
    refused: '',
  };
  return [
    `${count(draft.checks.size, 'check')}, ${count(draft.channels.size, 'channel')}`,
    ...(draft.without.length > 0
      ? [`${count(draft.without.length, 'thing')} without an equal: see the comment at its top`]
      : []),
    ...(env ? [secrets[env.kind]] : []),
  ];
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`;
}

function near(path: string): string {
  return relative('', path) || '.';
}

/** `.` looks for a bare name on the PATH. */
function sourced(path: string): string {
  const short = near(path);
  return short.startsWith('/') || short.startsWith('..') ? short : `./${short}`;
}
