import {plainText} from '../html.ts';

/** `las 14:03:07`, `la 01:03:07` or, with a date, `el 20 nov 2026 14:03:07`: a time with its article. */
export function theTime(time: string): string {
  // A time that Telegram shows in the zone of its reader stands between tags; this server's has to do for the article.
  const text = plainText(time);
  if (!/^\d\d:/.test(text)) return `el ${time}`;
  return text.startsWith('01:') ? `la ${time}` : `las ${time}`;
}

/** When something was or will be: `a las 14:03:07`, but `el 20 nov 2026 14:03:07`. */
export function atTime(time: string): string {
  const moment = theTime(time);
  return moment.startsWith('el ') ? moment : `a ${moment}`;
}
