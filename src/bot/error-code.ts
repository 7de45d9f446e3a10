/** The code of a system's or a library's error, or of what caused it: its text may quote what must not be shown. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return 'code' in error && typeof error.code === 'string' ? error.code : codeOf(error.cause);
}

/** Errors of our own, whose text is made for people. The clock's is told by its name, as nothing of bot may load the clock. */
const OWN = new Set(['TimedOut', 'NoAuthority', 'NoLogin']);

/** In one word or a short sentence, without anything that may hold a secret. */
export function reasonFor(error: unknown): string {
  if (!(error instanceof Error)) return 'aborted';
  return OWN.has(error.name) ? error.message : (codeOf(error) ?? error.name);
}
