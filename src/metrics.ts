import type {Outcome} from './bot/channels/channel.ts';
import type {Clock} from './clock.ts';
import {checkFamilies} from './metrics/check-families.ts';
import {ANSWERS, Counts, channelOfLane} from './metrics/counts.ts';
import type {Facts, Family} from './metrics/family.ts';
import {Histogram, type HistogramSpec} from './metrics/histogram.ts';
import {createPage, type Format} from './metrics/page.ts';
import {programFamilies} from './metrics/program-families.ts';
import type {Pipeline} from './pipeline.ts';
import type {Observation} from './state/vocabulary.ts';

export interface MetricsPage {
  readonly contentType: string;
  /** Never rejects for what the world does. Whoever asks while a page is being made gets that one. */
  render(): Promise<string>;
}

/** Itself a page in Prometheus' text format. */
export interface Metrics extends MetricsPage {
  /** The page that this `Accept` header asks for: OpenMetrics, or the text format. */
  page(accept: string | undefined): MetricsPage;
  readonly listeners: MetricsListeners;
  /** Stops measuring the event loop, for which a timer is always set: until then the process does not end. */
  close(): void;
}

/** What cannot be asked for later, so that jobs, scheduler and outbox must tell of it. */
export interface MetricsListeners {
  readonly onObserved: (observations: readonly Observation[]) => void;
  readonly onStart: (lateMs: number) => void;
  readonly onSkipped: (runs: number) => void;
  readonly onOutcome: (lane: string, outcome: Outcome['kind'], lateMs: number) => void;
}

interface Use {
  readonly pipeline: Pick<Pipeline, 'config' | 'view' | 'alerts'>;
  readonly store: Facts['store'];
  readonly clock: Clock;
  readonly version: string;
  /** This server's name. */
  readonly server: string;
}

/** The loop is asked so often how late it is. */
const LOOP_MS = 100;

export const families: readonly Family[] = [...checkFamilies, ...programFamilies];

export const histograms = {
  duration: {
    name: 'vakhta_check_duration_seconds',
    help: 'How long an observation took, failed ones included; for a check with targets, of each target.',
    label: 'check',
    buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  },
  delivery: {
    name: 'vakhta_delivery_delay_seconds',
    help: 'From the decision that a message is sent to its delivery.',
    label: 'channel',
    buckets: [0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 3_600],
  },
  lag: {
    name: 'vakhta_scheduler_lag_seconds',
    help: 'How long after its time a run began: it waited for the event loop, or for one of the places that concurrency gives.',
    buckets: [0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5, 30],
  },
  loop: {
    name: 'vakhta_event_loop_delay_seconds',
    help: 'How late a timer of the main thread went off, asked ten times a second.',
    buckets: [0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5],
  },
} as const satisfies Record<string, HistogramSpec>;

/**
 * What the program knows of itself, for Prometheus. Most of it is read when a page is asked for; the listeners bring the
 * rest. A check or a channel that leaves the configuration leaves the page.
 */
export async function openMetrics(use: Use): Promise<Metrics> {
  // Only now: without metrics nobody pays for the library.
  const client = await import('prom-client');
  const {clock} = use;
  const counts = new Counts();
  const [duration, delivery, lag, loop] = [
    new Histogram(histograms.duration),
    new Histogram(histograms.delivery),
    new Histogram(histograms.lag),
    new Histogram(histograms.loop),
  ];
  const closing = new AbortController();
  void watchLoop(clock, closing.signal, (ms) => loop.observe(ms));
  const build = {version: use.version, server: use.server, startedAt: clock.now() - process.uptime() * 1_000};

  function look(): Facts {
    const {config, alerts} = use.pipeline;
    const channels = new Set([...config.channels.keys(), ANSWERS]);
    const checks = new Set(config.checks.map(({name}) => name));
    counts.keep(checks, channels);
    duration.keep(checks);
    delivery.keep(channels);
    return {config, alerts, view: use.pipeline.view(), store: use.store, counts, now: clock.now(), build};
  }

  const pageIn = (format: Format, contentType: string): MetricsPage => {
    const write = createPage({client, families, histograms: [duration, delivery, lag, loop], clock}, format);
    return {contentType, render: shared(() => write(look()))};
  };
  const text = pageIn('text', client.Registry.PROMETHEUS_CONTENT_TYPE);
  const open = pageIn('openmetrics', client.Registry.OPENMETRICS_CONTENT_TYPE);
  const listeners: MetricsListeners = {
    onObserved: (observations) => {
      for (const observation of observations) {
        counts.observed(observation);
        duration.observe(observation.latencyMs, observation.check);
      }
    },
    onStart: (lateMs) => lag.observe(lateMs),
    onSkipped: (runs) => {
      counts.skippedRuns += runs;
    },
    onOutcome: (lane, outcome, lateMs) => {
      counts.delivered(channelOfLane(lane), outcome);
      if (outcome === 'delivered') delivery.observe(lateMs, channelOfLane(lane));
    },
  };
  return {
    ...text,
    page: (accept) => (prefersOpenMetrics(accept) ? open : text),
    listeners,
    close: () => closing.abort(),
  };
}

async function watchLoop(clock: Clock, signal: AbortSignal, observe: (lateMs: number) => void): Promise<void> {
  while (!signal.aborted) {
    const from = clock.monotonic();
    await clock.sleep(LOOP_MS, signal);
    if (!signal.aborted) observe(clock.monotonic() - from - LOOP_MS);
  }
}

/** However many ask at once, one page is made. */
function shared(make: () => Promise<string>): () => Promise<string> {
  let underway: Promise<string> | undefined;
  return () => {
    underway ??= make().finally(() => {
      underway = undefined;
    });
    return underway;
  };
}

/** RFC 9110, 12.5.1, for the two types there are: whoever names OpenMetrics, and nothing else rather, gets it. */
export function prefersOpenMetrics(accept = ''): boolean {
  const weights = {open: 0, text: 0};
  for (const range of accept.toLowerCase().split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
    const q = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1) || 0;
    if (type === 'application/openmetrics-text') weights.open = Math.max(weights.open, q);
    if (type === 'text/plain') weights.text = Math.max(weights.text, q);
  }
  return weights.open > 0 && weights.open >= weights.text;
}
