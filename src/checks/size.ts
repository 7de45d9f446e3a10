import {z} from 'zod';

const UNITS: Readonly<Record<string, number>> = {B: 1, KiB: 1024, MiB: 1024 ** 2};

/** A number of bytes: `65536`, `64KiB`, `1MiB`; from 1 B to `max`. */
export function size(max: number) {
  const expected = `expected a size such as 64KiB, from 1B to ${sizeText(max)}`;
  return z
    .union([z.int(expected).min(1, expected).max(max, expected), z.string()], expected)
    .transform((given, context) => {
      const bytes = typeof given === 'number' ? given : parse(given);
      if (bytes >= 1 && bytes <= max) return bytes;
      context.addIssue(expected);
      return z.NEVER;
    });
}

/** `1 MiB`, `64 KiB`, `100 B`. */
export function sizeText(bytes: number): string {
  if (bytes >= 1024 ** 2) return `${Number((bytes / 1024 ** 2).toFixed(1))} MiB`;
  return bytes >= 1024 ? `${Number((bytes / 1024).toFixed(1))} KiB` : `${bytes} B`;
}

function parse(text: string): number {
  const match = /^(\d{1,12}) ?(B|KiB|MiB)?$/.exec(text);
  return match ? Number(match[1]) * (UNITS[match[2] ?? 'B'] ?? Number.NaN) : Number.NaN;
}
