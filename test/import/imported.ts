import assert from 'node:assert/strict';
import {cpSync, existsSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import type {TestContext} from 'node:test';
import {parse} from 'yaml';
import {folderWith, LAUNCHER, quoted, sh} from '../cli/shell.ts';

export const SAMPLES = join(import.meta.dirname, 'samples');

export interface Result {
  readonly folder: string;
  /** The config. */
  readonly text: string;
  /** What stands at `checks/api/interval` of it. */
  readonly at: (path: string) => unknown;
  readonly env: string;
  readonly said: string;
}

/** Imports files of the samples, or those that `prepare` writes, with the real program. */
export async function importInto(
  context: TestContext,
  files: readonly string[],
  prepare: (folder: string) => void = (folder) => cpSync(SAMPLES, folder, {recursive: true}),
): Promise<Result> {
  const folder = folderWith(context);
  prepare(folder);
  const {code, stdout, stderr} = await sh(`${quoted(LAUNCHER)} import ${files.map(quoted).join(' ')}`, {cwd: folder});
  assert.equal(code, 0, stderr);
  writeFileSync(join(folder, 'config.yaml'), stdout);
  const envFile = join(folder, '.env');
  if (existsSync(envFile)) assert.equal(statSync(envFile).mode & 0o777, 0o600);
  const env = existsSync(envFile) ? readFileSync(envFile, 'utf8') : '';
  return {folder, text: stdout, at: (path) => valueAt(parse(stdout), path.split('/')), env, said: stderr};
}

/** How the config names a variable. */
export function reference(name: string): string {
  return `\${${name}}`;
}

function valueAt(tree: unknown, [key, ...rest]: readonly string[]): unknown {
  if (key === undefined) return tree;
  return valueAt(typeof tree === 'object' && tree !== null ? Reflect.get(tree, key) : undefined, rest);
}

/** Runs the program on what was imported, with the secrets as a shell reads them. */
export function withSecrets(folder: string, command: string) {
  return sh(`set -a; [ ! -e .env ] || . ./.env; set +a; exec ${command.replace(/\bvakhta\b/, quoted(LAUNCHER))}`, {
    cwd: folder,
    env: {TELEGRAM_BOT_TOKEN: '', TELEGRAM_CHAT_ID: '', TELEGRAM_ADMIN_ID: ''},
  });
}

/** The config loader takes it without a mistake. */
export async function assertValid(folder: string): Promise<void> {
  const {code, stderr} = await withSecrets(folder, 'vakhta validate');
  assert.equal(code, 0, stderr);
}

export function assertNoSecret(result: Result, secrets: readonly string[]): void {
  for (const secret of secrets) {
    assert.ok(!result.text.includes(secret), `${secret} is in the config`);
    assert.ok(!result.said.includes(secret), `${secret} is on standard error`);
  }
}

/** What was imported looks at this address instead, and at it alone. */
export function redirectConfig(folder: string, from: string, to: string): void {
  const file = join(folder, 'config.yaml');
  const text = readFileSync(file, 'utf8');
  assert.ok(text.includes(from), `${from} is in the config`);
  writeFileSync(file, text.replace(from, to));
}
