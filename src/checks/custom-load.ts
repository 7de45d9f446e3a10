import {statSync} from 'node:fs';
import {createRequire, registerHooks} from 'node:module';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';
import {z} from 'zod';
import type {CustomCheck} from './custom-api.ts';

export type Loaded = {readonly check: CustomCheck} | {readonly problem: string};

const API = pathToFileURL(join(import.meta.dirname, 'custom-api.ts')).href;
/** Marks the modules of a check that was changed and loaded anew. */
const CHANGED = /\?changed=[\d.]+$/;

/** What is loaded, by path, with the state of the file at that time. */
const known = new Map<string, {readonly state: string; readonly loaded: Loaded}>();
let hooked = false;

/**
 * Loads a module of the user's own without waiting, as a config is read without waiting. Only `loadNewest` sees later changes
 * of the file: a module that was once required stays.
 */
export function loadCheck(path: string): Loaded {
  const state = stateOf(path);
  const found = known.get(path);
  if (found && (found.state === state || 'check' in found.loaded)) return found.loaded;
  if (state === undefined) return {problem: `expected the path of a TypeScript module, found no file ${path}`};
  hook();
  return keep(
    path,
    state,
    attempt(() => createRequire(path)(path)),
  );
}

/** Loads it again if the file has changed, with the modules that it imports by relative paths. */
export async function loadNewest(path: string): Promise<Loaded> {
  const state = stateOf(path);
  if (state === undefined) return {problem: `there is no file ${path}`};
  const found = known.get(path);
  if (found?.state === state) return found.loaded;
  if (!found) return loadCheck(path);
  const url = `${pathToFileURL(path).href}?changed=${state}`;
  const module: unknown = await import(url).catch((error: unknown) => error);
  return keep(
    path,
    state,
    attempt(() => module),
  );
}

/** The user's check is found by one name everywhere, as there need be no node_modules where it lies. */
function hook(): void {
  if (hooked) return;
  hooked = true;
  registerHooks({
    resolve: (specifier, context, next) => {
      if (specifier === 'vakhta/check') return {url: API, shortCircuit: true};
      const resolved = next(specifier, context);
      const changed = specifier.startsWith('.') ? CHANGED.exec(context.parentURL ?? '')?.[0] : undefined;
      return changed === undefined ? resolved : {...resolved, url: resolved.url + changed};
    },
  });
}

function keep(path: string, state: string, loaded: Loaded): Loaded {
  known.set(path, {state, loaded});
  return loaded;
}

function attempt(load: () => unknown): Loaded {
  try {
    const module = load();
    if (module instanceof Error) throw module;
    const check = typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined;
    return isCheck(check) ? {check} : {problem: 'expected export default defineCheck({options, run})'};
  } catch (error) {
    return {problem: `expected a module that can be loaded; ${explain(error)}`};
  }
}

function isCheck(value: unknown): value is CustomCheck {
  if (typeof value !== 'object' || value === null || !('options' in value) || !('run' in value)) return false;
  return value.options instanceof z.ZodType && typeof value.run === 'function';
}

function explain(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ERR_REQUIRE_ASYNC_MODULE') return 'it has an await at its top, which only a function may have';
  return error instanceof Error ? `${error.name}: ${error.message.split('\n', 1)[0]}` : 'it threw what is no Error';
}

function stateOf(path: string): string | undefined {
  const stat = statSync(path, {throwIfNoEntry: false});
  return stat?.isFile() ? `${stat.mtimeMs}${stat.size}` : undefined;
}
