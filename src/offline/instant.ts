/** 31 December 9999: Temporal and the zones' rules end far behind it, and whoever names a later moment has mistyped one. */
export const INSTANT_MAX = 253_402_300_799_999;

/** Epoch milliseconds; or what is expected in place of `shown`, as the end of a sentence. */
export function parseInstant(text: string, shown = text): number | string {
  const at = instantOf(text);
  if (at === undefined) return `a time with its zone such as 2026-11-20T09:00:00Z, got ${shown}`;
  return at >= 0 && at <= INSTANT_MAX ? at : `a time in the years 1970 to 9999, got ${shown}`;
}

function instantOf(text: string): number | undefined {
  try {
    return Temporal.Instant.from(text).epochMilliseconds;
  } catch {
    return undefined;
  }
}
