import {z} from 'zod';

/** A duration within limits, as milliseconds. `example` is what the message recommends: the default, if there is one. */
export function duration(limits: {
  readonly min: number;
  readonly max: number;
  readonly example: string;
  readonly hasDefault?: boolean;
}) {
  const expected = `expected a duration such as ${limits.example}`;
  return z
    .string({
      error: ({input}) =>
        typeof input === 'number' ? `${expected}, got ${input} without a unit; write ${input}s` : expected,
    })
    .meta({
      pattern: DURATION.source,
      examples: [limits.example],
      ...(limits.hasDefault !== false && {default: limits.example}),
    })
    .transform((text, context) => {
      const ms = parseDuration(text);
      if (ms !== undefined && ms >= limits.min && ms <= limits.max) return ms;
      const range = `${expected} between ${formatDuration(limits.min)} and ${formatDuration(limits.max)}`;
      const number = /^\d+$/.test(text) ? `${expected}, got ${text} without a unit; write ${text}s` : expected;
      context.addIssue({code: 'custom', message: ms === undefined ? number : range});
      return z.NEVER;
    });
}

/** How a duration looks: whole or decimal numbers with units, the largest unit first: `10s`, `1h30m`, `0.5s`. */
export const DURATION =
  /^(?=.)(?:(\d+(?:\.\d+)?)w)?(?:(\d+(?:\.\d+)?)d)?(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?$/;

const UNITS: readonly (readonly [string, number])[] = [
  ['w', 604_800_000],
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
];

/** Milliseconds, rounded to whole ones; undefined for what is not a duration. A bare number is none: its unit is a guess. */
export function parseDuration(text: string): number | undefined {
  const parts = DURATION.exec(text);
  if (!parts) return undefined;
  const ms = UNITS.reduce((sum, [, unit], index) => sum + Number(parts[index + 1] ?? 0) * unit, 0);
  return Number.isSafeInteger(Math.round(ms)) ? Math.round(ms) : undefined;
}

/** The shortest form that `parseDuration` reads back to the same number: `90000` is `1m30s`. Weeks are written as days. */
export function formatDuration(ms: number): string {
  let rest = Math.round(ms);
  let text = '';
  for (const [unit, size] of UNITS.slice(1)) {
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text || '0s';
}
