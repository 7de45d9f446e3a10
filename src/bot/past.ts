import type {Logger} from 'pino';
import type {Clock} from '../clock.ts';
import type {Config, MaintenanceConfig} from '../config/config.ts';
import type {Policy} from '../state/policy.ts';
import {selects} from '../state/silences.ts';
import type {CheckView} from '../state/view.ts';
import type {Incident, Selector} from '../state/vocabulary.ts';
import type {ClosedIncident, PastIncident, Store} from '../store/store.ts';
import type {Desk} from './commands/command.ts';
import type {Painter} from './pictures/painter.ts';
import {merged, type Span} from './pictures/spans.ts';

interface PastUse {
  readonly config: Config;
  readonly pipeline: {readonly policy: Pick<Policy, 'planned'>; readonly view: () => readonly CheckView[]};
  readonly store: Partial<Pick<Store, 'closedWithin' | 'maintenances'>>;
  /** Left out: there are no pictures. */
  readonly painter?: Painter;
  readonly clock: Clock;
  readonly log: Logger;
}

/** So many incidents are read at once. */
const PAGE_INCIDENTS = 500;
/** Nobody reads a report of more; and the memory has an end. */
const INCIDENTS_MAX = 50_000;
/** A maintenance that comes every minute has so many beginnings and ends in half a week; what lies farther back counts. */
const STEPS_MAX = 10_000;
/** After so long the checks, the messages and everything else that waits get their turn. */
const TURN_MS = 5;

/** What reports and pictures ask of the past, gathered in short turns. */
export function createPast(
  use: PastUse,
  stopped: AbortSignal,
): Pick<Desk, 'incidentsWithin' | 'plannedWithin' | 'paint'> {
  const {config, pipeline, store, painter, clock, log} = use;

  async function incidentsWithin(span: Span): Promise<readonly PastIncident[]> {
    const pause = createPause(clock);
    const closed: ClosedIncident[] = [];
    for (;;) {
      const last = closed.at(-1);
      const page = store.closedWithin?.(span, {limit: PAGE_INCIDENTS, ...(last && {after: last})}) ?? [];
      closed.push(...page);
      if (page.length < PAGE_INCIDENTS || closed.length >= INCIDENTS_MAX) break;
      await pause();
    }
    const open = pipeline.view().flatMap(({incident}) => (incident ? [pastOf(incident)] : []));
    return [...closed, ...open];
  }

  async function plannedWithin(span: Span): ReturnType<Desk['plannedWithin']> {
    const pause = createPause(clock);
    const planned: {readonly checks: readonly Selector[]; readonly spans: readonly Span[]}[] = [];
    for (const entry of config.maintenance) {
      planned.push({checks: entry.checks, spans: await spansOf(entry, span, pause)});
    }
    for (const {what, from, to} of store.maintenances?.(span) ?? [])
      planned.push({checks: [what], spans: [{from, to}]});
    // Many checks share the same few entries.
    const known = new Map<string, readonly Span[]>();
    return (check) => {
      const own = [...planned.keys()].filter((index) => planned[index]?.checks.some((what) => selects(what, check)));
      const key = own.join();
      const spansOfAll = own.flatMap((index) => planned[index]?.spans ?? []);
      const spans = known.get(key) ?? merged(spansOfAll, span);
      known.set(key, spans);
      return spans;
    };
  }

  /** What was found out about each entry: a cron expression costs half a millisecond at each step. */
  const walked = new Map<MaintenanceConfig, Span & {readonly spans: readonly Span[]}>();

  async function spansOf(entry: MaintenanceConfig, span: Span, pause: () => Promise<void>): Promise<readonly Span[]> {
    const before = walked.get(entry);
    const isReused = before !== undefined && before.from <= span.from && before.to >= span.from;
    const spans: Span[] = isReused ? [...before.spans] : [];
    let at = isReused ? before.to : span.from;
    for (let step = 0; step < STEPS_MAX && at < span.to; step++) {
      const {open, until} = pipeline.policy.planned(entry, at);
      const to = Math.min(until ?? span.to, span.to);
      if (open) spans.push({from: at, to});
      at = Math.max(to, at + 1);
      await pause();
    }
    const {from} = isReused ? before : span;
    const to = Math.min(at, span.to);
    const known = {from, to: isReused ? Math.max(before.to, to) : to};
    walked.set(entry, {...known, spans: merged(spans, known)});
    return spans;
  }

  async function paint(svg: string): Promise<string | undefined> {
    const painted = await (painter?.paint(svg, stopped) ?? {failed: 'nothing paints here'});
    if ('png' in painted) return painted.png.toString('base64');
    if (!stopped.aborted) log.error({reason: painted.failed}, 'a picture could not be drawn');
    return undefined;
  }

  return {incidentsWithin, plannedWithin, paint};
}

function pastOf({id, check, openedAt, acknowledged}: Incident): PastIncident {
  return {id, check, openedAt, ...(acknowledged && {acknowledgedAt: acknowledged.at})};
}

function createPause(clock: Clock): () => Promise<void> {
  let turnAt = clock.monotonic();
  return async () => {
    if (clock.monotonic() - turnAt < TURN_MS) return;
    await clock.sleep(0);
    turnAt = clock.monotonic();
  };
}
