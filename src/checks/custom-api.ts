import {z} from 'zod';
import type {Result} from '../state/vocabulary.ts';

/**
 * What a check of the user's own imports: `import {defineCheck, failed, ok, z} from 'vakhta/check'`. The name is resolved to this
 * file wherever the check lies; see examples/README.md for the editor.
 */
export {z};

export interface Outcome {
  readonly result: Result;
  /** One line for people; empty when there is nothing to say. */
  readonly reason: string;
  /** Numbers for the history, by name. */
  readonly values?: Readonly<Record<string, number>>;
}

export interface CustomRun<Options> {
  readonly options: Options;
  /** Aborted at the check's timeout and at shutdown: pass it to fetch, sockets and whatever else waits. */
  readonly signal: AbortSignal;
  /** A line for the program's log. */
  log(text: string): void;
}

export interface CustomCheck<Schema extends z.ZodType = z.ZodType> {
  /** The schema of what stands under `options:` in config.yaml; use z.strictObject, so that a mistyped key is an error. */
  readonly options: Schema;
  /** One try. What it throws is a failure. */
  run(use: CustomRun<z.output<Schema>>): Promise<Outcome>;
}

/** Gives `run` the type of its options. */
export function defineCheck<Schema extends z.ZodType>(check: CustomCheck<Schema>): CustomCheck<Schema> {
  return check;
}

export function ok(values: Readonly<Record<string, number>> = {}): Outcome {
  return {result: 'ok', reason: '', values};
}

export function failed(reason: string, values: Readonly<Record<string, number>> = {}): Outcome {
  return {result: 'failed', reason, values};
}

/** Nothing can be said: no counter moves. */
export function inconclusive(reason: string): Outcome {
  return {result: 'inconclusive', reason};
}
