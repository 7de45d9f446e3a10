/** A receiver that asks for more is asked again after this. */
const PAUSE_MS_MAX = 3_600_000;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
/** IMF-fixdate, the one form that may be sent (RFC 9110 §5.6.7). */
const HTTP_DATE = /^\w{3}, (\d{2}) (\w{3}) (\d{4}) (\d{2}:\d{2}:\d{2}) GMT$/;

/** What Retry-After asks for (RFC 9110 §10.2.3): seconds, or a moment. Undefined: nothing that can be understood. */
export function retryAfterMs(header: string | string[] | undefined, now: number): number | undefined {
  const text = Array.isArray(header) ? header[0] : header;
  if (text === undefined) return undefined;
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : untilDate(text, now);
  return ms === undefined || ms <= 0 ? undefined : Math.min(ms, PAUSE_MS_MAX);
}

function untilDate(text: string, now: number): number | undefined {
  const [, day, month = '', year, time] = HTTP_DATE.exec(text) ?? [];
  const number = MONTHS.indexOf(month) + 1;
  if (number === 0) return undefined;
  try {
    const moment = Temporal.Instant.from(`${year}-${String(number).padStart(2, '0')}-${day}T${time}Z`);
    return moment.epochMilliseconds - now;
  } catch {
    return undefined;
  }
}
