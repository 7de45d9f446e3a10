import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {TestContext} from 'node:test';
import type {Config} from '../../src/config/config.ts';
import {type LoadedConfig, loadConfig} from '../../src/config/load.ts';
import {formatProblem} from '../../src/config/problems.ts';

export interface Folder {
  readonly path: string;
  /** Loads this text as config.yaml. */
  load(text: string | Buffer, env?: NodeJS.ProcessEnv): LoadedConfig;
  /** The config, or an error that prints the problems. */
  config(text: string, env?: NodeJS.ProcessEnv): Config;
  /** The problems as they are printed, without the folder's name. */
  problems(text: string | Buffer, env?: NodeJS.ProcessEnv): readonly string[];
  /** The warnings likewise, at `now` if that is given: epoch milliseconds. */
  warnings(text: string, env?: NodeJS.ProcessEnv, now?: number): readonly string[];
  write(name: string, content: string | Buffer): string;
}

/** 2026-06-01T12:00:00Z. */
const NOW = 1_780_315_200_000;

/** A temporary folder that goes when the test ends. */
export function createFolder(context: TestContext): Folder {
  const path = mkdtempSync(join(tmpdir(), 'vakhta-config-'));
  // The history's thread may still be writing its last file.
  context.after(() => rmSync(path, {recursive: true, force: true, maxRetries: 10, retryDelay: 50}));
  const write = (name: string, content: string | Buffer) => {
    writeFileSync(join(path, name), content);
    return join(path, name);
  };
  const load = (text: string | Buffer, env: NodeJS.ProcessEnv = {}, now = NOW) =>
    loadConfig(write('config.yaml', text), env, now);
  const shorten = (line: string) => line.replaceAll(`${path}/`, '');
  const problems = (text: string | Buffer, env?: NodeJS.ProcessEnv) => {
    const loaded = load(text, env);
    return loaded.ok ? [] : loaded.problems.map((problem) => shorten(formatProblem(problem)));
  };
  return {
    path,
    load,
    write,
    problems,
    config: (text, env) => {
      const loaded = load(text, env);
      if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join('\n'));
      return loaded.config;
    },
    warnings: (text, env, now) => {
      const loaded = load(text, env, now);
      return loaded.ok ? loaded.warnings.map((problem) => shorten(formatProblem(problem))) : [];
    },
  };
}

/** One check that is all right, to stand under `checks:`. */
export const CHECK = '  api: {type: http, url: http://127.0.0.1:8081/}\n';
export const CHECKS = `checks:\n${CHECK}`;
