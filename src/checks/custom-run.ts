import {AsyncLocalStorage} from 'node:async_hooks';
import {z} from 'zod';
import type {CustomCheck, Outcome} from './custom-api.ts';
import {type Loaded, loadNewest} from './custom-load.ts';

const REASON_CHARS_MAX = 300;
const VALUES_MAX = 200;

const outcome = z.object({
  result: z.enum(['ok', 'failed', 'inconclusive']),
  reason: z.string(),
  values: z.record(z.string(), z.number()).default({}),
});

/** Which check's code is running. */
const running = new AsyncLocalStorage<string>();

/** The custom check that an exception escaped from which nobody awaited; undefined when it is nobody's but ours. */
export function strayCheck(): string | undefined {
  return running.getStore();
}

export interface RunUse {
  readonly path: string;
  /** As they stand in config.yaml. */
  readonly options: unknown;
  readonly signal: AbortSignal;
  readonly log: (text: string) => void;
}

/** Runs a module of the user's own as it is now. Never rejects: whatever it does is an outcome. */
export async function runCustom({path, options, signal, log}: RunUse): Promise<Outcome> {
  try {
    return await running.run(path, async () => {
      const loaded = await loadNewest(path);
      const ready = prepare(loaded, options);
      if ('problem' in ready) return {result: 'failed', reason: shorten(ready.problem)};
      return tidy(await ready.check.run({options: ready.options, signal, log}));
    });
  } catch (error) {
    return {result: 'failed', reason: shorten(describe(error))};
  }
}

type Ready = {readonly check: CustomCheck; readonly options: unknown} | {readonly problem: string};

/** Options were checked when the config was read; a module that has changed since may want others. */
function prepare(loaded: Loaded, options: unknown): Ready {
  if ('problem' in loaded) return loaded;
  const parsed = loaded.check.options.safeParse(options);
  if (parsed.success) return {check: loaded.check, options: parsed.data};
  const [issue] = parsed.error.issues;
  return {problem: `options do not fit the module any more: ${issue?.path.join('.')}: ${issue?.message}`};
}

function tidy(given: unknown): Outcome {
  const parsed = outcome.safeParse(given);
  if (!parsed.success)
    return {result: 'failed', reason: 'the check returned neither ok(), failed(…) nor inconclusive(…)'};
  const {result, reason, values} = parsed.data;
  return {result, reason: shorten(reason), values: Object.fromEntries(Object.entries(values).slice(0, VALUES_MAX))};
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return `the check threw ${String(error)}`;
  return `the check threw ${error.name}: ${error.message}`;
}

/** A reason is one line in a chat. */
function shorten(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, REASON_CHARS_MAX);
}
