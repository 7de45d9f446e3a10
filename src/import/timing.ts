import {formatDuration, parseDuration} from '../checks/duration.ts';
import {numberOf} from './fields.ts';

const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;

interface Limits {
  readonly min: number;
  readonly max: number;
}

/** What config.yaml takes, in milliseconds. */
export const LIMITS = {
  interval: {min: SECOND_MS, max: 30 * DAY_MS},
  timeout: {min: 1, max: 3_600 * SECOND_MS},
  retryDelay: {min: 0, max: 3_600 * SECOND_MS},
  repeatEvery: {min: 60 * SECOND_MS, max: 30 * DAY_MS},
};

/** A number of seconds as config.yaml writes it, within its limits; undefined for what is no number. */
export function seconds(value: unknown, limits: Limits): string | undefined {
  const number = numberOf(value);
  return number === undefined ? undefined : span(number * SECOND_MS, limits);
}

/** A duration of Go (`1m30s`, `500ms`) or Prometheus (`1d`) likewise. */
export function goDuration(value: unknown, limits: Limits): string | undefined {
  const ms = typeof value === 'string' ? parseDuration(value.replace(/\s/g, '')) : undefined;
  return ms === undefined ? undefined : span(ms, limits);
}

function span(ms: number, {min, max}: Limits): string {
  return formatDuration(Math.min(max, Math.max(min, ms)));
}

/** A whole number from 1 on. */
export function times(value: unknown, max: number): number | undefined {
  const number = numberOf(value);
  return number === undefined || number < 1 ? undefined : Math.min(max, Math.floor(number));
}
