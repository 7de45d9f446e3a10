import {z} from 'zod';
import {DURATION, formatDuration, parseDuration} from '../checks/duration.ts';

interface Limits {
  readonly min: number;
  readonly max: number;
  /** What the message recommends. */
  readonly example: string;
}

/** A duration that has no default. */
export function freeDuration(limits: Limits) {
  const expected = `expected a duration such as ${limits.example}`;
  return z
    .string({error: ({input}) => withUnit(expected, input)})
    .meta({pattern: DURATION.source, examples: [limits.example]})
    .transform((text, context) => asMs(text, {...limits, expected}, context));
}

/** YAML 1.1, which some editors and templates write, reads `off` as false. */
export function durationOrOff(limits: Limits) {
  const expected = `expected off or a duration such as ${limits.example}`;
  const text = z.string().meta({pattern: `^off$|${DURATION.source}`, examples: [limits.example]});
  return z
    .union([text, z.literal(false)], {error: ({input}) => withUnit(expected, input)})
    .meta({default: 'off'})
    .transform((value, context) =>
      value === false || value === 'off' ? ('off' as const) : asMs(value, {...limits, expected}, context),
    );
}

const withUnit = (expected: string, input: unknown) =>
  typeof input === 'number' || (typeof input === 'string' && /^\d+$/.test(input))
    ? `${expected}, got ${input} without a unit; write ${input}s`
    : expected;

function asMs(
  text: string,
  {min, max, expected}: Limits & {readonly expected: string},
  context: z.core.$RefinementCtx,
): number {
  const ms = parseDuration(text);
  if (ms !== undefined && ms >= min && ms <= max) return ms;
  const range = `${expected} between ${formatDuration(min)} and ${formatDuration(max)}`;
  context.addIssue({code: 'custom', message: ms === undefined ? withUnit(expected, text) : range});
  return z.NEVER;
}
