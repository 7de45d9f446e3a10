import type {PastIncident} from '../../store/store.ts';
import {lengthOf, merged, outside, type Span} from './spans.ts';

/** What became of one check, or of all, in a span of time. Durations in milliseconds; undefined where there is nothing to tell of. */
export interface Figures {
  readonly check: string;
  /** The share of the time in which it was not down; maintenance is left out, above and below. */
  readonly availability: number | undefined;
  readonly incidents: number;
  readonly longestMs: number;
  /** Means: from the failure to the acknowledgement, and to the recovery. */
  readonly acknowledgeMs: number | undefined;
  readonly recoverMs: number | undefined;
}

export interface Watched {
  readonly check: string;
  /** Since when anything is known of it. */
  readonly since: number;
  /** When it was in maintenance. */
  readonly planned: readonly Span[];
}

/** The worst first; and all together. An incident that lay in maintenance as a whole is none. */
export function figuresOf(
  watched: readonly Watched[],
  incidents: readonly PastIncident[],
  span: Span,
): {readonly checks: readonly Figures[]; readonly all: Figures} {
  const byCheck = Map.groupBy(incidents, ({check}) => check);
  const tallies = watched.map((one) => tallyOf(one, byCheck.get(one.check) ?? [], span));
  const checks = tallies.map(figures).sort(byTrouble);
  return {checks, all: figures(tallies.reduce(joined, emptyTally('')))};
}

interface Tally {
  readonly check: string;
  readonly watchedMs: number;
  readonly downMs: number;
  readonly incidents: number;
  readonly longestMs: number;
  readonly acknowledged: readonly number[];
  readonly recovered: readonly number[];
}

function tallyOf({check, since, planned}: Watched, incidents: readonly PastIncident[], span: Span): Tally {
  const known = {from: Math.max(span.from, since), to: span.to};
  if (known.from >= known.to) return emptyTally(check);
  const counted = incidents.flatMap((incident) => {
    const outage = {from: incident.openedAt, to: incident.closedAt ?? span.to};
    const [within] = merged([outage], known);
    const downMs = within ? outside(within, planned) : 0;
    return downMs > 0 ? [{...incident, outage, downMs}] : [];
  });
  const watchedMs = outside(known, planned);
  return {
    check,
    watchedMs,
    downMs: Math.min(
      watchedMs,
      counted.reduce((sum, {downMs}) => sum + downMs, 0),
    ),
    incidents: counted.length,
    longestMs: counted.reduce((max, {downMs}) => Math.max(max, downMs), 0),
    acknowledged: counted.flatMap(({acknowledgedAt, openedAt}) =>
      acknowledgedAt === undefined ? [] : [Math.max(0, acknowledgedAt - openedAt)],
    ),
    recovered: counted.flatMap(({closedAt, removed, outage}) =>
      closedAt === undefined || removed ? [] : [lengthOf([outage])],
    ),
  };
}

function emptyTally(check: string): Tally {
  return {check, watchedMs: 0, downMs: 0, incidents: 0, longestMs: 0, acknowledged: [], recovered: []};
}

function joined(a: Tally, b: Tally): Tally {
  return {
    check: '',
    watchedMs: a.watchedMs + b.watchedMs,
    downMs: a.downMs + b.downMs,
    incidents: a.incidents + b.incidents,
    longestMs: Math.max(a.longestMs, b.longestMs),
    acknowledged: [...a.acknowledged, ...b.acknowledged],
    recovered: [...a.recovered, ...b.recovered],
  };
}

function figures({check, watchedMs, downMs, incidents, longestMs, acknowledged, recovered}: Tally): Figures {
  return {
    check,
    availability: watchedMs === 0 ? undefined : 1 - downMs / watchedMs,
    incidents,
    longestMs,
    acknowledgeMs: mean(acknowledged),
    recoverMs: mean(recovered),
  };
}

function byTrouble(a: Figures, b: Figures): number {
  return (a.availability ?? 2) - (b.availability ?? 2) || b.incidents - a.incidents;
}

function mean(numbers: readonly number[]): number | undefined {
  return numbers.length === 0 ? undefined : numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}
