import type {Report} from './report.ts';
import {didYouMean} from './suggest.ts';

export interface Names {
  readonly channels: ReadonlySet<string>;
  readonly windows: ReadonlySet<string>;
}

/** Reports channels and windows that an `alerts` block names and nobody defines. Takes the block as read, right or wrong. */
export function checkAlertNames(alerts: unknown, prefix: readonly PropertyKey[], names: Names, report: Report): void {
  if (typeof alerts !== 'object' || alerts === null) return;
  const {to, fallback, window}: {to?: unknown; fallback?: unknown; window?: unknown} = alerts;
  for (const [index, channel] of Array.isArray(to) ? to.entries() : []) {
    expectName(channel, [...prefix, 'to', index], {kind: 'channel', known: names.channels}, report);
    if (Array.isArray(to) && to.indexOf(channel) < index)
      report.problem([...prefix, 'to', index], 'expected each channel once, found this one twice; remove one');
  }
  expectName(fallback, [...prefix, 'fallback'], {kind: 'channel', known: names.channels}, report);
  expectName(window, [...prefix, 'window'], {kind: 'window', known: names.windows}, report);
}

const NAMES_MAX = 10;

function expectName(
  name: unknown,
  path: readonly PropertyKey[],
  {kind, known}: {readonly kind: 'channel' | 'window'; readonly known: ReadonlySet<string>},
  report: Report,
): void {
  if (typeof name !== 'string' || known.has(name)) return;
  const place = kind === 'channel' ? 'channels' : 'time_intervals';
  const others = known.size > 0 ? `, or take one of: ${[...known].slice(0, NAMES_MAX).join(', ')}` : '';
  const mend = didYouMean(name, known) || `; define it under ${place}${others}`;
  report.problem(path, `expected the name of a ${kind}, got ${JSON.stringify(name.slice(0, 64))}${mend}`);
}
