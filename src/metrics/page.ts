import type {Counter, Gauge, OpenMetricsContentType, Registry} from 'prom-client';
import type {Clock} from '../clock.ts';
import type {Facts, Family, Row} from './family.ts';
import type {Histogram} from './histogram.ts';

/** The part of prom-client that is needed here; main has it loaded only where metrics are asked for. */
export type PromClient = typeof import('prom-client');

/** So many rows are rendered at once. */
const CHUNK_ROWS = 500;
/** After so long the checks, the messages and everything else that waits get their turn. */
const TURN_MS = 5;

interface Use {
  readonly client: PromClient;
  readonly families: readonly Family[];
  readonly histograms: readonly Histogram[];
  readonly clock: Clock;
}

export type Format = 'text' | 'openmetrics';

/** Renders a page in one of the two formats, in short turns: ten thousand checks are 200,000 lines. */
export function createPage(use: Use, format: Format): (facts: Facts) => Promise<string> {
  const forms = use.families.map((family) => createForm(use.client, family, format));
  return async (facts) => {
    const parts: string[] = [];
    let turnAt = use.clock.monotonic();
    for (const part of textsOf(forms, use.histograms, facts)) {
      const text = await part;
      if (text !== '') parts.push(text);
      if (use.clock.monotonic() - turnAt < TURN_MS) continue;
      await use.clock.sleep(0);
      turnAt = use.clock.monotonic();
    }
    if (format === 'openmetrics') parts.push('# EOF');
    return `${parts.join('\n')}\n`;
  };
}

function* textsOf(
  forms: readonly Form[],
  histograms: readonly Histogram[],
  facts: Facts,
): Iterable<string | Promise<string>> {
  for (const form of forms) yield* form(facts);
  for (const histogram of histograms) yield* histogram.texts();
}

type Form = (facts: Facts) => Iterable<Promise<string>>;

/** Fills prom-client's metric with one chunk of rows after another; the library checks, escapes and writes them. */
function createForm(client: PromClient, family: Family, format: Format): Form {
  const registry = registryIn(client, format);
  // OpenMetrics names a counter without the ending of its rows, which the library appends.
  const name = format === 'openmetrics' && family.type === 'counter' ? family.name.replace(/_total$/, '') : family.name;
  const {help} = family;
  const config = {name, help, labelNames: [...family.labels], registers: [registry]};
  const metric: Counter | Gauge = family.type === 'counter' ? new client.Counter(config) : new client.Gauge(config);
  return function* (facts) {
    const rows = [...family.rows(facts)];
    for (let from = 0; from === 0 || from < rows.length; from += CHUNK_ROWS) {
      fill(metric, family.labels, rows.slice(from, from + CHUNK_ROWS));
      // The numbers are read in this call, before anything else can run; only the text is waited for.
      const text = registry.getSingleMetricAsString(name);
      yield from === 0 ? text : text.then(withoutHead);
    }
  };
}

function registryIn(client: PromClient, format: Format): Registry | Registry<OpenMetricsContentType> {
  if (format === 'text') return new client.Registry();
  const registry = new client.Registry<OpenMetricsContentType>();
  registry.setContentType(client.Registry.OPENMETRICS_CONTENT_TYPE);
  return registry;
}

function fill(metric: Counter | Gauge, names: readonly string[], rows: readonly Row[]): void {
  metric.reset();
  for (const [values, value] of rows) {
    const labels: Record<string, string> = {};
    for (const [index, name] of names.entries()) labels[name] = values[index] ?? '';
    metric.inc(labels, value);
  }
}

/** Without the lines HELP and TYPE, of which a page may have only one pair a metric. */
function withoutHead(text: string): string {
  return text.split('\n').slice(2).join('\n');
}
