/** `las 14:03:07`, `la 01:03:07` or, with a date, `el 20 nov 2026 14:03:07`: a time with its article. */
export function theTime(time: string): string {
  if (!/^\d\d:/.test(time)) return `el ${time}`;
  return time.startsWith('01:') ? `la ${time}` : `las ${time}`;
}

/** When something was or will be: `a las 14:03:07`, but `el 20 nov 2026 14:03:07`. */
export function atTime(time: string): string {
  const moment = theTime(time);
  return moment.startsWith('el ') ? moment : `a ${moment}`;
}
