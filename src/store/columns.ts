import type {Observation, Result} from '../state/vocabulary.ts';

/**
 * Observations on their way to the writer's thread. As objects they would live just long enough to grow old on the heap, and
 * each would bring the names of its fields along; columns of numbers cost the collector nothing and are copied at once.
 */
export interface Columns {
  /** Each subject once: its check, and its target, which is empty for a check without targets. */
  readonly checks: readonly string[];
  readonly targets: readonly string[];
  /** Places of subjects in these two. This column and those below have a number for each observation. */
  readonly subjectOf: Uint32Array;
  readonly at: Float64Array;
  readonly latencyMs: Float64Array;
  /** Places in `RESULTS`. */
  readonly results: Uint8Array;
  /** By the observation's place; most have none of these. */
  readonly reasons: readonly (readonly [number, string])[];
  readonly values: readonly (readonly [number, Readonly<Record<string, number>>])[];
}

/** The number that stands for a result here and in the table. */
export const RESULTS: readonly Result[] = ['ok', 'failed', 'inconclusive'];

/** Most batches of a small server fit in; a larger one doubles this until it does. */
const ROWS = 256;

/** Columns that grow. */
export class Batch {
  #count = 0;
  /** So many of the oldest are dropped again. */
  #dropped = 0;
  #subjectOf = new Uint32Array(ROWS);
  #at = new Float64Array(ROWS);
  #latencyMs = new Float64Array(ROWS);
  #results = new Uint8Array(ROWS);
  readonly #checks: string[] = [];
  readonly #targets: string[] = [];
  /** The places of subjects: of checks without targets, and of the others' targets. */
  readonly #alone = new Map<string, number>();
  readonly #withTargets = new Map<string, Map<string, number>>();
  readonly #reasons: [number, string][] = [];
  readonly #values: [number, Readonly<Record<string, number>>][] = [];

  get size(): number {
    return this.#count - this.#dropped;
  }

  add({check, target, at, latencyMs, result, reason, values}: Observation): void {
    if (this.#count === this.#at.length) this.#grow();
    const place = this.#count++;
    this.#subjectOf[place] = this.#subject(check, target);
    this.#at[place] = at;
    this.#latencyMs[place] = latencyMs;
    this.#results[place] = RESULTS.indexOf(result);
    if (reason !== '') this.#reasons.push([place, reason]);
    if (values) this.#values.push([place, values]);
  }

  /** At most `size` of the oldest. */
  drop(count: number): void {
    this.#dropped += count;
  }

  columns(): Columns {
    const [from, to] = [this.#dropped, this.#count];
    const moved = <T>(list: readonly [number, T][]) =>
      list.filter(([place]) => place >= from).map(([place, one]): [number, T] => [place - from, one]);
    return {
      checks: this.#checks,
      targets: this.#targets,
      subjectOf: this.#subjectOf.slice(from, to),
      at: this.#at.slice(from, to),
      latencyMs: this.#latencyMs.slice(from, to),
      results: this.#results.slice(from, to),
      reasons: moved(this.#reasons),
      values: moved(this.#values),
    };
  }

  #subject(check: string, target: string | undefined): number {
    const places = target === undefined ? this.#alone : this.#targetsOf(check);
    const key = target ?? check;
    const known = places.get(key);
    if (known !== undefined) return known;
    places.set(key, this.#checks.length);
    this.#targets.push(target ?? '');
    return this.#checks.push(check) - 1;
  }

  #targetsOf(check: string): Map<string, number> {
    const known = this.#withTargets.get(check);
    const places = known ?? new Map<string, number>();
    if (!known) this.#withTargets.set(check, places);
    return places;
  }

  #grow(): void {
    const rows = 2 * this.#at.length;
    this.#subjectOf = grown(this.#subjectOf, new Uint32Array(rows));
    this.#at = grown(this.#at, new Float64Array(rows));
    this.#latencyMs = grown(this.#latencyMs, new Float64Array(rows));
    this.#results = grown(this.#results, new Uint8Array(rows));
  }
}

function grown<Column extends Uint8Array | Uint32Array | Float64Array>(column: Column, into: Column): Column {
  into.set(column);
  return into;
}

export function toColumns(observations: readonly Observation[]): Columns {
  const batch = new Batch();
  for (const observation of observations) batch.add(observation);
  return batch.columns();
}

/** One subject, and the places of its observations in the order in which they came. */
export interface Subject {
  readonly check: string;
  readonly target: string;
  readonly places: Uint32Array;
}

/** Sorted by counting: the rows of one subject lie side by side in the file, and most pages are written once. */
export function* bySubject({checks, targets, subjectOf}: Columns): Iterable<Subject> {
  const ends = new Uint32Array(checks.length);
  for (const subject of subjectOf) ends[subject] = (ends[subject] ?? 0) + 1;
  for (let subject = 1; subject < ends.length; subject++)
    ends[subject] = (ends[subject] ?? 0) + (ends[subject - 1] ?? 0);
  const places = new Uint32Array(subjectOf.length);
  const next = Uint32Array.of(0, ...ends.subarray(0, -1));
  for (const [place, subject] of subjectOf.entries()) {
    const at = next[subject] ?? 0;
    next[subject] = at + 1;
    places[at] = place;
  }
  let from = 0;
  for (const [index, check] of checks.entries()) {
    const to = ends[index] ?? 0;
    if (to > from) yield {check, target: targets[index] ?? '', places: places.subarray(from, to)};
    from = to;
  }
}
