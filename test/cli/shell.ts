import {spawn} from 'node:child_process';
import {cpSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {TestContext} from 'node:test';

export const ROOT = join(import.meta.dirname, '../..');
export const LAUNCHER = join(ROOT, 'bin/vakhta');

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a shell command prints and how it ends; with what stands in the environment of these tests, and `env`. */
export async function sh(command: string, use: {cwd?: string; env?: NodeJS.ProcessEnv} = {}): Promise<Ended> {
  const child = spawn('sh', ['-c', command], {
    cwd: use.cwd ?? ROOT,
    env: {...process.env, ...use.env},
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (data) => (stdout += data));
  child.stderr.on('data', (data) => (stderr += data));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return {code, stdout, stderr};
}

/** `bin/vakhta` with these words after it, each as it is. */
export function vakhta(words: readonly string[], use?: {cwd?: string; env?: NodeJS.ProcessEnv}): Promise<Ended> {
  return sh(`exec ${[LAUNCHER, ...words].map(quoted).join(' ')}`, use);
}

export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** A temporary folder with these files, which goes with the test. */
export function folderWith(context: TestContext, files: Record<string, string | Buffer> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'vakhta-cli-'));
  context.after(() => rmSync(folder, {recursive: true, force: true}));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

/** The program's own files without its dependencies. */
export function copyProgram(to: string): void {
  for (const part of ['bin', 'src', 'mocks', 'HOSTNAME.ts', 'package.json', 'config.yaml', 'ips.txt']) {
    cpSync(join(ROOT, part), join(to, part), {recursive: true});
  }
}
