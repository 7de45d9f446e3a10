import {systemClock} from '../clock.ts';
import type {Config} from '../config/config.ts';
import {parseInstant} from '../offline/instant.ts';
import {windowAt} from '../state/windows.ts';

/** `vakhta window`: prints `{open, since, until}` as JSON. Returns what is wrong with the arguments, if anything is. */
export function printWindow(config: Config, name: string | undefined, at: string | undefined): string | undefined {
  const window = config.windows.get(name ?? '');
  const known = [...config.windows.keys()].join(', ') || 'none';
  if (!window) return `expected the name of a window (time_intervals has: ${known}), got ${name ?? 'nothing'}`;
  const instant = at === undefined ? systemClock.now() : parseInstant(at);
  if (typeof instant === 'string') return `--at: expected ${instant}`;
  const {open, since, until} = windowAt(window, instant);
  process.stdout.write(`${JSON.stringify({open, since: iso(since), until: iso(until)})}\n`);
  return undefined;
}

function iso(at: number | null): string | null {
  return at === null ? null : Temporal.Instant.fromEpochMilliseconds(at).toString();
}
