import type {Words} from './en.ts';

/** How times and spans are written for one reader. */
export interface Format {
  /** `7m 3s`: the largest unit that is not zero and the next one; under a second, or negative (a clock set back), `0s`. */
  duration(ms: number): string;
  /** `12 ms`, in whole milliseconds. */
  latency(ms: number): string;
  /** `14:03:07`, or with the date when that is another day than `now`. */
  time(at: number, now: number): string;
  /** The same as HTML, in which Telegram shows each reader the time of their own zone. */
  moment(at: number, now: number): string;
}

export function createFormat(words: Words, timezone: string): Format {
  const {locale} = words;
  const durations = new Intl.DurationFormat(locale, {style: 'narrow', secondsDisplay: 'auto'});
  const zero = new Intl.NumberFormat(locale, {style: 'unit', unit: 'second', unitDisplay: 'narrow'}).format(0);
  // Two digits everywhere: a `timeStyle` has but one for the hour in some languages, and columns would not line up.
  const two = '2-digit';
  const times = new Intl.DateTimeFormat(locale, {
    timeZone: timezone,
    hour: two,
    minute: two,
    second: two,
    hourCycle: 'h23',
  });
  const dates = new Intl.DateTimeFormat(locale, {timeZone: timezone, dateStyle: 'medium'});
  const unit = {style: 'unit', unit: 'millisecond', maximumFractionDigits: 0} as const;
  const latencies = new Intl.NumberFormat(locale, unit);
  const time = (at: number, now: number) => {
    const clock = times.format(at);
    return dates.format(at) === dates.format(now) ? clock : `${dates.format(at)} ${clock}`;
  };
  return {
    latency: (ms) => latencies.format(ms),
    duration: (ms) => {
      const parts = largestUnits(ms);
      return parts.seconds === 0 ? zero : durations.format(parts);
    },
    time,
    moment: time,
  };
}

const UNITS = [
  ['days', 86_400],
  ['hours', 3_600],
  ['minutes', 60],
  ['seconds', 1],
] as const;

type Parts = Partial<Record<(typeof UNITS)[number][0], number>>;

function largestUnits(ms: number): Parts {
  let seconds = Math.max(0, Math.round(ms / 1000));
  const parts: Parts = {};
  let kept = 0;
  for (const [unit, size] of UNITS) {
    const amount = Math.floor(seconds / size);
    seconds -= amount * size;
    if (kept === 0 && amount === 0) continue;
    if (++kept > 2) break;
    if (amount > 0) parts[unit] = amount;
  }
  return kept === 0 ? {seconds: 0} : parts;
}
