export interface HistogramSpec {
  readonly name: string;
  /** As `help` of a family. */
  readonly help: string;
  /** At most one. */
  readonly label?: string;
  /** Upper bounds in seconds. */
  readonly buckets: readonly number[];
}

/** So many rows of a histogram are rendered at once: below 5 ms, after which others get their turn. */
const CHUNK_ROWS = 100;

interface Row {
  /** As on the page: `check="api"`; empty for a histogram without a label. */
  readonly label: string;
  /** By bucket, each without those below it; the last has what is above all bounds. */
  readonly counts: number[];
  sumSeconds: number;
}

/**
 * A histogram by one label. Thousands of observations a second are counted in it: prom-client, which writes all other metrics,
 * would find a row by the text of its labels and make a dozen objects for each.
 */
export class Histogram {
  readonly spec: HistogramSpec;
  readonly #rows = new Map<string, Row>();

  constructor(spec: HistogramSpec) {
    this.spec = spec;
    // Where there is only one row, it is there before anything is observed.
    if (spec.label === undefined) this.#add('');
  }

  /** `value` is the label's; a time that is no number is a bug elsewhere and must not end a run. */
  observe(ms: number, value = ''): void {
    if (!Number.isFinite(ms)) return;
    const row = this.#rows.get(value) ?? this.#add(value);
    const seconds = Math.max(0, ms) / 1_000;
    const bucket = this.#bucketOf(seconds);
    row.counts[bucket] = (row.counts[bucket] ?? 0) + 1;
    row.sumSeconds += seconds;
  }

  /** Forgets all other values of the label. */
  keep(values: ReadonlySet<string>): void {
    for (const value of this.#rows.keys()) if (!values.has(value)) this.#rows.delete(value);
  }

  /** The text in parts, between which others may have their turn; with nothing to show the name and the help are there. */
  *texts(): Iterable<string> {
    const {name, help} = this.spec;
    let lines = [`# HELP ${name} ${help}`, `# TYPE ${name} histogram`];
    let rows = 0;
    for (const row of this.#rows.values()) {
      this.#write(row, lines);
      if (++rows % CHUNK_ROWS > 0) continue;
      yield lines.join('\n');
      lines = [];
    }
    yield lines.join('\n');
  }

  #bucketOf(seconds: number): number {
    const {buckets} = this.spec;
    for (let bucket = 0; bucket < buckets.length; bucket++) if (seconds <= (buckets[bucket] ?? 0)) return bucket;
    return buckets.length;
  }

  #add(value: string): Row {
    const {label, buckets} = this.spec;
    const counts = Array.from({length: buckets.length + 1}, () => 0);
    const row = {label: label === undefined ? '' : `${label}="${escaped(value)}"`, counts, sumSeconds: 0};
    this.#rows.set(value, row);
    return row;
  }

  #write({label, counts, sumSeconds}: Row, lines: string[]): void {
    const {name, buckets} = this.spec;
    const own = label === '' ? '' : `{${label}}`;
    const more = label === '' ? '' : `,${label}`;
    let count = 0;
    for (const [bucket, own] of counts.entries()) {
      count += own;
      lines.push(`${name}_bucket{le="${buckets[bucket] ?? '+Inf'}"${more}} ${count}`);
    }
    lines.push(`${name}_sum${own} ${sumSeconds}`, `${name}_count${own} ${count}`);
  }
}

/** The same in both formats. */
function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}
