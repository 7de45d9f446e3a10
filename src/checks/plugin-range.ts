/** A range of the plugin grammar: values outside its inclusive bounds alert, or those inside where it began with `@`. */
export interface Range {
  readonly start: number;
  readonly end: number;
  readonly inside: boolean;
  /** As it was written. */
  readonly text: string;
}

const NUMBER = '-?(?:\\d+(?:\\.\\d*)?|\\.\\d+)';
const RANGE = new RegExp(`^(@)?(?:(?:(~|${NUMBER})?(:))?(${NUMBER})?)$`);

/** Reads `[@]start:end`: start 0 when left out, `~` without a lower bound, end without an upper one when left out. */
export function parseRange(text: string): Range | {readonly problem: string} {
  const [, at, low, colon, high] = RANGE.exec(text) ?? [];
  if (colon === undefined && high === undefined)
    return {problem: 'expected a range such as 10, 10:, ~:10, 10:20 or @10:20'};
  const start = low === '~' ? Number.NEGATIVE_INFINITY : Number(low ?? 0);
  const end = high === undefined ? Number.POSITIVE_INFINITY : Number(high);
  if (start > end) return {problem: `expected a range that starts below its end; ${mend(text, low, high)}`};
  return {start, end, inside: at !== undefined, text};
}

/** Whether a value alerts. */
export function alerts({start, end, inside}: Range, value: number): boolean {
  return (value >= start && value <= end) === inside;
}

/** A bare `-5` is the range from 0 to −5, which nobody means. */
function mend(text: string, low: string | undefined, high: string | undefined): string {
  return low === undefined ? `without a start it is 0, so write ~:${high}` : `${text} ends before it starts`;
}
