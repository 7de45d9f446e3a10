import {z} from 'zod';
import {nearest} from './suggest.ts';

/** A key that names a zone. */
export const timezone = z.string().refine(isTimezone, {
  error: ({input}) => {
    const known = typeof input === 'string' ? nearestTimezone(input) : undefined;
    return `expected the IANA name of a time zone such as Europe/Moscow${known ? `; did you mean ${known}?` : ''}`;
  },
});

/** True for an IANA name such as Europe/Moscow or UTC; an offset such as +03:00 is none. */
export function isTimezone(text: string): boolean {
  try {
    return /^[A-Za-z]/.test(text) && Boolean(new Intl.DateTimeFormat('en', {timeZone: text}));
  } catch {
    return false;
  }
}

/** `Moscow` and `europe/moskow` mean Europe/Moscow. */
function nearestTimezone(text: string): string | undefined {
  const zones = Intl.supportedValuesOf('timeZone');
  const city = (zone: string) => zone.slice(zone.lastIndexOf('/') + 1);
  return (
    nearest(text, zones) ?? zones.find((zone) => city(zone).toLowerCase() === text.toLowerCase().replace(' ', '_'))
  );
}

/** The zone that this machine is set to, or UTC where that cannot be told. */
export function machineTimezone(): string {
  const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  return zone === undefined || zone === 'Etc/Unknown' ? 'UTC' : zone;
}
