import type {Histogram, Registry} from 'prom-client';

/** The part of prom-client that is needed here; main has it loaded only where metrics are asked for. */
export type PromClient = typeof import('prom-client');

export interface HistogramSpec {
  readonly name: string;
  readonly help: string;
  /** At most one. */
  readonly label?: string;
  /** Upper bounds in seconds. */
  readonly buckets: readonly number[];
}

/** So many rows of a histogram are rendered at once: below 5 ms, after which others get their turn. */
const SHARD_ROWS = 100;

interface Shard {
  readonly registry: Registry;
  readonly histogram: Histogram;
  readonly rows: Set<string>;
}

/** A histogram by one label, in parts that can be rendered one after another. */
export class Shards {
  readonly spec: HistogramSpec;
  readonly #client: PromClient;
  readonly #shards: Shard[] = [];
  readonly #shardOf = new Map<string, Shard>();

  constructor(client: PromClient, spec: HistogramSpec) {
    this.#client = client;
    this.spec = spec;
    // Also with nothing to show its name and help are there.
    this.#add();
  }

  /** `value` is the label's; a time that is no number is a bug elsewhere and must not end a run. */
  observe(ms: number, value = ''): void {
    if (!Number.isFinite(ms)) return;
    this.#of(value).histogram.observe(this.#labels(value), Math.max(0, ms) / 1_000);
  }

  /** Forgets all other values of the label. */
  keep(values: ReadonlySet<string>): void {
    for (const [value, shard] of this.#shardOf) {
      if (values.has(value)) continue;
      shard.histogram.remove(this.#labels(value));
      shard.rows.delete(value);
      this.#shardOf.delete(value);
    }
  }

  /** The text of each part; the first alone has the two lines of the head. */
  *texts(): Iterable<Promise<string>> {
    for (const [index, {registry, rows}] of this.#shards.entries()) {
      if (index > 0 && rows.size === 0) continue;
      const text = registry.getSingleMetricAsString(this.spec.name);
      yield index === 0 ? text : text.then(withoutHead);
    }
  }

  #of(value: string): Shard {
    const known = this.#shardOf.get(value);
    if (known) return known;
    const shard = this.#shards.find(({rows}) => rows.size < SHARD_ROWS) ?? this.#add();
    shard.rows.add(value);
    this.#shardOf.set(value, shard);
    return shard;
  }

  #add(): Shard {
    const {name, help, label, buckets} = this.spec;
    const registry = new this.#client.Registry();
    const labelNames = label === undefined ? [] : [label];
    const histogram = new this.#client.Histogram({
      name,
      help,
      labelNames,
      buckets: [...buckets],
      registers: [registry],
    });
    const shard = {registry, histogram, rows: new Set<string>()};
    this.#shards.push(shard);
    return shard;
  }

  #labels(value: string): Record<string, string> {
    return this.spec.label === undefined ? {} : {[this.spec.label]: value};
  }
}

/** Without the lines HELP and TYPE, of which a page may have only one pair a metric. */
export function withoutHead(text: string): string {
  return text.split('\n').slice(2).join('\n');
}
