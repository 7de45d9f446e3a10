import type {Draft} from './draft.ts';

/** One of the files that were named. */
export interface Source {
  readonly path: string;
  readonly bytes: Buffer;
  readonly text: string;
  /** What it is as JSON, and what it is as YAML, where it is that. */
  readonly json: unknown;
  readonly yaml: unknown;
}

/** A program that people come from: what its file in this folder exports. */
export interface Format {
  /** In a list of what can be read: `Gatus: config.yaml`. */
  readonly title: string;
  /** How many files belong together. */
  readonly files: 1 | 2;
  /** Looks at the content alone. */
  matches(sources: readonly Source[]): boolean;
  /** Fills the draft; a text says why it cannot, with the cure. */
  read(sources: readonly Source[], draft: Draft): string | undefined;
}
